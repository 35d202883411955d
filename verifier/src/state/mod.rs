//! What the verifier knows at one point of one path: registers, stack, frames, references.

mod frame;
mod mark;
mod reg;
mod stack;

pub(crate) use frame::{Frame, Reference, State};
pub(crate) use mark::{Extent, FramePlace, Mark, Origin};
pub(crate) use reg::{Id, Kind, Link, PacketRange, Reg};
pub(crate) use stack::{Byte, Lent, Load, MaybeWritten, StackSlot, slot_offset};
