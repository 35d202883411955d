//! The client against sockets in a network of the test's own.

use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::{Duration, Instant};

use knockwright_firewall::client::{Answer, ClientError, Family, knock, probe, resolve};
use knockwright_firewall::door::Sequence;
use knockwright_loader::netns::{Netns, NetnsPair};
use knockwright_loader::privilege;

#[path = "support/skip.rs"]
mod skipping;

use skipping::skip_this as skip;

fn may_make_networks() -> bool {
    privilege::can_load().map_or_else(skip, |()| true)
}

const PORTS: [u16; 4] = [7123, 456, 8789, 456];

/// Knocks at the server and checks that empty datagrams come in order, with pauses.
fn knocks_arrive(pair: &NetnsPair, any: &str, host: SocketAddr) {
    let mut ports = PORTS.to_vec();
    ports.sort_unstable();
    ports.dedup();
    let bind = || ports.iter().map(|&port| UdpSocket::bind((any, port)).unwrap()).collect::<Vec<_>>();
    let sockets = pair.server.run(bind).unwrap();
    let delay = Duration::from_millis(30);
    std::thread::scope(|scope| {
        let (sender, arrivals) = std::sync::mpsc::channel();
        for (socket, port) in sockets.iter().zip(&ports) {
            let sender = sender.clone();
            socket.set_read_timeout(Some(Duration::from_millis(700))).unwrap();
            scope.spawn(move || {
                while let Ok((length, from)) = socket.recv_from(&mut [0; 16]) {
                    sender.send((Instant::now(), *port, length, from.ip())).unwrap();
                }
            });
        }
        drop(sender);
        let sequence = Sequence::new(PORTS).unwrap();
        let began = Instant::now();
        pair.client.run(|| knock(host, &sequence, delay)).unwrap().unwrap();
        assert!(began.elapsed() >= 3 * delay);
        let mut arrivals: Vec<_> = arrivals.iter().collect();
        arrivals.sort();
        assert_eq!(arrivals.iter().map(|arrival| arrival.1).collect::<Vec<_>>(), PORTS);
        assert!(arrivals.iter().all(|arrival| arrival.2 == 0), "the datagrams are empty");
        assert!(arrivals.iter().all(|arrival| arrival.3 == arrivals[0].3));
    });
}

#[test]
fn knocks_arrive_in_order() {
    if !may_make_networks() {
        return;
    }
    let pair = NetnsPair::new().unwrap();
    knocks_arrive(&pair, "0.0.0.0", (NetnsPair::SERVER_V4, 0).into());
    if pair.has_ipv6() {
        knocks_arrive(&pair, "::", (NetnsPair::SERVER_V6, 0).into());
    } else {
        skip("the kernel has no IPv6");
    }
}

#[test]
fn closed_ports_are_no_error() {
    if !may_make_networks() {
        return;
    }
    let pair = NetnsPair::new().unwrap();
    let sequence = Sequence::new([1, 2, 3]).unwrap();
    let host = (NetnsPair::SERVER_V4, 0).into();
    // Every knock is answered by "port unreachable" before the next is sent.
    pair.client.run(|| knock(host, &sequence, Duration::from_millis(20))).unwrap().unwrap();
}

#[test]
fn what_ports_answer() {
    if !may_make_networks() {
        return;
    }
    let pair = NetnsPair::new().unwrap();
    let _listener = pair.server.run(|| TcpListener::bind("0.0.0.0:22")).unwrap().unwrap();
    let ask = |to: SocketAddr| pair.client.run(|| probe(to, Duration::from_millis(300))).unwrap();
    assert_eq!(ask((NetnsPair::SERVER_V4, 22).into()).unwrap(), Answer::Open);
    assert_eq!(ask((NetnsPair::SERVER_V4, 23).into()).unwrap(), Answer::Refused);
    pair.server.ip(&["address", "flush", "dev", NetnsPair::SERVER_INTERFACE]).unwrap();
    assert_eq!(ask((NetnsPair::SERVER_V4, 22).into()).unwrap(), Answer::Filtered);
}

#[test]
fn hosts_that_cannot_be_reached() {
    if !may_make_networks() {
        return;
    }
    let netns = Netns::new().unwrap();
    let host = resolve("192.0.2.1", Family::V4).unwrap();
    let sequence = Sequence::new([7123, 456]).unwrap();
    let error = netns.run(|| knock(host, &sequence, Duration::ZERO)).unwrap().unwrap_err();
    assert!(matches!(error, ClientError::Send { knock: 1, knocks: 2, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.starts_with("knock 1 of 2 can't be sent to 192.0.2.1: Network is unreachable"), "{text}");
    let error = netns.run(|| probe(host, Duration::from_millis(100))).unwrap().unwrap_err();
    assert!(matches!(error, ClientError::Probe { .. }), "{error:?}");
}
