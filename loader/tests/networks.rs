//! Throw-away networks.

mod support;

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use knockwright_loader::interface::{Interface, InterfaceError};
use knockwright_loader::netns::{NetnsError, NetnsPair};
use support::may_load;

/// Long, since a busy machine takes its time; nothing here waits for it to pass.
const TIMEOUT: Duration = Duration::from_secs(20);

#[test]
fn two_sides_talk() {
    if !may_load() {
        return;
    }
    let pair = NetnsPair::new().unwrap();
    let mut addresses = vec![NetnsPair::SERVER_V4];
    if pair.has_ipv6() {
        addresses.push(NetnsPair::SERVER_V6);
    } else {
        support::skip("the kernel has no IPv6");
    }
    for address in addresses {
        let to = SocketAddr::new(address, 8080);
        let _listener = pair.server.run(|| TcpListener::bind(to)).unwrap().unwrap();
        let stream = pair.client.run(|| TcpStream::connect_timeout(&to, TIMEOUT)).unwrap().unwrap();
        assert_eq!(stream.peer_addr().unwrap(), to);
        let closed = SocketAddr::new(address, 8081);
        let refused = pair.client.run(|| TcpStream::connect_timeout(&closed, TIMEOUT)).unwrap();
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);

        let socket = pair.server.run(|| UdpSocket::bind(to)).unwrap().unwrap();
        socket.set_read_timeout(Some(TIMEOUT)).unwrap();
        let from =
            SocketAddr::new(if address.is_ipv4() { NetnsPair::CLIENT_V4 } else { NetnsPair::CLIENT_V6 }, 0);
        let sent = pair.client.run(|| UdpSocket::bind(from)?.send_to(b"knock", to)).unwrap();
        assert_eq!(sent.unwrap(), 5);
        let mut buffer = [0; 16];
        assert_eq!(socket.recv_from(&mut buffer).unwrap().1.ip(), from.ip());
    }
}

#[test]
fn nothing_of_it_is_left() {
    if !may_load() {
        return;
    }
    let pair = NetnsPair::new().unwrap();
    let interface = NetnsPair::SERVER_INTERFACE;
    assert!(matches!(Interface::named(interface), Err(InterfaceError::NotFound { .. })), "not in ours");
    let inside = pair.server.run(|| Interface::named(interface)).unwrap().unwrap();
    assert!(inside.up && inside.xdp.is_empty() && inside.mtu == 1500);
    let NetnsPair { server, client, .. } = pair;
    drop(server);
    // The server's side takes its end of the cable with it, and so the client's; the kernel does it a moment later.
    let gone = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        client.run(|| Interface::named(NetnsPair::CLIENT_INTERFACE)).unwrap().is_err()
    });
    assert!(gone);
}

#[test]
fn failures_are_reported() {
    if !may_load() {
        return;
    }
    let pair = NetnsPair::new().unwrap();
    let error = pair.server.ip(&["link", "set", "nothing", "up"]).unwrap_err();
    assert!(error.to_string().starts_with("`ip link set nothing up` failed: Cannot find device"), "{error}");
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = pair.server.run(|| panic!("inside"));
    std::panic::set_hook(hook);
    assert!(matches!(result, Err(NetnsError::Panicked)));
    assert_eq!(pair.server.run(|| 7).unwrap(), 7);
}
