//! The loader counts what comes in.

use knockwright_loader::netns::NetnsPair;
use knockwright_loader::privilege;

#[path = "../../live/mod.rs"]
mod live;
#[path = "../../../tests/support/skip.rs"]
mod skip;

#[test]
fn five_packets_are_counted() {
    if let Err(reason) = privilege::can_load() {
        skip::skip_this(reason);
        return;
    }
    let pair = NetnsPair::new().unwrap();
    let arguments = [NetnsPair::SERVER_INTERFACE, "2"];
    let loader =
        pair.server.run(|| live::Live::start(env!("CARGO_BIN_EXE_protocol-counter"), &arguments)).unwrap();
    let (server, client) = live::udp(&pair);
    for _ in 0..5 {
        client.send(b"counted").unwrap();
    }
    let counted = loader.rest();
    assert!(counted.lines().any(|line| line == "protocol 17: 5"), "{counted}");
    assert_eq!(live::waiting(&server), 5, "all of them pass");
}
