//! The log's text: a buffer that can be taken back to an earlier position, and the state lines in it.

mod buffer;
pub(crate) mod number;
pub(crate) mod state_line;

pub(crate) use buffer::Log;
