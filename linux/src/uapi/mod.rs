//! Names that the kernel's user-space interface gives to numbers: results of programs, and by theme constants for those who
//! write instructions.
//!
//! ```
//! use knockwright_linux::uapi::helper_flags::{BPF_F_CURRENT_CPU, BPF_F_INGRESS};
//! use knockwright_linux::uapi::{TcAction, XdpAction};
//!
//! assert_eq!((XdpAction::Pass as i32, TcAction::Shot.name()), (2, "TC_ACT_SHOT"));
//! assert_eq!((BPF_F_INGRESS, BPF_F_CURRENT_CPU), (1, 0xffff_ffff));
//! ```

mod actions;
pub mod classic;
pub mod contexts;
pub mod helper_flags;
pub mod map_flags;
pub mod prog_flags;
pub mod sock_ops;
pub mod sockets;

pub use actions::{LwtResult, NetfilterVerdict, SkAction, TcAction, TcxAction, XdpAction};

pub use crate::map_type::MapType;
pub use crate::prog_type::ProgType;

/// A name that the kernel's interface doesn't have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {kind} is called `{name}`")]
#[non_exhaustive]
pub struct UnknownName {
    /// What was looked for: `program type`, `map type`, `attach type` or `helper`.
    pub kind: &'static str,
    /// The name as given.
    pub name: String,
}

/// Constants with the names of the kernel's interface, and the list of them.
macro_rules! constants {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $value:expr;)*) => {
        $($(#[$doc])* pub const $name: $type = $value;)*

        /// Every constant here with its name.
        pub const ALL: &[(&str, i64)] = &[$((stringify!($name), $name as i64)),*];
    };
}

pub(crate) use constants;

macro_rules! uapi_enum {
    ($(#[$meta:meta])* $name:ident, $kind:literal, $prefix:literal { $($variant:ident = $number:literal $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u32)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $prefix, $text, "`, number ", stringify!($number), ".")] $variant = $number,)*
        }

        impl $name {
            /// Every value, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The number in the kernel's interface.
            pub const fn number(self) -> u32 {
                self as u32
            }

            /// The value of a number of the kernel's interface.
            pub fn from_number(number: u32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The name in lower case without the kernel's prefix.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::uapi::UnknownName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($text => Ok(Self::$variant),)*
                    _ => Err($crate::uapi::UnknownName { kind: $kind, name: name.to_owned() }),
                }
            }
        }
    };
}

pub(crate) use uapi_enum;
