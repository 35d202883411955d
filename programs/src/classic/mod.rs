//! Classic BPF as eBPF: what `tcpdump -d` prints, or another compiler of filters, as an XDP, `tc` or socket filter program.
//!
//! ```
//! use knockwright_programs::classic::{Answer, Filter, Hook};
//! use knockwright_programs::net::XdpAction;
//!
//! // tcpdump -ddd -y EN10MB arp
//! let arp: Filter = "4\n40 0 0 12\n21 0 1 2054\n6 0 0 262144\n6 0 0 0\n".parse().unwrap();
//! // What matches is dropped, all else passes.
//! let hook = Hook::Xdp(Answer { hit: XdpAction::Drop, miss: XdpAction::Pass });
//! let program = arp.program("no_arp", hook).unwrap();
//! assert_eq!(program.name, "no_arp");
//! assert!(arp.to_string().starts_with("(000) ldh      [12]\n(001) jeq      #0x806           jt 2\tjf 3\n"));
//! ```
//!
//! `knockwright-codegen` makes an object of the program, `knockwright-loader` loads it. From a shell, in a checkout:
//!
//! ```text
//! tcpdump -ddd -y EN10MB arp | cargo run -p knockwright-programs --example classic -- xdp | knockwright asm --format obj -o arp.o
//! ```
//!
//! # What a filter means
//!
//! It's Linux's filter, as sockets have it. A load beyond the packet's end answers 0, and so does a division by an X of 0; shifts
//! by X take its lower five bits; `X + k` is a sum of 32 bits. An answer of 0 is a miss, any other a hit; a socket filter gives the
//! number itself, the bytes to keep of the packet.
//!
//! | | XDP | `tc` | socket filter |
//! |---|---|---|---|
//! | bytes of the packet | compared with its end each time | `bpf_skb_load_bytes`, checked each time | `ld_abs`, `ld_ind`, which the kernel checks |
//! | from the link layer's header on (`SKF_LL_OFF`) | yes | yes | yes |
//! | from the network header on (`SKF_NET_OFF`) | [`ClassicError::NotHere`] | yes | yes |
//! | `X + k` before the packet | a miss | a miss | as the kernel has it |
//! | facts beside the packet (`SKF_AD_OFF`) | interface, processor, random numbers | those, and queue, protocol, type, mark, hash, VLAN tag | the same |
//!
//! Netlink attributes, the hardware type and the offset of the payload have no counterpart, and are refused by name. An XDP
//! program sees a VLAN tag in the packet that the others find beside it, and its packet's length is that of its first buffer.

mod beside;
mod check;
mod insn;
mod load;
mod parse;
mod translate;

use std::fmt;

use knockwright_asm::linux::uapi::TcAction;
use knockwright_asm::{AsmErrors, Program};

use crate::net::XdpAction;

pub use insn::{Insn, Op, Operand, Raw, Register, Test, Width};

/// A filter of classic BPF that Linux would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    insns: Vec<Insn>,
}

/// Where a filter's program runs, and what its answers become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hook {
    /// At an interface, before the network stack.
    Xdp(Answer<XdpAction>),
    /// In traffic control, as a classifier that acts itself.
    Tc(Answer<TcAction>),
    /// At a socket, as the filter itself: it answers how many bytes of the packet the socket gets.
    SocketFilter,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<T> {
    /// Of one that the filter takes: its answer isn't 0.
    pub hit: T,
    /// Of any other.
    pub miss: T,
}

/// Why there is no filter, or no program of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClassicError {
    /// A line isn't one that `tcpdump` prints.
    #[error("line {line}: `{text}` is no instruction of classic BPF as tcpdump prints it (-d, -dd or -ddd)")]
    Line {
        /// Its number from 1.
        line: usize,
        /// As it stands.
        text: String,
    },
    /// The text says that there are more or fewer instructions.
    #[error("the text announces {announced} instructions, and there are {found}")]
    Count {
        /// What it says.
        announced: usize,
        /// What there is.
        found: usize,
    },
    /// There are none, or more than Linux takes.
    #[error("a filter has 1 to 4096 instructions, this one has {0}")]
    Length(usize),
    /// It's no instruction of Linux's classic filter.
    #[error("instruction {at}: `{raw}` is none of Linux's classic BPF")]
    Unknown {
        /// Its number from 0.
        at: usize,
        /// What stands there.
        raw: Raw,
    },
    /// A jump leads beyond the end.
    #[error("instruction {at}: the jump leads beyond the filter's end")]
    JumpBeyond {
        /// The instruction's number from 0.
        at: usize,
    },
    /// The last instruction isn't an answer.
    #[error("the last instruction doesn't return")]
    NoReturn,
    /// A division by the number 0, or a shift by 32 or more.
    #[error("instruction {at}: a division by 0, or a shift by more than 31")]
    Number {
        /// The instruction's number from 0.
        at: usize,
    },
    /// A word of the memory is beyond the sixteen, or not written on all ways, those among them that Linux sees past an answer.
    #[error("instruction {at}: the word M[{word}] isn't there, or not written on every way")]
    Memory {
        /// The instruction's number from 0.
        at: usize,
        /// Which one.
        word: u8,
    },
    /// An offset at `SKF_AD_OFF` or after it is for no fact beside the packet.
    #[error("instruction {at}: Linux has no fact beside the packet at {number}")]
    Fact {
        /// The instruction's number from 0.
        at: usize,
        /// The fact's number: the offset after `SKF_AD_OFF`.
        number: i32,
    },
    /// Something that the program's kind doesn't have.
    #[error("instruction {at}: {what} can't be had in {hook} programs")]
    NotHere {
        /// The instruction's number from 0.
        at: usize,
        /// What.
        what: &'static str,
        /// The kind of program.
        hook: &'static str,
    },
    /// The assembler refuses the program.
    #[error(transparent)]
    Asm(#[from] AsmErrors),
}

impl Filter {
    /// A filter of raw instructions, checked as Linux does it.
    ///
    /// # Errors
    /// [`ClassicError`], but for [`ClassicError::NotHere`] and [`ClassicError::Asm`].
    pub fn new(raw: &[Raw]) -> Result<Self, ClassicError> {
        check::check(raw).map(|insns| Self { insns })
    }

    /// The instructions.
    pub fn insns(&self) -> &[Insn] {
        &self.insns
    }

    /// The filter as an eBPF program for a hook. Its source lines are those of `tcpdump -d`, so that logs show them.
    ///
    /// # Errors
    /// [`ClassicError::NotHere`] for what the hook doesn't have, [`ClassicError::Asm`] for a name that the assembler refuses.
    pub fn program(&self, name: &str, hook: Hook) -> Result<Program, ClassicError> {
        translate::translate(self, name, hook)
    }
}

impl fmt::Display for Filter {
    /// As `tcpdump -d` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, insn) in self.insns.iter().enumerate() {
            writeln!(f, "({at:03}) {}", insn.line(at))?;
        }
        Ok(())
    }
}
