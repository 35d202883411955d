//! The order of bytes.

/// A byte order of machine code and of types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Endian {
    /// Least significant byte first: x86-64, arm64, riscv64.
    #[default]
    Little,
    /// Most significant byte first: s390x.
    Big,
}

impl Endian {
    /// The byte order of the machine that this code runs on.
    pub const NATIVE: Self = if cfg!(target_endian = "big") { Self::Big } else { Self::Little };
}
