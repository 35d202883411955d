//! Where functions begin and end, and what calls lead to.

use knockwright_asm::Slot;
use knockwright_asm::opcode::{self, pseudo};

use super::{has_tail_call, is_function_address, is_local_call, is_packet_load, target};
use crate::message::Message;
use crate::program::Subject;
use crate::stop::{Checked, E2BIG, EINVAL, Stop, refuse};

/// The most functions of a program, `BPF_MAX_SUBPROGS` of `include/linux/bpf_verifier.h`.
const MAX_FUNCTIONS: usize = 256;

/// Finds the functions: the first slot of each, and at the end the number of slots.
pub(crate) fn find_functions(subject: &Subject) -> Checked<Vec<usize>> {
    let count = subject.slots.len();
    let mut starts = vec![0];
    for (at, slot) in subject.slots.iter().enumerate() {
        if slot.opcode == opcode::CALL && slot.src == pseudo::KFUNC_CALL {
            find_kfunc(subject, slot)?;
        }
        if !is_local_call(slot) && !is_function_address(slot) {
            continue;
        }
        let target = at as i64 + i64::from(slot.imm) + 1;
        let Some(target) = usize::try_from(target).ok().filter(|&target| target < count) else {
            return refuse(EINVAL, Message::CallTarget {});
        };
        if !starts.contains(&target) {
            if starts.len() >= MAX_FUNCTIONS {
                return refuse(E2BIG, Message::TooManyFunctions {});
            }
            starts.push(target);
        }
    }
    starts.sort_unstable();
    starts.push(count);
    Ok(starts)
}

/// The largest id of a BTF type, `BTF_MAX_TYPE` of `include/uapi/linux/btf.h`.
const MAX_BTF_TYPE: u32 = 0xf_ffff;

/// Which functions a kernel has isn't known here, but none has an id that no BTF can have.
fn find_kfunc(subject: &Subject, slot: &Slot) -> Checked {
    let id = slot.imm as u32;
    if slot.off != 0 || id <= MAX_BTF_TYPE || !subject.is_gpl_compatible() {
        return Err(Stop::unsupported("kfunc call"));
    }
    refuse(EINVAL, Message::UnknownKfunc { btf_id: id.into() })
}

/// Checks that jumps stay in their function and that each function ends.
pub(crate) fn check_functions(subject: &Subject, starts: &[usize]) -> Checked {
    for bounds in starts.windows(2) {
        for at in bounds[0]..bounds[1] {
            let slot = &subject.slots[at];
            if opcode::is_jump(slot.opcode) {
                let target = target(slot, at);
                if target < bounds[0] as i64 || target >= bounds[1] as i64 {
                    return refuse(EINVAL, Message::JumpOutOfRange { from: at.into(), to: target.into() });
                }
            }
            if at + 1 == bounds[1] && opcode::falls_through(slot.opcode) {
                return refuse(EINVAL, Message::FallsOff {});
            }
        }
    }
    Ok(())
}

/// Without BTF nothing is known of what functions return, so that they must not end the program by themselves.
pub(crate) fn check_returns(subject: &Subject, starts: &[usize]) -> Checked {
    if !subject.functions.is_empty() {
        return Ok(());
    }
    for bounds in starts.windows(2).skip(1) {
        let slots = &subject.slots[bounds[0]..bounds[1]];
        let what = if slots.iter().any(is_packet_load) {
            "LD_ABS"
        } else if has_tail_call(slots) {
            "tail_call"
        } else {
            continue;
        };
        return refuse(EINVAL, Message::EndNeedsBtf { what: what.into() });
    }
    Ok(())
}
