//! A program's instructions as Rust source, for programs that carry them without an assembler.

use std::fmt::Write as _;

use crate::program::Program;

/// The instructions as a Rust constant: an array of `(opcode, dst, src, off, imm)`, one entry a slot, each with its text.
///
/// The constant needs no crate: `struct bpf_insn` of the kernel's interface has the same fields, in whatever byte order. Maps
/// stand in it by their index among the program's, as [`Imm64::MapIdx`](crate::Imm64::MapIdx) says; their names are in the
/// comment above it. The same program gives the same text.
///
/// ```
/// use knockwright_asm::{Asm, ProgType, Reg::*, rust_source};
///
/// let mut a = Asm::new("pass", ProgType::Xdp);
/// a.mov(R0, 2);
/// a.exit();
/// let text = rust_source(&a.finish().unwrap(), "PASS");
/// assert!(text.contains("pub const PASS: [(u8, u8, u8, i16, i32); 2] = ["), "{text}");
/// assert!(text.contains("    (0xb7, 0, 0, 0, 2), // r0 = 2\n"), "{text}");
/// ```
pub fn rust_source(program: &Program, name: &str) -> String {
    let mut text = String::with_capacity(64 * (program.items.len() + 4));
    let mut line = |line: std::fmt::Arguments<'_>| {
        text.write_fmt(line).expect("writing to a string doesn't fail");
        text.push('\n');
    };
    let shown = |name: &str| name.chars().filter(|c| !c.is_control()).collect::<String>();
    line(format_args!(
        "/// The instructions of the program `{}` of type {}.",
        shown(&program.name),
        program.prog_type
    ));
    if !program.maps.is_empty() {
        line(format_args!("///\n/// Maps by index:"));
    }
    for (index, map) in program.maps.iter().enumerate() {
        line(format_args!("/// {index}. `{}`, {}", shown(&map.name), map.map_type));
    }
    line(format_args!("#[rustfmt::skip]"));
    line(format_args!("pub const {name}: [(u8, u8, u8, i16, i32); {}] = [", program.slot_count()));
    for item in &program.items {
        let (slots, count) = item.code.encode();
        for (half, slot) in slots[..count].iter().enumerate() {
            let crate::Slot { opcode, dst, src, off, imm } = slot;
            let said = if half == 0 { format!(" // {}", item.code) } else { String::new() };
            line(format_args!("    ({opcode:#04x}, {dst}, {src}, {off}, {imm}),{said}"));
        }
    }
    line(format_args!("];"));
    text
}
