//! What each register holds along the path, as far as the log shows it.

use std::collections::BTreeMap;

use knockwright_asm::{Insn, Reg, RegSet, text::parse_insn};

use crate::diagnosis::{Trace, TraceRegister};

/// The most steps of the path that are drawn: the last ones.
pub(super) const MOST_STEPS: usize = 400;

/// A register with one state over some steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stretch<'t> {
    pub(super) from: usize,
    /// The step after the last.
    pub(super) to: usize,
    pub(super) holds: &'t TraceRegister,
}

/// A register of a frame over the whole path. Where it has no stretch, its state isn't known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct History<'t> {
    pub(super) frame: u32,
    pub(super) register: u8,
    pub(super) stretches: Vec<Stretch<'t>>,
}

/// The first step that is drawn.
pub(super) fn first_step(trace: &Trace) -> usize {
    trace.path.len().saturating_sub(MOST_STEPS)
}

/// The histories of all registers that the log shows in the drawn steps, by frame and number.
pub(super) fn histories(trace: &Trace) -> Vec<History<'_>> {
    let from = first_step(trace);
    let mut now: BTreeMap<(u32, u8), &TraceRegister> = BTreeMap::new();
    let mut rows: BTreeMap<(u32, u8), Vec<Stretch<'_>>> = BTreeMap::new();
    let mut frame = trace.path.first().map_or(0, |step| step.frame);
    for (number, step) in trace.path.iter().enumerate() {
        if step.frame > frame {
            // The callee gets the arguments and nothing else.
            now.retain(|(of, _), _| *of < step.frame);
            let arguments: Vec<_> =
                (1..=5).filter_map(|reg| Some(((step.frame, reg), *now.get(&(frame, reg))?))).collect();
            now.extend(arguments);
            lose(&mut now, frame, RegSet::CALLER_SAVED);
        } else if step.frame < frame {
            let result = now.get(&(frame, 0)).copied();
            now.retain(|(of, _), _| *of <= step.frame);
            lose(&mut now, step.frame, RegSet::CALLER_SAVED);
            now.extend(result.map(|result| ((step.frame, 0), result)));
        }
        frame = step.frame;
        // What isn't shown after an instruction that writes it is no longer known.
        match parse_insn(&step.text) {
            Ok(Insn::CallLocal { .. }) => {}
            Ok(insn) => lose(&mut now, frame, insn.writes()),
            Err(_) if step.text.starts_with("call ") => lose(&mut now, frame, RegSet::CALLER_SAVED),
            Err(_) => {}
        }
        now.extend(step.registers.iter().map(|shown| ((frame, shown.register), shown)));
        if number < from {
            continue;
        }
        let column = number - from;
        for (key, holds) in &now {
            let stretches = rows.entry(*key).or_default();
            match stretches.last_mut() {
                Some(last) if last.to == column && last.holds.state == holds.state => last.to = column + 1,
                _ => stretches.push(Stretch { from: column, to: column + 1, holds }),
            }
        }
    }
    rows.into_iter().map(|((frame, register), stretches)| History { frame, register, stretches }).collect()
}

fn lose(now: &mut BTreeMap<(u32, u8), &TraceRegister>, frame: u32, lost: RegSet) {
    now.retain(|(of, register), _| {
        *of != frame || !Reg::ALL.iter().any(|reg| reg.number() == *register && lost.contains(*reg))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::TraceStep;

    fn step(insn: usize, text: &str, frame: u32, shown: &[(u8, &str)]) -> TraceStep {
        let registers = shown.iter().map(|(register, state)| TraceRegister {
            register: *register,
            state: (*state).to_owned(),
            range: None,
            kind: "scalar".to_owned(),
        });
        TraceStep {
            insn,
            text: text.to_owned(),
            frame,
            taken: false,
            source: None,
            registers: registers.collect(),
        }
    }

    #[test]
    fn calls_take_what_they_take_and_unseen_writes_leave_gaps() {
        let path = vec![
            step(0, "r1 = 1", 0, &[(1, "1")]),
            step(1, "r6 = 2", 0, &[(6, "2")]),
            step(2, "call pc+3", 0, &[]),
            step(6, "r0 = 7", 1, &[(0, "7")]),
            step(7, "exit", 1, &[]),
            step(3, "r6 = r0", 0, &[]),
            step(4, "call bpf_ktime_get_ns#5", 0, &[(0, "scalar()")]),
        ];
        let trace = Trace { path, ..Trace::default() };
        let seen: Vec<_> = histories(&trace)
            .into_iter()
            .flat_map(|row| {
                let key = (row.frame, row.register);
                row.stretches.into_iter().map(move |at| (key, at.from, at.to, at.holds.state.as_str()))
            })
            .collect();
        let wanted = [
            ((0, 0), 5, 6, "7"),
            ((0, 0), 6, 7, "scalar()"),
            ((0, 1), 0, 3, "1"),
            ((0, 6), 1, 5, "2"),
            ((1, 0), 3, 5, "7"),
            ((1, 1), 3, 5, "1"),
        ];
        assert_eq!(seen, wanted);
    }
}
