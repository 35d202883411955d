//! From a [`Line`] to its text.

use std::fmt::{self, Display, Formatter};

use super::line::{
    Call, Diagnosis, Edge, FunctionNote, Heading, InsnLine, InsnTail, InsnText, Line, ListingTail, LiveInsn,
    LiveStack, ParentMarks, Precision, SccEvent, SourceLine, StackListing, StateAt, Summary,
};

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => Ok(()),
            Self::Insn(insn) => insn.fmt(f),
            Self::State(line) => write!(f, "{}{}", line.at, line.state),
            Self::Safe(at) => write!(f, "{at} safe"),
            Self::Source(SourceLine { text, place: None }) => write!(f, "; {text}"),
            Self::Source(SourceLine { text, place: Some((file, line)) }) => {
                write!(f, "; {text} @ {file}:{line}")
            }
            Self::Function(note) => note.fmt(f),
            Self::Call(call) => call.fmt(f),
            Self::Precision(precision) => precision.fmt(f),
            Self::Propagating { frame: Some(frame), what } => write!(f, "frame {frame}: propagating {what}"),
            Self::Propagating { frame: None, what } => write!(f, "propagating {what}"),
            Self::LiveHeader => f.write_str("Live regs before insn:"),
            Self::LiveInsn(live) => live.fmt(f),
            Self::Scc(event, chain) => write!(f, "SCC {event} ({})", chain.0),
            Self::LiveStack(live) => live.fmt(f),
            Self::StackListing(listing) => listing.fmt(f),
            Self::Diagnosis(diagnosis) => diagnosis.fmt(f),
            Self::Processed(summary) => summary.fmt(f),
            Self::MessageProcessed(message, summary) => write!(f, "{message}{summary}"),
            Self::VerificationTime(time) => write!(f, "verification time {time} usec"),
            Self::StackDepth(depth) => write!(f, "stack depth {depth}"),
            Self::Message(text) => f.write_str(text),
        }
    }
}

impl Display for InsnText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        push_insn(f, self.opcode, self.text)
    }
}

fn push_insn(f: &mut Formatter<'_>, opcode: Option<u8>, text: &str) -> fmt::Result {
    if let Some(opcode) = opcode {
        write!(f, "({opcode:02x}) ")?;
    }
    f.write_str(text)
}

impl Display for InsnLine<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.slot)?;
        push_insn(f, self.opcode, self.text)?;
        match self.tail {
            InsnTail::None => Ok(()),
            InsnTail::Changed { padding, state } => write!(f, "{:1$};{state}", "", padding as usize),
            InsnTail::Next { slot, state } => write!(f, " {slot}:{state}"),
            InsnTail::Joined(line) => write!(f, " {line}"),
        }
    }
}

impl Display for StateAt {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsaid => Ok(()),
            Self::Insn(slot) => write!(f, "{slot}:"),
            Self::Edge(Edge { from, to, speculative }) => {
                let speculative = if *speculative { " (speculative execution)" } else { "" };
                write!(f, "from {from} to {to}{speculative}:")
            }
            Self::Current => f.write_str("cur state:"),
            Self::Old => f.write_str("old state:"),
        }
    }
}

impl Display for FunctionNote<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { number, slot } => write!(f, "func#{number} @{slot}"),
            Self::Validating { number, name } => write!(f, "Validating {name}() func#{number}..."),
            Self::Global { number, name: Some(name), text } => {
                write!(f, "Func#{number} ('{name}') is {text}")
            }
            Self::Global { number, name: None, text } => write!(f, "Func#{number} is {text}"),
        }
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller => f.write_str("caller:"),
            Self::Callee => f.write_str("callee:"),
            Self::Returning => f.write_str("returning from callee:"),
            Self::ToCaller(slot) => write!(f, "to caller at {slot}:"),
        }
    }
}

impl Display for Precision<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (Self::Stretch { frame, .. } | Self::Before { frame, .. } | Self::Parent { frame, .. }) = self;
        if let Some(frame) = frame {
            write!(f, "mark_precise: frame{frame}: ")?;
        }
        match self {
            Self::Stretch { last, first, subseq, .. } => {
                write!(f, "last_idx {last} first_idx {first}")?;
                subseq.map_or(Ok(()), |subseq| write!(f, " subseq_idx {subseq} "))
            }
            Self::Before { regs, stack, insn, .. } => {
                write!(f, "regs={} stack={} before {}: {insn}", regs.text, stack.text, insn.slot)
            }
            Self::Parent { marks, regs, stack, state, .. } => {
                let (relation, end) = match marks {
                    ParentMarks::State => ("state", ": "),
                    ParentMarks::Missing => ("didn't have", " marks"),
                    ParentMarks::Present => ("already had", " marks"),
                };
                write!(f, "parent {relation} regs={} stack={}{end}", regs.text, stack.text)?;
                match state {
                    Some(state) if *marks == ParentMarks::State => write!(f, "{state}"),
                    Some(state) => write!(f, ":{state}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl Display for LiveInsn<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut width = self.width as usize;
        if let Some(scc) = self.scc {
            write!(f, "{scc:3}")?;
            width = width.saturating_sub(scc.checked_ilog10().map_or(1, |log| log as usize + 1).max(3));
        }
        write!(f, "{:width$}: {} {}", self.insn.slot, self.live, self.insn)
    }
}

impl Display for SccEvent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enter => "enter",
            Self::Exit => "exit",
            Self::Backedge => "backedge",
        })
    }
}

impl Display for LiveStack<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mark { chain, frame, slot, marks } => {
                write!(f, "({}) frame {frame} insn {slot} {marks}", chain.0)
            }
            Self::Done { chain, iterations } => {
                write!(f, "({}) live stack update done in {iterations} iterations", chain.0)
            }
        }
    }
}

impl Display for StackListing<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order { index, name } => write!(f, "topo_order[{index}] = {name}"),
            Self::Analyzing { subprog, depth } => {
                write!(f, "subprog#{subprog}: analyzing (depth {depth})...")
            }
            Self::Subprog(subprog) => write!(f, "subprog#{subprog}:"),
            Self::UseDef { subprog, depth, callsite } => {
                write!(f, "stack use/def subprog#{subprog} (d{depth},cs{callsite}):")
            }
            Self::Join(text) => write!(f, "arg JOIN {text}"),
            Self::Insn { width, insn, tail } => {
                write!(f, "{:1$}: {insn}", insn.slot, *width as usize)?;
                match tail {
                    ListingTail::None => Ok(()),
                    ListingTail::Changes(changes) => write!(f, "\t{changes}"),
                    ListingTail::Arguments(arguments) => write!(f, " // {arguments}"),
                    ListingTail::UseDef { padding, text } => {
                        write!(f, "{:1$}; {text}", "", *padding as usize)
                    }
                }
            }
        }
    }
}

impl Display for Diagnosis<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { category, title } => write!(f, "Verification failed: {category}: {title}"),
            Self::Heading(heading) => f.write_str(match heading {
                Heading::Reason => "Reason:",
                Heading::At => "At:",
                Heading::CausalPath => "Causal path:",
                Heading::Suggestion => "Suggestion:",
                Heading::InsnContext => "  Instruction context:",
                Heading::SourceContext => "  Source context:",
            }),
            Self::Insn(slot) => write!(f, "  insn {slot}"),
            Self::Place { function, file, line, column } => {
                write!(f, "  {function} @ {file}:{line}:{column}")
            }
            Self::Row { marked: true, width, number, text } => {
                write!(f, "  >>> {number:0$} | {text}", (*width as usize).saturating_sub(7))
            }
            Self::Row { marked: false, width, number, text } => {
                write!(f, "{number:0$} | {text}", (*width as usize).saturating_sub(1))
            }
            Self::Label { width, kind, text } => {
                write!(f, "{:1$}| ", "", *width as usize)?;
                if let Some(kind) = kind {
                    write!(f, "^-- {kind}: ")?;
                }
                f.write_str(text)
            }
            Self::Text(text) => write!(f, "  {text}"),
        }
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { insns, limit, max_states_per_insn, total_states, peak_states, mark_read } = self;
        write!(
            f,
            "processed {insns} insns (limit {limit}) max_states_per_insn {max_states_per_insn} \
             total_states {total_states} peak_states {peak_states} mark_read {mark_read}"
        )
    }
}
