//! What a program may do: its structure, its memory accesses, its calls.

pub(crate) mod call;
pub(crate) mod context;
mod function;
pub(crate) mod memory;
mod pointer;
pub(crate) mod speculation;
mod stack_memory;
