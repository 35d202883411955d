//! The `.BTF.ext` section: which function and which source line an instruction belongs to, and
//! what its values stand for.
//!
//! ```text
//! header, then for each part (func_info, line_info, core_relo):
//!   record size │ section name, count, record, record, … │ section name, count, …
//! func record   offset, type                       8 bytes
//! line record   offset, file, text, line<<10|col  16 bytes
//! core record   offset, type, access, kind        16 bytes
//! ```
//!
//! Offsets count bytes from the start of the ELF section. Source: `Documentation/bpf/btf.rst`, section 4.2 ".BTF.ext
//! section".

use serde::Serialize;

use crate::builder::Builder;
use crate::bytes::{Reader, Writer};
use crate::core::{CORE_RECORD_LEN, CoreRecord};
use crate::endian::Endian;
use crate::format::{COLUMN_BITS, EXT_HEADER_LEN, MAGIC, MAX_COLUMN, MAX_LINE, VERSION};
use crate::kind::TypeId;
use crate::parse::{Btf, BtfError, Header};

pub(crate) const FUNC_RECORD_LEN: u32 = 8;
pub(crate) const LINE_RECORD_LEN: u32 = 16;

/// The contents of a `.BTF.ext` section.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ext {
    /// The functions, section by section.
    pub func_info: Vec<SectionRecords<FuncRecord>>,
    /// The source lines, section by section.
    pub line_info: Vec<SectionRecords<LineRecord>>,
    /// The CO-RE relocations, section by section. [`Ext::encode`] writes none.
    pub core_relocations: Vec<SectionRecords<CoreRecord>>,
}

/// The records of one ELF section, in the order of their offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionRecords<T> {
    /// The section's name.
    pub section: String,
    /// The records.
    pub records: Vec<T>,
}

/// The type of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FuncRecord {
    /// Where the function starts, in bytes from the start of its section.
    pub offset: u32,
    /// Its [`Kind::Func`](crate::Kind::Func).
    pub ty: TypeId,
}

/// The source line of an instruction and of those after it, up to the next record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineRecord {
    /// Where the instruction starts, in bytes from the start of its section.
    pub offset: u32,
    /// The source file.
    pub file: String,
    /// The line, counted from 1; 0 where the compiler made the instruction up.
    pub line: u32,
    /// The column, counted from 1; 0 if unknown.
    pub column: u32,
    /// The line's text.
    pub text: String,
}

impl LineRecord {
    /// Line and column in one number. A line beyond 4,194,303 becomes that number, a column beyond 1,023 becomes unknown:
    /// the format has 22 and 10 bits.
    pub fn line_col(&self) -> u32 {
        let column = if self.column > MAX_COLUMN { 0 } else { self.column };
        self.line.min(MAX_LINE) << COLUMN_BITS | column
    }
}

impl Ext {
    /// The section's bytes; the strings go into the table of `.BTF`.
    pub fn encode(&self, btf: &mut Builder, endian: Endian) -> Vec<u8> {
        let mut funcs = Writer::new(endian);
        funcs.u32(FUNC_RECORD_LEN);
        for section in &self.func_info {
            funcs.u32(btf.string(&section.section));
            funcs.u32(section.records.len() as u32);
            for record in &section.records {
                funcs.u32(record.offset);
                funcs.u32(record.ty.0);
            }
        }
        let mut lines = Writer::new(endian);
        lines.u32(LINE_RECORD_LEN);
        for section in &self.line_info {
            lines.u32(btf.string(&section.section));
            lines.u32(section.records.len() as u32);
            for record in &section.records {
                lines.u32(record.offset);
                lines.u32(btf.string(&record.file));
                lines.u32(btf.string(&record.text));
                lines.u32(record.line_col());
            }
        }
        let mut out = Writer::new(endian);
        let (func_len, line_len) = (funcs.bytes.len() as u32, lines.bytes.len() as u32);
        out.u16(MAGIC);
        out.u8(VERSION);
        out.u8(0); // flags
        out.u32(EXT_HEADER_LEN);
        out.u32(0); // func_info starts right after the header
        out.u32(func_len);
        out.u32(func_len);
        out.u32(line_len);
        // No CO-RE relocations: some tools take a header without their place for a damaged one.
        out.u32(func_len + line_len);
        out.u32(0);
        out.bytes.extend_from_slice(&funcs.bytes);
        out.bytes.extend_from_slice(&lines.bytes);
        out.bytes
    }

    /// Reads a section; `btf` holds its strings.
    ///
    /// # Errors
    /// [`BtfError`] says what is damaged.
    pub fn parse(section: &[u8], btf: &Btf, endian: Endian) -> Result<Self, BtfError> {
        const NAME: &str = ".BTF.ext";
        let header = Header::parse(section, endian, NAME)?;
        let [func_off, func_len, line_off, line_len] = header.fields;
        let part = |offset, len, part| {
            header
                .part(offset, len)
                .map(|bytes| Reader::new(bytes, endian))
                .ok_or(BtfError::OutOfSection { section: NAME, part })
        };
        let string = |user: &str, offset| string(btf, user, offset);
        let func_info =
            sections(part(func_off, func_len, "func_info")?, "func_info", FUNC_RECORD_LEN, &string, |r| {
                Ok(FuncRecord::read(r))
            })?;
        let line_info =
            sections(part(line_off, line_len, "line_info")?, "line_info", LINE_RECORD_LEN, &string, |r| {
                LineRecord::read(r, btf)
            })?;
        let core_relocations = match header.core_relocations(endian) {
            None => Vec::new(),
            Some((offset, len)) => {
                const NAME: &str = "core_relo";
                sections(part(offset, len, NAME)?, NAME, CORE_RECORD_LEN, &string, |r| {
                    CoreRecord::read(r, btf)
                })?
            }
        };
        Ok(Self { func_info, line_info, core_relocations })
    }
}

/// The string that something of `.BTF.ext` names.
pub(crate) fn string(btf: &Btf, user: &str, offset: u32) -> Result<String, BtfError> {
    btf.string(offset).ok_or_else(|| BtfError::BadString { user: format!("{user} of .BTF.ext"), offset })
}

/// Reads one part: a record size, then blocks of records by section. Records may be longer than the reader knows.
fn sections<T>(
    mut reader: Reader<'_>,
    part: &'static str,
    min_record: u32,
    string: &impl Fn(&str, u32) -> Result<String, BtfError>,
    read: impl Fn(&mut Reader<'_>) -> Result<Option<T>, BtfError>,
) -> Result<Vec<SectionRecords<T>>, BtfError> {
    if reader.is_empty() {
        return Ok(Vec::new());
    }
    let damaged = || BtfError::Records { part };
    let record_len = reader.u32().filter(|&len| len >= min_record && len % 4 == 0).ok_or_else(damaged)?;
    let mut sections = Vec::new();
    while !reader.is_empty() {
        let (name, count) = (reader.u32().ok_or_else(damaged)?, reader.u32().ok_or_else(damaged)?);
        let section = string(part, name)?;
        let mut records = Vec::new();
        for _ in 0..count {
            let bytes = reader.take(record_len as usize).ok_or_else(damaged)?;
            records.push(read(&mut reader.over(bytes))?.ok_or_else(damaged)?);
        }
        sections.push(SectionRecords { section, records });
    }
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_that_the_format_has_no_room_for() {
        let packed = |line, column| {
            let text = String::new();
            LineRecord { offset: 0, file: text.clone(), line, column, text }.line_col()
        };
        assert_eq!(packed(140, 7), 140 << 10 | 7);
        assert_eq!(packed(4_194_303, 1_023), u32::MAX);
        for line in [4_194_304, 4_194_305, u32::MAX] {
            assert_eq!(packed(line, 0), 4_194_303 << 10, "{line}");
        }
        for column in [1_024, u32::MAX] {
            assert_eq!(packed(1, column), 1 << 10, "{column}");
        }
    }
}
