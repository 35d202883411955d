//! Whether the stacks of functions that call each other fit together.

use super::{Structure, has_tail_call, is_function_address, is_local_call};
use crate::message::Message;
use crate::program::Subject;
use crate::state::{MAX_FRAMES, MAX_STACK};
use crate::stop::{Checked, E2BIG, EACCES, Stop, refuse};

/// How many calls the check of the stack's depth follows before it gives up.
const MAX_FOLLOWED: usize = 5_000_000;

/// Checks that the stacks of functions that call each other fit together, following every chain of calls, also those that
/// no path takes. A function whose address is taken counts as called there.
pub(crate) fn check_stack_depth(subject: &Subject, structure: &Structure, used: &[usize]) -> Checked {
    const MAX_BEFORE_TAIL_CALL: usize = 256;
    let starts = &structure.starts;
    let tail_calls = |function: usize| has_tail_call(&subject.slots[starts[function]..starts[function + 1]]);
    let enter = |function: usize, depth: usize, frames: usize| -> Checked<usize> {
        if function > 0 && depth >= MAX_BEFORE_TAIL_CALL && tail_calls(function) {
            return refuse(EACCES, Message::TailCallStack { size: depth.into() });
        }
        let size = used[function].next_multiple_of(16);
        if depth + size > MAX_STACK {
            let size = depth + size;
            return refuse(EACCES, Message::CombinedStack { calls: frames.into(), size: size.into() });
        }
        Ok(size)
    };
    let mut depth = enter(0, 0, 1)?;
    let mut chain = vec![(0, starts[0], depth)];
    let mut followed = 0;
    while let Some(&mut (function, ref mut at, size)) = chain.last_mut() {
        let enters =
            |at: &usize| is_local_call(&subject.slots[*at]) || is_function_address(&subject.slots[*at]);
        let Some(call) = (*at..starts[function + 1]).find(enters) else {
            depth -= size;
            chain.pop();
            continue;
        };
        *at = call + 1;
        followed += 1;
        if followed > MAX_FOLLOWED {
            return Err(Stop::unsupported("calls of this many functions by each other"));
        }
        let target = (call as i64 + 1 + i64::from(subject.slots[call].imm)) as usize;
        let Some(callee) = starts.iter().position(|&start| start == target) else {
            continue;
        };
        if chain.len() >= MAX_FRAMES {
            return refuse(E2BIG, Message::ChainDepth { frames: chain.len().into() });
        }
        let size = enter(callee, depth, chain.len() + 1)?;
        depth += size;
        chain.push((callee, target, size));
    }
    Ok(())
}
