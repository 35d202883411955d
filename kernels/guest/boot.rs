//! What a first process has to do for itself: file systems, the serial port, the end of the machine.

use std::ffi::{CStr, c_char, c_int, c_ulong, c_void};
use std::fs::File;

unsafe extern "C" {
    fn mount(
        source: *const c_char,
        target: *const c_char,
        fstype: *const c_char,
        flags: c_ulong,
        data: *const c_void,
    ) -> c_int;
    fn reboot(command: c_int) -> c_int;
    fn setrlimit(resource: c_int, limit: *const [u64; 2]) -> c_int;
    fn sync();
}

/// `LINUX_REBOOT_CMD_RESTART`, `include/uapi/linux/reboot.h`.
const RESTART: c_int = 0x0123_4567;

/// Mounts what the verifier's helpers and BTF need; a kernel that lacks one of them goes without.
pub(crate) fn mount_all() {
    for (fstype, target) in [(c"proc", c"/proc"), (c"sysfs", c"/sys"), (c"devtmpfs", c"/dev")] {
        mount_one(fstype, target);
    }
    mount_one(c"bpf", c"/sys/fs/bpf");
}

fn mount_one(fstype: &CStr, target: &CStr) {
    // SAFETY: the strings end with NUL and live through the call; no data is passed.
    let _ = unsafe { mount(fstype.as_ptr(), target.as_ptr(), fstype.as_ptr(), 0, std::ptr::null()) };
}

/// Lets maps take as much memory as there is: kernels before 5.11 count them against a limit.
pub(crate) fn lift_memory_lock() {
    const RLIMIT_MEMLOCK: c_int = 8;
    // SAFETY: the struct is two 64-bit numbers.
    unsafe { setrlimit(RLIMIT_MEMLOCK, &[u64::MAX, u64::MAX]) };
}

/// The serial port as the kernel's console has it: open as standard output, or else by its device node.
pub(crate) fn open_serial() -> File {
    let device = File::options().read(true).write(true).open("/dev/console");
    device.unwrap_or_else(|_| reset())
}

/// The release as `uname -r` gives it.
pub(crate) fn release() -> String {
    let text = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    text.trim().to_owned()
}

/// Resets the machine. With `-no-reboot` that ends QEMU.
pub(crate) fn reset() -> ! {
    // SAFETY: both calls take plain numbers.
    unsafe {
        sync();
        reboot(RESTART);
    }
    loop {
        std::thread::park();
    }
}
