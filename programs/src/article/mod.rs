//! The article's two faults and their repairs, to the instruction.
//!
//! A post on two verifier errors shows logs in which a port-knocking program is rejected at instruction 72 for a pointer
//! that may be NULL, and, with that repaired, at instruction 121 for an index without a bound. No compiler gives those
//! numbers from the C lines shown, so the four programs are assembled by hand: every visible line of both logs comes back,
//! from the first register state to the `processed 70 insns` and `processed 89 insns` of the summaries.
//!
//! | program | verdict |
//! |---|---|
//! | [`null`] | rejected at 72: `R0 invalid mem access 'map_value_or_null'` |
//! | [`null_fixed`] | accepted: one instruction more, the NULL check |
//! | [`bounds`] | rejected at 121: `invalid access to map value, value_size=48 off=516 size=2` |
//! | [`bounds_fixed`] | accepted: one instruction more, the bound |
//!
//! The first 72 slots are the same in all four. What looks arbitrary in them is what the logs ask for:
//!
//! - **Which path is walked first.** The verifier follows the fall-through of a conditional jump before its target, so the
//!   two configuration errors fall through and everything that fails later jumps forward to `out`, after slot 72.
//! - **Which ids are used up.** The log shows `id=2` for the second lookup. From Linux 6.15 on, a lookup in an array with a
//!   constant key in range gives no id, because it can't be NULL; here the key is written by a store wider than the key,
//!   which that rule doesn't look through.
//! - **What the stack shows.** `fp-8=????mmmm fp-16=mmmm???? fp-24=mmmmmmmm`: stores narrower than 8 bytes. A
//!   constant or a scalar stored in its full width would show as a value.
//! - **Where states are kept.** A prune point (a conditional jump, the target of a jump, the instruction after a helper
//!   call) becomes a checkpoint once two jumps and eight instructions have passed since the last one: `total_states 7`, and
//!   8 in the second log.
//!
//! The repaired programs do the work of the article's firewall, with one omission that they share with the article's text:
//! nothing in them creates a state, so user space has to put a source's first entry into `ip_tracking_map`. The firewall to
//! use is the program `knock`.

pub mod layout;
mod messages;
mod packet;
mod port_knock;

use knockwright_asm::{Asm, Label, MapDef, MapRef, MapType, ProgType, Program, Reg, SourceLine};

use layout::{IpState, KnockConfig};
use messages::Message;

/// The first fault: the result of a lookup is used without a NULL check.
pub fn null() -> Program {
    article(Variant::Null)
}

/// The first fault repaired by one instruction, `if r0 == 0x0 goto out`.
pub fn null_fixed() -> Program {
    article(Variant::NullFixed)
}

/// The second fault: the index into `ports` is only known to be below another byte, so at most 254.
pub fn bounds() -> Program {
    article(Variant::Bounds)
}

/// The second fault repaired by one instruction, `if r1 > 0x9 goto out`.
pub fn bounds_fixed() -> Program {
    article(Variant::BoundsFixed)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variant {
    Null,
    NullFixed,
    Bounds,
    BoundsFixed,
}

/// The maps of the program and the places that its parts jump to.
#[derive(Debug)]
struct Knock {
    config_map: MapRef,
    ip_tracking_map: MapRef,
    rodata: MapRef,
    handle_tcp: Label,
    out: Label,
}

fn article(variant: Variant) -> Program {
    let mut asm = Asm::new("knock", ProgType::Xdp);
    asm.license("Dual MIT/GPL");
    let knock = Knock {
        config_map: asm.map(MapDef::new::<u32, KnockConfig>("config_map", MapType::Array, 1)),
        ip_tracking_map: asm.map(MapDef::new::<u32, IpState>("ip_tracking_map", MapType::Hash, 10_000)),
        rodata: asm.map(messages::rodata()),
        handle_tcp: asm.label("handle_tcp"),
        out: asm.label("out"),
    };
    let a = &mut asm;
    port_knock::get_config(a, &knock);
    packet::parse(a, &knock);
    port_knock::get_state(a, &knock);
    match variant {
        Variant::Null | Variant::NullFixed => {
            if variant == Variant::NullFixed {
                port_knock::pass_without_state(a, &knock);
            }
            port_knock::handle_udp_knock(a, &knock, port_knock::Bound::MaxSequenceLength);
            a.goto(knock.out);
            port_knock::handle_tcp(a, &knock);
            port_knock::out(a, &knock);
        }
        Variant::Bounds | Variant::BoundsFixed => {
            let have_state = port_knock::log_without_state(a, &knock);
            port_knock::handle_tcp(a, &knock);
            port_knock::out(a, &knock);
            a.bind(have_state);
            let bound = match variant {
                Variant::BoundsFixed => port_knock::Bound::MaxSequenceLength,
                _ => port_knock::Bound::None,
            };
            port_knock::handle_udp_knock(a, &knock, bound);
            a.mov(Reg::R0, Reg::R6);
            a.exit();
        }
    }
    asm.finish()
        .expect("the labels and operands of the article's programs are fixed, and tests build all four")
}

/// The C line that the following instructions stand for.
fn c(a: &mut Asm, line: u32, text: &'static str) {
    a.source(SourceLine { file: "knock.bpf.c".into(), line, column: 1, text: text.into() });
}

/// `bpf_trace_printk`'s first two arguments for a text without numbers.
fn message(a: &mut Asm, knock: &Knock, message: Message) {
    a.load_map_value(Reg::R1, knock.rodata, message.offset());
    a.mov(Reg::R2, message.size());
}

#[cfg(test)]
mod tests;
