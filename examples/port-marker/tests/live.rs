//! The program marks, and its loader attaches it.

use std::net::Ipv4Addr;

use knockwright_asm::linux::context::sk_buff;
use knockwright_loader::load::{Load, Loader};
use knockwright_loader::netns::NetnsPair;
use knockwright_loader::privilege;
use knockwright_loader::sys::TestRun;

#[path = "../../live/mod.rs"]
mod live;
#[path = "../../../tests/support/skip.rs"]
mod skip;

/// A UDP packet to a port, with so many words of options.
fn packet(port: u16, options: u8) -> Vec<u8> {
    let mut packet = vec![0; 12];
    packet.extend(0x0800_u16.to_be_bytes());
    packet.extend([0x45 + options, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0]);
    packet.extend(Ipv4Addr::new(192, 0, 2, 1).octets());
    packet.extend(Ipv4Addr::new(192, 0, 2, 2).octets());
    packet.extend(vec![0; usize::from(options) * 4]);
    packet.extend(40000_u16.to_be_bytes());
    packet.extend(port.to_be_bytes());
    packet.extend([0, 8, 0, 0]);
    packet
}

#[test]
fn packets_get_the_mark_of_their_port() {
    if let Err(reason) = privilege::can_load() {
        skip::skip_this(reason);
        return;
    }
    let program = port_marker::program::program().unwrap();
    let (answer, loaded) = Loader::new().load(&Load::new(&program)).unwrap();
    let loaded = loaded.unwrap_or_else(|| panic!("{}", answer.log));
    let marks = loaded.map("marks").unwrap();
    marks.update(&22_u16.to_ne_bytes(), &7_u32.to_ne_bytes(), Default::default()).unwrap();
    let at = sk_buff::MARK.offset as usize;
    let marked = |packet: Vec<u8>| {
        // `struct __sk_buff` as a whole.
        let mut run = TestRun::packet(packet);
        run.context = vec![0; 192];
        let ran = loaded.test_run(&run).unwrap();
        assert_eq!(ran.return_value, 0);
        u32::from_ne_bytes(*ran.context[at..].first_chunk().unwrap())
    };
    assert_eq!(marked(packet(22, 0)), 7);
    assert_eq!(marked(packet(22, 10)), 7, "options of 40 bytes");
    assert_eq!(marked(packet(23, 0)), 0);
    let mut later = packet(22, 0);
    later[14 + 7] = 1;
    assert_eq!(marked(later), 0, "a later fragment has no ports");
    let mut short = packet(22, 0);
    short.truncate(14 + 20 + 3);
    assert_eq!(marked(short), 0);
}

#[test]
fn the_loader_attaches_it() {
    if let Err(reason) = privilege::can_load() {
        skip::skip_this(reason);
        return;
    }
    let pair = NetnsPair::new().unwrap();
    live::drop_marked(&pair, 7);
    let ((marked, to_marked), (other, to_other)) = (live::udp(&pair), live::udp(&pair));
    let mark = format!("{}=7", marked.local_addr().unwrap().port());
    let arguments = [NetnsPair::SERVER_INTERFACE, "1", &mark];
    let loader =
        pair.server.run(|| live::Live::start(env!("CARGO_BIN_EXE_port-marker"), &arguments)).unwrap();
    to_marked.send(b"dropped").unwrap();
    to_other.send(b"passes").unwrap();
    loader.rest();
    assert_eq!((live::waiting(&marked), live::waiting(&other)), (0, 1));
}
