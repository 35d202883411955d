//! Registers and operand widths.

use std::fmt;

/// One of the machine's registers.
///
/// `R0` holds results, `R1`–`R5` arguments (lost at every call), `R6`–`R9` survive calls, and `R10` is the read-only
/// frame pointer. Source: RFC 9669, section 3 "Calling convention".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)] // the numbers say it all
pub enum Reg {
    R0,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
}

impl Reg {
    /// Every register, from `R0` to `R10`.
    pub const ALL: [Self; 11] = [
        Self::R0,
        Self::R1,
        Self::R2,
        Self::R3,
        Self::R4,
        Self::R5,
        Self::R6,
        Self::R7,
        Self::R8,
        Self::R9,
        Self::R10,
    ];

    /// How many arguments of a call registers carry: `R1` to `R5` (`MAX_BPF_FUNC_REG_ARGS` in `include/linux/bpf.h`).
    pub const MAX_ARGUMENTS: usize = 5;

    /// The register's number, 0–10.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The register with this number, if there is one.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

impl fmt::Display for Reg {
    /// Writes `r0` … `r10`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.number())
    }
}

/// A set of registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RegSet(u16);

impl RegSet {
    /// No register.
    pub const EMPTY: Self = Self(0);

    /// The arguments of a call: r1 to r5.
    pub const ARGUMENTS: Self = Self(0b11_1110);

    /// What a call doesn't preserve: the result in r0, and the arguments, which are lost.
    pub const CALLER_SAVED: Self = Self(0b11_1111);

    /// Every register.
    pub const ALL: Self = Self(0b111_1111_1111);

    /// The set of one register.
    #[inline]
    pub const fn one(reg: Reg) -> Self {
        Self(1 << reg as u16)
    }

    /// The set of some registers.
    #[inline]
    pub fn of(regs: &[Reg]) -> Self {
        Self(regs.iter().fold(0, |set, reg| set | 1 << reg.number()))
    }

    /// Whether a register is among them.
    #[inline]
    pub const fn contains(self, reg: Reg) -> bool {
        self.0 & 1 << reg.number() != 0
    }

    /// The registers of either set.
    #[must_use]
    #[inline]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The registers that aren't in the other set.
    #[must_use]
    #[inline]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// A bit a register, r0 the lowest.
    #[inline]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The registers, r0 first.
    pub fn iter(self) -> impl Iterator<Item = Reg> {
        Reg::ALL.into_iter().filter(move |reg| self.contains(*reg))
    }
}

/// How much of its registers an arithmetic or jump instruction uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Width {
    /// The lower 32 bits; a result clears the upper half.
    W32,
    /// All 64 bits.
    W64,
}

/// The number of bytes that a load or store touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // the names are Rust's own
pub enum Size {
    U8,
    U16,
    U32,
    U64,
}

impl Size {
    /// The size in bytes: 1, 2, 4 or 8.
    pub const fn bytes(self) -> u32 {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U32 => 4,
            Self::U64 => 8,
        }
    }
}
