//! Whether an instruction may do what it does: its memory accesses, its arguments, what it leaks.

mod arguments;
mod context;
mod function_arguments;
mod memory;
mod references;
mod speculation;
mod stack_memory;

pub(crate) use arguments::HelperCall;
pub(crate) use memory::{Access, Extend, MAX_VARIABLE};
pub(crate) use references::End;
