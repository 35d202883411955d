//! The kernel's helper functions: a row for each, with its number and name, who may call it since when, what it takes,
//! gives and does.
//!
//! The rows stand in files by theme. To add one, or to write down what a helper takes, is to touch its file alone: the enum,
//! the look-ups and the page `docs/helpers.md` are made of the rows.
//!
//! Sources: `include/uapi/linux/bpf.h`, `___BPF_FUNC_MAPPER`, for numbers and names; the documentation of the helpers there
//! and the answers of kernels to calls with all kinds of arguments for what they take; and for who may call them the answers
//! of eleven kernels to a call of each number by each program type, which `tests/data/helpers.tsv` keeps. The list of helpers
//! is closed: newer functions are kfuncs.

use std::fmt;
use std::str::FromStr;

mod callers;
mod page;
mod prototype;
mod targeted;
// The rows, a macro a file.
#[macro_use]
mod cgroups;
#[macro_use]
mod maps;
#[macro_use]
mod memory;
#[macro_use]
mod numbers;
#[macro_use]
mod objects;
#[macro_use]
mod packets;
#[macro_use]
mod rings;
#[macro_use]
mod sockets;
#[macro_use]
mod system;
#[macro_use]
mod tasks;
#[macro_use]
mod tracing;
#[macro_use]
mod tunnels;
#[macro_use]
mod xdp;

pub use page::page;
pub use prototype::{Argument, Caller, Callers, CallsBack, Prototype, Returns, Signature, SizeAt};

use callers::*;
use prototype::{outline, since, size, size_or_zero, takes, unknown};

use crate::uapi::UnknownName;
use crate::{ProgType, ProgTypes};
use Argument::*;
use Returns::*;

macro_rules! helpers {
    ($($variant:ident = $number:literal $text:literal: [$($callers:expr),*], [$($prototype:expr),+];)*) => {
        /// A helper function that the kernel offers to programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(i32)]
        #[non_exhaustive]
        pub enum Helper {
            $(#[doc = concat!("`", $text, "`, number ", stringify!($number), ".")] $variant = $number,)*
        }

        impl FromStr for Helper {
            type Err = UnknownName;

            /// Reads a helper's name with its `bpf_` prefix.
            fn from_str(name: &str) -> Result<Self, UnknownName> {
                match name {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(UnknownName { kind: "helper", name: name.to_owned() }),
                }
            }
        }

        /// Each helper as a type, for who asks when a program is compiled.
        pub mod call {
            use super::{Helper, HelperType};

            $(#[doc = concat!("`", $text, "`.")]
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $variant;

            impl HelperType for $variant {
                const HELPER: Helper = Helper::$variant;
            })*
        }

        /// The rows, in the order of the files.
        const GATHERED: &[Row] = &[$(Row {
            helper: Helper::$variant,
            name: $text,
            callers: &[$($callers),*],
            prototypes: &[$($prototype),+],
        }),*];
    };
}

/// Puts the rows of the files named after those that it has: each file adds its own and asks again for the rest.
macro_rules! gather {
    ([] $($rows:tt)*) => { helpers! { $($rows)* } };
    ([$file:ident $($files:ident)*] $($rows:tt)*) => { $file! { [$($files)*] $($rows)* } };
}

gather! { [maps numbers memory tasks tracing sockets cgroups packets tunnels xdp rings objects system] }

/// What is known of one helper.
#[derive(Debug, Clone, Copy)]
struct Row {
    helper: Helper,
    name: &'static str,
    callers: &'static [Callers],
    prototypes: &'static [Prototype],
}

/// The rows, each at its number.
static TABLE: [Row; GATHERED.len()] = in_order(GATHERED);

const fn in_order<const COUNT: usize>(rows: &[Row]) -> [Row; COUNT] {
    let mut table = [rows[0]; COUNT];
    let mut index = 0;
    while index < COUNT {
        let mut row = 0;
        while rows[row].helper as usize != index {
            row += 1; // past the end, a number is missing, and the compiler says so
        }
        table[index] = rows[row];
        index += 1;
    }
    table
}

/// A helper as a type: those of [`call`].
pub trait HelperType {
    /// The helper.
    const HELPER: Helper;
}

/// Whether a program may call a helper.
#[derive(Debug, Clone, Copy)]
pub enum Access {
    /// It may, by this prototype.
    Here(&'static Prototype),
    /// It may not.
    Elsewhere,
    /// The kernels were never asked about programs of this type.
    NotRecorded,
}

impl Helper {
    /// Every helper, in the order of the numbers, which go up from 0 without a gap.
    pub const ALL: &'static [Self] = &{
        let mut all = [GATHERED[0].helper; GATHERED.len()];
        let mut index = 0;
        while index < all.len() {
            all[GATHERED[index].helper as usize] = GATHERED[index].helper;
            index += 1;
        }
        all
    };

    const fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// The helper with this number.
    pub fn from_number(number: i32) -> Option<Self> {
        TABLE.get(usize::try_from(number).ok()?).map(|row| row.helper)
    }

    /// The name as the verifier's log spells it, `bpf_` included.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Who may call it, on which kernels.
    pub fn callers(self) -> &'static [Callers] {
        self.row().callers
    }

    /// How programs call it: for program types that differ, each its own.
    pub fn prototypes(self) -> &'static [Prototype] {
        self.row().prototypes
    }

    /// Whether some kernel gives it to programs of a type; `None` if kernels were never asked about that type.
    ///
    /// It can be asked when a program is compiled; [`Helper::access`] knows which kernel.
    pub const fn is_given_to(self, prog_type: ProgType) -> Option<bool> {
        if !callers::RECORDED.contains(prog_type) {
            return None;
        }
        let callers = self.row().callers;
        let mut next = 0;
        while next < callers.len() {
            if callers[next].programs.contains(prog_type) {
                return Some(true);
            }
            next += 1;
        }
        Some(false)
    }

    /// How programs of a type call it, if they may.
    pub const fn prototype_for(self, prog_type: ProgType) -> Option<&'static Prototype> {
        let prototypes = self.row().prototypes;
        let mut next = 0;
        while next < prototypes.len() {
            if prototypes[next].programs.contains(prog_type) {
                return Some(&prototypes[next]);
            }
            next += 1;
        }
        None
    }

    /// Whether a program may call it.
    pub fn access(self, caller: Caller) -> Access {
        let Caller { prog_type, perfmon, kernel } = caller;
        if !callers::RECORDED.contains(prog_type) {
            return Access::NotRecorded;
        }
        let row = self.row();
        let among = |callers: &&Callers| callers.include(prog_type, kernel) && (perfmon || !callers.perfmon);
        if !row.callers.iter().any(|callers| among(&callers)) {
            return Access::Elsewhere;
        }
        self.prototype_for(prog_type).map_or(Access::NotRecorded, Access::Here)
    }

    /// The function of the program that it calls before it returns, whatever the program's type.
    pub fn calls_back(self) -> Option<CallsBack> {
        self.prototypes().iter().find_map(|prototype| prototype.calls_back)
    }

    /// Whether it may move the packet, whatever the program's type.
    pub fn moves_packet(self) -> bool {
        self.prototypes().iter().any(|prototype| prototype.moves_packet)
    }

    /// Whether it takes an object that the program can't use any longer, whatever the program's type.
    pub fn releases(self) -> bool {
        self.prototypes().iter().any(|prototype| prototype.releases)
    }

    /// What it gives, whatever the program's type; nothing where that isn't written down.
    pub fn returns(self) -> Option<Returns> {
        self.prototypes().iter().find_map(Prototype::returns)
    }

    /// The size of the memory in an argument, by the argument's number from 1 on, whatever the program's type.
    pub fn size_of(self, memory: u8) -> Option<SizeAt> {
        self.prototypes().iter().find_map(|prototype| prototype.size_of(memory))
    }
}

impl fmt::Display for Helper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The number in a helper call, known or not.
///
/// The verifier refuses a number without a helper (`invalid func unknown#9999`), so such a call has to be expressible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HelperId(i32);

impl HelperId {
    /// A helper number as the instruction's immediate holds it.
    pub const fn new(number: i32) -> Self {
        Self(number)
    }

    /// The number as the instruction's immediate holds it.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The helper of the number, if there is one.
    pub fn helper(self) -> Option<Helper> {
        Helper::from_number(self.0)
    }
}

impl From<Helper> for HelperId {
    fn from(helper: Helper) -> Self {
        Self(helper as i32)
    }
}

impl fmt::Display for HelperId {
    /// Writes the kernel's form: `bpf_map_lookup_elem#1`, or `unknown#9999`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.helper().map_or("unknown", Helper::name);
        write!(f, "{name}#{}", self.0)
    }
}
