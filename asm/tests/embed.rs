//! A program as Rust source is a constant that compiles, and is the program.

use knockwright_asm::uapi::XdpAction;
use knockwright_asm::{Asm, Code, MapDef, MapType, ProgType, Program, Reg::*, Size::*, Slot, rust_source};

include!("embed/counted.rs");

fn program() -> Program {
    let mut a = Asm::new("counted", ProgType::Xdp);
    let packets = a.map(MapDef::new::<u32, u64>("packets", MapType::Array, 1));
    let out = a.label("out");
    a.load_map_value(R1, packets, 0);
    a.load_imm64(R2, 0xfedc_ba98_7654_3210);
    a.store(U64, R1 + 0, R2);
    a.goto_if(R1.w().sgt(-1), out);
    a.bind(out);
    a.mov(R0, XdpAction::Pass);
    a.exit();
    a.finish().unwrap()
}

#[test]
fn the_constant_is_the_program() {
    let program = program();
    let text = rust_source(&program, "COUNTED");
    assert_eq!(text, include_str!("embed/counted.rs"), "asm/tests/embed/counted.rs is to be\n{text}");
    let slots = program.items.iter().flat_map(|item| {
        let (slots, count) = item.code.encode();
        slots.into_iter().take(count)
    });
    let embedded = COUNTED.map(|(opcode, dst, src, off, imm)| Slot { opcode, dst, src, off, imm });
    assert!(slots.eq(embedded));
    assert!(matches!(Code::decode(embedded[0], Some(embedded[1])), Code::Insn(_)));
}
