//! The verifier's log: one model that is read from text and printed as text.
//!
//! [`parse`] takes one line apart, [`Reader`] and [`lines`] a whole log. Lines borrow their text, and printing a line
//! gives its text back, byte for byte. States stay text ([`StateText`]) until they're asked for:
//! [`StateText::parse`] gives a [`State`] with a [`RegState`] for each register. How kernels differ in writing a
//! state is a [`Dialect`], and [`State::display`] writes any of them.
//!
//! ```
//! use knockwright_verifier::log::{self, Dialect, Line, RegState};
//!
//! let text = "119: (0f) r7 += r1  ; R1=scalar(smin=smin32=0,smax=umax=smax32=umax32=508,var_off=(0x0; 0x1fe)) R7=map_value(map=config_map,ks=4,vs=48,off=8)";
//! let line = log::parse(text);
//! assert_eq!(line.to_string(), text);
//! let Line::Insn(insn) = line else { panic!() };
//! assert_eq!((insn.slot, insn.opcode, insn.text), (119, Some(0x0f), "r7 += r1"));
//!
//! let dialect = &Dialect::V6_18;
//! let state = insn.state().unwrap().parse(dialect);
//! let Some(RegState::Scalar(index)) = state.reg(1) else { panic!() };
//! assert_eq!((index.umin(), index.umax(), index.smax32()), (0, 508, 508));
//! let Some(RegState::Pointer(config)) = state.reg(7) else { panic!() };
//! assert_eq!((config.off, config.map.unwrap().value_size), (8, 48));
//!
//! // The same state as 6.1 wrote it.
//! assert_eq!(
//!     state.display(&Dialect::V6_1).to_string(),
//!     " R1=scalar(umax=508,var_off=(0x0; 0x1fe)) R7=map_value(off=8,ks=4,vs=48,imm=0)"
//! );
//! ```

mod addresses;
mod buffer;
mod dialect;
mod line;
pub(crate) mod number;
mod parse;
mod print;
mod print_state;
mod reader;
mod state;
pub(crate) mod state_line;
mod state_text;
mod value_parse;

pub use addresses::without_addresses;
pub(crate) use buffer::Log;
pub use dialect::{Dialect, Names, NumberStyle};
pub use line::{
    Call, Chain, Diagnosis, Edge, FunctionNote, Heading, InsnLine, InsnTail, InsnText, Line, ListingTail,
    LiveInsn, LiveStack, ParentMarks, Precision, RegSet, SccEvent, SourceLine, StackListing, StateAt,
    StateLine, Summary,
};
pub use parse::{Parser, parse};
pub use reader::{Lines, OwnedLine, Reader, lines};
pub use state::{
    Liveness, MapText, PointerKind, PointerState, RegState, ScalarState, Slot, SlotBytes, State,
};
pub use state_text::{Part, Parts, StateText};
