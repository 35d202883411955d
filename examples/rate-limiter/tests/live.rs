//! The loader lets in what may come, and drops the rest.

use std::time::Instant;

use knockwright_loader::netns::NetnsPair;
use knockwright_loader::privilege;
use rate_limiter::program::{BURST, INTERVAL};

#[path = "../../live/mod.rs"]
mod live;
#[path = "../../../tests/support/skip.rs"]
mod skip;

#[test]
fn a_burst_passes_and_no_more() {
    if let Err(reason) = privilege::can_load() {
        skip::skip_this(reason);
        return;
    }
    let pair = NetnsPair::new().unwrap();
    let arguments = [NetnsPair::SERVER_INTERFACE, "2"];
    let loader =
        pair.server.run(|| live::Live::start(env!("CARGO_BIN_EXE_rate-limiter"), &arguments)).unwrap();
    let (server, client) = live::udp(&pair);
    let began = Instant::now();
    for _ in 0..2000 {
        client.send(b"limited").unwrap();
    }
    // What the clock allowed beside the burst, and one more for the part of an interval.
    let allowed = began.elapsed().as_nanos() / INTERVAL as u128;
    let (passed, burst) = (live::waiting(&server) as u128, BURST as u128);
    assert!((burst..=burst + allowed + 1).contains(&passed), "{passed} passed; {allowed} beside {burst}");
    assert_eq!(loader.rest(), "1 addresses seen\n1 addresses seen\n");
}
