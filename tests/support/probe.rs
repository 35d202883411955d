//! Small programs that ask a kernel one question.

use std::process::Command;

use knockwright_asm::linux::prog_type::SLEEPABLE;
use knockwright_asm::linux::{AttachType, KernelVersion};
use knockwright_asm::{Code, Endian, Insn, ProgType, Reg, encode};
use knockwright_kernels::HostEngine;
use knockwright_verifier::{Attempt, Engine};

/// The load of a few instructions, which names an attach type or none, without a log.
pub(crate) fn attempt(prog_type: ProgType, attach: Option<AttachType>, insns: &[Insn]) -> Attempt {
    let code: Vec<Code> = insns.iter().copied().map(Code::Insn).collect();
    let code = encode(&code, Endian::NATIVE);
    let flags = if prog_type == ProgType::Syscall { SLEEPABLE } else { 0 };
    let attempt = Attempt::of_code("probe", prog_type, &code, Endian::NATIVE, Vec::new());
    let mut attempt = attempt.with_flags(flags).at_level(0);
    attempt.attach_type = attach.map(AttachType::number);
    attempt
}

/// Whether a program that only returns a number is accepted.
pub(crate) fn may_return(
    kernel: &mut HostEngine,
    prog_type: ProgType,
    attach: Option<AttachType>,
    result: i32,
) -> bool {
    let program = attempt(prog_type, attach, &[Insn::mov64_imm(Reg::R0, result), Insn::Exit]);
    kernel.verdict(&program).outcome.accepts() == Some(true)
}

/// Whether a load of the type can name the attach type: every hook lets programs return 1.
pub(crate) fn can_name(kernel: &mut HostEngine, prog_type: ProgType, attach: Option<AttachType>) -> bool {
    may_return(kernel, prog_type, attach, 1)
}

/// The version of the running kernel.
pub(crate) fn running() -> KernelVersion {
    let release = Command::new("uname").arg("-r").output().unwrap().stdout;
    let release = String::from_utf8(release).unwrap();
    let series: Vec<&str> = release.trim().splitn(3, '.').take(2).collect();
    series.join(".").parse().unwrap()
}
