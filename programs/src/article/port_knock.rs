//! The port knocking itself: configuration, state, and what UDP and TCP packets do to them.
//!
//! | register | holds |
//! |---|---|
//! | `r6` | the verdict |
//! | `r7` | the configuration |
//! | `r8` | the context |
//! | `r0` | the state, after its lookup |

use knockwright_asm::{Asm, Helper, Label, Reg, Reg::*, Size::*};

use super::layout::{IpState, KnockConfig, MAX_SEQUENCE_LENGTH, PortSequence, offset};
use super::messages::Message;
use super::packet::stack;
use super::{Knock, c, message};
use crate::NS_PER_MS;
use crate::net::XdpAction;

const XDP_DROP: i32 = XdpAction::Drop as i32;
const XDP_PASS: i32 = XdpAction::Pass as i32;

/// The prologue and the configuration: none, or a sequence longer than its array, lets everything pass.
pub(super) fn get_config(a: &mut Asm, k: &Knock) {
    let check_length = a.label("check_length");
    let log_pass = a.label("log_pass");
    let config_ok = a.label("config_ok");

    c(a, 101, "int knock(struct xdp_md* ctx)");
    a.mov(R8, R1);
    a.mov(R1, 0);
    c(a, 102, "struct local local = { .key = 0, .ifindex = 0 };");
    a.store(U64, R10 + stack::KEY, R1); // wider than the key, so that no kernel takes it for a constant key
    c(a, 24, "const struct knock_config* config = bpf_map_lookup_elem(&config_map, &local.key);");
    a.mov(R2, R10);
    a.add(R2, stack::KEY);
    a.load_map(R1, k.config_map);
    a.call(Helper::MapLookupElem);
    a.mov(R7, R0);
    a.mov(R6, XDP_PASS);
    c(a, 25, "if (!config) {");
    a.goto_if(R7.ne(0), check_length);
    c(a, 26, r#"log_error("config map not found");"#);
    message(a, k, Message::ConfigNotFound);
    a.goto(log_pass);

    a.bind(check_length);
    c(a, 30, "if (config->seq.length > MAX_SEQUENCE_LENGTH) {");
    a.load(U8, R1, R7 + offset!(KnockConfig, seq.length));
    a.goto_if(R1.lt(MAX_SEQUENCE_LENGTH as i32 + 1), config_ok);
    c(a, 31, r#"log_error("config sequence length is too long");"#);
    message(a, k, Message::SequenceTooLong);
    c(a, 32, "return XDP_PASS;");
    a.bind(log_pass);
    a.call(Helper::TracePrintk);
    a.mov(R0, R6);
    a.exit();
    a.bind(config_ok);
}

/// `r0 = ` the state of the source address, or NULL.
pub(super) fn get_state(a: &mut Asm, k: &Knock) {
    c(a, 120, "struct ip_state* state = bpf_map_lookup_elem(&ip_tracking_map, &source_ip);");
    on_source_state(a, k, Helper::MapLookupElem);
}

/// The repair of the first fault, as short as it can be.
pub(super) fn pass_without_state(a: &mut Asm, k: &Knock) {
    c(a, 121, "if (!state) {");
    a.goto_if(R0.eq(0), k.out);
}

/// The repair of the first fault as the article has it, with a line for the log. The label is where the state is there.
pub(super) fn log_without_state(a: &mut Asm, k: &Knock) -> Label {
    let have_state = a.label("have_state");
    c(a, 121, "if (!state) {");
    a.goto_if(R0.ne(0), have_state);
    c(a, 122, r#"log_error("state is null");"#);
    message(a, k, Message::StateIsNull);
    a.call(Helper::TracePrintk);
    c(a, 123, "return XDP_PASS;");
    a.goto(k.out);
    have_state
}

/// Whether the index into `ports` is compared with a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// Only with `seq->length`, a byte of a map that may hold anything: the second fault.
    None,
    /// Also with the length of the array.
    MaxSequenceLength,
}

/// A UDP packet: the right port at the source's step goes one step on, a wrong or late one forgets the source.
///
/// Ends by falling through, with the verdict in `r6`.
pub(super) fn handle_udp_knock(a: &mut Asm, k: &Knock, bound: Bound) {
    let in_sequence = a.label("in_sequence");
    let reset = a.label("reset");

    // Three lines of the same text: from 6.9 on the kernel prints the text once for consecutive records of one line.
    const COMPARE: &str = "if (state->sequence_step >= seq->length) {";
    c(a, 130, COMPARE);
    a.load(U8, R1, R0 + offset!(IpState, sequence_step));
    c(a, 131, COMPARE);
    a.load(U8, R2, R7 + offset!(KnockConfig, seq.length));
    c(a, 132, COMPARE);
    a.goto_if(R2.gt(R1), in_sequence);
    c(a, 133, r#"log_error("sequence step > length");"#);
    message(a, k, Message::StepBeyondLength);
    a.call(Helper::TracePrintk);
    c(a, 134, "return XDP_PASS;");
    a.goto(k.out);

    a.bind(in_sequence);
    if bound == Bound::MaxSequenceLength {
        c(a, 137, "if (state->sequence_step >= MAX_SEQUENCE_LENGTH) {");
        a.goto_if(R1.gt(MAX_SEQUENCE_LENGTH as i32 - 1), k.out);
    }
    c(a, 89, "return handle_udp_knock(source_ip, port, &config->seq);");
    a.add(R7, offset!(KnockConfig, seq));
    c(a, 140, "if (port == seq->ports[state->sequence_step]) {");
    a.lsh(R1, 1); // sizeof(u16)
    a.add(R7, R1);
    a.load(U16, R1, R7 + offset!(PortSequence, ports)); // without a bound: off=516, and the value ends at 48
    a.load(U16, R3, R10 + stack::PORT);
    a.mov(R9, R0);
    a.mov(R8, R2);
    a.goto_if(R3.ne(R1), reset);
    right_port(a, k, reset);
}

/// The right port, in `r9` the state, in `r8` the length of the sequence; after it what a wrong or late one does.
fn right_port(a: &mut Asm, k: &Knock, reset: Label) {
    let late = a.label("late");
    let complete = a.label("complete");
    let forget = a.label("forget");

    c(a, 141, "const __u64 now = bpf_ktime_get_ns();");
    a.call(Helper::KtimeGetNs);
    a.mov(R7, R0);
    c(a, 142, "config = bpf_map_lookup_elem(&config_map, &local.key);");
    a.mov(R2, R10); // r7 went to the port, and keeping it would have shown on the stack
    a.add(R2, stack::KEY);
    a.load_map(R1, k.config_map);
    a.call(Helper::MapLookupElem);
    a.goto_if(R0.eq(0), k.out);
    c(a, 143, "if (now - state->last_packet_time > MS_TO_NS(config->seq.timeout_ms)) {");
    a.load(U64, R1, R9 + offset!(IpState, last_packet_time));
    a.mov(R2, R7);
    a.sub(R2, R1);
    a.load(U64, R1, R0 + offset!(KnockConfig, seq.timeout_ms));
    a.mul(R1, NS_PER_MS);
    a.goto_if(R2.gt(R1), late);
    c(a, 148, "state->sequence_step++;");
    a.load(U8, R3, R9 + offset!(IpState, sequence_step));
    a.add(R3, 1);
    a.store(U8, R9 + offset!(IpState, sequence_step), R3);
    c(a, 149, "state->last_packet_time = now;");
    a.store(U64, R9 + offset!(IpState, last_packet_time), R7);
    c(a, 150, "state->sequence_complete = (state->sequence_step == seq->length);");
    a.mov(R1, 1);
    a.goto_if(R3.eq(R8), complete);
    a.mov(R1, 0);
    a.bind(complete);
    a.store(U8, R9 + offset!(IpState, sequence_complete), R1);
    c(a, 151, r#"log_info("code %d passed on interface %d", state->sequence_step, local.ifindex);"#);
    a.load(U32, R4, R10 + stack::IFINDEX);
    message(a, k, Message::CodePassed);
    a.call(Helper::TracePrintk);
    c(a, 152, "return XDP_PASS;");
    a.goto(k.out);

    a.bind(late);
    c(a, 144, r#"log_info("sequence timeout");"#);
    message(a, k, Message::SequenceTimeout);
    a.goto(forget);
    a.bind(reset);
    c(a, 155, r#"log_info("sequence reset");"#);
    message(a, k, Message::SequenceReset);
    a.bind(forget);
    a.call(Helper::TracePrintk);
    c(a, 156, "bpf_map_delete_elem(&ip_tracking_map, &source_ip);");
    on_source_state(a, k, Helper::MapDeleteElem);
    c(a, 157, "return XDP_PASS;");
}

/// A TCP packet to the target port passes only while its source's session lasts.
pub(super) fn handle_tcp(a: &mut Asm, k: &Knock) {
    let known = a.label("tcp_known");
    let log_drop = a.label("log_drop");
    let drop = a.label("drop");

    a.bind(k.handle_tcp);
    c(a, 170, "if (port != config->target_port)");
    a.load(U16, R1, R7 + offset!(KnockConfig, target_port));
    a.goto_if(R4.ne(R1), k.out);
    c(a, 174, "struct ip_state* tcp_state = bpf_map_lookup_elem(&ip_tracking_map, &source_ip);");
    on_source_state(a, k, Helper::MapLookupElem);
    c(a, 175, "if (!tcp_state) {");
    a.goto_if(R0.ne(0), known);
    c(a, 176, r#"log_info("dropping packet because state is not found");"#);
    message(a, k, Message::StateNotFound);
    a.goto(log_drop);

    a.bind(known);
    c(a, 180, "if (!tcp_state->sequence_complete)");
    a.load(U8, R1, R0 + offset!(IpState, sequence_complete));
    a.goto_if(R1.eq(0), drop);
    c(a, 183, "if (bpf_ktime_get_ns() - tcp_state->last_packet_time <= MS_TO_NS(config->session_timeout))");
    a.load(U64, R8, R0 + offset!(IpState, last_packet_time));
    a.call(Helper::KtimeGetNs);
    a.sub(R0, R8);
    a.load(U64, R1, R7 + offset!(KnockConfig, session_timeout));
    a.mul(R1, NS_PER_MS);
    a.goto_if(R1.ge(R0), k.out);
    c(a, 186, "bpf_map_delete_elem(&ip_tracking_map, &source_ip);");
    on_source_state(a, k, Helper::MapDeleteElem);
    c(a, 187, r#"log_info("session timed out");"#);
    message(a, k, Message::SessionTimedOut);
    a.bind(log_drop);
    a.call(Helper::TracePrintk);
    c(a, 190, "return XDP_DROP;");
    a.bind(drop);
    a.mov(R6, XDP_DROP);
}

/// Where all paths meet: the verdict.
pub(super) fn out(a: &mut Asm, k: &Knock) {
    c(a, 200, "return verdict;");
    a.bind(k.out);
    a.mov(R0, R6);
    a.exit();
}

/// Calls a helper on the source's entry of `ip_tracking_map`.
fn on_source_state(a: &mut Asm, k: &Knock, helper: Helper) {
    a.mov(R2, Reg::R10);
    a.add(R2, stack::SOURCE_IP);
    a.load_map(R1, k.ip_tracking_map);
    a.call(helper);
}
