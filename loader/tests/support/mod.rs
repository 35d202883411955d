//! What the tests on the running kernel share.

#![allow(dead_code)] // each test file uses its part

use knockwright_asm::{Extent, MapDef, MapType, ProgType};
use knockwright_loader::privilege;
use knockwright_loader::raw_program::RawProgram;

/// Whether the test can run; else says why not. Under `CI=true` a skip is a failure.
pub(crate) fn may_load() -> bool {
    let Err(reason) = privilege::can_load() else {
        return true;
    };
    skip(&reason.to_string());
    false
}

/// Says that a test or a part of it was left out, and why, past the harness that keeps the output of passing tests to
/// itself. In CI nothing may be left out.
pub(crate) fn skip(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("of the kernel");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{test} must not be skipped here: {reason}");
    let _ = std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!("test {test} ... skipped: {reason}\n"),
    );
}

/// A map definition with sizes only.
pub(crate) fn map(name: &str, map_type: MapType, key: u32, value: u32, max_entries: u32) -> MapDef {
    MapDef {
        name: name.to_owned(),
        map_type,
        key: Extent::Bytes(key),
        value: Extent::Bytes(value),
        max_entries,
        flags: 0,
        pinned: false,
        data: None,
    }
}

/// An XDP program from slots in hexadecimal, white space ignored.
pub(crate) fn xdp(insns: &str, maps: Vec<MapDef>) -> RawProgram {
    let digits: String = insns.split_whitespace().collect();
    RawProgram {
        name: "test".to_owned(),
        prog_type: ProgType::Xdp,
        insns: hex::decode(digits).expect("hexadecimal"),
        maps,
        flags: 0,
        license: "GPL".to_owned(),
        expected_attach_type: 0,
        btf: None,
    }
}

/// `r0 = 2; exit`.
pub(crate) const PASS: &str = "b700000002000000 9500000000000000";

/// `r0 = 1; exit`.
pub(crate) const DROP: &str = "b700000001000000 9500000000000000";

/// Looks up key 0 of map 0 and loads from the result at slot 6 without a check.
pub(crate) const NULL_DEREF: &str = "
    7a0af8ff00000000 bfa2000000000000 07020000f8ffffff 1851000000000000 0000000000000000
    8500000001000000 7100000000000000 9500000000000000";
