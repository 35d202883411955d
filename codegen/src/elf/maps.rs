//! The maps of all programs of an object, each once.

use knockwright_asm::{MapDef, Program};

use super::error::WriteError;

/// The maps of all programs by name, in the order of their first definition.
pub(super) fn merge<'p>(programs: &[&'p Program]) -> Result<Vec<SharedMap<'p>>, WriteError> {
    let mut maps: Vec<SharedMap<'p>> = Vec::new();
    for program in programs {
        for (index, def) in program.maps.iter().enumerate() {
            if program.maps[..index].iter().any(|other| other.name == def.name) {
                return Err(WriteError::DuplicateName { name: def.name.clone() });
            }
            match maps.iter().find(|map| map.def.name == def.name) {
                None => maps.push(SharedMap { def, program: &program.name }),
                Some(first) if first.def == def => {}
                Some(first) => {
                    return Err(WriteError::MapConflict {
                        map: def.name.clone(),
                        first: first.program.to_owned(),
                        second: program.name.clone(),
                    });
                }
            }
        }
    }
    Ok(maps)
}

/// A map and the first program that defines it.
pub(super) struct SharedMap<'p> {
    pub(super) def: &'p MapDef,
    pub(super) program: &'p str,
}
