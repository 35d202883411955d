//! From a line of text to a [`Line`].
//!
//! The first bytes decide. Every form is taken apart so strictly that printing it gives the text back; what fits
//! none of them is a [`Line::Message`].

use super::line::{
    Call, Chain, Diagnosis, Edge, FunctionNote, Heading, InsnLine, InsnTail, InsnText, Line, ListingTail,
    LiveInsn, LiveStack, ParentMarks, Precision, RegSet, SccEvent, SourceLine, StackListing, StateAt,
    StateLine, Summary,
};
use super::state_text::StateText;

/// Takes one line apart, without its end.
///
/// Lines that only their neighbours tell apart (rows of the stack's analysis with slots above 99, prose of a
/// diagnosis) are told by [`Parser`].
pub fn parse(text: &str) -> Line<'_> {
    classify(text).unwrap_or_else(|| message(text))
}

/// Takes lines apart in their order, and tells those that look like others by what came before.
#[derive(Debug, Clone, Default)]
pub struct Parser {
    section: Section,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Section {
    #[default]
    Walk,
    StackListing,
    Diagnosis,
}

impl Parser {
    /// A parser at the start of a log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next line apart, without its end.
    pub fn parse<'a>(&mut self, text: &'a str) -> Line<'a> {
        let line = parse(text);
        match line {
            Line::Insn(_) if self.section == Section::StackListing => {
                return listing_insn(text, 0).unwrap_or(line);
            }
            Line::StackListing(_) => self.section = Section::StackListing,
            Line::Diagnosis(Diagnosis::Failed { .. }) => self.section = Section::Diagnosis,
            Line::Diagnosis(_) if self.section != Section::Diagnosis => return message(text),
            Line::Diagnosis(_) | Line::Empty => {}
            _ => self.section = Section::Walk,
        }
        line
    }
}

fn message(text: &str) -> Line<'_> {
    // Some messages lack their newline, and the summary follows on the same line.
    if text.ends_with(|c: char| c.is_ascii_digit())
        && let Some(at) = text.rfind("processed ")
        && let Some(summary) = summary(&text[at..])
    {
        return Line::MessageProcessed(&text[..at], summary);
    }
    Line::Message(text)
}

fn classify(text: &str) -> Option<Line<'_>> {
    let Some(&first) = text.as_bytes().first() else { return Some(Line::Empty) };
    match first {
        b'0'..=b'9' => numbered(text),
        b' ' => indented(text),
        b';' => source(text),
        b'm' | b'r' | b'l' => precision(text).map(Line::Precision).or_else(|| word(text)),
        b'p' => match text.as_bytes().get(1) {
            Some(b'a') => precision(text).map(Line::Precision),
            Some(b'r') if text.starts_with("processed ") => summary(text).map(Line::Processed),
            _ => propagating(text, None),
        },
        b'f' => from(text).or_else(|| function(text)),
        b'(' => live_stack(text).map(Line::LiveStack),
        b'c' | b'o' => compared(text).or_else(|| word(text)),
        b't' => to_caller(text).or_else(|| stack_listing(text)),
        b's' => stack_listing(text).or_else(|| stack_depth(text)),
        b'a' => stack_listing(text),
        b'S' => scc(text).or_else(|| word(text)),
        b'V' => failed(text).or_else(|| function(text)),
        b'v' => verification_time(text),
        b'F' => function(text),
        b'L' | b'R' | b'A' | b'C' => word(text),
        _ => None,
    }
}

/// Lines that are always the same.
fn word(text: &str) -> Option<Line<'_>> {
    let heading = |heading| Some(Line::Diagnosis(Diagnosis::Heading(heading)));
    match text {
        "caller:" => Some(Line::Call(Call::Caller)),
        "callee:" => Some(Line::Call(Call::Callee)),
        "returning from callee:" => Some(Line::Call(Call::Returning)),
        "Live regs before insn:" => Some(Line::LiveHeader),
        "Reason:" => heading(Heading::Reason),
        "At:" => heading(Heading::At),
        "Causal path:" => heading(Heading::CausalPath),
        "Suggestion:" => heading(Heading::Suggestion),
        _ => None,
    }
}

/// Takes text apart from its start.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    const fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    fn eat(&mut self, literal: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(())
    }

    /// A decimal number as it's printed: no sign, no needless zeros.
    fn number<T: TryFrom<u64>>(&mut self) -> Option<T> {
        let bytes = self.rest.as_bytes();
        let mut value = 0_u64;
        let mut len = 0;
        while let Some(digit) = bytes.get(len).filter(|byte| byte.is_ascii_digit()) {
            value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
            len += 1;
        }
        if len == 0 || len > 1 && bytes[0] == b'0' {
            return None;
        }
        self.rest = &self.rest[len..];
        T::try_from(value).ok()
    }

    fn signed(&mut self) -> Option<i64> {
        if self.eat("-").is_some() {
            return self.number::<i64>().filter(|&value| value != 0).map(|value| -value);
        }
        self.number()
    }

    /// What stands before a literal, which is taken, too.
    fn until(&mut self, literal: &str) -> Option<&'a str> {
        let (before, rest) = self.rest.split_once(literal)?;
        self.rest = rest;
        Some(before)
    }

    fn end(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }
}

/// The opcode in parentheses and the text, or text without opcode such as `BUG_db`.
fn insn_text(text: &str) -> Option<(Option<u8>, &str)> {
    match *text.as_bytes() {
        [b'(', high, low, b')', b' ', ..] => {
            let opcode = hex_digit(high)? << 4 | hex_digit(low)?;
            Some((Some(opcode), &text[5..]))
        }
        _ if text.starts_with("BUG_") => Some((None, text)),
        _ => None,
    }
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// Whether text looks like a state, which starts with a space.
fn is_state(text: &str) -> bool {
    match *text.as_bytes() {
        [] => true,
        [b' ', b'R', digit, ..] => digit.is_ascii_digit(),
        [b' ', b'f', b'p', b'-', ..] => true,
        [b' ', b'f', b'r', b'a', b'm', b'e', digit, ..] => digit.is_ascii_digit(),
        [b' ', b'r', b'e', b'f', b's', b'=', ..] => true,
        _ => matches!(text, " cb" | " async_cb"),
    }
}

fn state(text: &str) -> Option<StateText<'_>> {
    is_state(text).then_some(StateText::new(text))
}

/// Lines that start with a slot: instructions, states, `162: safe`.
fn numbered(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    let slot = cursor.number()?;
    cursor.eat(":")?;
    if let Some(rest) = cursor.rest.strip_prefix(' ') {
        if let Some((opcode, text)) = insn_text(rest) {
            let (text, tail) = insn_tail(opcode, text);
            return Some(Line::Insn(InsnLine { slot, opcode, text, tail }));
        }
        if rest == "safe" {
            return Some(Line::Safe(StateAt::Insn(slot)));
        }
        if rest.starts_with(['.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
            return live_insn(text, 0);
        }
    }
    Some(Line::State(StateLine { at: StateAt::Insn(slot), state: state(cursor.rest)? }))
}

/// Splits an instruction's text from what stands behind it.
fn insn_tail(opcode: Option<u8>, text: &str) -> (&str, InsnTail<'_>) {
    if let Some(at) = text.bytes().position(|byte| byte == b';')
        && let Some(state) = state(&text[at + 1..])
    {
        let insn = text[..at].trim_end_matches(' ');
        return (insn, InsnTail::Changed { padding: (at - insn.len()) as u32, state });
    }
    // At level 1 a path's log is taken back to where it left: behind a jump's text, before the line's end.
    if opcode.is_none_or(|opcode| matches!(opcode & CLASS, JMP | JMP32))
        && let Some(at) = text.find("goto pc")
        && let Some(end) = text[at + "goto pc".len()..].find(' ')
    {
        let (insn, joined) = text.split_at(at + "goto pc".len() + end);
        let joined = &joined[1..];
        return match numbered(joined) {
            Some(Line::State(StateLine { at: StateAt::Insn(slot), state })) => {
                (insn, InsnTail::Next { slot, state })
            }
            _ => (insn, InsnTail::Joined(joined)),
        };
    }
    (text, InsnTail::None)
}

/// An opcode's class, and the two of jumps.
const CLASS: u8 = 7;
const JMP: u8 = 5;
const JMP32: u8 = 6;

fn source(text: &str) -> Option<Line<'_>> {
    let text = text.strip_prefix("; ")?;
    if let Some((before, place)) = text.rsplit_once(" @ ")
        && let Some((file, line)) = place.rsplit_once(':')
    {
        let mut cursor = Cursor::new(line);
        if let (Some(line), Some(())) = (cursor.number(), cursor.end()) {
            return Some(Line::Source(SourceLine { text: before, place: Some((file, line)) }));
        }
    }
    Some(Line::Source(SourceLine { text, place: None }))
}

fn summary(text: &str) -> Option<Summary> {
    let mut cursor = Cursor::new(text);
    let mut field = |name| {
        cursor.eat(name)?;
        cursor.number()
    };
    let summary = Summary {
        insns: field("processed ")?,
        limit: field(" insns (limit ")?,
        max_states_per_insn: field(") max_states_per_insn ")?,
        total_states: field(" total_states ")?,
        peak_states: field(" peak_states ")?,
        mark_read: field(" mark_read ")?,
    };
    cursor.end()?;
    Some(summary)
}

/// `from 72 to 110: ...`
fn from(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    cursor.eat("from ")?;
    let from = cursor.number()?;
    cursor.eat(" to ")?;
    let to = cursor.number()?;
    let speculative = cursor.eat(" (speculative execution)").is_some();
    cursor.eat(":")?;
    let at = StateAt::Edge(Edge { from, to, speculative });
    if cursor.rest == " safe" {
        return Some(Line::Safe(at));
    }
    Some(Line::State(StateLine { at, state: state(cursor.rest)? }))
}

fn compared(text: &str) -> Option<Line<'_>> {
    let (at, rest) = if let Some(rest) = text.strip_prefix("cur state:") {
        (StateAt::Current, rest)
    } else {
        (StateAt::Old, text.strip_prefix("old state:")?)
    };
    Some(Line::State(StateLine { at, state: state(rest)? }))
}

fn to_caller(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    cursor.eat("to caller at ")?;
    let slot = cursor.number()?;
    cursor.eat(":")?;
    cursor.end()?;
    Some(Line::Call(Call::ToCaller(slot)))
}

/// `frame 0: propagating ...`, `func#0 @0` and other words on functions.
fn function(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    if cursor.eat("func#").is_some() {
        let number = cursor.number()?;
        cursor.eat(" @")?;
        let slot = cursor.number()?;
        cursor.end()?;
        return Some(Line::Function(FunctionNote::Start { number, slot }));
    }
    if cursor.eat("frame ").is_some() {
        let frame = cursor.number()?;
        cursor.eat(": ")?;
        return propagating(cursor.rest, Some(frame));
    }
    if cursor.eat("Validating ").is_some() {
        let name = cursor.until("() func#")?;
        let number = cursor.number()?;
        cursor.eat("...")?;
        cursor.end()?;
        return Some(Line::Function(FunctionNote::Validating { number, name }));
    }
    cursor.eat("Func#")?;
    let number = cursor.number()?;
    cursor.eat(" ('")?;
    let name = cursor.until("') is ")?;
    if !matches!(cursor.rest, "global and assumed valid." | "safe for any args that match its prototype") {
        return None;
    }
    Some(Line::Function(FunctionNote::Global { number, name, text: cursor.rest }))
}

fn propagating(text: &str, frame: Option<u32>) -> Option<Line<'_>> {
    Some(Line::Propagating { frame, what: text.strip_prefix("propagating ")? })
}

fn precision(text: &str) -> Option<Precision<'_>> {
    let mut cursor = Cursor::new(text);
    let frame = if cursor.eat("mark_precise: frame").is_some() {
        let frame = cursor.number()?;
        cursor.eat(": ")?;
        Some(frame)
    } else {
        None
    };
    let mask = frame.is_none();
    let set = |text| RegSet { text, mask };
    if cursor.eat("last_idx ").is_some() {
        let last = cursor.signed()?;
        cursor.eat(" first_idx ")?;
        let first = cursor.signed()?;
        let subseq = if mask {
            None
        } else {
            cursor.eat(" subseq_idx ")?;
            let subseq = cursor.signed()?;
            cursor.eat(" ")?;
            Some(subseq)
        };
        cursor.end()?;
        return Some(Precision::Stretch { frame, last, first, subseq });
    }
    if cursor.eat("regs=").is_some() {
        let regs = set(cursor.until(" stack=")?);
        let stack = set(cursor.until(" before ")?);
        let slot = cursor.number()?;
        cursor.eat(": ")?;
        let (opcode, text) = insn_text(cursor.rest)?;
        return Some(Precision::Before { frame, regs, stack, insn: InsnText { slot, opcode, text } });
    }
    cursor.eat("parent ")?;
    let marks = if cursor.eat("state regs=").is_some() {
        ParentMarks::State
    } else if cursor.eat("didn't have regs=").is_some() {
        ParentMarks::Missing
    } else {
        cursor.eat("already had regs=")?;
        ParentMarks::Present
    };
    let regs = set(cursor.until(" stack=")?);
    if marks == ParentMarks::State {
        // Linux 6.8 and later have a space of their own before the state's.
        let stack = set(cursor.until(": ")?);
        return Some(Precision::Parent { frame, marks, regs, stack, state: Some(state(cursor.rest)?) });
    }
    let stack = set(cursor.until(" marks")?);
    let state = if cursor.rest.is_empty() {
        None
    } else {
        cursor.eat(":")?;
        Some(state(cursor.rest)?)
    };
    Some(Precision::Parent { frame, marks, regs, stack, state })
}

fn chain<'a>(cursor: &mut Cursor<'a>) -> Option<Chain<'a>> {
    cursor.eat("(")?;
    let chain = cursor.until(")")?;
    let valid = !chain.is_empty() && chain.bytes().all(|byte| byte.is_ascii_digit() || byte == b',');
    valid.then_some(Chain(chain))
}

fn live_stack(text: &str) -> Option<LiveStack<'_>> {
    let mut cursor = Cursor::new(text);
    let chain = chain(&mut cursor)?;
    if cursor.eat(" live stack update done in ").is_some() {
        let iterations = cursor.number()?;
        cursor.eat(" iterations")?;
        cursor.end()?;
        return Some(LiveStack::Done { chain, iterations });
    }
    cursor.eat(" frame ")?;
    let frame = cursor.number()?;
    cursor.eat(" insn ")?;
    let slot = cursor.number()?;
    cursor.eat(" ")?;
    Some(LiveStack::Mark { chain, frame, slot, marks: cursor.rest })
}

fn scc(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    cursor.eat("SCC ")?;
    let event = match cursor.until(" ")? {
        "enter" => SccEvent::Enter,
        "exit" => SccEvent::Exit,
        "backedge" => SccEvent::Backedge,
        _ => return None,
    };
    let chain = chain(&mut cursor)?;
    cursor.end()?;
    Some(Line::Scc(event, chain))
}

fn verification_time(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    cursor.eat("verification time ")?;
    let time = cursor.number()?;
    cursor.eat(" usec")?;
    cursor.end()?;
    Some(Line::VerificationTime(time))
}

fn stack_depth(text: &str) -> Option<Line<'_>> {
    let depth = text.strip_prefix("stack depth ")?;
    depth.starts_with(|c: char| c.is_ascii_digit()).then_some(Line::StackDepth(depth))
}

fn stack_listing(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    let listing = if cursor.eat("topo_order[").is_some() {
        let index = cursor.number()?;
        cursor.eat("] = ")?;
        StackListing::Order { index, name: cursor.rest }
    } else if cursor.eat("arg JOIN ").is_some() {
        StackListing::Join(cursor.rest)
    } else if cursor.eat("stack use/def subprog#").is_some() {
        let subprog = cursor.until(" (d")?;
        let depth = cursor.number()?;
        cursor.eat(",cs")?;
        let callsite = cursor.number()?;
        cursor.eat("):")?;
        cursor.end()?;
        StackListing::UseDef { subprog, depth, callsite }
    } else {
        cursor.eat("subprog#")?;
        let subprog = cursor.until(":")?;
        if cursor.rest.is_empty() {
            StackListing::Subprog(subprog)
        } else {
            cursor.eat(" analyzing (depth ")?;
            let depth = cursor.number()?;
            cursor.eat(")...")?;
            cursor.end()?;
            StackListing::Analyzing { subprog, depth }
        }
    };
    Some(Line::StackListing(listing))
}

fn failed(text: &str) -> Option<Line<'_>> {
    let (category, title) = text.strip_prefix("Verification failed: ")?.split_once(": ")?;
    Some(Line::Diagnosis(Diagnosis::Failed { category, title }))
}

/// Lines that start with spaces.
fn indented(text: &str) -> Option<Line<'_>> {
    let spaces = text.bytes().position(|byte| byte != b' ')?;
    let rest = &text[spaces..];
    if spaces == 1
        && let Some(state) = state(text)
    {
        return Some(Line::State(StateLine { at: StateAt::Unsaid, state }));
    }
    if rest.as_bytes()[0].is_ascii_digit()
        && let Some(line) = listing_insn(text, spaces)
            .or_else(|| live_insn(text, spaces))
            .or_else(|| diagnosis_row(text, spaces, false))
    {
        return Some(line);
    }
    let diagnosis = if rest.starts_with('|') {
        diagnosis_label(rest, spaces as u32)?
    } else if spaces != 2 {
        return None;
    } else if rest.starts_with(">>> ") {
        return diagnosis_row(text, spaces, true);
    } else {
        match rest {
            "Instruction context:" => Diagnosis::Heading(Heading::InsnContext),
            "Source context:" => Diagnosis::Heading(Heading::SourceContext),
            _ => diagnosis_insn(rest).or_else(|| diagnosis_place(rest)).unwrap_or(Diagnosis::Text(rest)),
        }
    };
    Some(Line::Diagnosis(diagnosis))
}

/// A row of the stack's analysis, whose slot starts behind `spaces` spaces.
fn listing_insn(text: &str, spaces: usize) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(&text[spaces..]);
    let slot = cursor.number()?;
    let width = (text.len() - cursor.rest.len()) as u32;
    cursor.eat(": ")?;
    let (opcode, text) = insn_text(cursor.rest)?;
    let (text, tail) = listing_tail(text);
    Some(Line::StackListing(StackListing::Insn { width, insn: InsnText { slot, opcode, text }, tail }))
}

fn listing_tail(text: &str) -> (&str, ListingTail<'_>) {
    if let Some((text, changes)) = text.split_once('\t') {
        return (text, ListingTail::Changes(changes));
    }
    if let Some((text, arguments)) = text.split_once(" // ") {
        return (text, ListingTail::Arguments(arguments));
    }
    if let Some((before, use_def)) = text.split_once("; ") {
        let text = before.trim_end_matches(' ');
        return (text, ListingTail::UseDef { padding: (before.len() - text.len()) as u32, text: use_def });
    }
    (text, ListingTail::None)
}

/// A row of the listing of live registers, whose first number starts behind `spaces` spaces.
fn live_insn(text: &str, spaces: usize) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(&text[spaces..]);
    let first = cursor.number()?;
    let column = text.len() - cursor.rest.len();
    let (scc, slot) = if cursor.rest.starts_with(':') {
        (None, first)
    } else {
        // The loop has three columns.
        if column != column.max(3) || column > 3 && spaces > 0 {
            return None;
        }
        cursor.rest = cursor.rest.trim_start_matches(' ');
        (Some(first), cursor.number()?)
    };
    let width = (text.len() - cursor.rest.len()) as u32;
    cursor.eat(": ")?;
    let live = cursor.until(" ")?;
    if live.len() < 10 || !live.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit()) {
        return None;
    }
    let (opcode, text) = insn_text(cursor.rest)?;
    Some(Line::LiveInsn(LiveInsn { scc, width, live, insn: InsnText { slot, opcode, text } }))
}

fn diagnosis_row(text: &str, spaces: usize, marked: bool) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(&text[spaces..]);
    if marked {
        cursor.eat(">>> ")?;
        cursor.rest = cursor.rest.trim_start_matches(' ');
    }
    let number = cursor.number()?;
    cursor.eat(" ")?;
    let width = (text.len() - cursor.rest.len()) as u32;
    cursor.eat("| ")?;
    Some(Line::Diagnosis(Diagnosis::Row { marked, width, number, text: cursor.rest }))
}

fn diagnosis_label(text: &str, width: u32) -> Option<Diagnosis<'_>> {
    let text = text.strip_prefix("| ")?;
    if let Some(label) = text.strip_prefix("^-- ")
        && let Some((kind, text)) = label.split_once(": ")
        && !kind.is_empty()
        && kind.bytes().all(|byte| byte.is_ascii_lowercase())
    {
        return Some(Diagnosis::Label { width, kind: Some(kind), text });
    }
    Some(Diagnosis::Label { width, kind: None, text })
}

fn diagnosis_insn(text: &str) -> Option<Diagnosis<'_>> {
    let mut cursor = Cursor::new(text);
    cursor.eat("insn ")?;
    let slot = cursor.number()?;
    cursor.end()?;
    Some(Diagnosis::Insn(slot))
}

fn diagnosis_place(text: &str) -> Option<Diagnosis<'_>> {
    let (function, place) = text.split_once(" @ ")?;
    let (place, column) = place.rsplit_once(':')?;
    let (file, line) = place.rsplit_once(':')?;
    let (mut line, mut column) = (Cursor::new(line), Cursor::new(column));
    let numbers = (line.number()?, column.number()?);
    line.end()?;
    column.end()?;
    Some(Diagnosis::Place { function, file, line: numbers.0, column: numbers.1 })
}
