//! The loader has a handler for each protocol.

use std::net::{TcpListener, TcpStream};

use knockwright_loader::netns::NetnsPair;
use knockwright_loader::privilege;

#[path = "../../live/mod.rs"]
mod live;
#[path = "../../../tests/support/skip.rs"]
mod skip;

#[test]
fn udp_is_dropped_and_tcp_is_counted() {
    if let Err(reason) = privilege::can_load() {
        skip::skip_this(reason);
        return;
    }
    let pair = NetnsPair::new().unwrap();
    let arguments = [NetnsPair::SERVER_INTERFACE, "2"];
    let loader = pair.server.run(|| live::Live::start(env!("CARGO_BIN_EXE_dispatcher"), &arguments)).unwrap();
    let (server, client) = live::udp(&pair);
    client.send(b"dropped").unwrap();
    let listener = pair.server.run(|| TcpListener::bind((NetnsPair::SERVER_V4, 0)).unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    pair.client.run(|| TcpStream::connect(address).unwrap()).unwrap();
    let said = loader.rest();
    let counted = said.lines().last().and_then(|line| line.strip_prefix("TCP: ")?.parse::<u64>().ok());
    // At least the two of the client that open a connection.
    assert!(counted.is_some_and(|counted| counted >= 2), "{said}");
    assert_eq!(live::waiting(&server), 0);
}
