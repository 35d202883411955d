//! The source lines of a function, as records for its instructions.

use knockwright_asm::{Code, Item, Slot, SourceLine, opcode};

use crate::btf::LineRecord;

/// The file of a line that had to be made up. Its number is 0, as compilers give to code without a source line.
pub(crate) const NO_SOURCE: &str = "(no source)";

/// The records of a function, with offsets in bytes from its start.
///
/// Instructions in a row that share a line give one record; one without a line belongs to the line before it. The first
/// instruction always has a record, since the kernel wants one for every function ("missing bpf_line_info for func"); where
/// it has no line, the function's name stands there.
pub(crate) fn records(function: &str, items: &[Item]) -> Vec<LineRecord> {
    let mut records = Vec::new();
    let mut current: Option<&SourceLine> = None;
    let mut offset = 0;
    // The kernel refuses a record on the second slot of an `ld_imm64`, also where that was given as two raw slots.
    let mut second_half = false;
    for (index, item) in items.iter().enumerate() {
        match item.source.as_deref() {
            Some(line) if current != Some(line) && !second_half => {
                current = Some(line);
                records.push(LineRecord {
                    offset,
                    file: ascii(&line.file),
                    line: line.line,
                    column: line.column,
                    text: ascii(&line.text),
                });
            }
            None if index == 0 => records.push(LineRecord {
                offset,
                file: NO_SOURCE.to_owned(),
                line: 0,
                column: 0,
                text: function.to_owned(),
            }),
            _ => {}
        }
        offset += item.code.slots() as u32 * Slot::LEN as u32;
        second_half = matches!(item.code, Code::Raw(slot) if slot.opcode == opcode::LD_IMM64) && !second_half;
    }
    records
}

/// The text with every character that isn't printable ASCII replaced: the line comes back in the verifier's log, which
/// loaders take for UTF-8, and some stop with an error where the kernel cut a character in two.
fn ascii(text: &str) -> String {
    let printable = |c: char| match c {
        ' '..='~' => c,
        '\t' => ' ',
        _ => '?',
    };
    text.chars().map(printable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ascii_is_replaced() {
        assert_eq!(ascii("let ä\t= \"→\0\";"), "let ? = \"??\";");
    }
}
