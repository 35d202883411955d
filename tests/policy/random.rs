//! Random rules, and packets that have something to do with them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use knockwright_differential::random::Random;
use knockwright_programs::policy::{Action, Decision, Policy, Ports, Prefix, Protocol, Rule};

/// The families of a rule or packet.
#[derive(Clone, Copy, PartialEq)]
enum Family {
    V4,
    V6,
}

/// How near to each other addresses are: of few hosts rules and packets meet, of many they are as in real life.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hosts {
    Few,
    Many,
}

fn address(random: &mut Random, family: Family, hosts: Hosts) -> IpAddr {
    let (few, many) = (random.below(4) as u128, u128::from(random.number()));
    let number = match hosts {
        Hosts::Few => few,
        Hosts::Many => many,
    };
    match family {
        Family::V4 => Ipv4Addr::from_bits(0x0a00_0000 | number as u32 & 0xff_ffff).into(),
        Family::V6 => Ipv6Addr::from_bits(0x2001_0db8 << 96 | (number & 3) << 64 | number).into(),
    }
}

fn prefix(random: &mut Random, family: Family, hosts: Hosts) -> Option<Prefix> {
    let longest = if family == Family::V4 { 32 } else { 128 };
    let len = match random.below(5) {
        0 => return None,
        1 => longest,
        2 => random.below(usize::from(longest) + 1) as u8,
        _ => longest - random.below(12) as u8,
    };
    Prefix::new(address(random, family, hosts), len)
}

fn ports(random: &mut Random) -> Option<Ports> {
    let first = random.pick(&[0, 1, 22, 53, 80, 443, 1024, 8080, 32_768, 65_535]);
    match random.below(4) {
        0 | 1 => None,
        2 => Some(first..=first),
        _ => Some(first..=first.saturating_add(random.below(2000) as u16)),
    }
}

fn rule(random: &mut Random, hosts: Hosts) -> Rule {
    let family = random.pick(&[Family::V4, Family::V4, Family::V6]);
    let action = match random.below(10) {
        0..2 => Action::Log,
        2..6 => Action::Decide(Decision::Deny),
        _ => Action::Decide(Decision::Allow),
    };
    let mut rule = Rule {
        action,
        protocol: random
            .pick(&[None, Some(6), Some(6), Some(17), Some(1), Some(58), Some(132)])
            .map(Protocol),
        source: prefix(random, family, hosts),
        source_port: ports(random).filter(|_| random.chance(20)),
        destination: prefix(random, family, hosts),
        destination_port: ports(random),
    };
    // Most rules of many are about some hosts: one about all would end the policy there.
    if matches!(hosts, Hosts::Many) && rule.source.is_none() && rule.destination.is_none() {
        rule.destination = Prefix::new(address(random, family, hosts), 24);
    }
    rule
}

pub(crate) fn policy(random: &mut Random, rules: usize, hosts: Hosts) -> Policy {
    let rules = (0..rules).map(|_| rule(random, hosts)).collect();
    Policy { rules, otherwise: random.pick(&[Decision::Allow, Decision::Deny]) }
}

/// An address that a rule is about, or another one.
fn near(random: &mut Random, prefix: Option<Prefix>, family: Family, hosts: Hosts) -> IpAddr {
    let of_family = |address: IpAddr| address.is_ipv4() == (family == Family::V4);
    let known = prefix.map(|prefix| prefix.address()).filter(|address| of_family(*address));
    match known.filter(|_| random.chance(85)) {
        // The last bits are seldom the rule's.
        Some(IpAddr::V4(address)) => Ipv4Addr::from_bits(address.to_bits() ^ random.below(3) as u32).into(),
        Some(IpAddr::V6(address)) => Ipv6Addr::from_bits(address.to_bits() ^ random.below(3) as u128).into(),
        None => address(random, family, hosts),
    }
}

/// Puts a VLAN tag of one of the three types before the others.
pub(crate) fn put_tag(random: &mut Random, frame: &mut Vec<u8>) {
    let [high, low] = random.pick(&[0x8100_u16, 0x88a8, 0x9100]).to_be_bytes();
    frame.splice(12..12, [high, low, random.below(16) as u8, random.below(256) as u8]);
}

/// A frame that has to do with one of the rules, whole or cut.
pub(crate) fn frame(random: &mut Random, policy: &Policy, hosts: Hosts) -> Vec<u8> {
    let rule = &policy.rules[random.below(policy.rules.len())];
    let of_v6 = [rule.source, rule.destination].into_iter().flatten().any(|one| one.address().is_ipv6());
    let family = if of_v6 { Family::V6 } else { Family::V4 };
    let source = near(random, rule.source, family, hosts);
    let destination = near(random, rule.destination, family, hosts);
    let protocol =
        rule.protocol.filter(|_| random.chance(90)).map_or(random.pick(&[6, 17, 132, 1, 50]), |one| one.0);
    let mut port = |wanted: &Option<Ports>| match wanted {
        Some(wanted) if random.chance(80) => wanted.start().wrapping_add(random.below(3) as u16),
        _ => random.pick(&[22, 53, 80, 443, 40_000]),
    };
    let mut transport =
        [port(&rule.source_port).to_be_bytes(), port(&rule.destination_port).to_be_bytes()].concat();
    transport.extend([0; 16]);
    let mut frame = vec![2; 12];
    match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let words = 5 + if random.chance(20) { random.below(11) as u8 } else { 0 };
            let version = if random.chance(3) { 5 } else { 4 };
            let words = if random.chance(3) { 4 } else { words };
            let fragment: u16 = if random.chance(10) { random.below(0x2000) as u16 } else { 0x4000 };
            frame.extend([0x08, 0, version << 4 | words, 0, 0, 0, 0, 0]);
            frame.extend(fragment.to_be_bytes());
            frame.extend([64, protocol, 0, 0]);
            frame.extend(source.octets());
            frame.extend(destination.octets());
            frame.extend(vec![0; 4 * usize::from(words.max(5) - 5)]);
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            let version = if random.chance(3) { 0x40 } else { 0x60 };
            frame.extend([0x86, 0xdd, version, 0, 0, 0, 0, 0, protocol, 64]);
            frame.extend(source.octets());
            frame.extend(destination.octets());
        }
        _ => frame.extend([0x08, 0x06]),
    }
    frame.extend(transport);
    if random.chance(10) {
        frame[12..14].copy_from_slice(&[0x08, 0x06]);
    }
    if random.chance(25) {
        for _ in 0..1 + random.below(3) {
            put_tag(random, &mut frame);
        }
        if random.chance(5) {
            frame.truncate(15 + random.below(8));
            return frame;
        }
    }
    if random.chance(10) {
        // A test run of `tc` wants the whole header after its type.
        frame.truncate(frame.len() - random.below(20));
    }
    frame
}
