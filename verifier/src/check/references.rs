//! Whether everything has been given back where a program may end.

use crate::machine::Machine;
use crate::message::Message;
use crate::state::Reference;
use crate::stop::{Checked, EINVAL, Stop};

/// Where a program may end, so that nothing may be left to give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Exit,
    /// A tail call that succeeds.
    TailCall,
    /// A classic packet load outside of the packet.
    PacketLoad,
}

impl<E> Machine<'_, E> {
    /// Whether everything has been given back that the entry must give back, or a callback on kernels that keep it by frame.
    /// Functions leave it to their callers.
    pub(crate) fn check_no_references(&self, end_of_path: End) -> Checked {
        let depth = self.state.depth();
        let by_frame = self.rules.references_by_frame && self.state.frame().in_callback;
        let must = |reference: &&Reference| depth == 0 || (by_frame && reference.callback == Some(depth));
        let mut left = self.state.references.iter().filter(must).peekable();
        if left.peek().is_none() {
            return Ok(());
        }
        let stop = left.fold(Stop::silent(EINVAL), |stop, reference| {
            let (id, insn) = (reference.id.get().into(), reference.insn.into());
            stop.then(Message::ReferenceLeak { id, insn })
        });
        let end = |what: &'static str| Message::LeakingEnd { what: what.into() };
        Err(match (end_of_path, self.rules.names_leaking_end) {
            (End::Exit, false) => stop,
            (End::Exit, true) => stop.then(end("BPF_EXIT instruction in main prog")),
            (End::TailCall, _) => stop.then(end("tail_call")),
            (End::PacketLoad, false) => stop.then(Message::LeakingLoad {}),
            (End::PacketLoad, true) => stop.then(end("BPF_LD_[ABS|IND]")),
        })
    }
}
