//! Sets of program types, of attach types and of map types.

use std::fmt;

use crate::{AttachType, MapType, ProgType};

/// A set of the values of an enum of the kernel's interface, whose numbers are below 64.
macro_rules! set_of {
    ($(#[$meta:meta])* $name:ident of $item:ident, $what:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name(u64);

        impl $name {
            #[doc = concat!("No ", $what, ".")]
            pub const NONE: Self = Self(0);

            #[doc = concat!("Every ", $what, ".")]
            pub const ALL: Self = Self::of($item::ALL);

            #[doc = concat!("These ", $what, "s.")]
            pub const fn of(types: &[$item]) -> Self {
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

            #[doc = concat!("Whether the set has this ", $what, ".")]
            pub const fn contains(self, one: $item) -> bool {
                self.0 & Self::bit(one) != 0
            }

            /// Whether the set has none.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            #[doc = concat!("Its ", $what, "s, in the order of their numbers.")]
            pub fn iter(self) -> impl Iterator<Item = $item> {
                $item::ALL.iter().copied().filter(move |&one| self.contains(one))
            }

            const fn bit(one: $item) -> u64 {
                1 << one.number()
            }
        }

        impl fmt::Display for $name {
            /// Writes the names with commas between them.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                for (index, one) in self.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{one}")?;
                }
                Ok(())
            }
        }
    };
}

set_of! {
    /// A set of program types: which of them may call a helper, or read a field of a context.
    ///
    /// ```
    /// use knockwright_linux::{ProgType, ProgTypes};
    ///
    /// const SCHED: ProgTypes = ProgTypes::of(&[ProgType::SchedCls, ProgType::SchedAct]);
    /// assert!(SCHED.contains(ProgType::SchedAct) && !SCHED.contains(ProgType::Xdp));
    /// assert_eq!(SCHED.to_string(), "sched_cls, sched_act");
    /// ```
    ProgTypes of ProgType, "program type"
}

set_of! {
    /// A set of attach types: where programs have a field of their context.
    ///
    /// ```
    /// use knockwright_linux::{AttachType, AttachTypes};
    ///
    /// const BIND: AttachTypes = AttachTypes::of(&[AttachType::CgroupInet4Bind, AttachType::CgroupInet6Bind]);
    /// assert!(BIND.contains(AttachType::CgroupInet6Bind) && !BIND.contains(AttachType::Xdp));
    /// assert_eq!(BIND.to_string(), "cgroup_inet4_bind, cgroup_inet6_bind");
    /// ```
    AttachTypes of AttachType, "attach type"
}

set_of! {
    /// A set of map types: which of them a helper takes.
    ///
    /// ```
    /// use knockwright_linux::{MapType, MapTypes};
    ///
    /// const QUEUES: MapTypes = MapTypes::of(&[MapType::Queue, MapType::Stack]);
    /// assert!(QUEUES.contains(MapType::Stack) && !QUEUES.contains(MapType::Array));
    /// assert_eq!(QUEUES.to_string(), "queue, stack");
    /// ```
    MapTypes of MapType, "map type"
}
