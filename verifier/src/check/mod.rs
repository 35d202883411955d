//! What a program may do: its structure, its memory accesses, its calls.

pub(crate) mod call;
pub(crate) mod context;
pub(crate) mod dead_code;
mod function;
pub(crate) mod maps;
pub(crate) mod memory;
mod pointer;
pub(crate) mod speculation;
mod stack_memory;
pub(crate) mod structure;
pub(crate) mod types;
