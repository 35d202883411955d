//! Random packets that random filters have something to say of.

use knockwright_differential::random::Random;

use super::filters::{HOSTS, HOSTS6, PORTS};

/// The least that the kernel runs programs on: an Ethernet header and a byte, and after the type of IPv4 or IPv6 the whole
/// header of it.
fn least(packet: &[u8]) -> usize {
    match packet.get(12..14) {
        Some([0x08, 0x00]) => 14 + 20,
        Some([0x86, 0xdd]) => 14 + 40,
        _ => 15,
    }
}

fn port(random: &mut Random) -> [u8; 2] {
    let port = if random.chance(80) { random.pick(&PORTS) } else { random.number() as u16 };
    port.to_be_bytes()
}

fn noise(random: &mut Random, count: usize) -> Vec<u8> {
    (0..count).map(|_| if random.chance(40) { 0 } else { random.number() as u8 }).collect()
}

fn transport(random: &mut Random, protocol: u8) -> Vec<u8> {
    let mut bytes = match protocol {
        6 | 17 | 132 => [port(random), port(random)].concat(),
        _ => Vec::new(),
    };
    let more = random.below(60);
    bytes.extend(noise(random, more));
    bytes
}

fn ipv4(random: &mut Random) -> Vec<u8> {
    let protocol = random.pick(&[1, 2, 6, 6, 17, 17, 132, 50]);
    let words = 5 + if random.chance(20) { random.below(4) as u8 } else { 0 };
    let fragment: u16 = if random.chance(15) { random.number() as u16 & 0x3fff } else { 0x4000 };
    let mut bytes = vec![0x40 | words, 0];
    bytes.extend((random.below(200) as u16).to_be_bytes());
    bytes.extend(noise(random, 2));
    bytes.extend(fragment.to_be_bytes());
    bytes.extend([64, protocol, 0, 0]);
    bytes.extend(random.pick(&HOSTS));
    bytes.extend(if random.chance(10) { [224, 0, 0, 5] } else { random.pick(&HOSTS) });
    bytes.extend(noise(random, 4 * usize::from(words - 5)));
    bytes.extend(transport(random, protocol));
    bytes
}

fn ipv6(random: &mut Random) -> Vec<u8> {
    let protocol = random.pick(&[0, 6, 17, 44, 58, 132]);
    let mut bytes = vec![0x60, 0, 0, 0, 0, 40, protocol, 64];
    for _ in 0..2 {
        let address: std::net::Ipv6Addr = random.pick(&HOSTS6).parse().unwrap();
        bytes.extend(address.octets());
    }
    bytes.extend(transport(random, protocol));
    bytes
}

/// A packet of an Ethernet, whole or cut.
pub(crate) fn packet(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..2 {
        let end = random.below(5) as u8;
        bytes.extend(if end == 4 { [255; 6] } else { [2, 0, 0, 0, 0, end] });
    }
    for _ in 0..if random.chance(25) { 1 + random.below(2) } else { 0 } {
        bytes.extend([0x81, 0, 0, random.below(4) as u8]);
    }
    let (ether_type, payload): (u16, Vec<u8>) = match random.below(10) {
        0..5 => (0x800, ipv4(random)),
        5..8 => (0x86dd, ipv6(random)),
        8 => (0x806, noise(random, 46)),
        _ => (random.pick(&[0x8035, 0x8847, 0x88cc, 40]), noise(random, 60)),
    };
    bytes.extend(ether_type.to_be_bytes());
    bytes.extend(payload);
    let least = least(&bytes);
    if random.chance(20) {
        bytes.truncate(least + random.below(60));
    }
    bytes.resize(bytes.len().max(least), 0);
    bytes
}
