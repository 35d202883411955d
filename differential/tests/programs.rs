//! The project's own programs and random ones: the user-space log is the running kernel's.

use knockwright_asm::Program;
use knockwright_codegen::kernel_records;
use knockwright_differential::compare::{Agreement, compare};
use knockwright_differential::generate::{Stage, program};
use knockwright_differential::random::Random;
use knockwright_loader::kernel::{KernelVerifier, LoadOptions};
use knockwright_loader::raw_program::{BtfBlobs, RawProgram};
use knockwright_programs::{article, examples, knock};

/// The kernel, if it's one whose verifier is imitated and it may be asked.
fn kernel() -> Option<KernelVerifier> {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    let mut kernel = KernelVerifier::new();
    let allowed = kernel.verify(&RawProgram::new(&examples::pass(), None), &LoadOptions::default()).is_ok();
    (allowed && release.starts_with("6.18.")).then_some(kernel)
}

fn raw(program: &Program) -> RawProgram {
    let records = kernel_records(program);
    let btf = BtfBlobs { btf: records.btf, func_info: records.func_info, line_info: records.line_info };
    RawProgram::new(program, Some(btf))
}

#[test]
fn own_programs_have_the_kernels_log() {
    let Some(mut kernel) = kernel() else {
        return;
    };
    let programs = [
        article::null(),
        article::null_fixed(),
        article::bounds(),
        article::bounds_fixed(),
        examples::pass(),
        examples::count(),
        examples::drop_by_prefix(),
        knock::program(),
    ];
    for program in programs {
        for level in [1, 2] {
            let found = compare(&mut kernel, &raw(&program), level);
            let first = found.kernel_log.lines().zip(found.own_log.lines()).find(|(a, b)| a != b);
            assert_eq!(
                found.agreement,
                Agreement::Whole,
                "{} level {level}: {} {first:?}",
                program.name,
                found.own.message
            );
        }
    }
}

#[test]
fn random_programs_have_the_kernels_verdict() {
    let Some(mut kernel) = kernel() else {
        return;
    };
    for index in 0..2000_u64 {
        let stage = Stage::ALL[(index % 5) as usize];
        let program = program(&mut Random::new(index), stage);
        let found = compare(&mut kernel, &program, 2);
        assert!(
            !matches!(found.agreement, Agreement::FalseAccept | Agreement::FalseReject),
            "{index}: {:?}",
            found.agreement
        );
    }
}
