//! A handler for each protocol: the first program looks at the packet, and goes on in the handler's.

use knockwright_asm::typed::{R1, R2, R3, R6, R7, R8, R9, Typed, TypedErrors, XdpAction, whole};
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
        /// Version, service, length, fragments, time to live.
        pub before: [u8; 9],
        /// What follows.
        pub protocol: u8,
        /// Checksum and addresses.
        pub after: [u8; 10],
    }
}

/// The number of Ethernet for IPv4, in the order of the network. This is compiled where the program is assembled: an object for a
/// machine of the other byte order would compare `p.be16(kind)` with 0x0800.
const IPV4: i32 = 0x0800_u16.to_be() as i32;

const SOURCE: SourceFile = SourceFile { path: "src/program.rs", text: include_str!("program.rs") };

/// The dispatcher: goes on in the handler that the array `handlers` has for the packet's protocol; where there is none, the packet
/// passes.
///
/// # Errors
/// None: every value is used where it holds.
pub fn dispatch() -> Result<Program, TypedErrors> {
    let (mut p, context) = Typed::xdp("dispatch");
    p.license("Dual MIT/GPL");
    p.source_file(SOURCE);
    let handlers = p.programs("handlers", 256);
    let pass = p.label("pass");

    let context = p.keep_context(R6, context);
    let mut packet = p.packet(&context, R7, R8);
    let ethernet = p.header::<Ethernet>(&packet, R2, pass);
    let kind = p.load(R3, &ethernet, field!(Ethernet, ether_type));
    p.goto_if(kind.ne(IPV4), pass);
    p.advance(&mut packet, 14);
    let ip = p.header::<Ipv4>(&packet, R2, pass);
    let protocol = p.load(R9, &ip, field!(Ipv4, protocol));
    p.tail_call(&context, handlers, protocol);

    p.bind(pass);
    p.exit(XdpAction::Pass);
    p.finish()
}

/// The handler of UDP: drops.
///
/// # Errors
/// None: every value is used where it holds.
pub fn drop_all() -> Result<Program, TypedErrors> {
    let (mut p, _context) = Typed::xdp("drop_all");
    p.license("Dual MIT/GPL");
    p.source_file(SOURCE);
    p.exit(XdpAction::Drop);
    p.finish()
}

/// The handler of TCP: counts in the array `handled`, and lets pass.
///
/// # Errors
/// None: every value is used where it holds.
pub fn count() -> Result<Program, TypedErrors> {
    let (mut p, _context) = Typed::xdp("count");
    p.license("Dual MIT/GPL");
    p.source_file(SOURCE);
    let handled = p.map::<u32, u64>("handled", MapType::Array, 1);
    let pass = p.label("pass");
    let key = p.spill::<u32>(0);
    let count = p.lookup(handled, &key);
    let count = p.not_null(count, pass);
    let one = p.constant::<1, _>(R1);
    p.atomic_add(&count, whole(), one);
    p.bind(pass);
    p.exit(XdpAction::Pass);
    p.finish()
}
