//! How kernels differ in writing a state.

use knockwright_linux::KernelVersion;

/// The names of a scalar's bounds, and which of them are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Names {
    /// `umax_value=255`, `s32_min_value=0`; a bound that equals its unsigned (or 64-bit) twin is left out.
    Value,
    /// `umax=255`, `s32_min=0`; otherwise as [`Names::Value`].
    Short,
    /// `smin=smin32=0`: equal bounds share their number, and only the widest possible bounds are left out.
    Folded,
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumberStyle {
    /// Always decimal, but for `imm=`, which is hexadecimal without prefix.
    Decimal,
    /// Decimal up to 16 bits, hexadecimal with prefix above.
    Mixed,
}

/// How a kernel writes a state: every difference between the kernels is one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Dialect {
    /// The first release series that writes so, such as `6.8`.
    pub name: &'static str,
    /// The word for a number: `inv` or `scalar`.
    pub scalar: &'static str,
    /// A known number has the word before it: `inv5`.
    pub word_before_constant: bool,
    /// How bounds are named and which are written.
    pub bounds: Names,
    /// How numbers are written.
    pub numbers: NumberStyle,
    /// `id=0` is written.
    pub zero_id: bool,
    /// A pointer's `off=0` and `imm=0` are written, and `off` and `r` stand before the map.
    pub zero_offset: bool,
    /// `map=NAME` is written.
    pub map_names: bool,
    /// `sz=` is written for memory.
    pub sizes: bool,
    /// Pointers to another frame's stack name it: `fp[0]-8`.
    pub stack_frames: bool,
    /// Registers and slots have marks such as `_w`.
    pub liveness: bool,
    /// A spilled register is written with its type alone, or its constant.
    pub brief_spills: bool,
}

impl Dialect {
    /// Linux 5.10 to 5.17.
    pub const V5_10: Self = Self {
        name: "5.10",
        scalar: "inv",
        word_before_constant: true,
        bounds: Names::Value,
        numbers: NumberStyle::Decimal,
        zero_id: true,
        zero_offset: true,
        map_names: false,
        sizes: false,
        stack_frames: false,
        liveness: true,
        brief_spills: true,
    };
    /// Linux 5.18 to 6.7.
    pub const V6_1: Self = Self {
        name: "6.1",
        scalar: "scalar",
        word_before_constant: false,
        bounds: Names::Short,
        zero_id: false,
        ..Self::V5_10
    };
    /// Linux 6.8 to 6.17.
    pub const V6_8: Self = Self {
        name: "6.8",
        bounds: Names::Folded,
        numbers: NumberStyle::Mixed,
        zero_offset: false,
        map_names: true,
        sizes: true,
        stack_frames: true,
        brief_spills: false,
        ..Self::V6_1
    };
    /// Linux 6.18 and later.
    pub const V6_18: Self = Self { name: "6.18", liveness: false, ..Self::V6_8 };

    /// Every dialect, oldest first.
    pub const ALL: &'static [Self] = &[Self::V5_10, Self::V6_1, Self::V6_8, Self::V6_18];

    /// The dialect of a release such as `6.12` or `6.18.44`.
    pub fn for_version(version: &str) -> Option<&'static Self> {
        KernelVersion::of_release(version).map(Self::of_series)
    }

    /// The dialect of a series.
    pub(crate) const fn of_series(series: KernelVersion) -> &'static Self {
        match (series.major, series.minor) {
            (..=4, _) | (5, ..=17) => &Self::V5_10,
            (5, _) | (6, ..=7) => &Self::V6_1,
            (6, ..=17) => &Self::V6_8,
            _ => &Self::V6_18,
        }
    }

    /// The dialect that a state's text shows, if it shows one: the context, a map or a bound does.
    ///
    /// [`Dialect::V6_8`] and [`Dialect::V6_18`] are told apart by marks alone; without any the answer is the latter,
    /// which reads both.
    pub fn of_state(state: &str) -> Option<&'static Self> {
        let has = |texts: &[&str]| texts.iter().any(|text| state.contains(text));
        // A small bound of its own: since 6.8 it shares its number with its signed twin.
        let lone = state.split_once("(umax=").is_some_and(|(_, value)| !value.starts_with("0x"));
        if has(&["=inv", "(id=0,", "(id=0)", "min_value=", "max_value="]) {
            Some(&Self::V5_10)
        } else if has(&["(off=0,", "s32_m", "u32_m"]) || has(&["(off="]) && has(&["imm=0)"]) || lone {
            Some(&Self::V6_1)
        } else if has(&["imm=0)"]) {
            // Either of the two before.
            None
        } else if has(&["=ctx()", "(map=", ",map=", "=pkt_end()", "smax=umax=", "min32=", "max32="]) {
            Some(if has(&["_w=", "_r=", "_rw="]) { &Self::V6_8 } else { &Self::V6_18 })
        } else {
            None
        }
    }
}
