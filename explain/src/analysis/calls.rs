//! Calls on the path, as far as its text names them.

use knockwright_asm::Insn;
use knockwright_verifier::message::Kind;

use super::Fault;
use super::findings::helper_name;

/// The helper, or the kernel function, that the last instruction calls; else the one that the message names.
pub(crate) fn called(fault: &Fault<'_>) -> Option<String> {
    let named = || {
        let (message, _) = fault.message.as_ref()?;
        Some(message.fields.text("helper")?.split('#').next()?.to_owned())
    };
    fault.step.and_then(|step| helper_name(fault, step)).or_else(named)
}

/// What acquired that which is never given back, by its name.
pub(crate) fn acquired(fault: &Fault<'_>) -> Option<String> {
    let leak = fault.detail(Kind::ReferenceLeak)?;
    let slot = usize::try_from(leak.fields.number("insn")?).ok()?;
    let step = fault.path.steps().iter().rposition(|step| step.slot == slot)?;
    helper_name(fault, step)
}

/// Whether a call stands before the last instruction on its path, so that r1 to r5 may be lost.
pub(crate) fn called_before(fault: &Fault<'_>) -> bool {
    let is_call = |step: usize| {
        matches!(
            fault.path.insn(step),
            Some(Insn::CallHelper { .. } | Insn::CallKfunc { .. } | Insn::CallLocal { .. })
        )
    };
    fault.step.is_some_and(|last| (0..last).any(is_call))
}
