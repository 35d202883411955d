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
//! A second `.program` starts another program. A character that a name can't have otherwise stands in it as `\u{1b}`, and
//! in a licence in quotes as well. Further directives: `.func NAME [static|global] [PARAM…]` starts a function, `.slot HEX` is a slot as it is. Comments
//! start with `;` or `//`. A line may start with the `N: (op)` of a verifier's log, so listings can be pasted; jumps then
//! keep their `pc+N`.

mod escape;
mod lexer;
mod listing;
pub mod log_tail;
mod parser;
mod syntax;

pub use escape::{visible, visible_lines};
pub use lexer::Span;
pub use listing::Listing;
pub use parser::{ParseError, ParseErrors, parse_program, parse_programs};
pub use syntax::{SyntaxError, parse_insn};
