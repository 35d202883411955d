//! The slots that the article's logs show, and the distance between a fault and its repair.

use knockwright_asm::Endian;

use super::*;

/// The instruction at a slot, as the log prints it.
#[track_caller]
fn at(program: &Program, slot: usize) -> String {
    let (_, item) = program.slots().find(|(start, _)| *start == slot).expect("an instruction starts there");
    item.code.to_string()
}

#[test]
fn the_first_fault_stands_at_72() {
    let program = null();
    assert_eq!(at(&program, 0), "r8 = r1");
    assert_eq!(at(&program, 71), "call bpf_map_lookup_elem#1");
    assert_eq!(at(&program, 72), "r1 = *(u8 *)(r0 +0)");
    assert_eq!(at(&null_fixed(), 72), "if r0 == 0x0 goto pc+89");
}

#[test]
fn the_second_fault_stands_at_121() {
    let program = bounds();
    assert_eq!(at(&program, 72), "if r0 != 0x0 goto pc+37");
    for (slot, text) in [
        (110, "r1 = *(u8 *)(r0 +0)"),
        (111, "r2 = *(u8 *)(r7 +28)"),
        (112, "if r2 > r1 goto pc+5"),
        (118, "r7 += 8"),
        (119, "r1 <<= 1"),
        (120, "r7 += r1"),
        (121, "r1 = *(u16 *)(r7 +0)"),
    ] {
        assert_eq!(at(&program, slot), text);
    }
    assert_eq!(at(&bounds_fixed(), 118), "if r1 > 0x9 goto pc-11");
}

#[test]
fn each_repair_is_one_instruction() {
    let sizes = [null(), null_fixed(), bounds(), bounds_fixed()].map(|program| program.slot_count());
    assert_eq!(sizes, [163, 164, 169, 170]);
}

#[test]
fn the_first_72_slots_are_shared_but_for_the_way_out() {
    let operations = |program: Program| -> Vec<[u8; 2]> {
        let bytes = program.bytes(Endian::Little);
        bytes.chunks(8).take(72).map(|slot| [slot[0], slot[1]]).collect()
    };
    let shared = operations(null());
    assert_eq!(operations(null_fixed()), shared);
    assert_eq!(operations(bounds()), shared);
    assert_eq!(operations(bounds_fixed()), shared);
}
