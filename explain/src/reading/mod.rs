//! What a log says, read in one pass: the path that failed, the messages at its end, and what else is worth keeping.

mod loader;
mod log;
mod quotation;
mod raw;
mod sources;
mod trail;
mod unknown;

use std::io::{self, BufRead};

use knockwright_asm::opcode;
use knockwright_verifier::log::{
    Call, Diagnosis as Block, FunctionNote, Heading, InsnTail, Line, Parser, Precision, StackListing,
    StateAt, Summary,
};
use knockwright_verifier::message::{Kind, Read};

use crate::intake;

pub(crate) use loader::Failed;
pub use log::{KernelEvent, KernelWords};
pub(crate) use log::{Reading, kernel_format};
use quotation::Quotations;
pub use raw::{LogLine, LogText};
pub use trail::SourceText;
use trail::{NewStep, Whose};
pub(crate) use trail::{Step, When};
use unknown::UNKNOWN_KEPT;
pub use unknown::UnknownLines;

/// The most lines of messages that are kept of a log.
const MOST_MESSAGES: usize = 200;

/// The most 64-bit loads whose states are kept.
const MOST_LOADS: usize = 10_000;

/// What reads lines into logs.
#[derive(Debug, Default)]
struct Reader {
    parser: Parser,
    current: Reading,
    /// The frame of the next instruction.
    frame: u32,
    source: Option<u32>,
    /// A source line stands between the last instruction and the next.
    has_source: bool,
    /// The slot that must come next for the path to be without gap; none right after a branch.
    next: Option<usize>,
    heading: Option<Heading>,
    event: Option<KernelEvent>,
    /// The state that follows belongs to the tracking of precision.
    precision: bool,
    /// The line before was a state that doesn't say of which instruction it is.
    unsaid: bool,
    /// The path has come to its end: the next state is of another one.
    path_ended: bool,
    /// The path of a function that is checked by itself begins with the next instruction.
    validates: bool,
    begun: bool,
    ended: bool,
    done: Vec<Reading>,
    /// The program and error of the next log, which stand before it.
    program: Option<String>,
    errno: Option<i32>,
    /// What failed beside the program, as the loader says before or after its log.
    failed: Option<loader::Failed>,
    outside: UnknownLines,
    /// Lines that no one knows, right before a log: if nothing but the summary follows, they are its message.
    before: Vec<String>,
    /// Whether the text of each log is kept as it stands.
    keeps_text: bool,
}

/// Whether a line is the start of a summary that was cut off: it's none of the verifier's reasons.
fn is_cut_summary(text: &str) -> bool {
    let rest = text.strip_prefix("processed ").unwrap_or_default();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &rest[digits..];
    let known = " insns (limit 1000000) max_states_per_insn ";
    digits > 0 && (known.starts_with(rest) || rest.starts_with(" insns (limit "))
}

/// Reads all logs of an input, and passes each on when it is read; gives the lines outside of all of them.
///
/// # Errors
/// What the input or `each` says.
pub(crate) fn read(
    input: impl BufRead,
    keeps_text: bool,
    each: impl FnMut(Reading) -> io::Result<()>,
) -> io::Result<UnknownLines> {
    let reader = Reader { keeps_text, ..Reader::default() };
    let mut sink = Sink { reader, quotations: Quotations::default(), found: false, each };
    intake::for_each_line(input, &mut sink)?;
    sink.finish()
}

/// Passes on what the reader has read.
struct Sink<E> {
    reader: Reader,
    quotations: Quotations,
    /// Whether there was a log.
    found: bool,
    each: E,
}

impl<E: FnMut(Reading) -> io::Result<()>> intake::Lines for Sink<E> {
    fn line(&mut self, line: &str) {
        self.reader.line(line);
        if self.reader.keeps_text && self.reader.begun {
            self.reader.current.text.push(line);
        }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        for log in self.reader.done.drain(..) {
            if let Some(log) = self.quotations.sift(log, &mut self.reader.outside) {
                self.found = true;
                (self.each)(log)?;
            }
        }
        Ok(())
    }
}

impl<E: FnMut(Reading) -> io::Result<()>> Sink<E> {
    fn finish(mut self) -> io::Result<UnknownLines> {
        let (errno, failed) = (self.reader.errno, self.reader.failed);
        self.reader.end();
        intake::Lines::pass_on(&mut self)?;
        if !self.found && (self.reader.program.is_some() || errno.is_some() || failed.is_some()) {
            // The loader says that it failed, and there is no log.
            let program = self.reader.program.take();
            (self.each)(Reading { program, errno, failed, ..Reading::default() })?;
        }
        Ok(self.reader.outside)
    }
}

impl Reader {
    fn line(&mut self, text: &str) {
        if text.starts_with("mark_precise: frame") && self.begun && !self.ended {
            // Most lines of large logs, and nothing in them that is needed here.
            self.current.lines += 1;
            return;
        }
        if let Some(note) = loader::read(text) {
            self.before.clear();
            if note.starts_log {
                self.end();
            }
            if self.begun && self.ended && !note.starts_log && note.first_line.is_none() && !note.is_prelude {
                self.attach(&note);
                return;
            }
            self.program = note.program.map(str::to_owned).or(self.program.take());
            self.errno = note.errno.or(self.errno);
            self.failed = self.failed.or(note.failed);
            if self.begun && note.ends_log {
                // Some loaders name program and error after the log.
                self.current.program = self.current.program.take().or(self.program.take());
                self.current.errno = self.current.errno.or(self.errno.take());
                self.end();
            }
            if let Some(first) = note.first_line {
                self.line(first);
            }
            if let Some(lines) = note.shortened {
                self.shortened(lines);
            }
            return;
        }
        let line = self.parser.parse(text);
        if self.ended && starts_log(&line) {
            self.end();
        }
        if !self.begun {
            let before = std::mem::take(&mut self.before);
            match line {
                Line::Processed(_) | Line::MessageProcessed(..) => {
                    self.begin();
                    self.outside.take_back(before.len());
                    if self.keeps_text {
                        before.iter().for_each(|line| self.current.text.push(line));
                    }
                    self.current.messages = before;
                }
                Line::Empty | Line::Message(_) => self.before = before,
                _ => {}
            }
        }
        match line {
            Line::Empty => return,
            Line::Message(text) => return self.message(text),
            _ => {}
        }
        self.begin();
        self.current.lines += 1;
        self.known_line(line);
    }

    /// What a loader says after a log that has ended: of that log, unless it names another program.
    fn attach(&mut self, note: &loader::Note<'_>) {
        let current = &mut self.current;
        let is_another = matches!((&current.program, note.program), (Some(this), Some(that)) if this != that);
        if is_another {
            self.program = note.program.map(str::to_owned);
            self.errno = note.errno;
            return;
        }
        current.program = current.program.take().or(note.program.map(str::to_owned));
        current.errno = current.errno.or(note.errno);
        current.failed = current.failed.or(note.failed);
        if note.ends_log {
            self.end();
        }
    }

    /// The last lines of a log in one: `6: (79) r0 = *(u64 *)(r0 +0): R0 invalid mem access 'map_value_or_null'`.
    fn shortened(&mut self, lines: &str) {
        let splits = || lines.match_indices(": ").map(|(at, _)| (&lines[..at], &lines[at + 2..]));
        let is_message = |text: &str| Read::of(text).is_some_and(|message| message.is_telling);
        let is_line = |text: &str| {
            is_message(text) || matches!(Parser::default().parse(text), Line::Insn(_) | Line::State(_))
        };
        // Messages have colons of their own: the line before must be one of the verifier's too.
        let whole = splits().find(|(before, message)| is_line(before) && Read::of(message).is_some());
        let after_anything = || splits().find(|(_, message)| is_message(message));
        match whole {
            Some((before, message)) => {
                self.line(before);
                self.message(message);
            }
            None if is_message(lines) => self.message(lines),
            None => {
                let Some((before, message)) = after_anything() else { return self.line(lines) };
                self.line(before);
                self.message(message);
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each kind of line")]
    fn known_line(&mut self, line: Line<'_>) {
        let was_precision = std::mem::take(&mut self.precision);
        let was_unsaid = std::mem::take(&mut self.unsaid);
        match line {
            Line::Insn(insn) => {
                let slot = insn.slot as usize;
                self.current.walked += u64::from(insn.opcode.is_some());
                self.current.messages.clear();
                self.current.kernel_words = None;
                if std::mem::take(&mut self.path_ended) {
                    // No line says which branch is taken up now.
                    self.current.trail.forget_all();
                }
                let follows = self.follows(slot);
                // A line that stands before a gap that nothing else shows is of what is missing, perhaps.
                let in_doubt =
                    !follows && !self.current.trail.is_in_gap() && !self.current.trail.steps().is_empty();
                let has_source = std::mem::take(&mut self.has_source) && !in_doubt;
                let is_cut = !follows || self.current.trail.is_in_gap();
                let calls_back =
                    self.current.trail.steps().last().is_some_and(|last| last.frame != self.frame);
                if !has_source && is_cut && !calls_back {
                    // The line before the gap isn't this instruction's.
                    self.source = None;
                }
                if std::mem::take(&mut self.validates) && self.current.validated.len() < MOST_LOADS {
                    self.current.validated.push(slot);
                }
                let source = self.source;
                let (opcode, frame) = (insn.opcode, self.frame);
                self.current.trail.push(NewStep { slot, opcode, frame, text: insn.text, follows, source });
                if let Some(opcode) = insn.opcode {
                    self.current.last_insn = Some(slot);
                    if let Some(source) = source.filter(|_| self.keeps_text) {
                        self.current.listed_from(slot, source);
                    }
                    self.current.list(slot, opcode, insn.text);
                }
                self.next = Some(slot + insn.opcode.map_or(1, opcode::slots));
                if !insn.opcode.is_none_or(opcode::falls_through) {
                    self.next = self.current.trail.last_target();
                }
                self.path_ended = insn.opcode == Some(opcode::EXIT) && self.frame == 0;
                match insn.tail {
                    InsnTail::None => {}
                    InsnTail::Joined(text) => self.line(text),
                    InsnTail::Changed { state, .. } => {
                        self.current.trail.push_state(state.text(), Whose::Named);
                        if insn.opcode == Some(opcode::LD_IMM64) && self.current.loads.len() < MOST_LOADS {
                            self.current.loads.entry(slot).or_insert_with(|| state.text().into());
                        }
                    }
                    InsnTail::Next { slot: target, state } => {
                        self.go_on_at(target as usize);
                        self.frame = trail::frame_of(state.text());
                        self.current.trail.push_state(state.text(), Whose::Named);
                    }
                }
            }
            Line::State(line) => match line.at {
                StateAt::Unsaid if was_precision => {}
                StateAt::Unsaid => {
                    self.current.trail.push_state(line.state.text(), Whose::Unsaid);
                    self.unsaid = true;
                }
                StateAt::Insn(slot) => {
                    if std::mem::take(&mut self.path_ended) {
                        self.current.messages.clear();
                        if !self.current.trail.go_back_by_target(slot as usize) {
                            self.current.trail.forget_all();
                        }
                        self.next = Some(slot as usize);
                    } else if self.current.trail.steps().last().is_some_and(|last| last.slot == slot as usize)
                    {
                        // Precision lines broke the instruction's line, and this is what stood after it.
                        self.current.trail.push_state(line.state.text(), Whose::Named);
                        return;
                    } else {
                        self.go_on_at(slot as usize);
                    }
                    self.frame = trail::frame_of(line.state.text());
                    self.current.trail.push_state(line.state.text(), Whose::Named);
                }
                StateAt::Edge(edge) => {
                    self.path_ended = false;
                    self.current.messages.clear();
                    self.current.trail.go_back_to(edge.from as usize);
                    self.next = Some(edge.to as usize);
                    self.frame = trail::frame_of(line.state.text());
                    self.current.trail.push_state(line.state.text(), Whose::Named);
                }
                StateAt::Current | StateAt::Old => {}
            },
            Line::Safe(at) => {
                self.current.walked += 1;
                self.path_ended = true;
                if let StateAt::Edge(edge) = at {
                    self.current.trail.go_back_to(edge.from as usize);
                }
                self.next = None;
            }
            Line::Source(source) => {
                self.current.signs.places |= source.place.is_some();
                let (file, line) =
                    source.place.map_or((None, None), |(file, line)| (Some(file.to_owned()), Some(line)));
                self.source = Some(self.current.source(file, line, source.text));
                self.has_source = true;
            }
            Line::Function(FunctionNote::Start { slot, .. }) => self.current.functions.push(slot as usize),
            Line::Function(FunctionNote::Validating { .. }) => {
                // Nothing of the path before belongs to this one.
                self.validates = true;
                self.path_ended = false;
                self.current.trail.begin_anew();
                self.next = None;
                self.frame = 0;
                self.source = None;
            }
            Line::Function(FunctionNote::Global { text, .. }) => {
                self.current.found_safe += usize::from(text.starts_with("safe "));
            }
            Line::Function(_) => {}
            Line::Call(Call::Callee) => {
                self.frame += 1;
                self.next = self.current.trail.last_target();
                self.current.trail.take_last();
            }
            Line::Call(Call::Returning) => self.frame = self.frame.saturating_sub(1),
            Line::Call(Call::ToCaller(slot)) => self.next = Some(slot as usize),
            Line::Call(Call::Caller) => {}
            Line::Precision(Precision::Parent { state: None, .. }) => {
                // Linux 5.10 writes the state that its tracking has come to before it says of which marks.
                if was_unsaid {
                    self.current.trail.drop_state();
                }
                self.precision = true;
            }
            Line::Precision(_) | Line::Propagating { .. } => {}
            Line::LiveHeader => self.current.signs.live_registers = true,
            Line::LiveInsn(row) => {
                self.current.signs.live_registers = true;
                self.current.signs.loops |= row.scc.is_some();
                if let Some(opcode) = row.insn.opcode {
                    self.current.list(row.insn.slot as usize, opcode, row.insn.text);
                }
            }
            Line::Scc(..) => self.current.signs.loops = true,
            Line::LiveStack(_) => self.current.signs.live_stack = true,
            Line::StackListing(listing) => {
                self.current.signs.stack_listing = true;
                if let StackListing::Insn { insn, .. } = listing
                    && let Some(opcode) = insn.opcode
                {
                    self.current.list(insn.slot as usize, opcode, insn.text);
                }
            }
            Line::Diagnosis(block) => self.block(block),
            Line::MessageProcessed(text, summary) => {
                self.message(text);
                self.summary(summary);
            }
            Line::Processed(summary) => self.summary(summary),
            _ => {}
        }
    }

    /// Whether an instruction at a slot follows the one before it, by falling through or by its jump.
    fn follows(&mut self, slot: usize) -> bool {
        if self.next.is_none_or(|next| next == slot) {
            return true;
        }
        let jumps = self.current.trail.last_target() == Some(slot);
        if jumps {
            self.current.trail.take_last();
        }
        jumps
    }

    /// A state says that the path goes on at a slot.
    fn go_on_at(&mut self, slot: usize) {
        if !self.follows(slot) {
            self.current.trail.mark_gap();
        }
        self.next = Some(slot);
    }

    fn message(&mut self, text: &str) {
        let text = text.trim();
        if matches!(text, "..." | "…" | "[...]" | "[…]") {
            // Whoever shows the log left something out, if it's before the message.
            if self.begun && !self.ended && self.current.messages.is_empty() {
                self.current.trail.mark_gap();
            }
            return;
        }
        if self.begun && !self.ended && is_cut_summary(text) {
            return;
        }
        let known = Read::of(text);
        let is_known = known.as_ref().is_some_and(|known| self.begun && !self.ended || begins_log(known));
        if is_known && self.ended {
            self.end();
        }
        if self.begun && !self.ended || is_known {
            self.begin();
            self.current.lines += usize::from(is_known);
            self.current.messages.push(text.to_owned());
            if self.current.messages.len() > MOST_MESSAGES {
                let gone = self.current.messages.remove(0);
                self.current.unknown.push(&gone);
            }
            return;
        }
        self.outside.push(text);
        if self.before.len() == UNKNOWN_KEPT {
            self.before.remove(0);
        }
        self.before.push(text.to_owned());
    }

    fn block(&mut self, block: Block<'_>) {
        let words = self.current.kernel_words.get_or_insert_default();
        self.current.signs.block = true;
        match block {
            Block::Failed { category, title } => {
                (words.category, words.title) = (category.to_owned(), title.to_owned());
            }
            Block::Heading(
                heading @ (Heading::Reason | Heading::At | Heading::CausalPath | Heading::Suggestion),
            ) => {
                self.heading = Some(heading);
            }
            Block::Insn(insn) => self.event = Some(KernelEvent { insn, ..KernelEvent::default() }),
            Block::Label { kind, text, .. } if self.heading == Some(Heading::CausalPath) => {
                if let (Some(mut event), Some(kind)) = (self.event.take(), kind) {
                    (event.kind, event.text) = (kind.to_owned(), text.to_owned());
                    words.path.push(event);
                } else if let (Some(event), None) = (words.path.last_mut(), kind) {
                    append(&mut event.text, text);
                }
            }
            // Source lines are rows too; instructions begin with their opcode.
            Block::Row { marked: true, number, text, .. }
                if self.heading == Some(Heading::At) && text.starts_with('(') =>
            {
                words.insn = Some(number);
            }
            Block::Text(text) => match self.heading {
                Some(Heading::Reason) => append(&mut words.reason, text),
                Some(Heading::Suggestion) => append(&mut words.suggestion, text),
                _ => {}
            },
            _ => {}
        }
    }

    fn summary(&mut self, summary: Summary) {
        self.current.summary = Some(summary);
        self.current.path_ended = self.path_ended;
        self.ended = true;
    }

    fn begin(&mut self) {
        if !self.begun {
            self.begun = true;
            self.current.program = self.program.take();
            self.current.errno = self.errno.take();
            self.current.failed = self.failed.take();
        }
    }

    /// The log is at its end: what follows is another one.
    fn end(&mut self) {
        if self.begun {
            self.current.unknown_messages();
            self.done.push(std::mem::take(&mut self.current));
        }
        let last = std::mem::take(self);
        *self = Self {
            done: last.done,
            program: last.program,
            errno: last.errno,
            failed: last.failed,
            outside: last.outside,
            before: last.before,
            keeps_text: last.keeps_text,
            ..Self::default()
        };
    }
}

/// Whether a message says by itself that it's the verifier's. Those of the loads of types and maps are too plain for that.
fn begins_log(message: &Read<'_>) -> bool {
    message.is_telling && !matches!(message.kind, Kind::BtfRefused | Kind::MapCreation)
}

/// Whether a line can only stand at the start of a log, or in the middle of another one.
fn starts_log(line: &Line<'_>) -> bool {
    matches!(
        line,
        Line::Insn(_)
            | Line::State(_)
            | Line::Function(FunctionNote::Start { .. })
            | Line::LiveHeader
            | Line::StackListing(_)
            | Line::Source(_)
            | Line::Processed(_)
            | Line::MessageProcessed(..)
    )
}

fn append(to: &mut String, text: &str) {
    if !to.is_empty() {
        to.push(' ');
    }
    to.push_str(text.trim());
}
