//! Records which helpers programs may call that are for a function, hook, trace point or iterator of the kernel:
//! `cargo run --release -p knockwright-differential --example targeted > linux/tests/data/targeted.tsv`
//!
//! A line is how they are attached, and the numbers of the helpers whose call some kernel looks into: what it then says of the
//! arguments doesn't matter. Kernels that don't load such programs have no say.

use std::collections::BTreeSet;
use std::io::Write as _;

use knockwright_asm::linux::attach_type::TargetName;
use knockwright_asm::{Helper, Insn, ProgType, Program, Reg};
use knockwright_kernels::{QemuEngine, image, types};
use knockwright_linux::{AttachType, SERIES};
use knockwright_verifier::{Attempt, Engine as _, Verdict};

type Failure = Box<dyn std::error::Error>;

/// What programs are for, that all kernels have.
const TARGETS: [(ProgType, AttachType, &str); 6] = [
    (ProgType::Tracing, AttachType::TraceFentry, "vfs_read"),
    (ProgType::Tracing, AttachType::TraceFexit, "vfs_read"),
    (ProgType::Tracing, AttachType::ModifyReturn, "security_file_open"),
    (ProgType::Tracing, AttachType::TraceRawTp, "sched_switch"),
    (ProgType::Tracing, AttachType::TraceIter, "task"),
    (ProgType::Lsm, AttachType::LsmMac, "file_open"),
];

/// How kernels refuse a call before they look at its arguments.
const REFUSED: [&str; 3] = ["unknown func", "invalid func", "program of this type cannot use helper"];

fn main() -> Result<(), Failure> {
    let mut held = vec![BTreeSet::new(); TARGETS.len()];
    for series in SERIES {
        let image = image(series)?;
        let kernel = types::of_image(&image)?;
        let mut engine = QemuEngine::new(series.to_string(), image);
        for ((prog_type, attach, name), held) in TARGETS.iter().zip(&mut held) {
            let target = match attach.target_name() {
                Some(TargetName::Typedef(before)) => kernel.typedef(&format!("{before}{name}")),
                Some(TargetName::Function(before)) => kernel.function(&format!("{before}{name}")),
                None => None,
            };
            let Some(target) = target else { continue };
            let attempts: Vec<Attempt> = Helper::ALL
                .iter()
                .map(|&helper| calls(*prog_type, helper).attached_as(attach.number()).for_target(target.0))
                .collect();
            let mut seen = BTreeSet::new();
            for (helper, verdict) in Helper::ALL.iter().zip(engine.verify(&attempts)?) {
                if looked_into(&verdict) {
                    seen.insert(*helper as i32);
                }
            }
            eprintln!("{series} {attach}: {}", seen.len());
            held.extend(seen);
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "# The helpers that programs for something of the kernel's call on some kernel, by how they are attached: made by"
    )?;
    writeln!(
        out,
        "# `cargo run --release -p knockwright-differential --example targeted > linux/tests/data/targeted.tsv`."
    )?;
    for ((_, attach, _), held) in TARGETS.iter().zip(held) {
        let numbers: Vec<String> = held.iter().map(i32::to_string).collect();
        writeln!(out, "{attach}\t{}", numbers.join(","))?;
    }
    Ok(())
}

fn calls(prog_type: ProgType, helper: Helper) -> Attempt {
    let mut program = Program::new("calls", prog_type);
    program.license = "GPL".to_owned();
    let insns = [Insn::CallHelper { helper: helper.into() }, Insn::mov64_imm(Reg::R0, 0), Insn::Exit];
    program.items = insns.into_iter().map(Into::into).collect();
    Attempt::new(program).at_level(1)
}

/// Whether the kernel got as far as the arguments of the call.
fn looked_into(verdict: &Verdict) -> bool {
    match verdict.outcome.accepts() {
        Some(true) => true,
        Some(false) => {
            verdict.insn.is_some() && !REFUSED.iter().any(|words| verdict.message.starts_with(words))
        }
        None => false,
    }
}
