//! The firewall on a network of its own: filtered, knocked at, open, and filtered again.

use std::io::{self, Read as _, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use knockwright_firewall::door::{Door, Sequence};
use knockwright_loader::interface::Interface;
use knockwright_loader::netns::{NetnsError, NetnsPair};
use knockwright_loader::ring_buffer::RingBuffer;
use knockwright_loader::value::from_bytes;
use knockwright_loader::xdp::{AttachError, LoadError, ModeChoice, XdpLink, XdpLoader, XdpProgram};
use knockwright_programs::knock::{EventKind, KnockConfig, KnockEvent};

use super::page::Page;
use crate::failure::Failure;
use crate::style;

const PORT: u16 = 2222;
const SEQUENCE: [u16; 3] = [7001, 9003, 8002];
const SESSION: Duration = Duration::from_millis(1500);
/// How long the client waits for an answer: enough on a cable without a length.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(400);
/// The pause between knocks. Packets to different ports may overtake each other when they come at once.
const KNOCK_PAUSE: Duration = Duration::from_millis(50);
const BANNER: &[u8] = b"welcome";

pub(super) fn show(page: &mut Page<impl Write>, object: &[u8]) -> Result<(), Failure> {
    let pair = match NetnsPair::new() {
        Ok(pair) => pair,
        Err(error @ (NetnsError::NotPermitted(_) | NetnsError::NoIp(_))) => {
            return Ok(page.text(&format!("Left out: {error}."))?);
        }
        Err(error) => return Err(Failure::not_possible(error)),
    };
    serve(&pair)?;
    page.item("network", &format!("client {}, server {}", NetnsPair::CLIENT_V4, NetnsPair::SERVER_V4))?;
    let knocks: Vec<String> = SEQUENCE.iter().map(u16::to_string).collect();
    page.item("guarded", &format!("TCP port {PORT} of the server"))?;
    page.item("sequence", &format!("UDP {}; then open for {} s", knocks.join(", "), SESSION.as_secs_f64()))?;
    page.gap()?;

    connect_shows(page, &pair, "no program yet", Answer::Banner)?;
    let (program, _link) = attach(page, &pair, object)?;
    let mut scene =
        Scene { page, pair: &pair, events: program.ring_buffer("events").map_err(Failure::internal)? };
    scene.connect("without a knock", Answer::Nothing)?;
    scene.knock()?;
    let opened = Instant::now();
    scene.connect("after the knocks", Answer::Banner)?;
    let rest = (SESSION + Duration::from_millis(50)).saturating_sub(opened.elapsed());
    scene.page.item("client", &format!("waits for {:.1} s", rest.as_secs_f64()))?;
    std::thread::sleep(rest);
    scene.connect("after the session", Answer::Nothing)
}

/// Answers each connection with a banner, until the process ends.
fn serve(pair: &NetnsPair) -> Result<(), Failure> {
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), PORT);
    let listener = inside(pair.server.run(|| TcpListener::bind(address)))?;
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.and_then(|mut stream| stream.write_all(BANNER)); // the client may have given up
        }
    });
    Ok(())
}

fn door() -> Result<Door, Failure> {
    let mut door = Door::new("demo", PORT, Sequence::new(SEQUENCE).map_err(Failure::internal)?);
    door.session = SESSION;
    Ok(door)
}

/// Loads the firewall, configures it, and only then attaches it.
fn attach(
    page: &mut Page<impl Write>,
    pair: &NetnsPair,
    object: &[u8],
) -> Result<(XdpProgram, XdpLink), Failure> {
    let program = XdpLoader::new().load(object, "knock").map_err(load_failure)?;
    let map = program.array::<KnockConfig>("config_map").map_err(Failure::internal)?;
    map.set(0, &door()?.knock_config()).map_err(Failure::internal)?;
    let link = pair
        .server
        .run(|| {
            let interface = Interface::named(NetnsPair::SERVER_INTERFACE).map_err(Failure::internal)?;
            program.attach(&interface, ModeChoice::Auto).map_err(attach_failure)
        })
        .map_err(Failure::internal)??;
    let mode = link.mode().map_or_else(|| "unknown".to_owned(), |mode| mode.to_string());
    let fallback = link.fallback().map(|fallback| format!(" ({fallback})")).unwrap_or_default();
    page.item("attached", &format!("to {}, {mode} XDP{fallback}", NetnsPair::SERVER_INTERFACE))?;
    Ok((program, link))
}

fn load_failure(error: LoadError) -> Failure {
    match error {
        LoadError::NotPermitted(_) | LoadError::Rejected { .. } => Failure::not_possible(error),
        other => Failure::internal(other),
    }
}

fn attach_failure(error: AttachError) -> Failure {
    match error {
        AttachError::Failed { .. } => Failure::internal(error),
        other => Failure::not_possible(other),
    }
}

/// The attached firewall between its two sides.
struct Scene<'a, W> {
    page: &'a mut Page<W>,
    pair: &'a NetnsPair,
    events: RingBuffer,
}

impl<W: Write> Scene<'_, W> {
    /// Connects, shows what comes of it and the events meanwhile.
    fn connect(&mut self, when: &str, expected: Answer) -> Result<(), Failure> {
        connect_shows(self.page, self.pair, when, expected)?;
        self.show_events(Duration::from_millis(100))
    }

    fn knock(&mut self) -> Result<(), Failure> {
        let socket = inside(self.pair.client.run(|| UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))))?;
        for port in SEQUENCE {
            self.page.item("client", &format!("knocks at {port}"))?;
            // An earlier knock's "port unreachable" is reported here, and is no failure of this one.
            let _ = socket.send_to(b"", (NetnsPair::SERVER_V4, port));
            self.show_events(KNOCK_PAUSE)?;
        }
        Ok(())
    }

    /// Shows the program's events as they come, for some time.
    fn show_events(&mut self, time: Duration) -> Result<(), Failure> {
        let end = Instant::now() + time;
        while let Some(event) =
            self.events.next(end.saturating_duration_since(Instant::now())).map_err(Failure::internal)?
        {
            let event: KnockEvent = from_bytes(&event).map_err(Failure::internal)?;
            self.page.note("event", &describe(&event))?;
        }
        Ok(())
    }
}

fn describe(event: &KnockEvent) -> String {
    let source = Ipv4Addr::from(event.source.to_ne_bytes());
    let what = match event.kind() {
        Some(EventKind::Knock) => format!("knock {} of {}", event.step(), SEQUENCE.len()),
        Some(EventKind::Opened) => format!("knock {0} of {0}: opened", SEQUENCE.len()),
        Some(EventKind::Reset) => "wrong knock".to_owned(),
        Some(EventKind::Expired) => "session expired".to_owned(),
        None => format!("event {:#x}", event.told),
    };
    format!("{what}, from {source} to port {}", event.port)
}

/// What comes of connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The connection stands, and the server's banner came over it.
    Banner,
    /// Nothing: the packets are dropped.
    Nothing,
    /// The server says that nobody listens.
    Refused,
}

fn connect_shows(
    page: &mut Page<impl Write>,
    pair: &NetnsPair,
    when: &str,
    expected: Answer,
) -> Result<(), Failure> {
    let answer = connect(pair)?;
    let (outcome, style) = match answer {
        Answer::Banner => ("open, and the server says hello", style::GOOD),
        Answer::Nothing => ("filtered, no answer", style::ERROR),
        Answer::Refused => ("closed", style::ERROR),
    };
    page.end_of("client", &format!("connects, {when:18} "), outcome, style)?;
    if answer == expected {
        return Ok(());
    }
    Err(Failure::internal(format!("connecting {when}: {outcome}; expected was {expected:?}")))
}

fn connect(pair: &NetnsPair) -> Result<Answer, Failure> {
    let address = SocketAddr::new(NetnsPair::SERVER_V4, PORT);
    inside(pair.client.run(|| {
        let mut stream = match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => stream,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(Answer::Nothing),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(Answer::Refused),
            Err(error) => return Err(error),
        };
        stream.set_read_timeout(Some(CONNECT_TIMEOUT))?;
        let mut banner = [0; BANNER.len()];
        stream.read_exact(&mut banner)?;
        Ok(if banner == BANNER { Answer::Banner } else { Answer::Nothing })
    }))
}

/// The result of something done inside a namespace.
fn inside<T>(result: Result<io::Result<T>, NetnsError>) -> Result<T, Failure> {
    result
        .map_err(Failure::internal)?
        .map_err(|error| Failure::internal(format!("in the namespace: {error}")))
}
