//! The text of every instruction, byte for byte as the running kernel's verifier prints it.
//!
//! Each row of the instruction table is tried with several operands. The verifier prints an instruction before it judges it,
//! so most of these programs are rejected, and that's no matter: the line is in the log.

mod support;

use knockwright_asm::isa::{Piece, Row, TABLE};
use knockwright_asm::{Code, Endian, Insn, KernelVersion, ProgType, Slot, encode, opcode};
use knockwright_kernels::HostEngine;
use knockwright_loader::privilege::kernel_version;
use knockwright_verifier::{Attempt, Engine};

/// The rows that the kernel doesn't print as they are written, and why. Every other row is compared.
const NOT_PRINTED: [(&str, &str); 7] = [
    ("load_map_fd", "the kernel prints the map's address, which only it knows"),
    ("load_map_fd_value", "the kernel prints the value's address"),
    ("load_btf_id", "the kernel prints the variable's address"),
    ("load_func", "the kernel prints the distance as a plain number, as if it were a constant"),
    ("load_map_idx", "the kernel prints the map's address"),
    ("load_map_idx_value", "the kernel prints the value's address"),
    ("call_kfunc", "the kernel prints the function's name, which it alone knows from the id"),
];

/// Registers that stand in `dst` and `src`.
const REGISTERS: [(u8, u8); 4] = [(0, 1), (1, 9), (10, 5), (7, 10)];
const OFFSETS: [i16; 6] = [0, 1, -8, 4096, i16::MAX, i16::MIN];
const IMMEDIATES: [i32; 7] = [0, 1, -1, 8, 0x7f, i32::MAX, i32::MIN];
/// How far jumps go: a jump must end inside the program, or the verifier doesn't come to printing it.
const DISTANCES: [i16; 5] = [0, 1, 300, -1, -300];
/// Calls end at a function after the entry's end, so they go forward.
const CALLS: [i32; 3] = [3, 4, 300];
/// More helpers than there are: the rest are printed as unknown.
const HELPERS: std::ops::Range<i32> = 0..230;

fn decode(first: Slot, next: i32) -> Insn {
    let second = Slot { imm: next, ..Slot::default() };
    match Code::decode(first, Some(second)) {
        Code::Insn(insn) => insn,
        Code::Raw(slot) => panic!("no instruction: {slot:?}"),
    }
}

/// A row's instructions with different operands.
fn instructions(row: &Row) -> Vec<Insn> {
    let has = |wanted: Piece| row.pieces().any(|piece| piece == wanted);
    let offsets: Vec<i16> = match row.fixed.off {
        Some(off) => vec![off],
        None if has(Piece::Pc) => DISTANCES.to_vec(),
        None => OFFSETS.to_vec(),
    };
    let immediates: Vec<i32> = match row.fixed.imm {
        Some(imm) => vec![imm],
        None if has(Piece::Helper) => HELPERS.collect(),
        None if row.name == "gotol" => DISTANCES.map(i32::from).to_vec(),
        None if row.name == "call_local" => CALLS.to_vec(),
        None => IMMEDIATES.to_vec(),
    };
    let count = offsets.len().max(immediates.len()).max(REGISTERS.len());
    let mut insns: Vec<Insn> = (0..count)
        .map(|index| {
            let (dst, src) = REGISTERS[index % REGISTERS.len()];
            let first = Slot {
                opcode: row.opcode,
                dst: row.fixed.dst.unwrap_or(dst),
                src: row.fixed.src.unwrap_or(src),
                off: offsets[index % offsets.len()],
                imm: immediates[index % immediates.len()],
            };
            decode(first, row.fixed.next.unwrap_or(IMMEDIATES[(index + 3) % IMMEDIATES.len()]))
        })
        .collect();
    insns.dedup();
    insns
}

/// A program with an instruction in it that the verifier reaches, and the instruction's slot.
///
/// All registers but `r10` are scalars before it. There is a way around it, so that nothing is unreachable whatever it is.
fn program(insn: Insn) -> (Attempt, usize) {
    let distance = insn.jump_offset().unwrap_or(0);
    let nothing = Insn::mov64_imm(knockwright_asm::Reg::R0, 1);
    let registers = (0..10)
        .map(|number| decode(Slot { opcode: opcode::MOV64_K, dst: number, src: 0, off: 0, imm: 1 }, 0));
    let mut insns: Vec<Insn> = registers.collect();
    let padding = distance.unsigned_abs() as usize;
    let around = if distance < 0 { padding } else { 0 };
    let skip = i16::try_from(around + insn.slots()).expect("a small distance");
    insns.push(Insn::jeq64_imm(knockwright_asm::Reg::R0, 7, skip));
    insns.extend(std::iter::repeat_n(nothing, around));
    let at = insns.len();
    insns.push(insn);
    let after = match insn {
        // The entry's end and the function called, which begins where the call leads.
        Insn::CallLocal { off } => off as usize - 1,
        _ if distance > 0 => padding,
        _ => 0,
    };
    insns.extend(std::iter::repeat_n(nothing, after));
    insns.push(Insn::exit());
    if matches!(insn, Insn::CallLocal { .. }) {
        insns.extend([nothing, Insn::exit()]);
    }
    let code: Vec<Code> = insns.into_iter().map(Code::Insn).collect();
    let code = encode(&code, Endian::NATIVE);
    (Attempt::of_code("printer", ProgType::SocketFilter, &code, Endian::NATIVE, Vec::new()), at)
}

/// What the log has after `N: (op) `, without the states that follow.
fn printed(log: &str, at: usize, opcode: u8) -> Option<&str> {
    let prefix = format!("{at}: ({opcode:02x}) ");
    let text = log.lines().find_map(|line| line.strip_prefix(&prefix))?;
    Some(text.split(';').next().unwrap_or(text).trim_end())
}

#[test]
fn every_instruction_is_printed_as_by_the_kernel() {
    if !support::may_load("every_instruction_is_printed_as_by_the_kernel") {
        return;
    }
    let kernel = kernel_version().unwrap();
    let mut verifier = HostEngine::new();
    let mut differences = Vec::new();
    let mut compared = 0;
    for row in TABLE {
        if NOT_PRINTED.iter().any(|(name, _)| *name == row.name) {
            continue;
        }
        if row.since > kernel {
            eprintln!("{}: needs Linux {}", row.name, row.since);
            continue;
        }
        for insn in instructions(row) {
            let (program, at) = program(insn);
            let ours = insn.to_string();
            let verdict = verifier.verdict(&program);
            assert_eq!(verdict.why_none(), None, "{insn}");
            let theirs = printed(&verdict.log, at, row.opcode);
            let newer_helper = matches!(insn, Insn::CallHelper { helper }
                if kernel < KernelVersion::new(6, 18)
                    && theirs == Some(&format!("call unknown#{}", helper.number())));
            compared += 1;
            if theirs != Some(ours.as_str()) && !newer_helper {
                differences.push(format!(
                    "{}: ours `{ours}`, the kernel's {}",
                    row.name,
                    theirs.map_or_else(|| verdict.log.clone(), |text| format!("`{text}`")),
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert!(compared > 1000, "{compared} instructions compared");
}

#[test]
fn the_list_of_exceptions_names_rows() {
    for (name, reason) in NOT_PRINTED {
        assert!(TABLE.iter().any(|row| row.name == name), "{name}: {reason}");
    }
}
