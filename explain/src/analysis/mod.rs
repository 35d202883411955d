//! From a read log to what is wrong: the fault's place and register, its class, its story, its numbers.

pub(crate) mod bounds;
mod classify;
pub(crate) mod derive;
mod evidence;
mod fault;
pub(crate) mod missing;
mod operand;
pub(crate) mod packet;
mod sizes;
pub(crate) mod words;

pub(crate) use bounds::Outside;
pub(crate) use classify::{
    Held, Reserved, Unwritten, call_before, classify, helper, helper_name, is_outside, moves_packets,
    releases,
};
pub(crate) use evidence::Evidence;
pub(crate) use fault::{Access, Fault, Object};
pub(crate) use operand::memory_operand;
