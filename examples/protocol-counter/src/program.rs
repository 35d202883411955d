//! Counts IPv4 packets by protocol.

use knockwright_asm::typed::{R1, R2, R3, R7, R8, Typed, TypedErrors, XdpAction};
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
        /// The class of service.
        pub service: u8,
        /// The packet's length.
        pub length: u16,
        /// Which packet a fragment is of.
        pub id: u16,
        /// Flags, and where a fragment belongs.
        pub fragment: u16,
        /// How many routers it may still pass.
        pub time_to_live: u8,
        /// What follows.
        pub protocol: u8,
        /// The header's checksum.
        pub checksum: u16,
        /// The sender.
        pub source: u32,
        /// The receiver.
        pub destination: u32,
    }
}

/// The number of Ethernet for IPv4, in the order of the network. This is compiled where the program is assembled: an object for a
/// machine of the other byte order would compare `p.be16(kind)` with 0x0800.
const IPV4: i32 = 0x0800_u16.to_be() as i32;

/// Counts each packet in the array `counts`, one for each processor, at the number of its protocol.
///
/// # Errors
/// None: every value is used where it holds.
pub fn program() -> Result<Program, TypedErrors> {
    let (mut p, context) = Typed::xdp("count_protocols");
    p.license("Dual MIT/GPL");
    p.source_file(SourceFile { path: "src/program.rs", text: include_str!("program.rs") });
    let counts = p.map::<u32, u64>("counts", MapType::PercpuArray, 256);
    let pass = p.label("pass");

    let mut packet = p.packet(&context, R7, R8);
    let ethernet = p.header::<Ethernet>(&packet, R2, pass); // the packet is that long
    let kind = p.load(R3, &ethernet, field!(Ethernet, ether_type));
    p.goto_if(kind.ne(IPV4), pass);
    p.advance(&mut packet, 14);
    let ip = p.header::<Ipv4>(&packet, R2, pass);
    let protocol = p.load(R3, &ip, field!(Ipv4, protocol));
    let key = p.spill::<u32>(protocol);
    let count = p.lookup(counts, &key);
    let count = p.not_null(count, pass); // the array has this element
    let number = p.get(R1, &count);
    let number = p.add(number, 1);
    p.set(&count, number); // no other processor writes to it

    p.bind(pass);
    p.exit(XdpAction::Pass);
    p.finish()
}
