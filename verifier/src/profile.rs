//! The kernels that the verifier imitates, and how they differ: a row for each kernel, a row for each difference.

use knockwright_linux::KernelVersion;
use knockwright_linux::errno::{E2BIG, EFAULT, ENOMEM};
use knockwright_linux::release::{Release, Releases};

macro_rules! profiles {
    ($($(#[$doc:meta])* $profile:ident: $name:literal, $release:literal;)*) => {
        /// A kernel version whose verifier is imitated. A series changes with its stable releases, so that one may have several.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Profile {
            $($(#[$doc])* $profile,)*
        }

        impl Profile {
            /// Every profile, oldest first.
            pub const ALL: &'static [Self] = &[$(Self::$profile),*];

            /// The name that users call it by.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$profile => $name,)*
                }
            }

            /// The stable release that it is compared with.
            pub const fn release(self) -> &'static str {
                match self {
                    $(Self::$profile => $release,)*
                }
            }

            /// What differs between this kernel and the others.
            #[doc(hidden)]
            pub const fn rules(self) -> &'static Rules {
                match self {
                    $(Self::$profile => {
                        static RULES: Rules = Rules::of(Release::new($release));
                        &RULES
                    })*
                }
            }
        }
    };
}

// The name, and the release.
profiles! {
    /// Linux 6.8.
    V6_8: "6.8", "6.8";
    /// Linux 6.12, as of 6.12.117.
    V6_12: "6.12", "6.12.117";
    /// Linux 6.18 as of 6.18.15.
    V6_18_15: "6.18.15", "6.18.15";
    /// Linux 6.18 as of 6.18.44.
    V6_18: "6.18", "6.18.44";
}

impl Profile {
    /// The newest kernel that is imitated.
    pub const NEWEST: Self = Self::ALL[Self::ALL.len() - 1];

    /// The profile of a version such as `6.18` or `6.18.44`: the last one of the series if only that is given, else the
    /// first one that isn't older than the release.
    pub fn from_version(version: &str) -> Option<Self> {
        let series = KernelVersion::of_release(version)?;
        let patch = match version.splitn(3, '.').nth(2) {
            None => u16::MAX,
            Some(patch) => patch.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?,
        };
        let of_series = |profile: &&Self| profile.rules().version == series;
        let mut candidates = Self::ALL.iter().filter(of_series);
        let newest = candidates.clone().next_back()?;
        let is_not_older = |profile: &&Self| patch <= Release::new(profile.release()).patch;
        Some(*candidates.find(is_not_older).unwrap_or(newest))
    }
}

macro_rules! rules {
    (
        switches { $($(#[$doc:meta])* $switch:ident: $releases:literal;)* }
        values { $($(#[$value_doc:meta])* $value:ident: $type:ty = $first:expr, $then:expr, $value_releases:literal;)* }
    ) => {
        /// What differs between the kernels, each under a name.
        #[derive(Debug, Clone, Copy)]
        #[doc(hidden)]
        #[non_exhaustive]
        pub struct Rules {
            /// The series, which decides what instructions and helpers there are.
            pub version: KernelVersion,
            $($(#[$doc])* #[doc = concat!("\n\nIn Linux ", $releases, ".")] pub $switch: bool,)*
            $($(#[$value_doc])* #[doc = concat!("\n\nThe second one in Linux ", $value_releases, ".")] pub $value: $type,)*
        }

        impl Rules {
            /// The names of all rules, but for the version.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($switch),)* $(stringify!($value),)*];

            /// The rules of a release.
            const fn of(release: Release) -> Self {
                Self {
                    version: release.series,
                    $($switch: const { Releases::new($releases) }.contain(release),)*
                    $($value: if const { Releases::new($value_releases) }.contain(release) { $then } else { $first },)*
                }
            }

            /// These rules, but one of them as others have it; `None` if both have it alike or there is none of the name.
            pub fn taking(&self, rule: &str, from: &Self) -> Option<Self> {
                match rule {
                    $(stringify!($switch) => {
                        (self.$switch != from.$switch).then_some(Self { $switch: from.$switch, ..*self })
                    })*
                    $(stringify!($value) => {
                        (self.$value != from.$value).then_some(Self { $value: from.$value, ..*self })
                    })*
                    _ => None,
                }
            }
        }
    };
}

// What it is that some kernels do, and which releases do it. Where that came with a stable release, the release is one that
// has it; the first one isn't known.
rules! {
    switches {
        /// A signed range across zero helps an unsigned one.
        sign_crossing: "6.17.., 6.12.117..";
        /// As `sign_crossing`, for the lower half.
        sign_crossing_32: "6.12.117.., 6.18.44..";
        /// A shift left by 32 keeps negative bounds.
        signed_lsh_32: "6.12.117.., 6.18.44..";
        /// Numbers that are 0 or -1 are walked as each when a constant masks them.
        forks_masks: "6.12.117.., 6.18.44..";
        /// A number that alone fits the unsigned range and the known bits is found.
        single_overlap: "6.18.44..";
        /// Subtracting a constant and 32-bit sums keep numbers linked.
        linked_by_sub: "6.18.44..";
        /// Numbers in registers that nothing reads any more don't learn from those that they are linked with.
        links_need_life: "6.18.44..";
        /// The parts of a linked number learn from each other.
        linked_sums_settle: "6.18.44..";
        /// Known bits decide equality.
        bits_decide_equality: "6.18.., 6.12.117..";
        /// Sums and differences that wrap with both bounds keep their range.
        whole_wraps: "6.17..";
        /// Products have ranges of any corners.
        corner_products: "6.14..";
        /// The product of tnums is found bit by bit with unions.
        precise_tnum_mul: "6.18..";
        /// Negation and byte swaps keep what is known.
        precise_negation: "6.18..";
        /// Byte swaps keep what is known.
        precise_swaps: "6.18.44..";
        /// A number that a store or load of the stack cuts forgets how far it was from those that it was linked with.
        cut_numbers_forget_distance: "6.12.117.., 6.18.44..";
        /// Registers' liveness is computed before the walk and printed.
        live_registers: "6.15..";
        /// Stack slots' liveness is tracked by instruction, and `_w` marks are gone.
        live_stack: "6.18..";
        /// Loops are found before the walk, and states in them wait for their end.
        counts_loops: "6.16..";
        /// A lookup in an array with a constant key in range is not NULL.
        constant_keys: "6.15..";
        /// Source lines end with ` @ file:line`.
        source_places: "6.9..";
        /// What isn't allowed on a speculative path gets a barrier instead of a rejection.
        speculation_barriers: "6.16..";
        /// Memory that a helper reads counts as written by it as well.
        helpers_clobber: "..=6.12";
        /// Messages tell a helper's access to the stack from a direct one.
        indirect_words: "..=6.12";
        /// Where NULL is given instead of a pointer, that it's 0 is precise.
        precise_null_arguments: "6.12";
        /// Where references are left at `exit` or a packet load, the message says so as at a tail call.
        names_leaking_end: "6.13..";
        /// What must be given back is kept by frame, and a callback must give back what it has acquired.
        references_by_frame: "..=6.13";
        /// Walking back into a callback forgets the arguments of the helper.
        callbacks_hide_arguments: "6.13..";
        /// States are the same whatever a number is linked with that wasn't linked before.
        alone_is_free: "6.12.117.., 6.18.44..";
        /// States with proofs of a packet's end are the same only with the same proofs.
        packet_ends_compared: "6.12.117.., 6.18.44..";
        /// States are the same only if numbers that differ by constants are linked with the same numbers.
        base_links: "6.12.117.., 6.18.44..";
        /// Walking back over an atomic operation that gives the old value finds where the value comes from.
        atomics_are_loads: "6.12.117..";
        /// What a tail call leads to may move the packet.
        tail_calls_move_packets: "6.12.117..";
        /// The program that a tail call leads to returns to the function's caller.
        tail_calls_return: "6.18..";
        /// A classic packet load that finds nothing returns to the function's caller.
        packet_loads_return: "6.12.117.., 6.18.44..";
        /// Callbacks must not use classic packet loads, and walking back over one that ended a function goes on in the
        /// function.
        callbacks_load_no_packet: "6.12.117..";
        /// The number of rounds of `bpf_loop` must be a number.
        rounds_are_numbers: "6.12.117..";
        /// There are casts between address spaces, so that a move with an offset of 1 is one.
        address_spaces: "6.9..";
        /// A `may_goto` may lead to the next instruction.
        may_goto_goes_nowhere: "6.14..";
        /// A write somewhere in a slot leaves nothing of a register spilled there.
        varied_writes_scrub: "6.12.117.., 6.18.44..";
        /// A number that a pointer is added to becomes a copy of the pointer before it moves, with its marks of liveness
        /// too. Elsewhere it gets the pointer's type alone: not its reference, nor its frame, so that in a function it
        /// points into the stack of the first frame.
        sums_copy_pointers: "7.1.., 6.12.117..";
    }
    values {
        /// How often the ranges learn from each other.
        deduction_rounds: u32 = 2, 3, "6.17.., 6.12.117..";
        /// The error number of too many branches.
        too_many_branches: i32 = E2BIG, EFAULT, "6.18..";
        /// The error number of too many branches that `may_goto` and callbacks make.
        too_many_rounds: i32 = E2BIG, ENOMEM, "6.18..";
    }
}

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
        assert_eq!(named("6.18.x"), None);
    }
}
