#![doc = include_str!("../README.md")]

use aya::include_bytes_aligned;

pub mod program;

/// The object with the program, for any loader.
pub static OBJECT: &[u8] = include_bytes_aligned!(concat!(env!("OUT_DIR"), "/protocol_counter.o"));
