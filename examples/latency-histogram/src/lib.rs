#![doc = include_str!("../README.md")]

use aya::include_bytes_aligned;

pub mod program;

/// The object with the programs, for any loader.
pub static OBJECT: &[u8] = include_bytes_aligned!(concat!(env!("OUT_DIR"), "/latency_histogram.o"));
