//! Line information for `bpf(2)`: the source lines of a program as BTF.
//!
//! One type, the lines' texts and a record for each change of line are enough for every kernel from 5.10 to 7.3 to print
//! `; text` in its log. Layout: `Documentation/bpf/btf.rst`, sections 2 and 3.5.

use std::collections::HashMap;

use knockwright_asm::{Program, SourceLine};

use crate::engine::Btf;

/// The source lines of a program; none if it has none.
pub(crate) fn of(program: &Program) -> Option<Btf> {
    let mut strings = Strings::new();
    let int = strings.offset("int");
    let mut line_info = Vec::new();
    let mut last: Option<&SourceLine> = None;
    for (slot, item) in program.slots() {
        let Some(line) = item.source.as_deref().filter(|line| Some(*line) != last) else { continue };
        last = Some(line);
        let column = line.column.min(0x3ff);
        let record =
            [slot as u32, strings.offset(&line.file), strings.offset(&line.text), line.line << 10 | column];
        line_info.extend(record.iter().flat_map(|field| field.to_ne_bytes()));
    }
    last?;
    const BTF_KIND_INT: u32 = 1 << 24;
    const SIGNED_32_BITS: u32 = 1 << 24 | 32;
    let types: Vec<u8> =
        [int, BTF_KIND_INT, 4, SIGNED_32_BITS].iter().flat_map(|word| word.to_ne_bytes()).collect();
    Some(Btf { types: with_header(&types, &strings.bytes), func_info: Vec::new(), line_info })
}

/// `struct btf_header` in front of types and strings.
fn with_header(types: &[u8], strings: &[u8]) -> Vec<u8> {
    const MAGIC: u16 = 0xeb9f;
    const HEADER_SIZE: u32 = 24;
    let mut btf = Vec::with_capacity(HEADER_SIZE as usize + types.len() + strings.len());
    btf.extend_from_slice(&MAGIC.to_ne_bytes());
    btf.extend_from_slice(&[1, 0]); // version, flags
    for field in [HEADER_SIZE, 0, types.len() as u32, types.len() as u32, strings.len() as u32] {
        btf.extend_from_slice(&field.to_ne_bytes());
    }
    btf.extend_from_slice(types);
    btf.extend_from_slice(strings);
    btf
}

/// BTF's string section: each text once, an empty one first.
struct Strings {
    bytes: Vec<u8>,
    known: HashMap<String, u32>,
}

impl Strings {
    fn new() -> Self {
        Self { bytes: vec![0], known: HashMap::new() }
    }

    fn offset(&mut self, text: &str) -> u32 {
        if let Some(&offset) = self.known.get(text) {
            return offset;
        }
        let offset = self.bytes.len() as u32;
        self.bytes.extend(text.bytes().filter(|&byte| byte != 0));
        self.bytes.push(0);
        self.known.insert(text.to_owned(), offset);
        offset
    }
}
