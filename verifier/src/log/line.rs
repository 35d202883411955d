//! The lines of a log.

use super::StateText;

/// One line of a log. It borrows its text and prints as it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Line<'a> {
    /// Nothing.
    Empty,
    /// An instruction that is walked, with or without what it changed.
    Insn(InsnLine<'a>),
    /// A state on a line of its own.
    State(StateLine<'a>),
    /// `162: safe`, `from 109 to 111: safe`: the path joins one that was walked.
    Safe(StateAt),
    /// `; int ret = 0; @ f.c:12`: the source of what follows.
    Source(SourceLine<'a>),
    /// A word on a function.
    Function(FunctionNote<'a>),
    /// Entering or leaving a function.
    Call(Call),
    /// Going back for numbers that must be precise.
    Precision(Precision<'a>),
    /// `frame 0: propagating r1,r3`: precision from a walked state.
    Propagating {
        /// The frame; none before it was written.
        frame: Option<u32>,
        /// Registers and slots as they stand.
        what: &'a str,
    },
    /// `Live regs before insn:`
    LiveHeader,
    /// A row of that listing.
    LiveInsn(LiveInsn<'a>),
    /// `SCC enter (1)`: loops.
    Scc(SccEvent, Chain<'a>),
    /// Liveness of the stack, by instruction.
    LiveStack(LiveStack<'a>),
    /// The analysis of the stack before the walk, since Linux 7.1.
    StackListing(StackListing<'a>),
    /// A line of the block that Linux 7.3 writes after the message.
    Diagnosis(Diagnosis<'a>),
    /// `processed 8 insns (limit 1000000) ...`
    Processed(Summary),
    /// A message and the summary without a line's end between.
    MessageProcessed(&'a str, Summary),
    /// `verification time 12 usec`
    VerificationTime(u64),
    /// `stack depth 8+0`: bytes of each function, as they stand.
    StackDepth(&'a str),
    /// Any other text: what the verifier has to say.
    Message(&'a str),
}

impl<'a> Line<'a> {
    /// The state on the line, if it has one.
    pub fn state(&self) -> Option<StateText<'a>> {
        match self {
            Self::Insn(insn) => insn.state(),
            Self::State(line) => Some(line.state),
            Self::Precision(Precision::Parent { state, .. }) => *state,
            _ => None,
        }
    }

    /// The message on the line, if it has one.
    pub fn message(&self) -> Option<&'a str> {
        match *self {
            Self::Insn(InsnLine { tail: InsnTail::Joined(text), .. }) => super::parse(text).message(),
            Self::Message(text) | Self::MessageProcessed(text, _) => Some(text),
            _ => None,
        }
    }

    /// The summary on the line, if it has one.
    pub const fn summary(&self) -> Option<Summary> {
        match *self {
            Self::Processed(summary) | Self::MessageProcessed(_, summary) => Some(summary),
            _ => None,
        }
    }
}

/// An instruction as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsnText<'a> {
    /// Its slot in the program.
    pub slot: u32,
    /// Its first byte; none for text such as `BUG_db`.
    pub opcode: Option<u8>,
    /// The instruction without slot and opcode, such as `r7 += r1`.
    pub text: &'a str,
}

/// An instruction that is walked.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct InsnLine<'a> {
    /// Its slot in the program.
    pub slot: u32,
    /// Its first byte; none for text such as `BUG_db`.
    pub opcode: Option<u8>,
    /// The instruction without slot and opcode, such as `r7 += r1`.
    pub text: &'a str,
    /// What stands after it.
    pub tail: InsnTail<'a>,
}

impl<'a> InsnLine<'a> {
    /// The state after the instruction, if there is one: what it changed, or the next path's.
    pub const fn state(&self) -> Option<StateText<'a>> {
        match self.tail {
            InsnTail::None | InsnTail::Joined(_) => None,
            InsnTail::Changed { state, .. } | InsnTail::Next { state, .. } => Some(state),
        }
    }
}

/// What stands after an instruction.
///
/// Exhaustive by design, as [`StateAt`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum InsnTail<'a> {
    /// Nothing.
    None,
    /// `; R1=2`: what it changed and what it used.
    Changed {
        /// Spaces before the `;`.
        padding: u32,
        /// The registers and slots that it changed or used.
        state: StateText<'a>,
    },
    /// `110: R0=2`: the state before another instruction, whose own line was taken back, at level 1.
    Next {
        /// That instruction's slot.
        slot: u32,
        /// All registers and slots that are known there.
        state: StateText<'a>,
    },
    /// Another line that stands on this one, such as a message after a jump at level 1: [`parse`](super::parse)
    /// takes it apart.
    Joined(&'a str),
}

/// Where a state stands.
///
/// Exhaustive by design: a reader that passes over one is a step behind from there on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateAt {
    /// Unsaid: after `caller:` and its like, and since Linux 5.10 after precision lines.
    Unsaid,
    /// `110:`, before an instruction.
    Insn(u32),
    /// `from 72 to 110:`, before an instruction that a branch leads to.
    Edge(Edge),
    /// `cur state:`, of two that are compared.
    Current,
    /// `old state:`, of two that are compared.
    Old,
}

/// A branch that is walked later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Edge {
    /// The slot of the jump.
    pub from: u32,
    /// The slot it leads to.
    pub to: u32,
    /// Only a CPU that guesses wrong takes it.
    pub speculative: bool,
}

/// A state on a line of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct StateLine<'a> {
    /// Where it stands.
    pub at: StateAt,
    /// The registers and slots that are known there.
    pub state: StateText<'a>,
}

/// The source of the instructions that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceLine<'a> {
    /// The line's text, without the spaces before it.
    pub text: &'a str,
    /// File and line, since Linux 6.9.
    pub place: Option<(&'a str, u32)>,
}

/// A word on a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FunctionNote<'a> {
    /// `func#0 @0`: a function and its first slot.
    Start {
        /// The number by which the log calls it; 0 is the program's entry.
        number: u32,
        /// The slot that it begins at.
        slot: u32,
    },
    /// `Validating f() func#1...`
    Validating {
        /// The number by which the log calls it.
        number: u32,
        /// The name that its BTF gives.
        name: &'a str,
    },
    /// `Func#1 ('f') is global and assumed valid.` and its like; without the name before Linux 6.8.
    Global {
        /// The number by which the log calls it.
        number: u32,
        /// The name that its BTF gives.
        name: Option<&'a str>,
        /// What is said of it.
        text: &'a str,
    },
}

/// Entering or leaving a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Call {
    /// `caller:`, whose state follows.
    Caller,
    /// `callee:`, whose state follows.
    Callee,
    /// `returning from callee:`, whose state follows.
    Returning,
    /// `to caller at 4:`, whose state follows.
    ToCaller(u32),
}

/// Registers or slots as precision lines name them: a hexadecimal mask (`20`) or names (`r5`, `-8,-16`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RegSet<'a> {
    /// As it stands.
    pub text: &'a str,
    /// It is a mask.
    pub mask: bool,
}

impl RegSet<'_> {
    /// The numbers: of registers, or of the stack's bytes by offset (names) or slot (mask).
    pub fn iter(&self) -> impl Iterator<Item = i32> {
        let mask = if self.mask { u64::from_str_radix(self.text, 16).unwrap_or(0) } else { 0 };
        let names = if self.mask { "" } else { self.text };
        (0..64).filter(move |bit| mask >> bit & 1 == 1).chain(
            names
                .split(',')
                .filter_map(|name| name.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().ok()),
        )
    }

    /// Whether a number is one of them.
    pub fn contains(&self, number: i32) -> bool {
        self.iter().any(|at| at == number)
    }
}

/// What is said of the marks of a parent state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParentMarks {
    /// `parent didn't have regs=2 stack=0 marks`, up to Linux 6.3: going on there.
    Missing,
    /// `parent already had regs=2 stack=0 marks`: done.
    Present,
    /// `parent state regs=r1 stack=:`
    State,
}

/// Going back for numbers that must be precise.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Precision<'a> {
    /// `last_idx 7 first_idx 0`: the stretch of instructions.
    Stretch {
        /// The frame, where the line starts with `mark_precise:`.
        frame: Option<u32>,
        /// Where it starts.
        last: i64,
        /// Where it ends.
        first: i64,
        /// The instruction after it.
        subseq: Option<i64>,
    },
    /// `regs=r1 stack= before 6: (b7) r5 = 0`: an instruction of the stretch.
    Before {
        /// The frame, where the line starts with `mark_precise:`.
        frame: Option<u32>,
        /// Registers that are wanted.
        regs: RegSet<'a>,
        /// Stack slots that are wanted.
        stack: RegSet<'a>,
        /// The instruction that is walked back over.
        insn: InsnText<'a>,
    },
    /// The state before the stretch.
    Parent {
        /// The frame, where the line starts with `mark_precise:`.
        frame: Option<u32>,
        /// What is said of its marks.
        marks: ParentMarks,
        /// Registers that are wanted.
        regs: RegSet<'a>,
        /// Stack slots that are wanted.
        stack: RegSet<'a>,
        /// The state; Linux 5.10 has it on the next line.
        state: Option<StateText<'a>>,
    },
}

/// A row of the listing of live registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveInsn<'a> {
    /// The loop that it belongs to, since Linux 6.17.
    pub scc: Option<u32>,
    /// Columns that loop and slot take.
    pub width: u32,
    /// The live registers, a character each: the digit or a dot.
    pub live: &'a str,
    /// The instruction, with notes such as `; zext` after it.
    pub insn: InsnText<'a>,
}

impl LiveInsn<'_> {
    /// The numbers of the live registers.
    pub fn iter(&self) -> impl Iterator<Item = u8> {
        self.live.bytes().enumerate().filter(|(_, c)| *c != b'.').map(|(number, _)| number as u8)
    }
}

/// What happens to a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SccEvent {
    /// `SCC enter`
    Enter,
    /// `SCC exit`
    Exit,
    /// `SCC backedge`
    Backedge,
}

/// A chain of calls, as it stands: `0`, or `1,3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chain<'a>(pub &'a str);

/// Liveness of the stack, Linux 6.18 to 7.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LiveStack<'a> {
    /// `(0) frame 0 insn 5 +live -8 `
    Mark {
        /// The chain of calls.
        chain: Chain<'a>,
        /// The frame's number; 0 is the outermost.
        frame: u32,
        /// The slot of the instruction.
        slot: u32,
        /// The marks as they stand, such as `+live -8`.
        marks: &'a str,
    },
    /// `(0) live stack update done in 2 iterations`
    Done {
        /// The chain of calls.
        chain: Chain<'a>,
        /// How often the instructions were gone through.
        iterations: u32,
    },
}

/// What stands after an instruction of the stack's analysis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListingTail<'a> {
    /// Nothing.
    None,
    /// Tabulator, then `r2: fp0+0 -> fp0-4`: registers that change.
    Changes(&'a str),
    /// `// r2=fp0-4`: arguments.
    Arguments(&'a str),
    /// `; def: fp0-4h`: what it uses and defines.
    UseDef {
        /// Spaces before the `;`.
        padding: u32,
        /// Such as `def: fp0-4h`.
        text: &'a str,
    },
}

/// The analysis of the stack before the walk, since Linux 7.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StackListing<'a> {
    /// `topo_order[0] = knock`
    Order {
        /// The place in the order.
        index: u32,
        /// The function's name, which may be empty.
        name: &'a str,
    },
    /// `subprog#0: analyzing (depth 0)...`
    Analyzing {
        /// The function's number and name as they stand: `0`, or `0 knock`.
        subprog: &'a str,
        /// The depth of calls.
        depth: u32,
    },
    /// `subprog#0 knock:`
    Subprog(&'a str),
    /// `stack use/def subprog#0 knock (d0,cs0):`
    UseDef {
        /// The function's number and name as they stand.
        subprog: &'a str,
        /// The depth of calls.
        depth: u32,
        /// The slot of the call.
        callsite: u32,
    },
    /// `arg JOIN insn 4 -> 5 r1: ...`, without `arg JOIN `.
    Join(&'a str),
    /// `  5: (85) call pc+4`: an instruction with what the analysis found.
    Insn {
        /// Columns that the slot takes.
        width: u32,
        /// The instruction as the log writes it.
        insn: InsnText<'a>,
        /// What stands after it.
        tail: ListingTail<'a>,
    },
}

/// Headings in the block that Linux 7.3 writes after the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Heading {
    /// `Reason:`
    Reason,
    /// `At:`
    At,
    /// `Causal path:`
    CausalPath,
    /// `Suggestion:`
    Suggestion,
    /// `Instruction context:`, indented.
    InsnContext,
    /// `Source context:`, indented.
    SourceContext,
}

/// A line of the block that Linux 7.3 writes after the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Diagnosis<'a> {
    /// `Verification failed: Memory Safety: Access outside bounds`
    Failed {
        /// The part before the second colon.
        category: &'a str,
        /// The part after it.
        title: &'a str,
    },
    /// A line that names what follows.
    Heading(Heading),
    /// `  insn 11`
    Insn(u32),
    /// `  knock @ knock.bpf.c:130:1`
    Place {
        /// The function's name.
        function: &'a str,
        /// The path of the source file.
        file: &'a str,
        /// Counted from 1.
        line: u32,
        /// Counted from 1.
        column: u32,
    },
    /// `  >>> 11 | (71) r0 = *(u8 *)(r0 +0)`: an instruction or a source line.
    Row {
        /// It is the one that is meant.
        marked: bool,
        /// Columns before the bar.
        width: u32,
        /// The slot or the line.
        number: u32,
        /// The text after the bar.
        text: &'a str,
    },
    /// `       | ^-- error: access may be outside object bounds`, or a line that continues it.
    Label {
        /// Columns before the bar.
        width: u32,
        /// The kind, such as `error`, `update` or `branch`; none for a line that continues.
        kind: Option<&'a str>,
        /// What is said of the marked place.
        text: &'a str,
    },
    /// Prose, without its two spaces.
    Text(&'a str),
}

/// The last line of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Summary {
    /// Instructions that were walked.
    pub insns: u64,
    /// The most that may be.
    pub limit: u64,
    /// The most states kept for one instruction.
    pub max_states_per_insn: u64,
    /// States kept in all.
    pub total_states: u64,
    /// The most states kept at one time.
    pub peak_states: u64,
    /// How far marks of reads went; 0 since Linux 6.18.
    pub mark_read: u64,
}
