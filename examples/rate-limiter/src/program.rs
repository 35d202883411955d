//! Drops what an address sends faster than it may.

use knockwright_asm::typed::{Clock, Map, R1, R2, R3, R6, R7, R8, Typed, TypedErrors, Update, XdpAction};
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
        /// Version, length, fragments, protocol, checksum.
        pub before: [u8; 12],
        /// The sender.
        pub source: u32,
        /// The receiver.
        pub destination: u32,
    }
}

/// The number of Ethernet for IPv4, in the order of the network. This is compiled where the program is assembled: an object for a
/// machine of the other byte order would compare `p.be16(kind)` with 0x0800.
const IPV4: i32 = 0x0800_u16.to_be() as i32;

/// The nanoseconds between two packets: 100 a second.
pub const INTERVAL: i32 = 10_000_000;

/// How many packets may come at once after a pause.
pub const BURST: i32 = 20;

/// Lets packets of each address through at one an [`INTERVAL`], and [`BURST`] at once.
///
/// The map `due` has the time for each address at which all that it has sent would have been sent at its rate: what comes is
/// dropped where that lies too far ahead.
///
/// # Errors
/// None: every value is used where it holds.
pub fn program() -> Result<Program, TypedErrors> {
    let (mut p, context) = Typed::xdp("limit_rate");
    p.license("Dual MIT/GPL"); // the clock is for programs under the GPL
    p.source_file(SourceFile { path: "src/program.rs", text: include_str!("program.rs") });
    let due: Map<u32, u64> = p.map("due", MapType::LruHash, 65536);
    let pass = p.label("pass");
    let drop = p.label("drop");
    let known = p.label("known");
    let ahead = p.label("ahead");

    let mut packet = p.packet(&context, R7, R8);
    let ethernet = p.header::<Ethernet>(&packet, R2, pass);
    let kind = p.load(R3, &ethernet, field!(Ethernet, ether_type));
    p.goto_if(kind.ne(IPV4), pass);
    p.advance(&mut packet, 14);
    let ip = p.header::<Ipv4>(&packet, R2, pass);
    let source = p.load(R3, &ip, field!(Ipv4, source));
    let key = p.spill::<u32>(source);
    let now = p.now(R6, Clock::Monotonic);
    let found = p.lookup(due, &key);
    let found = p.goto_if_found(found, known);

    // The first packet of an address.
    let first = p.copy(R1, now);
    let first = p.add(first, INTERVAL);
    let first = p.spill::<u64>(first);
    p.update(due, &key, &first, Update::Any).ignore(); // where there is no room, it passes too
    p.exit(XdpAction::Pass);

    let time = p.bind_found(found);
    let next = p.get(R1, &time);
    p.goto_if(next.gt(now), ahead);
    let next = p.copy(R2, now);
    let next = p.add(next, INTERVAL);
    p.set(&time, next);
    p.goto(pass);

    p.bind(ahead);
    let next = p.get(R1, &time);
    let early = p.copy(R2, next);
    let early = p.sub(early, now);
    p.goto_if(early.gt((BURST - 1) * INTERVAL), drop);
    let next = p.add(next, INTERVAL);
    p.set(&time, next);

    p.bind(pass);
    p.exit(XdpAction::Pass);
    p.bind(drop);
    p.exit(XdpAction::Drop);
    p.finish()
}
