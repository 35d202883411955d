//! The maps of all programs of an object, each once.

use knockwright_asm::{MapDef, Program};

use super::data::DataSection;
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
                None => {
                    if def.inner.as_ref().is_some_and(|inner| inner.inner.is_some() || inner.data.is_some()) {
                        let (program, map) = (program.name.clone(), def.name.clone());
                        return Err(WriteError::InnerMap { program, map });
                    }
                    let data = def
                        .data
                        .as_deref()
                        .map(|data| DataSection::of(&program.name, def, data))
                        .transpose()?;
                    let section = |data: &Option<DataSection>| data.as_ref().map(|data| data.name.clone());
                    let is_taken =
                        |name: &String| maps.iter().any(|map| section(&map.data).as_ref() == Some(name));
                    if let Some(name) = section(&data).filter(is_taken) {
                        return Err(WriteError::DuplicateName { name });
                    }
                    maps.push(SharedMap { def, program: &program.name, data });
                }
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
    /// Where its contents go, if it has some.
    pub(super) data: Option<DataSection>,
}

impl SharedMap<'_> {
    /// The name of its symbol.
    pub(super) fn symbol(&self) -> &str {
        self.data.as_ref().map_or(&self.def.name, |data| &data.symbol)
    }
}
