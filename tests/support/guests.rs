//! Which kernels tests ask in QEMU.

use knockwright_asm::KernelVersion;
use knockwright_linux::SERIES;

/// The series that `KNOCKWRIGHT_TEST_KERNELS` names (`6.1,6.12`, or `all`), or else all of which the suites have recordings.
pub(crate) fn series() -> Vec<KernelVersion> {
    match std::env::var("KNOCKWRIGHT_TEST_KERNELS") {
        Ok(named) if named != "all" => named
            .split(',')
            .map(|name| name.parse().unwrap_or_else(|_| panic!("no kernel: {name}")))
            .collect(),
        _ => SERIES.to_vec(),
    }
}
