//! What the verifier knows at one point of one path: registers, stack, frames, references.

mod frame;
mod mark;
mod reg;
mod stack;

pub(crate) use frame::{Frame, MAX_FRAMES, MAX_STACK, Reference, STACK_SLOTS, State, WRITABLE_REGS};
pub(crate) use mark::{Extent, FramePlace, Mark, Origin};
pub(crate) use reg::{Id, Link, PacketRange, Reg, RegType};
pub(crate) use stack::{Byte, HelperUse, Load, MaybeWritten, StackSlot, slot_offset};
