//! The headers that the firewall reads, as they are on the wire. Numbers are in the network's byte order.

use knockwright_asm::packet_header;

/// The lengths of headers in bytes, where the cursor goes on after them.
pub(super) const ETHERNET_LEN: u16 = size_of::<Ethernet>() as u16;
pub(super) const VLAN_TAG_LEN: u16 = size_of::<VlanTag>() as u16;
pub(super) const IPV6_LEN: u16 = size_of::<Ipv6>() as u16;

packet_header! {
    /// An Ethernet header without tags (IEEE 802.3).
    pub(super) struct Ethernet {
        /// The receiver's and the sender's address.
        pub(super) addresses: [u8; 12],
        /// The type of what follows.
        pub(super) ether_type: u16,
    }

    /// A VLAN tag (IEEE 802.1Q), without the type that announces it.
    pub(super) struct VlanTag {
        /// Priority and VLAN number.
        pub(super) control: u16,
        /// The type of what follows.
        pub(super) ether_type: u16,
    }

    /// What every version of IP starts with.
    pub(super) struct Version {
        /// The version in the upper half.
        pub(super) version: u8,
    }

    /// An IPv4 header without options (RFC 791, section 3.1).
    pub(super) struct Ipv4 {
        /// The version in the upper half, the header's length in units of 4 bytes in the lower.
        pub(super) version_and_length: u8,
        /// The type of service.
        pub(super) service: u8,
        /// The length of the whole packet.
        pub(super) total_length: u16,
        /// Which packet a fragment belongs to.
        pub(super) identification: u16,
        /// Flags and the fragment's offset in units of 8 bytes.
        pub(super) fragment: u16,
        /// The time to live.
        pub(super) time_to_live: u8,
        /// The protocol above.
        pub(super) protocol: u8,
        /// The header's checksum.
        pub(super) checksum: u16,
        /// Where it comes from.
        pub(super) source: u32,
        /// Where it goes.
        pub(super) destination: u32,
    }

    /// An IPv6 header (RFC 8200, section 3).
    pub(super) struct Ipv6 {
        /// Version, traffic class and flow label.
        pub(super) flow: u32,
        /// The length of what follows.
        pub(super) payload_length: u16,
        /// The kind of the next header.
        pub(super) next_header: u8,
        /// The hop limit.
        pub(super) hop_limit: u8,
        /// The sender's and the receiver's address.
        pub(super) addresses: [u8; 32],
    }

    /// The start of an IPv6 extension header (RFC 8200, section 4).
    pub(super) struct Extension {
        /// The kind of the next header.
        pub(super) next_header: u8,
        /// Its length in units that its kind says; reserved in a fragment header.
        pub(super) length: u8,
        /// In a fragment header: the offset in units of 8 bytes, two reserved bits and "more fragments".
        pub(super) fragment: u16,
        /// What else is in the first 8 bytes.
        pub(super) rest: u32,
    }

    /// What TCP and UDP headers start with (RFC 9293, RFC 768).
    pub(super) struct Ports {
        /// Where it comes from.
        pub(super) source: u16,
        /// Where it goes.
        pub(super) destination: u16,
    }

    /// A UDP header (RFC 768).
    pub(super) struct Udp {
        /// Where it comes from and where it goes.
        pub(super) ports: Ports,
        /// The length with the header.
        pub(super) length: u16,
        /// The checksum.
        pub(super) checksum: u16,
    }
}
