//! Rules as instructions.
//!
//! Tests never tell the verifier more of a register than that a rule fits: they compare what's left of a copy after an exclusive
//! or. What it learnt of the source from one rule it would have to carry through all others, once for each.

use std::borrow::Cow;
use std::net::IpAddr;

use knockwright_asm::linux::uapi::TcAction;
use knockwright_asm::parts::{Carry, Parts, Pieces};
use knockwright_asm::{
    Asm, AtomicSize, Label, MapDef, MapRef, MapType, ProgType, Program, Reg, Reg::*, Size::*, SourceLine,
};

use super::packet::{
    self, DESTINATION, DESTINATION_LOW, HAS_PORTS, IS_IPV6, KIND, PORTS, PROTOCOL, SOURCE, SOURCE_LOW,
};
use super::rule::{Action, Ports, Prefix, Rule};
use super::{Decision, Policy, PolicyError};
use crate::net::XdpAction;

/// Where a policy runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hook {
    /// At an interface, before the network stack: `XDP_PASS` and `XDP_DROP`.
    Xdp,
    /// In traffic control, as a classifier in direct action mode: `TC_ACT_OK` and `TC_ACT_SHOT`.
    Tc,
}

/// Where the rules of a part go.
pub(super) struct Exits {
    pub(super) allow: Label,
    pub(super) deny: Label,
    /// The counters of rules with `log`.
    log: Option<MapRef>,
}

/// A policy that is being written.
struct Writer<'a> {
    policy: &'a Policy,
    hook: Hook,
    log: MapDef,
    /// How many rules with `log` were written.
    logged: i32,
}

pub(super) fn write(policy: &Policy, name: &str, hook: Hook) -> Result<Vec<Program>, PolicyError> {
    let two_families = policy.rules.iter().position(|rule| families(rule).count() > 1);
    if let Some(index) = two_families {
        return Err(PolicyError::TwoFamilies { index, rule: policy.rules[index].clone() });
    }
    let logged = policy.rules.iter().filter(|rule| rule.action == Action::Log).count();
    let size = u32::try_from(8 * logged.max(1)).unwrap_or(u32::MAX);
    let log = MapDef::of_bytes(&format!("{name}_log"), MapType::Array, 4, size, 1);
    let prog_type = match hook {
        Hook::Xdp => ProgType::Xdp,
        Hook::Tc => ProgType::SchedCls,
    };
    let carry = [SOURCE, DESTINATION, PORTS, KIND].into_iter().fold(Carry::new(), Carry::register);
    let carry = carry.stack(SOURCE_LOW as i16..DESTINATION_LOW as i16 + 8);
    let parts = Parts::new(name, prog_type).license("Dual MIT/GPL").carry(carry);
    Ok(parts.write(&mut Writer { policy, hook, log, logged: 0 })?)
}

/// Whether a rule's addresses are of IPv6: each answer once.
fn families(rule: &Rule) -> impl Iterator<Item = bool> {
    let of = |prefix: &Option<Prefix>| prefix.map(|prefix| prefix.address().is_ipv6());
    let (source, destination) = (of(&rule.source), of(&rule.destination));
    source.into_iter().chain(destination.filter(|_| destination != source))
}

impl Pieces for Writer<'_> {
    type Exits = Exits;

    fn exits(&mut self, a: &mut Asm) -> Exits {
        let has_log = self.policy.rules.iter().any(|rule| rule.action == Action::Log);
        let log = has_log.then(|| a.map(self.log.clone()));
        Exits { allow: a.label("allow"), deny: a.label("deny"), log }
    }

    fn begin(&mut self, a: &mut Asm, exits: &Exits) {
        packet::read(a, self.hook, exits);
    }

    fn count(&self) -> usize {
        self.policy.rules.len()
    }

    fn piece(&mut self, a: &mut Asm, index: usize, exits: &Exits) {
        let rule = &self.policy.rules[index];
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let text = Cow::Owned(rule.to_string());
        a.source(SourceLine { file: Cow::Borrowed("policy"), line, column: 1, text });
        let next = a.label("next");
        kind(a, rule, next);
        address(a, rule.source.as_ref(), SOURCE, SOURCE_LOW, next);
        address(a, rule.destination.as_ref(), DESTINATION, DESTINATION_LOW, next);
        port(a, rule.source_port.as_ref(), |a| a.rsh32(R1, 16), next);
        port(a, rule.destination_port.as_ref(), |a| a.and32(R1, 0xffff), next);
        match rule.action {
            Action::Decide(decision) => a.goto(exits.of(decision)),
            Action::Log => self.count_packet(a, exits),
        }
        a.bind(next);
    }

    fn end(&mut self, a: &mut Asm, exits: &Exits) {
        a.goto(exits.of(self.policy.otherwise));
    }

    fn write_exits(&mut self, a: &mut Asm, exits: &Exits) {
        let (allow, deny) = match self.hook {
            Hook::Xdp => (XdpAction::Pass.number(), XdpAction::Drop.number()),
            Hook::Tc => (TcAction::Ok.number(), TcAction::Shot.number()),
        };
        for (label, number) in [(exits.allow, allow), (exits.deny, deny)] {
            a.bind(label);
            a.mov(R0, number);
            a.exit();
        }
    }

    fn missing(&self, exits: &Exits) -> Label {
        exits.deny
    }
}

impl Exits {
    const fn of(&self, decision: Decision) -> Label {
        match decision {
            Decision::Allow => self.allow,
            Decision::Deny => self.deny,
        }
    }
}

impl Writer<'_> {
    fn count_packet(&mut self, a: &mut Asm, exits: &Exits) {
        let Some(log) = exits.log else { return };
        a.load_map_value(R1, log, 8 * self.logged);
        a.mov(R2, 1);
        a.atomic_add(AtomicSize::U64, R1 + 0, R2);
        self.logged += 1;
    }
}

/// Compares family, protocol and whether there are ports, as far as the rule says something of them: all by one exclusive or.
fn kind(a: &mut Asm, rule: &Rule, next: Label) {
    let (mut wanted, mut compared) = (0, 0);
    if let Some(is_ipv6) = families(rule).next() {
        compared |= IS_IPV6;
        wanted |= if is_ipv6 { IS_IPV6 } else { 0 };
    }
    if let Some(protocol) = rule.protocol {
        compared |= PROTOCOL;
        wanted |= i32::from(protocol.0);
    }
    if rule.source_port.is_some() || rule.destination_port.is_some() {
        compared |= HAS_PORTS;
        wanted |= HAS_PORTS;
    }
    if compared == 0 {
        return;
    }
    a.mov32(R1, KIND);
    a.xor32(R1, wanted);
    a.goto_if(R1.w().set(compared), next);
}

fn address(a: &mut Asm, prefix: Option<&Prefix>, upper: Reg, low: i32, next: Label) {
    let Some(prefix) = prefix.filter(|prefix| !prefix.holds_all()) else { return };
    match prefix.address() {
        IpAddr::V4(address) => {
            a.mov32(R1, upper);
            a.xor32(R1, address.to_bits().cast_signed());
            if prefix.len() < 32 {
                a.rsh32(R1, i32::from(32 - prefix.len()));
            }
            a.goto_if(R1.w().ne(0), next);
        }
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            half(a, (bits >> 64) as u64, prefix.len().min(64), |a| a.mov(R1, upper), next);
            if prefix.len() > 64 {
                half(a, bits as u64, prefix.len() - 64, |a| a.load(U64, R1, R10 + low), next);
            }
        }
    }
}

/// Compares the first bits of a half of an address.
fn half(a: &mut Asm, wanted: u64, len: u8, load: impl FnOnce(&mut Asm), next: Label) {
    load(a);
    a.load_imm64(R2, wanted);
    a.xor(R1, R2);
    if len < 64 {
        a.rsh(R1, i32::from(64 - len));
    }
    a.goto_if(R1.ne(0), next);
}

/// Compares a port with a range: their distance is below its length. One that's empty has no packet.
fn port(a: &mut Asm, ports: Option<&Ports>, take: impl FnOnce(&mut Asm), next: Label) {
    let Some(ports) = ports else { return };
    if ports.is_empty() {
        return a.goto(next);
    }
    a.mov32(R1, PORTS);
    take(a);
    a.sub32(R1, i32::from(*ports.start()));
    a.goto_if(R1.w().gt(i32::from(ports.end() - ports.start())), next);
}
