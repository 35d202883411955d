//! The recorded logs as text for the assembler: each gives the program that it's about, as far as it shows it.

use std::path::Path;

use knockwright_asm::isa::{KernelVersion, Row};
use knockwright_asm::text::parse_text;
use knockwright_asm::{Code, Imm64, Insn, Program};
use knockwright_verifier_cases::record::Recording;
use knockwright_verifier_cases::run::{attempts, select};

const KERNELS: &[&str] = &["5.10", "6.1", "6.12", "6.16", "6.17", "6.18", "6.19", "7.0", "7.1", "7.2", "7.3"];

/// What stands in a slot, by the slot. Of what the kernel knows better than the program only the register stays: addresses
/// of maps and functions.
fn codes(program: &Program) -> Vec<(usize, Code)> {
    let code = |code: Code| match code {
        Code::Insn(Insn::LoadImm64 { dst, .. }) => {
            Code::Insn(Insn::LoadImm64 { dst, value: Imm64::Const(0) })
        }
        // The kernel shows a kernel function by its own number.
        Code::Insn(Insn::CallKfunc { .. }) => Code::Insn(Insn::CallKfunc { btf_id: 0, module: 0 }),
        code => code,
    };
    program.slots().map(|(slot, item)| (slot, code(item.code))).collect()
}

/// Whether the kernel has made a jump out of a condition whose outcome is known, as Linux 7.2 and later do before they
/// print anything.
fn is_decided(wanted: Option<Code>, found: Code) -> bool {
    matches!((wanted, found), (Some(Code::Insn(Insn::JumpIf { .. })), Code::Insn(Insn::Goto { .. })))
}

#[test]
fn each_log_gives_its_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("logs");
    let filler = Code::Insn(Insn::Goto { off: -1 });
    let (mut read, mut whole, mut wrong) = (0, 0, Vec::new());
    for kernel in KERNELS {
        let recording = Recording::open(&folder, kernel).expect("a whole recording");
        let (major, minor) = kernel.split_once('.').expect("a series");
        let version = KernelVersion::new(major.parse().expect("a number"), minor.parse().expect("a number"));
        for selected in select(&[]).expect("all cases") {
            for (subject, attempt) in attempts(selected.case, &[2]).expect("correct programs") {
                let entry = recording.entries.iter().find(|entry| {
                    (entry.case.as_str(), entry.subject, entry.level)
                        == (selected.case.name, subject, attempt.level)
                });
                let Some(entry) = entry else { continue };
                let log = entry.verdict.log.replace("0x<address>", "0xffff888100000000");
                let name = format!("{kernel} {} {subject:?}", selected.case.name);
                let wanted = codes(&attempt.program);
                // The kernel writes nothing that would tell what it doesn't know; some logs are of no instruction.
                let is_unknown = |(_, code): &(usize, Code)| match code {
                    Code::Insn(insn) => Row::of(insn).since > version,
                    Code::Raw(_) => true,
                };
                if wanted.iter().any(is_unknown) || !log.contains(": (") {
                    continue;
                }
                let text = parse_text("log", &log).unwrap_or_else(|errors| panic!("{name}: {errors}\n{log}"));
                let found = codes(&text.programs[0].program);
                let mut wanted_at = wanted.iter().copied().collect::<std::collections::HashMap<_, _>>();
                for (slot, code) in &found {
                    let wanted = wanted_at.remove(slot);
                    let is_filler = *code == filler && !text.notes.is_empty();
                    if wanted != Some(*code) && !is_filler && !is_decided(wanted, *code) {
                        wrong.push(format!("{name}: slot {slot} is {code:?} instead of {wanted:?}\n{log}"));
                    }
                }
                if !wanted_at.is_empty() && text.notes.is_empty() {
                    wrong.push(format!("{name} ends unnoticed\n{log}"));
                }
                read += 1;
                whole += usize::from(wanted == found);
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {read}: {}", wrong.len(), wrong[..wrong.len().min(5)].join("\n"));
    assert!(read > 1000 && whole * 2 > read, "{whole} of {read} logs show the whole program");
}
