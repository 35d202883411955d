//! A server and a client on a cable, a TCP service on the server, and the firewall in front of it.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use knockwright_codegen::Object;
use knockwright_firewall::door::{Door, Sequence};
use knockwright_loader::interface::Interface;
use knockwright_loader::netns::NetnsPair;
use knockwright_loader::ring_buffer::RingBuffer;
use knockwright_loader::value::from_bytes;
use knockwright_loader::xdp::{ModeChoice, XdpLink, XdpLoader, XdpProgram};
use knockwright_programs::knock::{self, EventKind, KnockConfig, KnockEvent};

use super::frame::TARGET;

pub(crate) const SEQUENCE: [u16; 3] = [7001, 9003, 8002];
pub(crate) const SESSION: Duration = Duration::from_millis(800);
const BANNER: &[u8] = b"welcome";

/// What a client sees of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Port {
    Open,
    Filtered,
}

/// The two sides, with the service on the server.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) pair: NetnsPair,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let pair = NetnsPair::new().unwrap();
        let any = if pair.has_ipv6() { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
        let listener = pair.server.run(|| TcpListener::bind(SocketAddr::new(any, TARGET))).unwrap().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let _ = stream.and_then(|mut stream| stream.write_all(BANNER));
            }
        });
        Self { pair }
    }

    /// Attaches the firewall, configured.
    pub(crate) fn guard(&self, mode: ModeChoice) -> Guard {
        let object = Object::new().program(&knock::program()).finish().unwrap();
        let program = XdpLoader::new().load(&object, "knock").unwrap();
        let mut door = Door::new("scene", TARGET, Sequence::new(SEQUENCE).unwrap());
        (door.step_timeout, door.session) = (Duration::from_secs(10), SESSION);
        program.array::<KnockConfig>("config_map").unwrap().set(0, &door.knock_config()).unwrap();
        let link = self
            .pair
            .server
            .run(|| program.attach(&Interface::named(NetnsPair::SERVER_INTERFACE).unwrap(), mode).unwrap());
        Guard { events: program.ring_buffer("events").unwrap(), _link: link.unwrap(), _program: program }
    }

    /// What the client finds at the port.
    pub(crate) fn connect(&self) -> Port {
        let to = SocketAddr::new(NetnsPair::SERVER_V4, TARGET);
        self.pair.client.run(|| connect(to)).unwrap()
    }

    /// The client knocks at ports, one after the other.
    pub(crate) fn knock(&self, ports: &[u16]) {
        let knock = || {
            let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
            for port in ports {
                // A closed port answers with ICMP, which the next call reports.
                let _ = socket.send_to(b"", (NetnsPair::SERVER_V4, *port));
                std::thread::sleep(Duration::from_millis(5));
            }
        };
        self.pair.client.run(knock).unwrap();
    }
}

fn connect(to: SocketAddr) -> Port {
    const PATIENCE: Duration = Duration::from_millis(300);
    let mut stream = match TcpStream::connect_timeout(&to, PATIENCE) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::TimedOut => return Port::Filtered,
        Err(error) => panic!("neither open nor filtered: {error}"),
    };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut banner = [0; BANNER.len()];
    stream.read_exact(&mut banner).unwrap();
    assert_eq!(banner, BANNER);
    Port::Open
}

/// The firewall on the server's interface; dropping it takes it away.
#[derive(Debug)]
pub(crate) struct Guard {
    events: RingBuffer,
    _link: XdpLink,
    _program: XdpProgram,
}

impl Guard {
    /// The events so far, each with its port.
    pub(crate) fn events(&mut self) -> Vec<(EventKind, u16)> {
        let mut events = Vec::new();
        while let Some(event) = self.events.next(Duration::from_millis(20)).unwrap() {
            let event: KnockEvent = from_bytes(&event).unwrap();
            events.push((event.kind().unwrap(), event.port));
        }
        events
    }
}
