//! The error numbers that the verifier answers with. Source: `include/uapi/asm-generic/errno-base.h`.

/// Not enough privilege for something that the program does.
pub const EPERM: i32 = 1;
/// A kernel function or type that doesn't exist.
pub const ENOENT: i32 = 2;
/// Too much: instructions, states, calls.
pub const E2BIG: i32 = 7;
/// A map descriptor that isn't one.
pub const EBADF: i32 = 9;
/// An access that isn't safe: the error of most rejections.
pub const EACCES: i32 = 13;
/// The verifier's own tables overflow.
pub const EFAULT: i32 = 14;
/// The code's form, or arithmetic that isn't allowed.
pub const EINVAL: i32 = 22;
/// The log doesn't fit; in older kernels also a program too complex.
pub const ENOSPC: i32 = 28;
/// Not supported for this program or this map.
pub const EOPNOTSUPP: i32 = 95;
/// As `EOPNOTSUPP`, a number that only the kernel has.
pub const ENOTSUPP: i32 = 524;

/// The name of an error number, or the number itself.
pub fn name(errno: i32) -> String {
    let known = match errno {
        EPERM => "EPERM",
        ENOENT => "ENOENT",
        E2BIG => "E2BIG",
        EBADF => "EBADF",
        EACCES => "EACCES",
        EFAULT => "EFAULT",
        EINVAL => "EINVAL",
        ENOSPC => "ENOSPC",
        EOPNOTSUPP => "EOPNOTSUPP",
        ENOTSUPP => "ENOTSUPP",
        other => return format!("errno {other}"),
    };
    known.to_owned()
}
