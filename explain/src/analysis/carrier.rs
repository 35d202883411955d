//! What carries the packet: the type of the context, as far as the path shows it.

use knockwright_asm::{Insn, Size};
use knockwright_verifier::log::PointerKind;

use super::Fault;
use super::findings::helper_name;

/// The struct that a program on packets gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// `struct xdp_md`.
    Xdp,
    /// `struct __sk_buff`.
    Skb,
}

/// How many loads that may be of packet pointers are looked at, so that long paths don't cost much.
const MOST_LOADS: usize = 16;

/// By the offsets that packet pointers are loaded from, or by the names of helpers; none where the path has neither.
pub(crate) fn carrier(fault: &Fault<'_>) -> Option<Carrier> {
    let steps = || (0..fault.path.steps().len()).filter(|step| fault.step.is_none_or(|last| *step <= last));
    let loaded = steps().filter_map(|step| Some((step, by_offset(fault, step)?))).take(MOST_LOADS);
    let of_context =
        loaded.filter(|(step, _)| loads_packet_pointer(fault, *step)).map(|(_, carrier)| carrier).next();
    of_context.or_else(|| steps().find_map(|step| by_name(&helper_name(fault, step)?)))
}

/// `data` and `data_end` of struct `xdp_md` and struct `__sk_buff`, linux/bpf.h.
fn by_offset(fault: &Fault<'_>, step: usize) -> Option<Carrier> {
    match fault.path.insn(step)? {
        Insn::Load { size: Size::U32, off: 0 | 4, .. } => Some(Carrier::Xdp),
        Insn::Load { size: Size::U32, off: 76 | 80, .. } => Some(Carrier::Skb),
        _ => None,
    }
}

fn loads_packet_pointer(fault: &Fault<'_>, step: usize) -> bool {
    let Some(Insn::Load { dst, .. }) = fault.path.insn(step) else { return false };
    let frame = fault.path.steps()[step].frame;
    let loaded = fault.path.after(step, frame, dst);
    loaded.is_some_and(|state| {
        state
            .pointer()
            .is_some_and(|pointer| pointer.kind.is_packet() || pointer.kind == PointerKind::PacketEnd)
    })
}

fn by_name(name: &str) -> Option<Carrier> {
    match name {
        _ if name.starts_with("bpf_xdp_") => Some(Carrier::Xdp),
        _ if name.starts_with("bpf_skb_") => Some(Carrier::Skb),
        _ => None,
    }
}
