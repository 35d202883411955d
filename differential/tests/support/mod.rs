//! Kernels for tests, and the way to skip a test with its reason.

#[path = "skip.rs"]
mod skipping;

use knockwright_asm::KernelVersion;
use knockwright_asm::text::parse_program;
use knockwright_codegen::kernel_records;
use knockwright_differential::fuzz::imitation;
use knockwright_kernels::{self as kernels, HostEngine, QemuEngine, qemu};
use knockwright_verifier::{Attempt, Engine, Verifier};

pub(crate) use skipping::skip;

/// A kernel that answers, and its imitation.
#[allow(dead_code)] // not every test file names the kernel
pub(crate) struct Pair {
    pub(crate) release: String,
    pub(crate) kernel: Box<dyn Engine>,
    pub(crate) own: Verifier,
}

fn pair(mut kernel: Box<dyn Engine>) -> Result<Pair, String> {
    let id = kernel.kernel().map_err(|error| error.to_string())?;
    let own = imitation(&id).ok_or_else(|| format!("Linux {} isn't imitated", id.release))?;
    Ok(Pair { release: id.release, kernel, own })
}

/// The running kernel; else says why the test goes without.
pub(crate) fn host(test: &str) -> Option<Pair> {
    pair(Box::new(HostEngine::new())).map_err(|reason| skip(test, reason)).ok()
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
            skip(test, error);
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
pub(crate) fn program(text: &str) -> Attempt {
    let program = parse_program("test", text).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let btf = (program.functions.len() > 1).then(|| kernel_records(&program));
    Attempt::new(program).with_btf(btf)
}
