//! Random filters: expressions as people write them, and instructions as no compiler would.

use knockwright_differential::random::Random;
use knockwright_programs::classic::{Insn, Op, Operand, Raw, Register, Test, Width};

/// Addresses that both filters and packets have.
pub(crate) const HOSTS: [[u8; 4]; 5] =
    [[10, 0, 0, 1], [10, 0, 0, 2], [10, 1, 2, 3], [192, 168, 1, 77], [172, 16, 31, 9]];
/// The same of IPv6.
pub(crate) const HOSTS6: [&str; 3] = ["2001:db8::1", "2001:db8:0:1::2", "fe80::1"];
/// Ports that both have.
pub(crate) const PORTS: [u16; 6] = [22, 53, 80, 443, 8080, 40_000];

fn host(random: &mut Random) -> String {
    let [a, b, c, d] = random.pick(&HOSTS);
    format!("{a}.{b}.{c}.{d}")
}

fn direction(random: &mut Random) -> &'static str {
    random.pick(&["", "src ", "dst ", "src or dst ", "src and dst "])
}

fn primitive(random: &mut Random) -> String {
    let direction = direction(random);
    let port = random.pick(&PORTS);
    match random.below(18) {
        0 => format!("{direction}host {}", host(random)),
        1 => format!("{direction}net 10.{}.0.0/16", random.below(3)),
        2 => format!("{direction}host {}", random.pick(&HOSTS6)),
        3 => format!("ip6 {direction}net 2001:db8::/{}", 32 + random.below(40)),
        4 => format!("{direction}port {port}"),
        5 => format!("{}{direction}portrange {}-{}", random.pick(&["", "tcp ", "udp "]), port / 2, port),
        6 => format!("{} {direction}port {port}", random.pick(&["tcp", "udp", "sctp"])),
        7 => random
            .pick(&["ip", "ip6", "arp", "rarp", "tcp", "udp", "icmp", "icmp6", "igmp", "sctp"])
            .to_owned(),
        8 => format!("ip proto {}", random.below(20)),
        9 => format!("{} {}", random.pick(&["greater", "less"]), random.below(160)),
        10 => format!("ether {}host 02:00:00:00:00:0{}", random.pick(&["", "src ", "dst "]), random.below(4)),
        11 => random
            .pick(&["broadcast", "ether multicast", "ip multicast", "ip6 multicast"])
            .replace("broadcast", "ether broadcast"),
        12 => format!(
            "tcp[tcpflags] & ({}) {} 0",
            random.pick(&["tcp-syn", "tcp-ack", "tcp-syn|tcp-fin"]),
            random.pick(&["!=", "="])
        ),
        13 => accessor(random),
        14 => "vlan".to_owned(),
        15 => format!("vlan {}", random.below(4)),
        16 => format!("ether proto {:#x}", random.pick(&[0x800, 0x806, 0x86dd, 0x8100, 0x88cc])),
        _ => "mpls".to_owned(),
    }
}

/// A comparison of bytes of the packet, with some arithmetic.
fn accessor(random: &mut Random) -> String {
    let bytes = |random: &mut Random| {
        let layer = random.pick(&["ether", "ip", "ip6", "tcp", "udp", "icmp", "link"]);
        format!("{layer}[{}:{}]", random.below(40), random.pick(&[1, 2, 4]))
    };
    let mut left = bytes(random);
    for _ in 0..random.below(3) {
        let operator = random.pick(&["+", "-", "*", "&", "|", "^", "<<", ">>", "/", "%"]);
        let right = match (operator, random.below(4)) {
            ("<<" | ">>", _) => random.below(16).to_string(),
            ("/" | "%", _) => (1 + random.below(9)).to_string(),
            (_, 0) => bytes(random),
            (_, 1) => "len".to_owned(),
            _ => random.below(1000).to_string(),
        };
        left = format!("({left} {operator} {right})");
    }
    format!("{left} {} {}", random.pick(&["=", "!=", ">", "<", ">=", "<="]), random.below(300))
}

/// An expression of libpcap's language. Not all of them make sense to it.
pub(crate) fn expression(random: &mut Random) -> String {
    let mut text = primitive(random);
    for _ in 0..random.below(5) {
        let not = if random.chance(25) { "not " } else { "" };
        let next = primitive(random);
        text = format!("({text}) {} {not}({next})", random.pick(&["and", "or"]));
    }
    text
}

/// A number to compare with or to calculate with.
fn number(random: &mut Random) -> u32 {
    match random.below(5) {
        0 => random.number() as u32,
        1 => 1 << random.below(32),
        2 => u32::MAX - random.below(5) as u32,
        _ => random.below(300) as u32,
    }
}

fn width(random: &mut Random) -> Width {
    random.pick(&[Width::Byte, Width::Half, Width::Word])
}

fn operand(random: &mut Random) -> Operand {
    if random.chance(40) { Operand::X } else { Operand::K(number(random)) }
}

/// A few instructions that belong together. What libpcap and Linux mean differently isn't among them: shifts by an X of 32 or
/// more, and sums of X and a number beyond 32 bits.
fn instructions(random: &mut Random, code: &mut Vec<Insn>) {
    let near = random.below(90) as u32;
    match random.below(13) {
        0 => code
            .push(Insn::LoadAbs(width(random), if random.chance(95) { near } else { number(random) >> 1 })),
        1 => {
            code.extend([Insn::Alu(Op::And, Operand::K(0x7f)), Insn::Tax, Insn::LoadInd(width(random), near)])
        }
        2 => code.push(Insn::LoadMsh(near)),
        3 => code.push(Insn::LoadLen(random.pick(&[Register::A, Register::X]))),
        4 => code.push(Insn::LoadImm(random.pick(&[Register::A, Register::X]), number(random))),
        5 => code.push(Insn::LoadMem(random.pick(&[Register::A, Register::X]), random.below(16) as u8)),
        6 => code.push(Insn::Store(random.pick(&[Register::A, Register::X]), random.below(16) as u8)),
        7 => {
            let op = random.pick(&[Op::Lsh, Op::Rsh]);
            let count = random.below(32) as u32;
            if random.chance(50) {
                code.push(Insn::Alu(op, Operand::K(count)));
            } else {
                code.extend([Insn::LoadImm(Register::X, count), Insn::Alu(op, Operand::X)]);
            }
        }
        8 => {
            let with = match operand(random) {
                Operand::K(0) => Operand::K(1),
                with => with,
            };
            code.push(Insn::Alu(random.pick(&[Op::Div, Op::Mod]), with));
        }
        9 => code.push(random.pick(&[Insn::Neg, Insn::Tax, Insn::Txa])),
        10 => {
            let test = random.pick(&[Test::Eq, Test::Gt, Test::Ge, Test::Set]);
            let (jt, jf) = (random.below(4) as u8, random.below(4) as u8);
            code.push(Insn::JumpIf { test, with: operand(random), jt, jf });
        }
        11 if random.chance(20) => code.push(Insn::Jump(random.below(4) as u32)),
        _ => {
            let op = random.pick(&[Op::Add, Op::Sub, Op::Mul, Op::And, Op::Or, Op::Xor]);
            code.push(Insn::Alu(op, operand(random)));
        }
    }
}

/// A filter of instructions, which writes its memory before all else.
pub(crate) fn raw(random: &mut Random) -> Vec<Raw> {
    let mut code: Vec<Insn> = (0..16).map(|word| Insn::Store(Register::A, word)).collect();
    for _ in 0..2 + random.below(40) {
        instructions(random, &mut code);
        // Jumps from here land before the end, and not between instructions that belong together.
        let guarded = matches!(code.last(), Some(Insn::JumpIf { .. } | Insn::Jump(_)));
        if guarded {
            code.extend([Insn::Alu(Op::Add, Operand::K(3)); 4]);
        }
    }
    code.push(if random.chance(70) { Insn::ReturnA } else { Insn::Return(number(random)) });
    code.into_iter().map(Insn::encode).collect()
}
