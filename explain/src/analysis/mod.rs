//! From a read log to what is wrong: the fault's place and register, its class, its story, its numbers.

pub(crate) mod bounds;
mod buffer;
mod calls;
mod carrier;
pub(crate) mod context;
pub(crate) mod derive;
mod evidence;
mod fault;
mod findings;
pub(crate) mod kinds;
pub(crate) mod missing;
mod operand;
pub(crate) mod packet;
pub(crate) mod packet_numbers;
mod refused;
mod sizes;
pub(crate) mod stack;
pub(crate) mod stack_numbers;
pub(crate) mod words;

pub(crate) use bounds::Outside;
pub(crate) use calls::{acquired, called, called_before};
pub(crate) use carrier::{Carrier, carrier};
pub(crate) use evidence::Evidence;
pub(crate) use fault::{Access, Fault, Object};
pub(crate) use findings::{
    Held, Reserved, Unwritten, call_before, comes_from_memory, helper, helper_name, is_outside, is_slice,
    moves_packets, releases,
};
pub(crate) use operand::memory_operand;
pub(crate) use packet::MOST_PACKET_OFFSET;
pub(crate) use refused::refused_access;
