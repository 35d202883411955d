//! Marks packets by the port that they go to.

use knockwright_asm::typed::{R1, R2, R3, R6, R7, R8, Tc, TcAction, Typed, TypedErrors, sk_buff};
use knockwright_asm::{MapType, Program, SourceFile, field, packet_header};

packet_header! {
    /// An Ethernet header without tags.
    pub struct Ethernet {
        /// The address of the receiver.
        pub destination: [u8; 6],
        /// The address of the sender.
        pub source: [u8; 6],
        /// What follows.
        pub ether_type: u16,
    }
    /// An IPv4 header without options.
    pub struct Ipv4 {
        /// Version, and length in words.
        pub version_length: u8,
        /// Service, length, and which packet a fragment is of.
        pub before: [u8; 5],
        /// Flags, and where a fragment belongs.
        pub fragment: u16,
        /// How many routers it may still pass.
        pub time_to_live: u8,
        /// What follows.
        pub protocol: u8,
        /// Checksum and addresses.
        pub after: [u8; 10],
    }
    /// The ports of TCP and UDP.
    pub struct Ports {
        /// Where it comes from.
        pub source: u16,
        /// Where it goes.
        pub destination: u16,
    }
}

/// The number of Ethernet for IPv4, in the order of the network. This is compiled where the program is assembled: an object for a
/// machine of the other byte order would compare `p.be16(kind)` with 0x0800.
const IPV4: i32 = 0x0800_u16.to_be() as i32;
/// Where a fragment belongs, of its field, in the same order: 0 in the first one, which has the ports.
const OFFSET: i32 = 0x1fff_u16.to_be() as i32;
const TCP: i32 = 6;
const UDP: i32 = 17;

/// Gives each packet of TCP or UDP over IPv4 the mark that the map `marks` has for its port.
///
/// # Errors
/// None: every value is used where it holds.
pub fn program() -> Result<Program, TypedErrors> {
    let (mut p, context) = Typed::<Tc>::new("mark_ports");
    p.license("Dual MIT/GPL");
    p.source_file(SourceFile { path: "src/program.rs", text: include_str!("program.rs") });
    let marks = p.map::<u16, u32>("marks", MapType::Hash, 1024);
    let out = p.label("out");
    let ports = p.label("ports");

    let context = p.keep_context(R6, context);
    let mut packet = p.packet(&context, R7, R8);
    let ethernet = p.header::<Ethernet>(&packet, R2, out);
    let kind = p.load(R3, &ethernet, field!(Ethernet, ether_type));
    p.goto_if(kind.ne(IPV4), out);
    p.advance(&mut packet, 14);
    let ip = p.header::<Ipv4>(&packet, R2, out);
    let fragment = p.load(R3, &ip, field!(Ipv4, fragment));
    p.goto_if(fragment.has(OFFSET), out);
    let protocol = p.load(R3, &ip, field!(Ipv4, protocol));
    p.goto_if(protocol.eq(TCP), ports);
    p.goto_if(protocol.ne(UDP), out);
    p.bind(ports);
    let words = p.load(R1, &ip, field!(Ipv4, version_length)).and::<0xf>(&p);
    let length = words.lsh::<2, 60>(&p); // options of at most 40 bytes
    p.advance_by(&mut packet, length);
    let header = p.header::<Ports>(&packet, R2, out);
    let port = p.load(R3, &header, field!(Ports, destination));
    let port = p.be16(port);
    let key = p.spill::<u16>(port);
    let mark = p.lookup(marks, &key);
    let mark = p.not_null(mark, out);
    let mark = p.get(R1, &mark);
    p.write(&context, sk_buff::MARK, mark);

    p.bind(out);
    p.exit(TcAction::Ok);
    p.finish()
}
