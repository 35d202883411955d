//! Diagnoses for terminals: the fault, the story of its values beside the source, the numbers, and what helps, each told once.

mod page;

use std::fmt::Write as _;

use crate::class::{Blame, Class};
use crate::counted::counted;
use crate::diagnosis::{Cause, Diagnosis, Explanation};
use crate::reading::{SourceText, UnknownLines};

pub use page::Style;
use page::{Ink, Page, cut};

/// Text without control characters.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Draws a diagnosis.
pub fn render(explanation: &Explanation, style: Style) -> String {
    let diagnosis = &explanation.diagnosis;
    let mut page = Page::new(style);
    if diagnosis.class == Class::Accepted {
        accepted(&mut page, diagnosis);
        return page.finish();
    }
    let level = match diagnosis.blame {
        Blame::Program | Blame::Unknown | Blame::Nobody => "error",
        Blame::Kernel => "unsupported",
        Blame::Privilege => "not permitted",
        Blame::Limit => "too much",
    };
    let message =
        if diagnosis.message.is_empty() { diagnosis.title.to_owned() } else { clean(&diagnosis.message) };
    page.paragraph(Ink::Error, &format!("{level}[{}]: ", diagnosis.class.slug()), 4, &message);
    let place = place(diagnosis);
    if !place.is_empty() {
        page.paragraph(Ink::Margin, "  --> ", 6, &place);
    }
    story(&mut page, diagnosis);
    if diagnosis.cause.is_empty() && !diagnosis.message.is_empty() {
        page.paragraph(Ink::Margin, "note: ", 6, diagnosis.title);
    }
    if let Some(derivation) = &diagnosis.derivation {
        page.paragraph(Ink::Margin, "numbers: ", 9, &clean(&derivation.result));
    }
    page.paragraph(Ink::Help, "help: ", 6, &help(diagnosis));
    notes(&mut page, diagnosis);
    page.finish()
}

/// Where it is: the source line, the instruction, the program and the kernels.
fn place(diagnosis: &Diagnosis) -> String {
    let source = diagnosis.source.as_ref().and_then(|source| {
        let file = source.file.as_deref()?;
        Some(source.line.map_or_else(|| clean(file), |line| format!("{}:{line}", clean(file))))
    });
    let insn = diagnosis.insn.map(|insn| format!("instruction {insn}"));
    let attempt = diagnosis.attempt.filter(|attempt| *attempt > 1);
    let attempt = attempt.map(|attempt| format!("attempt {attempt}"));
    let program = diagnosis.program.as_deref().map(|program| format!("program {}", clean(program)));
    let kernel = diagnosis.kernel_format.map(|kernel| format!("a log of Linux {kernel}"));
    let parts: Vec<String> = [source, insn, program, attempt, kernel].into_iter().flatten().collect();
    parts.join(", ")
}

/// The story: each source line once where it comes up, and under it its instructions with what they did.
fn story(page: &mut Page, diagnosis: &Diagnosis) {
    let causes = &diagnosis.cause;
    let lines = causes.iter().filter_map(|cause| cause.source.as_ref()?.line);
    let margin = lines.max().map_or(0, |line| line.to_string().len());
    let number = causes.iter().map(|cause| cause.insn.to_string().len()).max().unwrap_or(0);
    // Beside the instruction where there's room, else under it.
    let widest = causes.iter().map(|cause| cause.text.chars().count()).max().unwrap_or(0).min(MOST_TEXT);
    let begin = margin + 3 + number + 2;
    let is_beside = page.width() >= begin + widest + LEAST_WORDS;
    let indent = if is_beside { begin + widest + 2 } else { begin + 2 };
    // Lines of the same text are one: debug information knows some statements by several lines.
    let mut before: Option<&str> = None;
    for (index, cause) in causes.iter().enumerate() {
        if let Some(source) = cause.source.as_ref().filter(|source| before != Some(source.text.as_str())) {
            source_line(page, source, margin);
        }
        before = cause.source.as_ref().map(|source| source.text.as_str()).or(before);
        let is_fault = index + 1 == causes.len();
        let bar = if is_fault { ">" } else { page.bar() };
        let words = words(causes, index);
        let text = clean(&cause.text);
        let head = format!("{:margin$} {bar} {:>number$}: ", "", cause.insn);
        let ink = if is_fault { Ink::Error } else { Ink::Margin };
        if is_beside && text.chars().count() <= widest {
            let head = format!("{}{text:<widest$}  ", page.inked(ink, &head));
            page.beside(&head, indent, &words);
        } else {
            let room = page.width().saturating_sub(begin);
            let line = format!("{}{}", page.inked(ink, &head), cut(&text, room));
            page.line(&line);
            page.paragraph(Ink::Plain, &" ".repeat(indent), indent, &words);
        }
    }
}

/// The widest instruction that words stand beside, and the columns that those need at least.
const MOST_TEXT: usize = 34;
const LEAST_WORDS: usize = 40;

/// A source line with its number.
fn source_line(page: &mut Page, source: &SourceText, margin: usize) {
    let number = source.line.map(|line| line.to_string()).unwrap_or_default();
    let head = format!("{number:>margin$} {} ", page.bar());
    let room = page.width().saturating_sub(margin + 3);
    let line = format!("{}{}", page.inked(Ink::Margin, &head), cut(&clean(&source.text), room));
    page.line(&line);
}

/// What an instruction did, without what was said before, what its own text says, and what is said twice.
fn words(causes: &[Cause], index: usize) -> String {
    let cause = &causes[index];
    let why = clean(&cause.why);
    // What a register is, in so many words that no other state is meant.
    let is_told = |state: &str| {
        let is = state.split_once(" is ").map_or(state, |(_, is)| is);
        is.len() > "a number from".len() && causes[..index].iter().any(|cause| cause.why.contains(is))
    };
    if let Some((_, rest)) =
        why.split_once(": ").filter(|(state, _)| state.contains(" is ") && is_told(state))
    {
        return rest.to_owned();
    }
    // The helper's name stands in the call.
    let callee = cause.text.strip_prefix("call ").and_then(|call| call.split('#').next());
    let why = callee.and_then(|callee| why.strip_prefix(callee)).map_or(why.as_str(), str::trim_start);
    // `8 is added to r7: r7 is a pointer`: the register once.
    match why.split_once(": ") {
        Some((did, state)) if !did.contains("; ") => match state.split_once(" is ") {
            Some((reg, is)) if !reg.contains(' ') && did.split(' ').any(|word| word == reg) => {
                format!("{did}: {is}")
            }
            _ => why.to_owned(),
        },
        _ => why.to_owned(),
    }
}

/// What helps: the guard, or what there is to do in words.
fn help(diagnosis: &Diagnosis) -> String {
    let Some(guard) = &diagnosis.guard else {
        let mut text = diagnosis.fix.clone();
        for (language, remedy) in remedies(diagnosis) {
            let _ = write!(text, "\n{language:<12}{remedy}");
        }
        return text;
    };
    let checked = if guard.checked { "checked" } else { "derived" };
    let mut text = format!("`{}` before instruction {} ({checked})", guard.condition, guard.insn);
    let _ = write!(text, "\nin assembly {}", guard.asm.replace('\n', "\n            "));
    let _ = write!(text, "\nin Rust     {}", guard.dsl.replace('\n', "\n            "));
    if let Some(c) = &guard.c {
        // What was checked is the condition; which expression of the source it is, is read off the line.
        let unchecked = if guard.checked { "   (not compiled)" } else { "" };
        let _ = write!(text, "\nin C        {}{unchecked}", clean(c));
    }
    if let Some(stricter) = &guard.stricter {
        let _ = write!(
            text,
            "\nthe verifier is content with that; {} wants `{}`",
            clean(&stricter.field),
            stricter.condition
        );
    }
    let _ = write!(text, "\n{}", clean(&guard.evidence));
    text
}

/// What helps, in the language that the source file is of; in each if the log names none.
fn remedies(diagnosis: &Diagnosis) -> Vec<(&'static str, &'static str)> {
    let Some(remedy) = diagnosis.remedy else { return Vec::new() };
    let file = diagnosis.cause.iter().rev().find_map(|cause| cause.source.as_ref()?.file.as_deref());
    let (c, rust, asm) = (("in C", remedy.c), ("in Rust", remedy.rust), ("in assembly", remedy.asm));
    match file {
        None => vec![c, rust, asm],
        Some(file) if file.ends_with(".rs") => vec![rust],
        Some(_) => vec![c],
    }
}

/// What stands below everything.
fn notes(page: &mut Page, diagnosis: &Diagnosis) {
    // The first says why in general, which the numbers say of this program.
    let known = usize::from(diagnosis.derivation.is_some());
    for note in diagnosis.notes.iter().skip(known) {
        page.paragraph(Ink::Margin, "note: ", 6, &clean(note));
    }
    if let Some(words) = &diagnosis.kernel {
        let mut text = format!("the kernel itself says: {}: {}", words.category, words.title);
        // The numbers are told already.
        if diagnosis.derivation.is_none() && !words.reason.is_empty() {
            text = format!("{text}: {}", words.reason);
        }
        page.paragraph(Ink::Margin, "note: ", 6, &clean(&text));
    }
    let who = match diagnosis.blame {
        Blame::Program | Blame::Nobody => None,
        blame => Some(format!("this is {}", blame.words())),
    };
    let lesson = diagnosis.lesson.map(|lesson| format!("to learn more: knockwright learn {lesson}"));
    let facts: Vec<String> = [who, lesson].into_iter().flatten().collect();
    if !facts.is_empty() {
        page.paragraph(Ink::Margin, "note: ", 6, &facts.join("; "));
    }
    if let Some(text) = unknown(&diagnosis.unknown_lines, "in the log") {
        page.paragraph(Ink::Margin, "warning: ", 9, &text);
    }
}

/// A number of lines in words.
pub fn lines(count: usize) -> String {
    counted(count as u64, "line")
}

/// Says how many lines weren't understood, and shows the first of them; none if there are none.
pub fn unknown(lines: &UnknownLines, place: &str) -> Option<String> {
    if lines.count == 0 {
        return None;
    }
    let mut text = match lines.count {
        1 => format!("1 line {place} isn't known here"),
        count => format!("{count} lines {place} aren't known here"),
    };
    for line in lines.first.iter().take(5) {
        let _ = write!(text, "\n  {}", clean(line));
    }
    if lines.count > 5 {
        let _ = write!(text, "\n  …");
    }
    Some(text)
}

fn accepted(page: &mut Page, diagnosis: &Diagnosis) {
    let what = diagnosis.program.as_deref().map_or_else(|| "the program".to_owned(), clean);
    page.paragraph(Ink::Help, "accepted: ", 10, &format!("{what} was accepted"));
    for note in &diagnosis.notes {
        page.paragraph(Ink::Margin, "note: ", 6, &clean(note));
    }
}
