//! The part of BTF that the log shows: source lines and the names of functions.
//!
//! Source: `Documentation/bpf/btf.rst`.

use crate::program::{FunctionInfo, Line, Subject};

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
        self.lines.sort_by_key(|line| line.insn);
        let kinds = type_headers(types)?;
        for record in func_info.chunks_exact(8) {
            let id = word(record, 4)? as usize;
            let &(name, info) = id.checked_sub(1).and_then(|id| kinds.get(id)).ok_or(BtfError)?;
            self.functions.push(FunctionInfo {
                insn: word(record, 0)? as usize,
                name: string(name)?,
                global: info & 0xffff == 1,
            });
        }
        Ok(self)
    }
}

/// The name and the information word of each type.
fn type_headers(types: &[u8]) -> Result<Vec<(u32, u32)>, BtfError> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < types.len() {
        let (name, info) = (word(types, at)?, word(types, at + 4)?);
        let members = (info & 0xffff) as usize;
        at += 12
            + match info >> 24 & 0x1f {
                1 | 14 | 17 => 4,
                3 => 12,
                4 | 5 => members * 12,
                6 | 13 => members * 8,
                15 | 19 => members * 12,
                _ => 0,
            };
        found.push((name, info));
    }
    Ok(found)
}
