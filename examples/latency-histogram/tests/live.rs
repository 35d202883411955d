//! The probes measure a function of this test.

use std::hint::black_box;
use std::thread::sleep;
use std::time::Duration;

use knockwright_loader::privilege;

#[path = "../../live/mod.rs"]
mod live;
#[path = "../../../tests/support/skip.rs"]
mod skip;

/// Takes at least four milliseconds.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn measured_function(round: u32) -> u32 {
    sleep(Duration::from_millis(4));
    black_box(round)
}

#[test]
fn ten_calls_are_counted_where_they_belong() {
    if let Err(reason) = privilege::can_load() {
        skip::skip_this(reason);
        return;
    }
    let this = std::env::current_exe().unwrap();
    let arguments = [this.to_str().unwrap(), "measured_function", "2"];
    let loader = live::Live::start(env!("CARGO_BIN_EXE_latency-histogram"), &arguments);
    for round in 0..10 {
        black_box(measured_function(round));
    }
    let said = loader.rest();
    let rows = said.lines().map(|line| {
        let mut words = line.split_whitespace();
        let least: u64 = words.next().unwrap().parse().unwrap();
        (least, words.nth(1).unwrap().parse::<u64>().unwrap())
    });
    let rows: Vec<(u64, u64)> = rows.collect();
    assert_eq!(rows.iter().map(|(_, count)| count).sum::<u64>(), 10, "{said}");
    // 2^21 ns are 2.1 ms, 2^22 are 4.2: none took less than four.
    assert!(rows.iter().all(|(least, count)| *least >= 1 << 21 || *count == 0), "{said}");
}
