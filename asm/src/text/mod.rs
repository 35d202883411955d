//! The text form of programs: the kernel's syntax with labels, names and directives.
//!
//! ```text
//! .program count xdp                          ; name and type of the program
//! .license GPL
//! .map packets hash key 4 value 8 entries 16  ; sizes in bytes
//!
//!     *(u32 *)(r10 -4) = 0
//!     r2 = r10
//!     r2 += -4
//!     r1 = map[packets]
//!     call bpf_map_lookup_elem#1
//!     if r0 == 0x0 goto out
//!     r1 = 1
//!     lock *(u64 *)(r0 +0) += r1
//! out:
//!     r0 = 2
//!     exit
//! ```
//!
//! A second `.program` starts another program; without a type it's one of XDP. A character that a name can't have otherwise
//! stands in it as `\u{1b}`, and in a licence in quotes as well. Further directives:
//!
//! | directive | says |
//! |---|---|
//! | `.func NAME [static\|global] [PARAM…]` | a function starts |
//! | `.section NAME` | the section of the program in its object, if it isn't the usual one of its type |
//! | `.endian little\|big` | the byte order of the machine that all programs of the text are for |
//! | `.extern NAME [weak]` | a name of the kernel's, which `call NAME#extern` and `r1 = extern[NAME]` use |
//! | `.slot HEX` | a slot as it is, in little endian |
//!
//! `data HEX` gives a map contents, and `zeros` says that the rest of its value is zero. Comments start with `;` or `//`. A line may
//! start with the `N: (op)` of a verifier's log, so listings can be pasted; jumps then keep their `pc+N`. Whole logs and what
//! `bpftool prog dump xlated` prints are read, too: what isn't code is left out, and of a log each slot is taken once.

mod declarations;
mod escape;
mod externs;
mod lexer;
mod listing;
pub mod log_tail;
mod parser;
mod pasted;
mod syntax;

pub use escape::{visible, visible_lines};
pub use lexer::Span;
pub use listing::Listing;
pub use parser::{ParseError, ParseErrors, Text, TextProgram, parse_program, parse_programs, parse_text};
pub use syntax::{SyntaxError, parse_insn, parse_insn_of};
