//! Diagnoses for terminals, drawn as rustc draws its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::class::{Blame, Class};
use crate::counted::counted;
use crate::diagnosis::{Diagnosis, Explanation};
use crate::reading::UnknownLines;

/// How a diagnosis is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Style {
    /// With escape sequences for colours; whoever prints strips them where they aren't wanted.
    pub colours: bool,
    /// With lines of Unicode's box drawing instead of ASCII.
    pub unicode: bool,
    /// The columns of the terminal.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { colours: false, unicode: false, width: 120 }
    }
}

/// Lines with annotations: the text, and what is said of each line.
#[derive(Default)]
struct Picture {
    /// By the line's number: its text.
    lines: BTreeMap<usize, String>,
    marks: Vec<Mark>,
}

/// What is said of a line.
struct Mark {
    line: usize,
    label: String,
    /// It's the fault itself.
    is_fault: bool,
}

impl Picture {
    fn mark(&mut self, line: usize, text: &str, label: String, is_fault: bool) {
        self.lines.insert(line, clean(text));
        match self.marks.iter_mut().find(|mark| mark.line == line && mark.is_fault == is_fault) {
            Some(known) if known.label.contains(&label) => {}
            Some(known) => known.label = format!("{}; {label}", known.label),
            None => self.marks.push(Mark { line, label, is_fault }),
        }
    }

    /// The snippet, with lines between that nobody marks left out.
    fn snippet(&self, path: String) -> Option<Snippet<'static, Annotation<'static>>> {
        let (first, last) = (*self.lines.keys().next()?, *self.lines.keys().next_back()?);
        // A file's lines may lie far apart: what isn't known between them is empty.
        const MOST_LINES: usize = 100_000;
        if last - first > MOST_LINES {
            return None;
        }
        let mut source = String::new();
        let mut starts = BTreeMap::new();
        for number in first..=last {
            let text = self.lines.get(&number).map_or("", String::as_str);
            starts.insert(number, source.len()..source.len() + text.len());
            source.push_str(text);
            source.push('\n');
        }
        let annotations = self.marks.iter().filter_map(|mark| {
            let span = starts.get(&mark.line)?.clone();
            let kind = if mark.is_fault { AnnotationKind::Primary } else { AnnotationKind::Context };
            Some(kind.span(span).label(mark.label.clone()))
        });
        let annotations: Vec<Annotation<'_>> = annotations.collect();
        Some(Snippet::source(source).line_start(first).path(path).fold(true).annotations(annotations))
    }
}

/// Text without control characters.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Draws a diagnosis.
pub fn render(explanation: &Explanation, style: Style) -> String {
    let diagnosis = &explanation.diagnosis;
    if diagnosis.class == Class::Accepted {
        return accepted(diagnosis, style);
    }
    let level = match diagnosis.blame {
        Blame::Program | Blame::Unknown | Blame::Nobody => Level::ERROR,
        Blame::Kernel => Level::ERROR.with_name("unsupported"),
        Blame::Privilege => Level::ERROR.with_name("not permitted"),
        Blame::Limit => Level::ERROR.with_name("too much"),
    };
    let message =
        if diagnosis.message.is_empty() { diagnosis.title.to_owned() } else { clean(&diagnosis.message) };
    let mut fault = level
        .primary_title(message)
        .id(diagnosis.class.slug())
        .elements(Vec::<Snippet<'_, Annotation<'_>>>::new());
    for snippet in sources(diagnosis) {
        fault = fault.element(snippet);
    }
    if let Some(snippet) = instructions(explanation) {
        fault = fault.element(snippet);
    }
    fault = fault.element(Level::NOTE.message(diagnosis.title));
    let mut groups: Vec<Group<'_>> = vec![fault];
    if let Some(derivation) = &diagnosis.derivation {
        let mut text = derivation.result.clone();
        for step in &derivation.steps {
            let at = step.insn.map_or_else(String::new, |insn| format!("{insn}: "));
            let _ = write!(text, "\n{:>22}  {at}{}", step.value, clean(&step.text));
        }
        groups.push(Group::with_title(Level::NOTE.secondary_title(text)));
    }
    groups.push(Group::with_title(Level::HELP.secondary_title(help(diagnosis))));
    if let Some(last) = groups.pop() {
        groups.push(foot(last, diagnosis));
    }
    renderer(style).render(&groups) + "\n"
}

/// What helps: the guard, or what there is to do in words.
fn help(diagnosis: &Diagnosis) -> String {
    let Some(guard) = &diagnosis.guard else {
        let mut text = diagnosis.fix.clone();
        for (language, remedy) in remedies(diagnosis) {
            let _ = write!(text, "\n  {language:<13} {remedy}");
        }
        return text;
    };
    let checked = if guard.checked { "checked" } else { "derived" };
    let mut text = format!("`{}` before instruction {} ({checked})", guard.condition, guard.insn);
    let _ = write!(text, "\n  in assembly   {}", guard.asm.replace('\n', "\n                "));
    let _ = write!(text, "\n  in Rust       {}", guard.dsl.replace('\n', "\n                "));
    if let Some(c) = &guard.c {
        // What was checked is the condition; which expression of the source it is, is read off the line.
        let unchecked = if guard.checked { "   (not compiled)" } else { "" };
        let _ = write!(text, "\n  in C          {}{unchecked}", clean(c));
    }
    if let Some(stricter) = &guard.stricter {
        let _ = write!(
            text,
            "\n  the verifier is content with that; {} wants `{}`",
            clean(&stricter.field),
            stricter.condition
        );
    }
    let _ = write!(text, "\n  {}", clean(&guard.evidence));
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
fn foot<'a>(mut group: Group<'a>, diagnosis: &'a Diagnosis) -> Group<'a> {
    for note in &diagnosis.notes {
        group = group.element(Level::NOTE.message(clean(note)));
    }
    if let Some(words) = &diagnosis.kernel {
        let text = format!("the kernel itself says: {}: {}: {}", words.category, words.title, words.reason);
        group = group.element(Level::NOTE.message(clean(&text)));
    }
    let of = match (&diagnosis.program, diagnosis.kernel_format) {
        (Some(program), Some(kernel)) => Some(format!("program {program}, a log of Linux {kernel}")),
        (Some(program), None) => Some(format!("program {program}")),
        (None, Some(kernel)) => Some(format!("a log of Linux {kernel}")),
        (None, None) => None,
    };
    let who = match diagnosis.blame {
        Blame::Program | Blame::Nobody => None,
        blame => Some(format!("this is {}", blame.words())),
    };
    let lesson = diagnosis.lesson.map(|lesson| format!("to learn more: knockwright learn {lesson}"));
    let facts: Vec<String> = [of, who, lesson].into_iter().flatten().collect();
    if !facts.is_empty() {
        group = group.element(Level::NOTE.message(clean(&facts.join("; "))));
    }
    if let Some(text) = unknown(&diagnosis.unknown_lines, "in the log") {
        group = group.element(Level::WARNING.message(text));
    }
    group
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

/// The source lines of the story, one picture a file.
fn sources(diagnosis: &Diagnosis) -> Vec<Snippet<'static, Annotation<'static>>> {
    let mut files: BTreeMap<Option<&str>, Picture> = BTreeMap::new();
    let last = diagnosis.cause.len().saturating_sub(1);
    let mut unnumbered = 0;
    for (index, cause) in diagnosis.cause.iter().enumerate() {
        let Some(source) = &cause.source else { continue };
        let picture = files.entry(source.file.as_deref()).or_default();
        let line = source.line.map_or_else(
            || {
                // Before Linux 6.9 the log has the text alone: lines stand in the order of the story.
                let known = picture
                    .lines
                    .iter()
                    .find(|(_, text)| **text == clean(&source.text))
                    .map(|(line, _)| *line);
                known.unwrap_or_else(|| {
                    unnumbered += 1;
                    unnumbered
                })
            },
            |line| line as usize,
        );
        picture.mark(line, &source.text, format!("{}: {}", cause.insn, clean(&cause.why)), index == last);
    }
    files
        .into_iter()
        .filter_map(|(file, picture)| {
            let snippet = picture.snippet(file.unwrap_or("the source").to_owned())?;
            Some(snippet.line_numbering(file.is_some()))
        })
        .collect()
}

/// The instructions of the story.
fn instructions(explanation: &Explanation) -> Option<Snippet<'static, Annotation<'static>>> {
    let diagnosis = &explanation.diagnosis;
    let mut picture = Picture::default();
    let last = diagnosis.cause.len().checked_sub(1)?;
    let has_source = diagnosis.cause.iter().any(|cause| cause.source.is_some());
    for (index, cause) in diagnosis.cause.iter().enumerate() {
        // Beside a picture of the source, which tells the story, this one shows the states.
        let label = if has_source && index != last { &cause.state } else { &cause.why };
        picture.mark(cause.insn, &cause.text, clean(label), index == last);
    }
    if let (Some(first), Some(end)) =
        (picture.lines.keys().next().copied(), picture.lines.keys().next_back().copied())
    {
        for (slot, _, text) in &explanation.trace.listing {
            if (first..=end).contains(slot) {
                picture.lines.entry(*slot).or_insert_with(|| clean(text));
            }
        }
    }
    picture.snippet("instructions".to_owned())
}

fn accepted(diagnosis: &Diagnosis, style: Style) -> String {
    let what = diagnosis.program.as_deref().map_or_else(|| "the program".to_owned(), clean);
    let mut group =
        Group::with_title(Level::INFO.with_name("accepted").primary_title(format!("{what} was accepted")));
    for note in &diagnosis.notes {
        group = group.element(Level::NOTE.message(clean(note)));
    }
    renderer(style).render(&[group]) + "\n"
}

fn renderer(style: Style) -> Renderer {
    let renderer = if style.colours { Renderer::styled() } else { Renderer::plain() };
    renderer
        .decor_style(if style.unicode { DecorStyle::Unicode } else { DecorStyle::Ascii })
        .term_width(style.width.max(60))
}
