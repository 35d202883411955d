//! The walk through the program: paths, states, pruning, precision.

pub(crate) mod arithmetic;
pub(crate) mod compare;
pub(crate) mod execute;
mod frames_back;
pub(crate) mod jump;
pub(crate) mod live_stack;
pub(crate) mod loops;
pub(crate) mod precision;
pub(crate) mod prune;
pub(crate) mod reads;
pub(crate) mod walker;
pub(crate) mod widen;
