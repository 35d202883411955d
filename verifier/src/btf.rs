//! The part of BTF that the log shows: source lines and the names of functions.
//!
//! Source: `Documentation/bpf/btf.rst`.

use knockwright_asm::ProgType;

use crate::program::{FunctionInfo, Line, Param, Subject};

/// BTF that can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BtfError;

impl std::fmt::Display for BtfError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the BTF is damaged")
    }
}

impl std::error::Error for BtfError {}

fn word(bytes: &[u8], at: usize) -> Result<u32, BtfError> {
    let bytes = at.checked_add(4).and_then(|end| bytes.get(at..end)).ok_or(BtfError)?;
    Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

impl Subject {
    /// Takes source lines and functions from BTF in the form that the kernel takes: `struct bpf_func_info` of 8 bytes and
    /// `struct bpf_line_info` of 16 bytes, offsets in slots.
    ///
    /// # Errors
    /// [`BtfError`] if something points outside.
    pub fn with_btf(mut self, btf: &[u8], func_info: &[u8], line_info: &[u8]) -> Result<Self, BtfError> {
        let header = word(btf, 4)? as usize;
        let types = header + word(btf, 8)? as usize;
        let types_end = types + word(btf, 12)? as usize;
        let strings = header + word(btf, 16)? as usize;
        let strings_end = strings + word(btf, 20)? as usize;
        let strings = btf.get(strings..strings_end).ok_or(BtfError)?;
        let types = btf.get(types..types_end).ok_or(BtfError)?;
        let string = |at: u32| -> Result<String, BtfError> {
            let rest = strings.get(at as usize..).ok_or(BtfError)?;
            let end = rest.iter().position(|&byte| byte == 0).ok_or(BtfError)?;
            Ok(String::from_utf8_lossy(&rest[..end]).into_owned())
        };
        for record in line_info.chunks_exact(16) {
            let text = string(word(record, 8)?)?;
            self.lines.push(Line {
                insn: word(record, 0)? as usize,
                text: text.trim_start().to_owned(),
                file: string(word(record, 4)?)?,
                number: word(record, 12)? >> 10,
            });
        }
        let kinds = Types::read(types)?;
        for record in func_info.chunks_exact(8) {
            let id = word(record, 4)?;
            let function = kinds.get(id)?;
            let prototype = kinds.get(function.last)?;
            if function.kind() != kind::FUNC || prototype.kind() != kind::FUNC_PROTO {
                return Err(BtfError);
            }
            let reader = Reader { kinds: &kinds, string: &string, prog_type: self.prog_type };
            self.functions.push(FunctionInfo {
                insn: word(record, 0)? as usize,
                name: string(function.name)?,
                global: function.info & 0xffff == 1,
                params: reader.params(id, &prototype)?,
                returns_number: kinds.is_number(prototype.last)?,
            });
        }
        Ok(self)
    }
}

/// The fields that all types have, and what follows them.
#[derive(Debug, Clone, Copy)]
struct Type<'a> {
    name: u32,
    info: u32,
    /// The size, or the type that it refers to.
    last: u32,
    rest: &'a [u8],
}

impl Type<'_> {
    fn kind(&self) -> u32 {
        self.info >> 24 & 0x1f
    }
}

/// Kinds of types, `include/uapi/linux/btf.h`.
mod kind {
    pub(super) const INT: u32 = 1;
    pub(super) const PTR: u32 = 2;
    pub(super) const STRUCT: u32 = 4;
    pub(super) const UNION: u32 = 5;
    pub(super) const ENUM: u32 = 6;
    pub(super) const ENUM64: u32 = 19;
    pub(super) const TYPEDEF: u32 = 8;
    pub(super) const VOLATILE: u32 = 9;
    pub(super) const CONST: u32 = 10;
    pub(super) const RESTRICT: u32 = 11;
    pub(super) const DECL_TAG: u32 = 17;
    pub(super) const TYPE_TAG: u32 = 18;
    pub(super) const FUNC: u32 = 12;
    pub(super) const FUNC_PROTO: u32 = 13;
}

/// The types by their ids, which count from 1.
struct Types<'a>(Vec<Type<'a>>);

impl<'a> Types<'a> {
    fn read(types: &'a [u8]) -> Result<Self, BtfError> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < types.len() {
            let (name, info, last) = (word(types, at)?, word(types, at + 4)?, word(types, at + 8)?);
            let members = (info & 0xffff) as usize;
            let length = match info >> 24 & 0x1f {
                1 | 14 | 17 => 4,
                3 => 12,
                4 | 5 => members * 12,
                6 | 13 => members * 8,
                15 | 19 => members * 12,
                _ => 0,
            };
            let rest = types.get(at + 12..at + 12 + length).ok_or(BtfError)?;
            at += 12 + length;
            found.push(Type { name, info, last, rest });
        }
        Ok(Self(found))
    }

    fn get(&self, id: u32) -> Result<Type<'a>, BtfError> {
        (id as usize).checked_sub(1).and_then(|id| self.0.get(id)).copied().ok_or(BtfError)
    }

    /// A type behind the names and qualifiers that stand before it; `None` is `void`.
    fn plain(&self, mut id: u32) -> Result<Option<Type<'a>>, BtfError> {
        // A chain longer than all types together goes in a circle.
        for _ in 0..=self.0.len() {
            if id == 0 {
                return Ok(None);
            }
            let found = self.get(id)?;
            match found.kind() {
                kind::TYPEDEF | kind::VOLATILE | kind::CONST | kind::RESTRICT | kind::TYPE_TAG => {
                    id = found.last
                }
                _ => return Ok(Some(found)),
            }
        }
        Err(BtfError)
    }

    /// Whether a type is a number.
    fn is_number(&self, id: u32) -> Result<bool, BtfError> {
        let number = |found: Type<'_>| matches!(found.kind(), kind::INT | kind::ENUM | kind::ENUM64);
        Ok(self.plain(id)?.is_some_and(number))
    }
}

/// What tells the parameters of functions.
struct Reader<'a, F> {
    kinds: &'a Types<'a>,
    string: &'a F,
    prog_type: ProgType,
}

impl<F: Fn(u32) -> Result<String, BtfError>> Reader<'_, F> {
    /// What a function takes, if the verifier can make something of it: at most five parameters, numbers and the context,
    /// and a number as result.
    fn params(&self, function: u32, prototype: &Type<'_>) -> Result<Option<Vec<Param>>, BtfError> {
        let (params, _) = prototype.rest.as_chunks::<8>();
        if params.len() > 5 || !self.kinds.is_number(prototype.last)? {
            return Ok(None);
        }
        let mut found = Vec::new();
        for (index, record) in params.iter().enumerate() {
            if self.is_tagged(function, index)? {
                // The tag is looked at before the type, and nothing else after it.
                found.push(Param::Tagged);
                break;
            }
            match self.param(word(record, 4)?)? {
                Some(param) => found.push(param),
                None => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    fn param(&self, id: u32) -> Result<Option<Param>, BtfError> {
        let Some(found) = self.kinds.plain(id)? else {
            return Ok(None);
        };
        Ok(match found.kind() {
            kind::INT | kind::ENUM | kind::ENUM64 => Some(Param::Number),
            kind::PTR => match self.kinds.plain(found.last)? {
                Some(target)
                    if matches!(target.kind(), kind::STRUCT | kind::UNION)
                        && names_context(self.prog_type, &(self.string)(target.name)?) =>
                {
                    Some(Param::Context)
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// Whether a parameter has a tag such as `arg:nonnull`.
    fn is_tagged(&self, function: u32, index: usize) -> Result<bool, BtfError> {
        for tag in self.kinds.0.iter().filter(|tag| tag.kind() == kind::DECL_TAG && tag.last == function) {
            if word(tag.rest, 0)? == index as u32 && (self.string)(tag.name)?.starts_with("arg:") {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether a struct stands for the context of a program type: the one that programs see, or the kernel's own.
fn names_context(prog_type: ProgType, name: &str) -> bool {
    let known = prog_type.context().filter(|context| context.fields.is_some());
    known.is_some_and(|context| context.name == name || context.kernel_name == Some(name))
}
