//! The kernels that the verifier imitates, and how they differ.

use knockwright_asm::KernelVersion;

use crate::log::Dialect;
use crate::stop::{E2BIG, EFAULT, ENOMEM};

/// A kernel version whose verifier is imitated. A series changes with its stable releases, so that one may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Profile {
    /// Linux 6.8.
    V6_8,
    /// Linux 6.12, as of 6.12.117.
    V6_12,
    /// Linux 6.18 as of 6.18.15.
    V6_18_15,
    /// Linux 6.18 as of 6.18.44.
    V6_18,
}

impl Profile {
    /// Every profile, oldest first.
    pub const ALL: &'static [Self] = &[Self::V6_8, Self::V6_12, Self::V6_18_15, Self::V6_18];

    /// The newest.
    pub const NEWEST: Self = Self::V6_18;

    /// The name that users call it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V6_8 => "6.8",
            Self::V6_12 => "6.12",
            Self::V6_18_15 => "6.18.15",
            Self::V6_18 => "6.18",
        }
    }

    /// The stable release that it is compared with.
    pub const fn release(self) -> &'static str {
        match self {
            Self::V6_8 => "6.8",
            Self::V6_12 => "6.12.117",
            Self::V6_18_15 => "6.18.15",
            Self::V6_18 => "6.18.44",
        }
    }

    /// The profile of a version such as `6.18` or `6.18.44`: the last one of the series if only that is given, else the
    /// first one that isn't older than the release.
    pub fn from_version(version: &str) -> Option<Self> {
        let number = |part: &str| part.parse::<u32>().ok();
        let mut parts = version.splitn(3, '.');
        let series = (number(parts.next()?)?, number(parts.next()?)?);
        let patch = match parts.next() {
            None => u32::MAX,
            Some(patch) => number(patch.split(|c: char| !c.is_ascii_digit()).next()?)?,
        };
        let of_series = |profile: &&Self| profile.series() == series;
        let mut candidates = Self::ALL.iter().filter(of_series);
        let newest = candidates.clone().next_back()?;
        Some(*candidates.find(|profile| patch <= profile.patch()).unwrap_or(newest))
    }

    const fn series(self) -> (u32, u32) {
        match self {
            Self::V6_8 => (6, 8),
            Self::V6_12 => (6, 12),
            Self::V6_18_15 | Self::V6_18 => (6, 18),
        }
    }

    const fn patch(self) -> u32 {
        match self {
            Self::V6_8 => 0,
            Self::V6_12 => 117,
            Self::V6_18_15 => 15,
            Self::V6_18 => 44,
        }
    }

    /// What differs between this kernel and the others.
    #[doc(hidden)]
    pub const fn rules(self) -> &'static Rules {
        match self {
            Self::V6_8 => &RULES_6_8,
            Self::V6_12 => &RULES_6_12,
            Self::V6_18_15 => &RULES_6_18_15,
            Self::V6_18 => &RULES_6_18,
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* pub $name:ident: $type:ty,)*) => {
        /// What differs between the kernels, each as one named switch.
        #[derive(Debug, Clone, Copy)]
        #[doc(hidden)]
        pub struct Rules {
            $($(#[$doc])* pub $name: $type,)*
        }

        impl Rules {
            /// The names of all rules.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// These rules, but one of them as others have it; `None` if both have it alike or there is none of the name.
            pub fn taking(&self, rule: &str, from: &Self) -> Option<Self> {
                match rule {
                    $(stringify!($name) => (self.$name != from.$name).then_some(Self { $name: from.$name, ..*self }),)*
                    _ => None,
                }
            }
        }
    };
}

rules! {
    /// The series, which decides what instructions and helpers there are.
    pub version: KernelVersion,
    /// How often the ranges learn from each other: 3 times since 6.17 and in late 6.12, before that twice.
    pub deduction_rounds: u32,
    /// A signed range across zero helps an unsigned one, since 6.17 and in late 6.12.
    pub sign_crossing: bool,
    /// A shift left by 32 keeps negative bounds, in late 6.12 and late 6.18.
    pub signed_lsh_32: bool,
    /// Numbers that are 0 or -1 are walked as each when a constant masks them, in late 6.12 and late 6.18.
    pub forks_masks: bool,
    /// A number that alone fits the unsigned range and the known bits is found, in late 6.18.
    pub single_overlap: bool,
    /// As `sign_crossing`, for the lower half, in late 6.12 and late 6.18.
    pub sign_crossing_32: bool,
    /// Subtracting a constant and 32-bit sums keep numbers linked, in late 6.18.
    pub linked_by_sub: bool,
    /// Known bits decide equality, since 6.18 and in late 6.12.
    pub bits_decide_equality: bool,
    /// Sums and differences that wrap with both bounds keep their range, since 6.17.
    pub whole_wraps: bool,
    /// Products have ranges of any corners, since 6.14.
    pub corner_products: bool,
    /// The product of tnums is found bit by bit with unions, since 6.18.
    pub precise_tnum_mul: bool,
    /// Registers' liveness is computed before the walk and printed, since 6.15.
    pub live_registers: bool,
    /// Stack slots' liveness is tracked by instruction, and `_w` marks are gone, since 6.18.
    pub live_stack: bool,
    /// Negation and byte swaps keep what is known, since 6.18.
    pub precise_negation: bool,
    /// A lookup in an array with a constant key in range is not NULL, since 6.15.
    pub constant_keys: bool,
    /// Source lines end with ` @ file:line`, since 6.9.
    pub source_places: bool,
    /// How states are written.
    pub dialect: &'static Dialect,
    /// What isn't allowed on a speculative path gets a barrier instead of a rejection, since 6.16.
    pub speculation_barriers: bool,
    /// Byte swaps keep what is known, in late 6.18.
    pub precise_swaps: bool,
    /// Numbers in registers that nothing reads any more don't learn from those that they are linked with, in late 6.18.
    pub links_need_life: bool,
    /// Loops are found before the walk, and states in them wait for their end, since 6.16.
    pub counts_loops: bool,
    /// Memory that a helper reads counts as written by it as well, up to 6.12.
    pub helpers_clobber: bool,
    /// Messages tell a helper's access to the stack from a direct one, up to 6.12.
    pub indirect_words: bool,
    /// Where NULL is given instead of a pointer, that it's 0 is precise, in 6.12.
    pub precise_null_arguments: bool,
    /// Where references are left at `exit` or a packet load, the message says so as at a tail call, since 6.13.
    pub names_leaking_end: bool,
    /// What must be given back is kept by frame, and a callback must give back what it has acquired, up to 6.13.
    pub references_by_frame: bool,

    /// The error number of too many branches.
    pub too_many_branches: i32,
    /// The error number of too many branches that `may_goto` and callbacks make.
    pub too_many_rounds: i32,
    /// Walking back into a callback forgets the arguments of the helper, since 6.13.
    pub callbacks_hide_arguments: bool,
    /// States are the same whatever a number is linked with that wasn't linked before, in late 6.12 and late 6.18.
    pub alone_is_free: bool,
    /// States with proofs of a packet's end are the same only with the same proofs, in late 6.12 and late 6.18.
    pub packet_ends_compared: bool,
    /// Walking back over an atomic operation that gives the old value finds where the value comes from, in late 6.12.
    pub atomics_are_loads: bool,

    /// What a tail call leads to may move the packet, in late 6.12.
    pub tail_calls_move_packets: bool,
    /// The program that a tail call leads to returns to the function's caller, since 6.18.
    pub tail_calls_return: bool,
    /// A classic packet load that finds nothing returns to the function's caller, in late 6.12 and late 6.18.
    pub packet_loads_return: bool,
    /// Callbacks must not use classic packet loads, and walking back over one that ended a function goes on in the function,
    /// in late 6.12.
    pub callbacks_load_no_packet: bool,
    /// The number of rounds of `bpf_loop` must be a number, in late 6.12.
    pub rounds_are_numbers: bool,
    /// A `may_goto` may lead to the next instruction, since 6.14.
    pub may_goto_goes_nowhere: bool,
    /// A write somewhere in a slot leaves nothing of a register spilled there, in late 6.12 and late 6.18.
    pub varied_writes_scrub: bool,
    /// A number that a pointer is added to becomes a copy of the pointer before it moves, in late 6.12 and since 7.1: with its
    /// marks of liveness too. Before that it got the pointer's type alone: not its reference, nor its frame, so that in a
    /// function it points into the stack of the first frame.
    pub sums_copy_pointers: bool,
    /// States are the same only if numbers that differ by constants are linked with the same numbers, in late 6.12 and
    /// late 6.18.
    pub base_links: bool,
    /// The parts of a linked number learn from each other, in late 6.18.
    pub linked_sums_settle: bool,
}

static RULES_6_18: Rules = Rules {
    version: KernelVersion::new(6, 18),
    deduction_rounds: 3,
    sign_crossing: true,
    signed_lsh_32: true,
    forks_masks: true,
    single_overlap: true,
    sign_crossing_32: true,
    linked_by_sub: true,
    bits_decide_equality: true,
    whole_wraps: true,
    corner_products: true,
    precise_tnum_mul: true,
    live_registers: true,
    live_stack: true,
    precise_negation: true,
    constant_keys: true,
    source_places: true,
    dialect: &Dialect::V6_18,
    speculation_barriers: true,
    precise_swaps: true,
    links_need_life: true,
    linked_sums_settle: true,
    rounds_are_numbers: false,
    base_links: true,
    tail_calls_return: true,
    packet_loads_return: true,
    callbacks_load_no_packet: false,
    may_goto_goes_nowhere: true,
    varied_writes_scrub: true,
    sums_copy_pointers: false,
    counts_loops: true,
    callbacks_hide_arguments: true,
    alone_is_free: true,
    packet_ends_compared: true,
    atomics_are_loads: false,

    tail_calls_move_packets: false,
    helpers_clobber: false,
    indirect_words: false,
    precise_null_arguments: false,
    names_leaking_end: true,
    references_by_frame: false,

    too_many_branches: EFAULT,
    too_many_rounds: ENOMEM,
};

static RULES_6_18_15: Rules = Rules {
    signed_lsh_32: false,
    forks_masks: false,
    single_overlap: false,
    sign_crossing_32: false,
    linked_by_sub: false,
    precise_swaps: false,
    links_need_life: false,
    linked_sums_settle: false,
    base_links: false,
    packet_loads_return: false,
    varied_writes_scrub: false,
    alone_is_free: false,
    packet_ends_compared: false,
    ..RULES_6_18
};

static RULES_6_12: Rules = Rules {
    version: KernelVersion::new(6, 12),
    deduction_rounds: 3,
    sign_crossing: true,
    signed_lsh_32: true,
    forks_masks: true,
    single_overlap: false,
    sign_crossing_32: true,
    linked_by_sub: false,
    bits_decide_equality: true,
    whole_wraps: false,
    corner_products: false,
    precise_tnum_mul: false,
    live_registers: false,
    live_stack: false,
    precise_negation: false,
    constant_keys: false,
    source_places: true,
    dialect: &Dialect::V6_8,
    speculation_barriers: false,
    precise_swaps: false,
    links_need_life: false,
    linked_sums_settle: false,
    rounds_are_numbers: true,
    base_links: true,
    tail_calls_return: false,
    packet_loads_return: true,
    callbacks_load_no_packet: true,
    may_goto_goes_nowhere: false,
    varied_writes_scrub: true,
    sums_copy_pointers: true,
    counts_loops: false,
    callbacks_hide_arguments: false,
    alone_is_free: true,
    packet_ends_compared: true,
    atomics_are_loads: true,

    tail_calls_move_packets: true,
    helpers_clobber: true,
    indirect_words: true,
    precise_null_arguments: true,
    names_leaking_end: false,
    references_by_frame: true,

    too_many_branches: E2BIG,
    too_many_rounds: E2BIG,
};

static RULES_6_8: Rules = Rules {
    version: KernelVersion::new(6, 8),
    deduction_rounds: 2,
    signed_lsh_32: false,
    sign_crossing: false,
    sign_crossing_32: false,
    bits_decide_equality: false,
    forks_masks: false,
    tail_calls_move_packets: false,
    atomics_are_loads: false,
    precise_null_arguments: false,
    alone_is_free: false,
    base_links: false,
    packet_ends_compared: false,
    rounds_are_numbers: false,
    source_places: false,
    packet_loads_return: false,
    callbacks_load_no_packet: false,
    varied_writes_scrub: false,
    sums_copy_pointers: false,
    ..RULES_6_12
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_the_first_profile_that_is_not_older() {
        let named = |version| Profile::from_version(version).map(Profile::release);
        assert_eq!(named("6.18"), Some("6.18.44"));
        assert_eq!(named("6.18.0"), Some("6.18.15"));
        assert_eq!(named("6.18.15+deb13-cloud-amd64"), Some("6.18.15"));
        assert_eq!(named("6.18.16"), Some("6.18.44"));
        assert_eq!(named("6.18.99"), Some("6.18.44"));
        assert_eq!(named("6.12.1"), Some("6.12.117"));
        assert_eq!(named("6.1"), None);
        assert_eq!(named("6.180"), None);
        assert_eq!(named("x"), None);
    }
}
