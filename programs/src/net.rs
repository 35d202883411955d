//! Numbers of network protocols and of XDP.

pub use knockwright_asm::linux::uapi::XdpAction;

/// Offsets in `struct xdp_md`, the context of an XDP program.
pub mod xdp_md {
    use knockwright_asm::linux::context::xdp_md;

    /// The start of the packet.
    pub const DATA: i32 = xdp_md::DATA.offset as i32;
    /// The end of the packet.
    pub const DATA_END: i32 = xdp_md::DATA_END.offset as i32;
    /// The number of the interface that the packet came in by.
    pub const INGRESS_IFINDEX: i32 = xdp_md::INGRESS_IFINDEX.offset as i32;
}

/// Offsets and lengths in bytes of an Ethernet frame without tags (IEEE 802.3).
pub mod ethernet {
    /// Where the type of what follows stands.
    pub const TYPE: i32 = 12;
    /// The length of the header.
    pub const LEN: i32 = 14;
    /// The length of a VLAN tag with the type of what follows it (IEEE 802.1Q).
    pub const TAG_LEN: i32 = 4;
    /// Where in a tag the type of what follows stands, from the end of the type before it.
    pub const TAG_TYPE: i32 = 2;
    /// As many tags as providers stack: an outer one and an inner one.
    pub const MAX_TAGS: usize = 2;
}

/// Offsets and lengths in bytes of an IPv4 header without options (RFC 791).
pub mod ipv4 {
    /// Where flags and offset of a fragment stand.
    pub const FRAGMENT: i32 = 6;
    /// Where the protocol above stands.
    pub const PROTOCOL: i32 = 9;
    /// Where the source address stands.
    pub const SOURCE: i32 = 12;
    /// The length of the header.
    pub const LEN: i32 = 20;
}

/// Types of Ethernet frames (IEEE 802 numbers).
pub mod ether_type {
    /// IPv4.
    pub const IPV4: u16 = 0x0800;
    /// IPv6.
    pub const IPV6: u16 = 0x86dd;
    /// A VLAN tag (IEEE 802.1Q).
    pub const VLAN: u16 = 0x8100;
    /// An outer VLAN tag (IEEE 802.1ad).
    pub const VLAN_OUTER: u16 = 0x88a8;
    /// An outer VLAN tag as older switches write it.
    pub const VLAN_OLD: u16 = 0x9100;
    /// Each type of a VLAN tag.
    pub const TAGS: [u16; 3] = [VLAN, VLAN_OUTER, VLAN_OLD];
}

/// Protocols above IP, and IPv6's extension headers (IANA protocol numbers).
pub mod ip_proto {
    /// IPv6 hop-by-hop options.
    pub const HOP_BY_HOP: i32 = 0;
    /// TCP.
    pub const TCP: i32 = 6;
    /// UDP.
    pub const UDP: i32 = 17;
    /// IPv6 routing header.
    pub const ROUTING: i32 = 43;
    /// IPv6 fragment header.
    pub const FRAGMENT: i32 = 44;
    /// Authentication header.
    pub const AUTHENTICATION: i32 = 51;
    /// IPv6 destination options.
    pub const DESTINATION: i32 = 60;
}

/// A 16-bit number of the network as a little-endian machine loads it, for comparisons without a byte swap.
///
/// On a big-endian machine the number stays as it is.
pub const fn network_order(number: u16) -> i32 {
    number.to_be() as i32
}
