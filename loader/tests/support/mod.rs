//! What the tests on the running kernel share.

#![allow(dead_code)] // each test file uses its part

use knockwright_asm::{Endian, Item, MapDef, ProgType, Program, decode};
use knockwright_loader::privilege;

#[path = "skip.rs"]
mod skipping;

pub(crate) use skipping::skip_this as skip;

/// Whether the test can run; else says why not. Under `CI=true` a skip is a failure.
pub(crate) fn may_load() -> bool {
    privilege::can_load().map_or_else(skip, |()| true)
}

/// An XDP program from slots in hexadecimal, white space ignored.
pub(crate) fn xdp(insns: &str, maps: Vec<MapDef>) -> Program {
    let digits: String = insns.split_whitespace().collect();
    let code = decode(&hex::decode(digits).expect("hexadecimal"), Endian::Little).expect("whole slots");
    let mut program = Program::new("test", ProgType::Xdp);
    program.license = "GPL".to_owned();
    program.items = code.into_iter().map(Item::new).collect();
    program.maps = maps;
    program
}

/// `r0 = 2; exit`.
pub(crate) const PASS: &str = "b700000002000000 9500000000000000";

/// `r0 = 1; exit`.
pub(crate) const DROP: &str = "b700000001000000 9500000000000000";

/// Looks up key 0 of map 0 and loads from the result at slot 6 without a check.
pub(crate) const NULL_DEREF: &str = "
    7a0af8ff00000000 bfa2000000000000 07020000f8ffffff 1851000000000000 0000000000000000
    8500000001000000 7100000000000000 9500000000000000";
