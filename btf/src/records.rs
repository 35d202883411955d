//! Function and line records as the kernel takes them beside BTF, without the sections of an ELF file around.

use crate::bytes::Reader;
use crate::endian::Endian;
use crate::ext::{FUNC_RECORD_LEN, FuncRecord, LINE_RECORD_LEN, LineRecord, string};
use crate::format::{COLUMN_BITS, MAX_COLUMN};
use crate::kind::TypeId;
use crate::parse::{Btf, BtfError};

impl FuncRecord {
    /// The argument `func_info` of `BPF_PROG_LOAD`: `struct bpf_func_info` of 8 bytes each, whose offsets count slots. What is
    /// left over at the end is no record.
    pub fn read_all(bytes: &[u8], endian: Endian) -> Vec<Self> {
        let records = bytes.chunks_exact(FUNC_RECORD_LEN as usize);
        records.filter_map(|record| Self::read(&mut Reader::new(record, endian))).collect()
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self { offset: reader.u32()?, ty: TypeId(reader.u32()?) })
    }
}

impl LineRecord {
    /// The argument `line_info` of `BPF_PROG_LOAD`: `struct bpf_line_info` of 16 bytes each, whose offsets count slots. What is
    /// left over at the end is no record.
    ///
    /// # Errors
    /// [`BtfError::BadString`] if one names a file or a line that isn't among the strings.
    pub fn read_all(bytes: &[u8], btf: &Btf, endian: Endian) -> Result<Vec<Self>, BtfError> {
        let records = bytes.chunks_exact(LINE_RECORD_LEN as usize);
        records.filter_map(|record| Self::read(&mut Reader::new(record, endian), btf).transpose()).collect()
    }

    /// One record; `None` if it's cut off.
    pub(crate) fn read(reader: &mut Reader<'_>, btf: &Btf) -> Result<Option<Self>, BtfError> {
        let mut next = || reader.u32();
        let (Some(offset), Some(file), Some(text), Some(line_col)) = (next(), next(), next(), next()) else {
            return Ok(None);
        };
        Ok(Some(Self {
            offset,
            file: string(btf, "a line record", file)?,
            line: line_col >> COLUMN_BITS,
            column: line_col & MAX_COLUMN,
            text: string(btf, "a line record", text)?,
        }))
    }
}
