//! Functions of a kernel that programs name: their BTF ids differ from kernel to kernel, so each engine looks them up in its own.

use knockwright_asm::{Code, Insn};
use knockwright_btf::KernelTypes;
use knockwright_verifier::Attempt;

/// The id of calls of what the kernel doesn't have: no kernel has so many types, and says that it's none of its functions.
const NO_FUNCTION: i32 = 0x7fff_0000;

/// Whether an attempt names something of the kernel.
pub(crate) fn are_named(attempt: &Attempt) -> bool {
    !attempt.program.externs.is_empty()
}

/// An attempt whose calls have the ids of a kernel.
pub(crate) fn attempt_for(attempt: &Attempt, types: &KernelTypes) -> Attempt {
    let mut attempt = attempt.clone();
    let program = &mut attempt.program;
    for named in &program.externs {
        let id = types.function(&named.name).and_then(|id| i32::try_from(id.0).ok()).unwrap_or(NO_FUNCTION);
        for &index in &named.uses {
            if let Some(Code::Insn(Insn::CallKfunc { btf_id: btf_id @ 0, module: 0 })) =
                program.items.get_mut(index).map(|item| &mut item.code)
            {
                *btf_id = id;
            }
        }
    }
    attempt
}
