//! Ethernet frames byte by byte, malformed ones too.

/// The frame's target port in most tests.
pub(crate) const TARGET: u16 = 2222;

/// The bytes of an Ethernet header without tags.
pub(crate) const ETHERNET_LEN: usize = 14;

/// Flags beside an IPv4 fragment's offset (RFC 791).
pub(crate) const DONT_FRAGMENT: u16 = 0x4000;
pub(crate) const MORE_FRAGMENTS: u16 = 0x2000;

/// Types of frames, in host order.
pub(crate) mod ether_type {
    pub(crate) const IPV4: u16 = libc::ETH_P_IP as u16;
    pub(crate) const ARP: u16 = libc::ETH_P_ARP as u16;
    pub(crate) const IPV6: u16 = libc::ETH_P_IPV6 as u16;
    pub(crate) const VLAN: u16 = libc::ETH_P_8021Q as u16;
    pub(crate) const VLAN_OUTER: u16 = libc::ETH_P_8021AD as u16;
    pub(crate) const VLAN_OLD: u16 = libc::ETH_P_QINQ1 as u16;
}

/// Protocols over IP, and the extension headers of IPv6.
pub(crate) mod protocol {
    pub(crate) const HOP_BY_HOP: u8 = libc::IPPROTO_HOPOPTS as u8;
    pub(crate) const ICMP: u8 = libc::IPPROTO_ICMP as u8;
    pub(crate) const TCP: u8 = libc::IPPROTO_TCP as u8;
    pub(crate) const UDP: u8 = libc::IPPROTO_UDP as u8;
    pub(crate) const ROUTING: u8 = libc::IPPROTO_ROUTING as u8;
    pub(crate) const FRAGMENT: u8 = libc::IPPROTO_FRAGMENT as u8;
    pub(crate) const AUTHENTICATION: u8 = libc::IPPROTO_AH as u8;
    pub(crate) const NO_NEXT: u8 = libc::IPPROTO_NONE as u8;
    pub(crate) const DESTINATION: u8 = libc::IPPROTO_DSTOPTS as u8;
}

/// What a fragment says of the fragments after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fragment {
    Last,
    /// More follow.
    More,
}

const MACS: [u8; 12] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];

/// After the addresses: tags of VLAN 7 and the type of frame.
pub(crate) fn ethernet(tags: &[u16], ether_type: u16, payload: &[u8]) -> Vec<u8> {
    tagged(7, tags, ether_type, payload)
}

/// The same with tags of another VLAN. Tags of VLAN 0 carry only a priority, and every host takes them.
pub(crate) fn tagged(vlan: u16, tags: &[u16], ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = MACS.to_vec();
    for tag in tags {
        frame.extend(tag.to_be_bytes());
        frame.extend(vlan.to_be_bytes());
    }
    frame.extend(ether_type.to_be_bytes());
    frame.extend(payload);
    frame
}

/// An IPv4 header and what follows.
#[derive(Clone)]
pub(crate) struct Ipv4 {
    pub(crate) source: [u8; 4],
    pub(crate) destination: [u8; 4],
    pub(crate) id: u16,
    pub(crate) protocol: u8,
    /// Bytes of options, a multiple of 4.
    pub(crate) options: Vec<u8>,
    /// Flags and fragment offset.
    pub(crate) fragment: u16,
    /// Version and header length, if they shall not be right.
    pub(crate) first_byte: Option<u8>,
    pub(crate) payload: Vec<u8>,
}

impl Ipv4 {
    pub(crate) fn new(source: [u8; 4], protocol: u8, payload: Vec<u8>) -> Self {
        Self {
            source,
            destination: [10, 0, 0, 1],
            id: 1,
            protocol,
            options: Vec::new(),
            fragment: 0,
            first_byte: None,
            payload,
        }
    }

    pub(crate) fn packet(&self) -> Vec<u8> {
        let header = 20 + self.options.len();
        let mut packet = vec![self.first_byte.unwrap_or(0x40 | (header / 4) as u8), 0];
        packet.extend(((header + self.payload.len()) as u16).to_be_bytes());
        packet.extend(self.id.to_be_bytes());
        packet.extend(self.fragment.to_be_bytes());
        packet.extend([64, self.protocol, 0, 0]);
        packet.extend(self.source);
        packet.extend(self.destination);
        packet.extend(&self.options);
        let checksum = checksum(&packet);
        packet[10..12].copy_from_slice(&checksum.to_be_bytes());
        packet.extend(&self.payload);
        packet
    }

    pub(crate) fn frame(&self) -> Vec<u8> {
        ethernet(&[], ether_type::IPV4, &self.packet())
    }
}

/// The Internet checksum (RFC 1071) of an even number of bytes.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// An IPv6 header with a chain of extension headers, each its number and the bytes after the next header's number.
pub(crate) fn ipv6(extensions: &[(u8, Vec<u8>)], protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv6_between([0xfd; 16], [0xfe; 16], extensions, protocol, payload)
}

/// The same between addresses.
pub(crate) fn ipv6_between(
    source: [u8; 16],
    destination: [u8; 16],
    extensions: &[(u8, Vec<u8>)],
    protocol: u8,
    payload: &[u8],
) -> Vec<u8> {
    let numbers: Vec<u8> = extensions.iter().map(|(number, _)| *number).chain([protocol]).collect();
    let mut rest = Vec::new();
    for ((_, bytes), next) in extensions.iter().zip(&numbers[1..]) {
        rest.push(*next);
        rest.extend(bytes);
    }
    rest.extend(payload);
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((rest.len() as u16).to_be_bytes());
    packet.extend([numbers[0], 64]);
    packet.extend(source);
    packet.extend(destination);
    packet.extend(rest);
    packet
}

/// Options of an IPv6 extension header: its length in units of 8 bytes without the first, then one option that fills it: an
/// experimental one (RFC 4727), which hosts skip.
pub(crate) fn options(units: u8) -> Vec<u8> {
    let length = 4 + units * 8;
    let mut bytes = vec![units, 0x1e, length];
    bytes.resize(3 + usize::from(length), 0);
    bytes
}

/// The rest of an IPv6 fragment header: reserved byte, offset in units of 8 bytes, whether more follow.
pub(crate) fn fragment(reserved: u8, offset: u16, which: Fragment) -> Vec<u8> {
    let mut bytes = vec![reserved];
    bytes.extend((offset << 3 | u16::from(which == Fragment::More)).to_be_bytes());
    bytes.extend([0, 0, 0, 1]);
    bytes
}

/// A TCP header of 20 bytes, SYN set.
pub(crate) fn tcp(port: u16) -> Vec<u8> {
    let mut header = 40_000u16.to_be_bytes().to_vec();
    header.extend(port.to_be_bytes());
    header.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0]);
    header
}

/// A TCP SYN with data and the right checksum, as a host answers it. The length must be even.
pub(crate) fn whole_syn(
    source: &[u8],
    destination: &[u8],
    source_port: u16,
    port: u16,
    data: &[u8],
) -> Vec<u8> {
    let mut segment = tcp(port);
    segment[..2].copy_from_slice(&source_port.to_be_bytes());
    segment.extend(data);
    let length = segment.len() as u32;
    let pseudo = [source, destination, &length.to_be_bytes(), &[0, 0, 0, protocol::TCP], &segment].concat();
    let checksum = checksum(&pseudo);
    segment[16..18].copy_from_slice(&checksum.to_be_bytes());
    segment
}

/// The source port and the destination port of an IP packet that is a SYN-ACK.
pub(crate) fn syn_ack_ports(packet: &[u8]) -> Option<(u16, u16)> {
    let (protocol, header) = match packet.first()? >> 4 {
        4 => (packet.get(9)?, usize::from(packet[0] & 0xf) * 4),
        6 => (packet.get(6)?, 40),
        _ => return None,
    };
    let segment = packet.get(header..)?;
    let port = |at: usize| Some(u16::from_be_bytes(segment.get(at..at + 2)?.try_into().ok()?));
    const SYN_ACK: u8 = 0x12;
    let is_syn_ack = *protocol == protocol::TCP && segment.get(13)? & SYN_ACK == SYN_ACK;
    is_syn_ack.then_some((port(0)?, port(2)?))
}

/// A UDP header without a payload.
pub(crate) fn udp(port: u16) -> Vec<u8> {
    let mut header = 40_000u16.to_be_bytes().to_vec();
    header.extend(port.to_be_bytes());
    header.extend([0, 8, 0, 0]);
    header
}

/// A whole TCP SYN over IPv4.
pub(crate) fn syn(source: [u8; 4], port: u16) -> Vec<u8> {
    Ipv4::new(source, protocol::TCP, tcp(port)).frame()
}

/// A whole UDP datagram over IPv4.
pub(crate) fn datagram(source: [u8; 4], port: u16) -> Vec<u8> {
    Ipv4::new(source, protocol::UDP, udp(port)).frame()
}
