//! A policy as plain Rust, on the packet's bytes: what the programs are held against.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use knockwright_programs::policy::{Action, Decision, Policy, Ports, Prefix, Rule};

/// What rules look at.
struct Packet {
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    ports: Option<(u16, u16)>,
}

/// What a packet is to a policy.
enum Read {
    Ip(Packet),
    NotIp,
    Broken,
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

/// Where the type of a frame stands after its VLAN tags; none if there are more than two, or one is cut.
fn type_at(frame: &[u8]) -> Option<usize> {
    let is_tag = |at| matches!(number(frame, at), Some(0x8100 | 0x88a8 | 0x9100));
    let at = [12, 16, 20].into_iter().find(|at| !is_tag(*at))?;
    (at + 2 <= frame.len()).then_some(at)
}

fn read(frame: &[u8]) -> Read {
    let Some(at) = type_at(frame) else { return Read::Broken };
    let ip = &frame[at + 2..];
    let packet = match number(frame, at) {
        Some(0x0800) => ipv4(ip),
        Some(0x86dd) => ipv6(ip),
        _ => return Read::NotIp,
    };
    packet.map_or(Read::Broken, Read::Ip)
}

fn ports(protocol: u8, transport: Option<&[u8]>) -> Option<(u16, u16)> {
    let transport = transport.filter(|_| [6, 17, 132].contains(&protocol))?;
    Some((number(transport, 0)?, number(transport, 2)?))
}

fn ipv4(ip: &[u8]) -> Option<Packet> {
    let header = ip.first_chunk::<20>()?;
    let length = 4 * usize::from(header[0] & 0xf);
    if header[0] >> 4 != 4 || length < 20 {
        return None;
    }
    let address = |at: usize| Ipv4Addr::from(*header[at..].first_chunk::<4>().unwrap()).into();
    let later = number(header, 6)? & 0x1fff != 0;
    let transport = ip.get(length..).filter(|_| !later);
    let protocol = header[9];
    Some(Packet {
        source: address(12),
        destination: address(16),
        protocol,
        ports: ports(protocol, transport),
    })
}

fn ipv6(ip: &[u8]) -> Option<Packet> {
    let header = ip.first_chunk::<40>().filter(|header| header[0] >> 4 == 6)?;
    let address = |at: usize| Ipv6Addr::from(*header[at..].first_chunk::<16>().unwrap()).into();
    let protocol = header[6];
    let ports = ports(protocol, Some(&ip[40..]));
    Some(Packet { source: address(8), destination: address(24), protocol, ports })
}

fn is_in(address: IpAddr, prefix: Option<&Prefix>) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, true),
        IpAddr::V6(address) => (address.to_bits(), false),
    };
    prefix.is_none_or(|prefix| {
        let ((one, family), (other, wanted)) = (bits(address), bits(prefix.address()));
        let differs = (one ^ other).checked_shr(128 - u32::from(prefix.len())).unwrap_or(0);
        family == wanted && differs == 0
    })
}

fn fits(rule: &Rule, packet: &Packet) -> bool {
    let port = |wanted: &Option<Ports>, has: fn((u16, u16)) -> u16| {
        wanted.as_ref().is_none_or(|wanted| packet.ports.is_some_and(|ports| wanted.contains(&has(ports))))
    };
    rule.protocol.is_none_or(|protocol| protocol.0 == packet.protocol)
        && is_in(packet.source, rule.source.as_ref())
        && is_in(packet.destination, rule.destination.as_ref())
        && port(&rule.source_port, |ports| ports.0)
        && port(&rule.destination_port, |ports| ports.1)
}

/// What becomes of a frame of at least 14 bytes, and which rules with `log` count it, by their number among those.
pub(crate) fn judge(policy: &Policy, frame: &[u8]) -> (Decision, Vec<usize>) {
    let packet = match read(frame) {
        Read::Ip(packet) => packet,
        Read::NotIp => return (Decision::Allow, Vec::new()),
        Read::Broken => return (Decision::Deny, Vec::new()),
    };
    let (mut counted, mut logs) = (Vec::new(), 0);
    for rule in &policy.rules {
        let fits = fits(rule, &packet);
        match rule.action {
            Action::Decide(decision) if fits => return (decision, counted),
            Action::Decide(_) => {}
            Action::Log => {
                if fits {
                    counted.push(logs);
                }
                logs += 1;
            }
        }
    }
    (policy.otherwise, counted)
}
