//! Encode, decode, print and parse undo each other, over the whole table and over arbitrary bytes.

use knockwright_asm::isa::{Row, TABLE};
use knockwright_asm::text::{Listing, parse_insn, parse_program};
use knockwright_asm::{
    Code, Endian, Function, Insn, Item, Linkage, ProgType, Program, Slot, decode, decode_hex, encode,
};
use proptest::prelude::*;

/// Slots of a row, its operands from the numbers given; registers stay below 11.
fn slots_of(row: &Row, dst: u8, src: u8, off: i16, imm: i32, next: i32) -> (Slot, Slot) {
    let fixed = row.fixed;
    let first = Slot {
        opcode: row.opcode,
        dst: fixed.dst.unwrap_or(dst % 11),
        src: fixed.src.unwrap_or(src % 11),
        off: fixed.off.unwrap_or(off),
        imm: fixed.imm.unwrap_or(imm),
    };
    (first, Slot { imm: fixed.next.unwrap_or(next), ..Slot::default() })
}

fn insn_of(row: &Row, (first, second): (Slot, Slot)) -> Insn {
    match Code::decode(first, Some(second)) {
        Code::Insn(insn) => insn,
        Code::Raw(slot) => panic!("{} does not decode: {slot:?}", row.name),
    }
}

fn any_insn() -> impl Strategy<Value = Insn> {
    let edge = prop_oneof![any::<i32>(), Just(0), Just(-1), Just(i32::MIN), Just(i32::MAX)];
    (0..TABLE.len(), any::<u8>(), any::<u8>(), any::<i16>(), edge.clone(), edge).prop_map(
        |(row, dst, src, off, imm, next)| {
            insn_of(&TABLE[row], slots_of(&TABLE[row], dst, src, off, imm, next))
        },
    )
}

#[test]
fn each_row_decodes_to_itself() {
    for row in TABLE {
        let slots = slots_of(row, 3, 4, 5, 6, 7);
        let insn = insn_of(row, slots);
        assert_eq!(Row::of(&insn).name, row.name);
        let ([first, second], count) = Code::Insn(insn).encode();
        assert_eq!(first, slots.0, "{}", row.name);
        assert_eq!(count, if row.wide { 2 } else { 1 });
        if row.wide {
            assert_eq!(second, slots.1, "{}", row.name);
        }
    }
}

#[test]
fn the_names_of_the_rows_are_unique() {
    let mut names: Vec<_> = TABLE.iter().map(|row| row.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), TABLE.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn instructions_survive_their_encoding(insns in prop::collection::vec(any_insn(), 0..20), big: bool) {
        let endian = if big { Endian::Big } else { Endian::Little };
        let code: Vec<Code> = insns.into_iter().map(Code::Insn).collect();
        let bytes = encode(&code, endian);
        prop_assert_eq!(decode(&bytes, endian).unwrap(), code);
    }

    #[test]
    fn any_bytes_survive_decoding(slots in prop::collection::vec(any::<[u8; 8]>(), 0..40), big: bool) {
        let endian = if big { Endian::Big } else { Endian::Little };
        let bytes = slots.concat();
        let code = decode(&bytes, endian).unwrap();
        prop_assert_eq!(encode(&code, endian), bytes.clone());
        prop_assert_eq!(decode_hex(&hex::encode(&bytes), endian).unwrap(), code);
    }

    /// Slots made from the table's opcodes, with fields that are often right: the border between instruction and raw slot.
    #[test]
    fn nearly_valid_bytes_survive_decoding(
        parts in prop::collection::vec((0..TABLE.len(), any::<u8>(), any::<u8>(), -2i16..40, -2i32..0x120), 1..20)
    ) {
        let slots = parts.iter().flat_map(|&(row, dst, src, off, imm)| {
            let first = Slot { opcode: TABLE[row].opcode, dst: dst & 15, src: src & 15, off, imm };
            [first, Slot { imm, ..Slot::default() }]
        });
        let bytes: Vec<u8> = slots.flat_map(|slot| slot.to_bytes(Endian::Little)).collect();
        let code = decode(&bytes, Endian::Little).unwrap();
        prop_assert_eq!(encode(&code, Endian::Little), bytes);
    }

    #[test]
    fn instructions_survive_their_text(insn in any_insn()) {
        let text = insn.to_string();
        prop_assert_eq!(parse_insn(&text), Ok(insn), "{}", text);
    }

    #[test]
    fn programs_survive_their_listing(
        insns in prop::collection::vec(any_insn(), 1..60),
        raw in prop::collection::vec(any::<[u8; 8]>(), 0..4),
        slots: bool,
    ) {
        let mut code: Vec<Code> = insns.into_iter().map(Code::Insn).collect();
        code.extend(raw.into_iter().map(|bytes| Code::decode(Slot::from_bytes(bytes, Endian::Little), None)));
        let program = program_of(code);
        let mut listing = Listing::new(&program);
        if slots {
            listing = listing.with_slots();
        }
        let text = listing.to_string();
        let back = parse_program("listing", &text).map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        prop_assert_eq!(back.bytes(Endian::Little), program.bytes(Endian::Little), "{}", text);
        prop_assert_eq!((back.name, back.prog_type, back.license), (program.name, program.prog_type, program.license));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "(r[0-9]{1,2}|w1|if|goto|pc|call|map|\\[|\\]|[-+*/=<>!&|^#:;(), .\n]|0x[0-9a-f]{0,18}|[0-9]{0,12}|\\.(map|func|slot|program|license)|é|lock|u64){0,30}") {
        if let Err(errors) = parse_program("noise", &text) {
            prop_assert!(!errors.errors().is_empty());
            let _ = errors.to_string();
        }
    }
}

fn program_of(code: Vec<Code>) -> Program {
    let mut program = Program::new("p", ProgType::SocketFilter);
    program.license = "Dual MIT/GPL".to_owned();
    program.items = code.into_iter().map(Item::new).collect();
    program.functions = vec![Function::new("p", 0, Linkage::Global)];
    program
}
