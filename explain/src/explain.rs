//! From logs to explanations.

use std::io::{self, BufRead};

use knockwright_asm::Program;
use knockwright_asm::linux::errno::{ENOTSUPP, EPERM};
use knockwright_verifier::message::Kind;

use crate::analysis::derive::Numbers;
use crate::analysis::{Fault, Object, bounds, derive, helper_name, packet, refused_access, words};
use crate::class::{Blame, Class, Words, classify};
use crate::counted::counted;
use crate::diagnosis::{Cause, Diagnosis, Explanation, Guard, Stricter, Trace};
use crate::fields;
use crate::groups::Told;
use crate::guard::rebuild::Rebuilt;
use crate::guard::{self, Checker, Condition, Made, Plan, Sources, search};
use crate::holds;
use crate::reading::{self, Failed, Reading, SourceText, UnknownLines, kernel_format};
use crate::ruler::ruler;
use crate::slice::{self, Role, Storage};
use crate::trace::{source_of, sources, trace};

/// The most instructions of a story.
const MOST_CAUSES: usize = 24;

/// What an explainer has beside the log.
#[derive(Default)]
pub struct Explainer<'e> {
    /// The programs that the logs may be of.
    programs: Vec<Program>,
    checker: Option<Checker<'e>>,
    keeps_text: bool,
    leaves_out_trace: bool,
}

impl std::fmt::Debug for Explainer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explainer").field("programs", &self.programs.len()).finish_non_exhaustive()
    }
}

/// All logs of an input, explained.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Explanations {
    /// One for each log, in the order of the input.
    pub logs: Vec<Explanation>,
    /// Lines outside of all logs that no loader writes.
    pub outside: UnknownLines,
}

impl<'e> Explainer<'e> {
    /// An explainer that has nothing but logs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Programs that the logs may be of: guards are checked with them, and their types name the members of map values.
    pub fn programs(mut self, programs: Vec<Program>) -> Self {
        self.programs = programs;
        self
    }

    /// A verifier to check guards with.
    pub fn checker(mut self, checker: Checker<'e>) -> Self {
        self.checker = Some(checker);
        self
    }

    /// Keeps the lines of each log in [`Trace::log`], of a long one its start and its end, and the source lines of all its
    /// instructions in [`Trace::sources`], for a renderer that shows them.
    ///
    /// [`Trace::log`]: crate::Trace::log
    /// [`Trace::sources`]: crate::Trace::sources
    pub fn keeping_text(mut self) -> Self {
        self.keeps_text = true;
        self
    }

    /// Leaves [`Explanation::trace`] empty, for a renderer that draws no pictures: all but that of the page.
    pub fn without_trace(mut self) -> Self {
        self.leaves_out_trace = true;
        self
    }

    /// Explains every log in an input.
    ///
    /// # Errors
    /// What the input says. A log that makes no sense is no error: its lines are counted as unknown.
    pub fn explain(&mut self, input: impl BufRead) -> io::Result<Explanations> {
        let mut logs = Vec::new();
        let outside = self.explain_each(input, |log| {
            logs.push(log);
            Ok(())
        })?;
        Ok(Explanations { logs, outside })
    }

    /// Explains every log in an input as it is read, and passes it on; gives the lines outside of all logs.
    ///
    /// What is kept is one log at a time, however many there are.
    ///
    /// # Errors
    /// What the input or `each` says, which ends the reading.
    pub fn explain_each(
        &mut self,
        input: impl BufRead,
        mut each: impl FnMut(Explanation) -> io::Result<()>,
    ) -> io::Result<UnknownLines> {
        let mut told = Told::default();
        reading::read(input, self.keeps_text, |mut log| {
            let text = std::mem::take(&mut log.text);
            let mut explanation = self.log(&log);
            told.place(&mut explanation.diagnosis);
            explanation.trace.log = text;
            each(explanation)
        })
    }

    fn program_of(&self, log: &Reading) -> Option<&Program> {
        match log.program.as_deref() {
            Some(name) => self
                .programs
                .iter()
                .find(|program| program.name == name)
                .or_else(|| (self.programs.len() == 1).then(|| &self.programs[0])),
            None if self.programs.len() == 1 => Some(&self.programs[0]),
            // Without a name, the program whose instructions the log shows.
            None => self.programs.iter().find(|program| shows(log, program)),
        }
    }

    fn log(&mut self, log: &Reading) -> Explanation {
        let program = self.program_of(log).cloned();
        let fault = Fault::new(log);
        let class = class_of(log, &fault, program.as_ref());
        let plan = guard::plan(&fault, class.facts().guard, program.as_ref());
        let mut cause = cause(&fault, class);
        let mut source = fault.step.and_then(|step| log.trail.source(step)).cloned();
        if let Some(program) = &program {
            // Before Linux 6.9 a log has the line's text and no more.
            place(program, fault.step.map(|step| fault.path.steps()[step].slot), &mut source);
            for cause in &mut cause {
                place(program, Some(cause.insn), &mut cause.source);
            }
        }
        let words = Words::of(&fault, class);
        let mut notes = notes(log, class, words);
        let mut guards = plan.as_ref().map_or_else(Vec::new, |plan| {
            self.noted_guards(&fault, program.as_ref(), plan, source.as_ref(), &mut notes)
        });
        notes.extend((class.facts().note)(&fault));
        let diagnosis = Diagnosis {
            // The place among the others is known to who sees them all.
            log: 1,
            attempt: None,
            same_as: None,
            class,
            title: words.title,
            blame: blame(&fault, class, log.errno),
            program: log.program.clone(),
            kernel_format: kernel_format(log),
            insn: log.last_insn.or_else(|| of_block(log)).filter(|_| class != Class::Accepted),
            register: (fault.register.filter(|_| class != Class::Accepted).map(|reg| reg.to_string()))
                .or_else(|| register_of_block(log)),
            message: message(log, &fault, class),
            errno: log.errno,
            source,
            cause,
            derivation: derive::derive(&fault, class.facts().derivation, program.as_ref()),
            fix: fix(words, &guards),
            guard: if guards.len() == 1 { guards.pop() } else { None },
            guards,
            remedy: (class.facts().remedy)(&fault),
            lesson: class.lesson().map(|_| class.slug()),
            docs: class.docs(),
            notes,
            kernel: log.kernel_words.clone(),
            unknown_lines: log.unknown.clone(),
        };
        if self.leaves_out_trace {
            return Explanation { diagnosis, trace: Trace::default() };
        }
        let mut trace = trace(&fault);
        trace.ruler = ruler(&fault, program.as_ref());
        if self.keeps_text {
            trace.sources = sources(&fault, program.as_ref());
        }
        Explanation { diagnosis, trace }
    }

    /// What a plan comes to, with what else there is to say of it.
    fn noted_guards(
        &mut self,
        fault: &Fault<'_>,
        program: Option<&Program>,
        plan: &Plan,
        source: Option<&SourceText>,
        notes: &mut Vec<String>,
    ) -> Vec<Guard> {
        let mut guards = self.guards(fault, program, plan, source);
        for (guard, condition) in &mut guards {
            let is_upper = matches!(condition, Condition::AtMost(_) | Condition::NotNegative);
            guard.stricter =
                program.filter(|_| is_upper).and_then(|program| stricter(fault, program, plan, guard.limit));
            notes.extend(guard::bound(fault, plan, *condition));
        }
        guards.into_iter().map(|(guard, _)| guard).collect()
    }

    /// A planned guard, or two that are needed together, checked if it can be; none if a verifier says that it isn't enough.
    fn guards(
        &mut self,
        fault: &Fault<'_>,
        program: Option<&Program>,
        plan: &Plan,
        source: Option<&SourceText>,
    ) -> Vec<(Guard, Condition)> {
        let checked = match (self.checker.as_mut(), program) {
            (None, _) => Err("derived from the log, not checked: no verifier was asked".to_owned()),
            (Some(checker), Some(program)) if search::is_whole(program) => {
                Ok(search::check(checker, fault, program, plan))
            }
            (Some(_), Some(_)) => {
                Err("derived from the log, not checked: the program has slots that are no instructions"
                    .to_owned())
            }
            (Some(checker), None) => rebuilt(checker, fault, plan),
        };
        let (conditions, is_checked, on_path, evidence) = match checked {
            // What a verifier refutes isn't said.
            Ok(checked) if checked.refuted => return Vec::new(),
            Ok(checked) => (checked.conditions, checked.checked, checked.on_path, checked.evidence),
            Err(why) => (plan.conditions, false, false, why),
        };
        let trail = &fault.path.reading.trail;
        let made = origin_source(fault, plan);
        let element =
            refused_access(fault, program).filter(|_| plan.bounds_offset).and_then(|access| access.size);
        let at_plan = plan.term.as_ref().and_then(|term| {
            // The line that uses the number is the one to change: its addition, or the access.
            trail.source(term.operations.first().map_or(term.step, |operation| operation.step))
        });
        let sources = Sources { used: source.or(at_plan), made: made.as_ref(), element };
        let guard = |condition: Condition| {
            let text = guard::render(plan, condition, sources);
            let guard = Guard {
                register: plan.reg.to_string(),
                insn: plan.slot,
                condition: text.condition,
                limit: condition.limit(),
                checked: is_checked,
                checked_on_path: on_path,
                evidence: evidence.clone(),
                asm: text.asm,
                dsl: text.dsl,
                c: text.c,
                stricter: None,
            };
            (guard, condition)
        };
        conditions.iter().map(guard).collect()
    }
}

/// Puts the object's file and line to a source line that lacks them, and the whole line where the log shows none.
fn place(program: &Program, slot: Option<usize>, source: &mut Option<SourceText>) {
    let lacks = source.as_ref().is_none_or(|source| source.file.is_none() || source.line.is_none());
    let Some(known) = slot.filter(|_| lacks).and_then(|slot| source_of(program, slot)) else { return };
    if source.as_ref().is_none_or(|shown| shown.text.trim() == known.text.trim()) {
        *source = Some(known);
    }
}

/// Checks a guard on a program that the log shows whole.
fn rebuilt(checker: &mut Checker<'_>, fault: &Fault<'_>, plan: &Plan) -> Result<search::Checked, String> {
    let Some(rebuilt) = Rebuilt::new(&fault.path) else {
        return Err("derived from the log, not checked: the log doesn't show the whole program (give it with --object)".to_owned());
    };
    let mut last = String::new();
    for program in rebuilt.programs() {
        if rebuilt.in_part {
            let checked = search::check_on_path(checker, fault, &program, plan);
            if checked.on_path {
                return Ok(checked);
            }
            last = checked.evidence;
            continue;
        }
        let mut checked = search::check(checker, fault, &program, plan);
        if checked.checked {
            checked.evidence = format!("rebuilt from the log: {}", checked.evidence);
            return Ok(checked);
        }
        last = checked.evidence;
    }
    let last = last.strip_prefix("not checked: ").unwrap_or(&last);
    Err(if rebuilt.in_part {
        format!("derived from the log, not checked: rebuilt from the path that the log shows: {last}")
    } else {
        format!(
            "derived from the log, not checked: rebuilt from the log, the program behaves differently ({last})"
        )
    })
}

/// The slot of the instruction that the block of Linux 7.3 is about, where there is nothing else of the log.
fn of_block(log: &Reading) -> Option<usize> {
    let words = log.kernel_words.as_ref().filter(|_| log.messages.is_empty())?;
    words.insn.and_then(|insn| usize::try_from(insn).ok())
}

/// The register that the block of Linux 7.3 is about, where there is nothing else of the log: its reason names it first, but
/// where it's about a number beside a pointer.
fn register_of_block(log: &Reading) -> Option<String> {
    let words = log.kernel_words.as_ref().filter(|_| log.messages.is_empty())?;
    if matches!(words.title.as_str(), "Pointer offset is not safe" | "Pointer subtracted from scalar") {
        return None;
    }
    let mut parts = words.reason.split(|c: char| !c.is_ascii_alphanumeric());
    let number = parts.find_map(|part| part.strip_prefix('R')?.parse::<u8>().ok())?;
    (number <= 10).then(|| format!("r{number}"))
}

/// Whether every instruction of a log is the program's.
fn shows(log: &Reading, program: &Program) -> bool {
    let slots = program.slot_count();
    log.listing.len() <= slots
        && program.slots().all(|(slot, item)| {
            let (knockwright_asm::Code::Insn(insn), Some(Some((opcode, _)))) =
                (item.code, log.listing.get(slot))
            else {
                return true;
            };
            knockwright_asm::isa::Row::of(&insn).opcode == *opcode
        })
}

/// The verifier's message, as the log has it, or what stands for it.
fn message(log: &Reading, fault: &Fault<'_>, class: Class) -> String {
    match (&fault.message, log.messages.last()) {
        (Some((_, text)), _) => (*text).to_owned(),
        (None, Some(text)) if class == Class::Unknown => text.clone(),
        (None, None) => log
            .kernel_words
            .as_ref()
            .map(|words| format!("{}: {}", words.category, words.title))
            .unwrap_or_default(),
        _ => String::new(),
    }
}

fn class_of(log: &Reading, fault: &Fault<'_>, program: Option<&Program>) -> Class {
    if fault.message.is_some() {
        return classify(fault, program);
    }
    match log.failed {
        Some(Failed::Map) => return Class::MapCreation,
        Some(Failed::Types) => return Class::BtfRefused,
        Some(Failed::LockedMemory) => return Class::LockedMemory,
        Some(Failed::Relocation) => return Class::RelocationMissing,
        None if !log.messages.is_empty() => return Class::Unknown,
        None => {}
    }
    // The block alone, without the log it ends.
    if let Some(words) = &log.kernel_words {
        return Class::of_block(words).unwrap_or(Class::Unknown);
    }
    match (log.summary, log.errno) {
        // What the verifier has accepted, and the kernel doesn't support for all that.
        (Some(_), Some(ENOTSUPP)) if log.ends_as_accepted() => Class::JitRefusal,
        // E2BIG without a message: the program itself is too large.
        (_, Some(7)) => Class::TooManyInstructions,
        (Some(summary), _) if summary.insns > summary.limit => Class::TooManyInstructions,
        (_, None | Some(0)) if log.ends_as_accepted() => Class::Accepted,
        _ => Class::Unknown,
    }
}

fn blame(fault: &Fault<'_>, class: Class, errno: Option<i32>) -> Blame {
    let privileged = fault.message.as_ref().is_some_and(|(_, text)| {
        text.contains("prohibited for !root") || text.contains("allowed only to CAP_")
    });
    match class {
        _ if privileged => Blame::Privilege,
        Class::Unknown if errno == Some(EPERM) => Blame::Privilege,
        other => other.blame(),
    }
}

/// The story, from the origin of the value to the fault.
#[expect(clippy::too_many_lines, reason = "the parts of one story, in their order")]
fn cause(fault: &Fault<'_>, class: Class) -> Vec<Cause> {
    let Some(step) = fault.step else { return Vec::new() };
    let trail = &fault.path.reading.trail;
    let entry = |step: usize, why: String, place: Option<Storage>| {
        let at = &fault.path.steps()[step];
        let state = match place {
            Some(Storage::Reg { reg, .. }) => {
                fault.path.after(step, at.frame, reg).map_or_else(String::new, |state| {
                    format!("R{}={}", reg.number(), state.display(trail.dialect()))
                })
            }
            _ => String::new(),
        };
        Cause {
            insn: at.slot,
            text: fault.path.text(step).to_owned(),
            state,
            why,
            source: trail.source(step).cloned(),
        }
    };
    let mut places: Vec<Storage> =
        fault.register.map(|reg| Storage::Reg { frame: fault.frame, reg }).into_iter().collect();
    if let Some(reg) = fault.access().and_then(|access| Some(access.size_argument?.size))
        && class.facts().derivation == Numbers::Size
    {
        places.push(Storage::Reg { frame: fault.frame, reg });
    }
    if let Some(knockwright_asm::Insn::Alu { dst, src: knockwright_asm::Source::Reg(src), .. }) = fault.insn {
        for reg in [dst, src] {
            let place = Storage::Reg { frame: fault.frame, reg };
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    let story = slice::slice(&fault.path, step, &places);
    let mut told: Vec<(usize, String, Storage)> =
        story.events.iter().map(|event| (event.step, words::event(fault, event), event.place)).collect();
    if matches!(class.facts().derivation, Numbers::Packet | Numbers::FarInPacket) {
        // What is compared is mostly another register than the one accessed through.
        let checks = packet::checks(fault);
        told.retain(|(step, ..)| !checks.iter().any(|check| check.step == *step));
        told.extend(checks.iter().map(|check| {
            let frame = fault.path.steps()[check.step].frame;
            (check.step, check.words(fault), Storage::Reg { frame, reg: check.reg })
        }));
        told.sort_by_key(|(step, ..)| *step);
    }
    let mut causes: Vec<(usize, Cause)> = Vec::new();
    for (at, why, place) in told {
        let next = entry(at, why, Some(place));
        match causes.last_mut() {
            // Two values of one instruction are one line of the story.
            Some((_, last)) if last.insn == next.insn && last.text == next.text => {
                if !last.why.contains(&next.why) {
                    last.why = format!("{}; {}", last.why, next.why);
                }
            }
            _ => causes.push((at, next)),
        }
    }
    if causes.len() > MOST_CAUSES {
        // The beginning and the end of a long story, as in a loop.
        let end = causes.len() - MOST_CAUSES / 2;
        causes.drain(MOST_CAUSES / 2..end);
    }
    // What turns the story stands where it happens.
    let turn = (class.facts().turn)(fault, step);
    let told_by_class = turn.as_ref().map(|(at, _)| *at);
    let others = holds::turns(fault, class).into_iter().filter(|(at, _)| Some(*at) != told_by_class);
    for (at, why) in turn.into_iter().chain(others) {
        match causes.iter_mut().find(|(step, _)| *step == at && told_by_class != Some(at)) {
            Some((_, cause)) => cause.why = format!("{}; {why}", cause.why),
            None => causes.push((at, entry(at, why, None))),
        }
    }
    causes.sort_by_key(|(at, _)| *at);
    let mut story: Vec<Cause> = causes.into_iter().map(|(_, cause)| cause).collect();
    story.push(entry(step, verdict(fault, class), None));
    story
}

/// What happens at the last instruction, in words.
fn verdict(fault: &Fault<'_>, class: Class) -> String {
    let lost = class.facts().loses_pointer && fault.kind() == Some(Kind::MemAccess);
    // What isn't readable holds nothing.
    let register = fault.register.filter(|_| fault.kind() != Some(Kind::NotReadable));
    let holds = register.and_then(|reg| {
        // The log shows the pointer last; what took it away shows nothing.
        let state = if lost { "no pointer any more".to_owned() } else { words::describe(&fault.state(reg)?) };
        Some(format!("{reg} is {state}: "))
    });
    format!("{}{}", holds.unwrap_or_default(), Words::of(fault, class).title)
}

fn fix(words: Words, guards: &[Guard]) -> String {
    match guards {
        [] => words.fix.to_owned(),
        [guard] => format!("{} Here: `{}` before instruction {}.", words.fix, guard.condition, guard.insn),
        [guard, ..] => {
            let conditions: Vec<String> =
                guards.iter().map(|guard| format!("`{}`", guard.condition)).collect();
            format!("{} Here: {} before instruction {}.", words.fix, conditions.join(" and "), guard.insn)
        }
    }
}

/// The source line that made the guarded value, with the function whose result it is.
fn origin_source(fault: &Fault<'_>, plan: &Plan) -> Option<Made> {
    let place = Storage::Reg { frame: plan.frame, reg: plan.reg };
    let story = slice::slice(&fault.path, plan.step, &[place]);
    let origin = story.events.iter().find(|event| matches!(event.role, Role::Origin(_)))?;
    let line = fault.path.reading.trail.source(origin.step)?.clone();
    Some(Made { line, callee: helper_name(fault, origin.step) })
}

fn notes(log: &Reading, class: Class, words: Words) -> Vec<String> {
    let mut notes = Vec::new();
    if class == Class::Accepted {
        if let Some(summary) = log.summary {
            let walked = counted(summary.insns, "instruction");
            let were = if summary.insns == 1 { "was" } else { "were" };
            notes.push(format!("{walked} {were} walked of at most {}", summary.limit));
        }
        if log.walked == 0 {
            notes.push("the log has the summary alone, as that of an accepted program at level 1; if its start is missing, nothing is known".to_owned());
        }
        return notes;
    }
    notes.push(words.why.to_owned());
    if log.ends_as_accepted() {
        notes.extend(log.errno.map(|errno| format!("the loader reports error {errno}")));
    } else if log.lines == 0 && log.messages.is_empty() {
        notes.push("the log is empty: load with log level 1 or 2 and a buffer of some megabytes".to_owned());
    } else if log.summary.is_none() {
        notes.push("the log doesn't end with the verifier's summary: its end may be missing".to_owned());
    }
    if log.trail.forgotten > 0 {
        let forgotten = log.trail.forgotten;
        let were = if forgotten == 1 { "was" } else { "were" };
        let instructions = counted(forgotten as u64, "instruction");
        notes.push(format!("{instructions} in the middle of a long path {were} left out"));
    }
    // Where a helper calls back, the log goes on in another frame.
    if log.trail.steps().windows(2).any(|pair| pair[1].gap && pair[0].frame == pair[1].frame) {
        notes.push("the log has gaps: what happened there isn't known".to_owned());
    }
    if !log.trail.steps().is_empty() && !log.has_start() {
        notes.push("the start of the path is missing".to_owned());
    }
    notes
}

/// The bound that the member's own type asks for, where it is narrower than the object's.
fn stricter(fault: &Fault<'_>, program: &Program, plan: &Plan, limit: Option<i64>) -> Option<Stricter> {
    let term = plan.term.as_ref()?;
    let access = refused_access(fault, Some(program))?;
    let Object::MapValue { map } = &access.object else { return None };
    let ty = fields::value_type(program, map.as_deref(), access.object_size)?;
    let sum = bounds::offset(fault, access.base)?;
    let (factor, plus) = term.formula()?;
    let start = u32::try_from(sum.constant()?.checked_add(access.off)?.checked_add(plus)?).ok()?;
    let field = fields::fields(&ty)
        .into_iter()
        .find(|field| (field.offset..field.offset.saturating_add(field.size)).contains(&start))?;
    let elements = i64::from(field.elements?);
    let room = i128::from(field.offset + field.size) - i128::from(start) - access.size?;
    let most = i64::try_from(room.checked_div(factor)?).ok()?;
    (most >= 0 && limit.is_none_or(|limit| most < limit)).then(|| Stricter {
        field: format!("{}[{elements}]", field.name),
        condition: search::words(plan.reg, Condition::AtMost(most)),
        limit: most,
    })
}
