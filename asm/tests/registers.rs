//! Which registers instructions read and write, as their rows say.

use knockwright_asm::isa::TABLE;
use knockwright_asm::{Endian, Insn, Reg, RegSet, decode_hex};

/// The words that name registers without being operands.
const FIXED: &[&str] = &["r0", "r6", "arguments", "caller_saved"];

#[test]
fn every_word_of_a_row_names_an_operand_or_fixed_registers() {
    for row in TABLE {
        for word in row.reads.iter().chain(row.writes) {
            assert!(row.operands.contains(word) || FIXED.contains(word), "{}: {word}", row.name);
        }
    }
}

/// A register that an instruction names in `dst` or `src` is read or written: nothing names one for nothing.
#[test]
fn every_register_operand_has_a_role() {
    for row in TABLE {
        for field in &row.fields[..2] {
            let is_operand = row.operands.contains(field);
            assert!(!is_operand || row.reads.contains(field) || row.writes.contains(field), "{}", row.name);
        }
    }
}

fn insn(hex: &str) -> Insn {
    match decode_hex(hex, Endian::Little).unwrap()[0] {
        knockwright_asm::Code::Insn(insn) => insn,
        knockwright_asm::Code::Raw(slot) => panic!("{slot:?} is no instruction"),
    }
}

#[test]
fn reads_and_writes_of_each_shape() {
    use Reg::{R0, R1, R2, R6, R7};
    let set = RegSet::of;
    for (hex, reads, writes) in [
        ("0f12000000000000", set(&[R1, R2]), set(&[R2])), // r2 += r1
        ("bf12000000000000", set(&[R1]), set(&[R2])),     // r2 = r1
        ("7b17080000000000", set(&[R1, R7]), RegSet::EMPTY), // *(u64 *)(r7 +8) = r1
        ("db17080001000000", set(&[R1, R7]), set(&[R1])), // r1 = atomic64_fetch_add((u64 *)(r7 +8), r1)
        ("db170800f1000000", set(&[R0, R1, R7]), set(&[R0])), // r0 = atomic64_cmpxchg((u64 *)(r7 +8), r0, r1)
        ("db17080000000000", set(&[R1, R7]), RegSet::EMPTY), // lock *(u64 *)(r7 +8) += r1
        ("4010000000000000", set(&[R1, R6]), RegSet::CALLER_SAVED), // r0 = *(u32 *)skb[r1 + 0]
        ("8500000001000000", RegSet::ARGUMENTS, RegSet::CALLER_SAVED),
        ("9500000000000000", set(&[R0]), RegSet::EMPTY),
    ] {
        let insn = insn(hex);
        assert_eq!((insn.reads(), insn.writes()), (reads, writes), "{insn}");
    }
}
