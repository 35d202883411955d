//! The global variables of an object, and other values for them.
//!
//! What a loader may set before it loads a program (`.rodata` above all) decides which paths the verifier walks: the verdict and
//! the count depend on it. Variables are found by their symbols, so that objects without types have them too.

use knockwright_asm::{Endian, Program};

use super::error::ReadError;
use super::kconfig;
use super::maps::{data_name, is_data};
use crate::btf::{Btf, Kind};
use crate::elf_file::{ElfFile, STT_OBJECT};

/// A global variable of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Global {
    /// Its name.
    pub name: String,
    /// The map that holds it, as programs call it.
    pub map: String,
    /// Its first byte there.
    pub offset: usize,
    /// Its size in bytes.
    pub size: usize,
    /// What it is, where the object's types say it.
    pub holds: Option<Holds>,
    /// The byte order of the object.
    endian: Endian,
}

/// What a variable is, as far as values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Holds {
    /// A number, a truth value or an enumerator.
    Number,
    /// An array of single bytes.
    Text,
    /// Anything else: a struct, another array.
    Bytes,
}

impl Holds {
    /// What the variable of a name is; none if the types don't have it.
    fn of(btf: &Btf, name: &str) -> Option<Self> {
        let ty = btf.iter().find_map(|(_, kind)| match kind {
            Kind::Var { name: its, ty, .. } if its == name => Some(*ty),
            _ => None,
        })?;
        let is_byte = |element| matches!(btf.get(btf.resolve(element)), Some(Kind::Int { size: 1, .. }));
        Some(match btf.get(btf.resolve(ty))? {
            Kind::Int { .. } | Kind::Enum { .. } | Kind::Enum64 { .. } => Self::Number,
            Kind::Array { element, .. } if is_byte(*element) => Self::Text,
            _ => Self::Bytes,
        })
    }
}

/// A value for a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GlobalValue {
    /// A number or a truth value, for variables of 1, 2, 4 or 8 bytes.
    Number(i128),
    /// Text, for arrays of characters; what isn't filled is 0.
    Text(String),
    /// Bytes in their order, for anything.
    Bytes(Vec<u8>),
}

/// A value that a variable can't have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GlobalError {
    /// The object has no such variable.
    #[error("the object has no global variable `{name}`; it has {}", listed(known))]
    Unknown {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// The number needs more bits than the variable has.
    #[error("{value} doesn't fit `{name}`, which has {size} bytes")]
    TooLarge {
        /// The variable.
        name: String,
        /// The value.
        value: i128,
        /// The variable's size.
        size: usize,
    },
    /// The value isn't of the variable's kind.
    #[error("`{name}` has {size} {}: give {wanted}", if *size == 1 { "byte" } else { "bytes" })]
    Kind {
        /// The variable.
        name: String,
        /// Its size.
        size: usize,
        /// What it takes.
        wanted: &'static str,
    },
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

/// The global variables of an object: constants and variables in sections of data, in the order of the symbols, then values of the
/// kernel's configuration.
///
/// # Errors
/// [`ReadError`] if the object is damaged or no BPF object.
pub fn globals(object: &[u8]) -> Result<Vec<Global>, ReadError> {
    let file = ElfFile::parse(object)?;
    let holds = |name: &str| file.btf.as_deref().and_then(|btf| Holds::of(btf, name));
    let global = |symbol: &crate::elf_file::Symbol| {
        let section = file.section_name(symbol.section);
        if symbol.kind != STT_OBJECT || !is_data(section) || symbol.name.is_empty() {
            return None;
        }
        Some(Global {
            name: symbol.name.clone(),
            map: data_name(section).to_owned(),
            offset: usize::try_from(symbol.value).ok()?,
            size: usize::try_from(symbol.size).ok()?,
            holds: holds(&symbol.name),
            endian: file.endian,
        })
    };
    let of_config = kconfig::settings(&file).into_iter().map(|setting| Global {
        holds: holds(&setting.name),
        name: setting.name,
        map: kconfig::SECTION.to_owned(),
        offset: setting.offset as usize,
        size: setting.size as usize,
        endian: file.endian,
    });
    Ok(file.symbols.iter().filter_map(global).chain(of_config).collect())
}

impl Global {
    /// The bytes of a value.
    ///
    /// # Errors
    /// [`GlobalError`] if the variable can't have it.
    pub fn bytes(&self, value: &GlobalValue) -> Result<Vec<u8>, GlobalError> {
        let wrong = |wanted| GlobalError::Kind { name: self.name.clone(), size: self.size, wanted };
        match value {
            GlobalValue::Text(_) if self.holds == Some(Holds::Number) => {
                Err(wrong("a number, for that is what it is"))
            }
            GlobalValue::Text(_) if self.holds == Some(Holds::Bytes) => {
                Err(wrong("a list of as many bytes, for it's no text"))
            }
            GlobalValue::Number(value) => {
                let is_number = self.holds.is_none_or(|holds| holds == Holds::Number);
                match self.size {
                    1 | 2 | 4 | 8 if is_number => {}
                    _ if self.holds == Some(Holds::Text) => {
                        return Err(wrong("text, or a list of as many bytes"));
                    }
                    _ => return Err(wrong("a list of as many bytes, for it's no number")),
                }
                let bits = self.size as u32 * 8;
                // As many values as there are with a sign and without.
                if *value >= 1 << bits || *value < -(1 << (bits - 1)) {
                    let (name, size) = (self.name.clone(), self.size);
                    return Err(GlobalError::TooLarge { name, value: *value, size });
                }
                let mut bytes = value.to_le_bytes()[..self.size].to_vec();
                if self.endian == Endian::Big {
                    bytes.reverse();
                }
                Ok(bytes)
            }
            // The end of the text is a 0.
            GlobalValue::Text(text) if text.len() < self.size && !text.contains('\0') => {
                let mut bytes = text.clone().into_bytes();
                bytes.resize(self.size, 0);
                Ok(bytes)
            }
            GlobalValue::Text(_) => Err(wrong("text that is shorter by one at least, for a 0 ends it")),
            GlobalValue::Bytes(bytes) if bytes.len() == self.size => Ok(bytes.clone()),
            GlobalValue::Bytes(_) => Err(wrong("a list of as many bytes")),
        }
    }
}

/// Gives a variable a value in a program of the object.
///
/// # Errors
/// [`GlobalError`] if there is no such variable, or if it can't have the value. A variable whose section the program doesn't have
/// is left alone: nothing of the program depends on it.
pub fn set(
    program: &mut Program,
    globals: &[Global],
    name: &str,
    value: &GlobalValue,
) -> Result<(), GlobalError> {
    let global = globals.iter().find(|global| global.name == name).ok_or_else(|| GlobalError::Unknown {
        name: name.to_owned(),
        known: globals.iter().map(|global| global.name.clone()).collect(),
    })?;
    let bytes = global.bytes(value)?;
    let map = program.maps.iter_mut().find(|map| map.data.is_some() && map.name == global.map);
    let data = map.and_then(|map| map.data.as_mut());
    let range = global.offset..global.offset.saturating_add(global.size);
    if let Some(place) = data.and_then(|data| data.get_mut(range)) {
        place.copy_from_slice(&bytes);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn global(size: usize, endian: Endian) -> Global {
        Global { name: "x".to_owned(), map: ".rodata".to_owned(), offset: 4, size, holds: None, endian }
    }

    #[test]
    fn numbers_fit_with_a_sign_and_without() {
        let bytes = |size, value| global(size, Endian::Little).bytes(&GlobalValue::Number(value));
        assert_eq!(bytes(1, 255), Ok(vec![255]));
        assert_eq!(bytes(1, -128), Ok(vec![128]));
        assert_eq!(bytes(4, 0x0102), Ok(vec![2, 1, 0, 0]));
        assert_eq!(bytes(8, u64::MAX.into()), Ok(vec![255; 8]));
        for (size, value) in [(1, 256), (1, -129), (8, 1 << 64), (4, -(1 << 31) - 1)] {
            assert!(matches!(bytes(size, value), Err(GlobalError::TooLarge { .. })), "{value}");
        }
        assert!(matches!(bytes(12, 1), Err(GlobalError::Kind { .. })));
        let big = global(2, Endian::Big).bytes(&GlobalValue::Number(0x0102));
        assert_eq!(big, Ok(vec![1, 2]));
    }

    #[test]
    fn text_ends_with_a_zero() {
        let bytes = |text: &str| global(4, Endian::Little).bytes(&GlobalValue::Text(text.to_owned()));
        assert_eq!(bytes("eth"), Ok(b"eth\0".to_vec()));
        assert_eq!(bytes(""), Ok(vec![0; 4]));
        assert!(bytes("eth0").is_err());
    }

    #[test]
    fn a_value_is_of_the_variables_kind() {
        let said = |holds, value: GlobalValue| {
            let global = Global { holds: Some(holds), ..global(4, Endian::Little) };
            global.bytes(&value).unwrap_err().to_string()
        };
        let text = || GlobalValue::Text("eth".to_owned());
        assert_eq!(said(Holds::Number, text()), "`x` has 4 bytes: give a number, for that is what it is");
        assert!(said(Holds::Bytes, text()).ends_with("give a list of as many bytes, for it's no text"));
        assert!(said(Holds::Text, GlobalValue::Number(5)).ends_with("give text, or a list of as many bytes"));
        assert!(said(Holds::Bytes, GlobalValue::Number(5)).ends_with("for it's no number"));
        let bytes = Global { holds: Some(Holds::Number), ..global(4, Endian::Little) };
        assert_eq!(bytes.bytes(&GlobalValue::Bytes(vec![1, 2, 3, 4])), Ok(vec![1, 2, 3, 4]));
    }
}
