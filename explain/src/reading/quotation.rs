//! Articles and questions show a log and then quote lines of it: those aren't logs of their own.

use super::Reading;
use crate::diagnosis::UnknownLines;

/// Drops pieces that only repeat lines of a log before them. Their lines count as outside of all logs.
pub(super) fn drop_quotations(logs: &mut Vec<Reading>, outside: &mut UnknownLines) {
    let mut kept: Vec<Reading> = Vec::new();
    for log in logs.drain(..) {
        let is_piece = log.summary.is_none() && !log.trail.steps().is_empty();
        // Something without an instruction and without a summary that isn't a message either says nothing.
        let is_nothing = log.summary.is_none() && log.trail.steps().is_empty() && log.messages.is_empty();
        if is_nothing && log.errno.is_none() || is_piece && kept.iter().any(|whole| repeats(&log, whole)) {
            outside.count += log.lines + log.unknown.count;
            outside.first.extend(log.unknown.first);
        } else {
            kept.push(log);
        }
    }
    *logs = kept;
}

/// Whether all instructions and known messages of a piece stand in a whole log.
fn repeats(piece: &Reading, whole: &Reading) -> bool {
    let insns = |log: &Reading| -> Vec<(usize, String)> {
        let steps = log.trail.steps().iter().enumerate();
        steps.map(|(index, step)| (step.slot, log.trail.text(index).to_owned())).collect()
    };
    let shown = insns(whole);
    insns(piece).iter().all(|insn| shown.contains(insn))
        && piece.known_messages().all(|message| whole.known_messages().any(|other| other == message))
}
