//! Sets of program types.

use std::fmt;

use crate::ProgType;

/// A set of program types: which of them may call a helper, or read a field of a context.
///
/// ```
/// use knockwright_linux::{ProgType, ProgTypes};
///
/// const SCHED: ProgTypes = ProgTypes::of(&[ProgType::SchedCls, ProgType::SchedAct]);
/// assert!(SCHED.contains(ProgType::SchedAct) && !SCHED.contains(ProgType::Xdp));
/// assert_eq!(SCHED.to_string(), "sched_cls, sched_act");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ProgTypes(u64);

impl ProgTypes {
    /// No program type.
    pub const NONE: Self = Self(0);

    /// Every program type.
    pub const ALL: Self = Self::of(ProgType::ALL);

    /// These program types.
    pub const fn of(types: &[ProgType]) -> Self {
        let mut bits = 0;
        let mut next = 0;
        while next < types.len() {
            bits |= Self::bit(types[next]);
            next += 1;
        }
        Self(bits)
    }

    /// Those of both sets.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that the other set doesn't have.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the set has this program type.
    pub const fn contains(self, prog_type: ProgType) -> bool {
        self.0 & Self::bit(prog_type) != 0
    }

    /// Whether the set has none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its program types, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = ProgType> {
        ProgType::ALL.iter().copied().filter(move |&prog_type| self.contains(prog_type))
    }

    const fn bit(prog_type: ProgType) -> u64 {
        1 << prog_type.number()
    }
}

impl fmt::Display for ProgTypes {
    /// Writes the names with commas between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, prog_type) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{prog_type}")?;
        }
        Ok(())
    }
}
