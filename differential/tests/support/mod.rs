//! Kernels for tests, and the way to skip a test with its reason.

use std::io::Write as _;

use knockwright_asm::KernelVersion;
use knockwright_asm::text::parse_program;
use knockwright_codegen::kernel_records;
use knockwright_differential::fuzz::imitation;
use knockwright_loader::raw_program::{BtfBlobs, RawProgram};
use knockwright_verifier_cases::engine::Engine;
use knockwright_verifier_cases::{HostEngine, QemuEngine, UserspaceEngine, kernels, qemu};

/// A kernel that answers, and its imitation.
#[allow(dead_code)] // not every test file names the kernel
pub(crate) struct Pair {
    pub(crate) release: String,
    pub(crate) kernel: Box<dyn Engine + Send>,
    pub(crate) own: UserspaceEngine,
}

/// Says why a test, or a part of it, is skipped. In CI a skip is a failure.
pub(crate) fn skip(test: &str, reason: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{test} must not be skipped here: {reason}");
    let _ = writeln!(std::io::stderr(), "test {test} ... skipped: {reason}");
}

fn pair(mut kernel: Box<dyn Engine + Send>) -> Result<Pair, String> {
    let (id, _) = kernel.verify(&[]).map_err(|error| error.to_string())?;
    let own = imitation(&id).ok_or_else(|| format!("Linux {} isn't imitated", id.release))?;
    Ok(Pair { release: id.release, kernel, own })
}

/// The running kernel; else says why the test goes without.
pub(crate) fn host(test: &str) -> Option<Pair> {
    pair(Box::new(HostEngine::new())).map_err(|reason| skip(test, &reason)).ok()
}

/// The kernel of a series in QEMU; else says why the test goes without.
pub(crate) fn in_qemu(test: &str, series: KernelVersion) -> Option<Pair> {
    if qemu::find_qemu().is_none() {
        skip(test, "there is no QEMU");
        return None;
    }
    match kernels::image(series) {
        Ok(image) => {
            let kernel = pair(Box::new(QemuEngine::new(series.to_string(), image)));
            Some(kernel.unwrap_or_else(|reason| panic!("{series} in QEMU: {reason}")))
        }
        Err(error) => {
            skip(test, &error.to_string());
            None
        }
    }
}

/// The kernels that are imitated and can be asked: the running one, and 6.12 and 6.18 in QEMU.
#[allow(dead_code)] // not every test file asks all
pub(crate) fn imitated(test: &str) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = host(test).into_iter().collect();
    pairs.extend(
        [KernelVersion::new(6, 12), KernelVersion::new(6, 18)]
            .iter()
            .filter_map(|&series| in_qemu(test, series)),
    );
    pairs
}

/// A program from its text, with BTF if it has functions.
#[allow(dead_code)] // not every test file has texts
pub(crate) fn program(text: &str) -> RawProgram {
    let program = parse_program("test", text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let btf = (program.functions.len() > 1).then(|| {
        let records = kernel_records(&program);
        BtfBlobs { btf: records.btf, func_info: records.func_info, line_info: records.line_info }
    });
    RawProgram::new(&program, btf)
}
