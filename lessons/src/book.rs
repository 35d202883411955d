//! The lessons as a book: pages in Markdown, in the layout of mdBook.

use std::fmt::Write as _;

use knockwright_asm::KernelVersion;
use knockwright_explain::render::text::{self, Style};
use knockwright_explain::{Blame, Class};
use knockwright_verifier_cases::expectation::Expected;
use knockwright_verifier_cases::words::counted;

use crate::chapters::CHAPTERS;
use crate::lesson::{Exercise, KERNEL, Lesson, Side, lessons};
use crate::picture;

/// A file of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// Its path in the book's folder.
    pub path: String,
    /// Markdown.
    pub text: String,
}

/// All files of the book.
pub fn pages() -> Vec<Page> {
    let mut pages = vec![settings(), summary(), introduction()];
    pages.extend(lessons().map(|lesson| Page { path: path(&lesson), text: page(&lesson) }));
    pages
}

fn path(lesson: &Lesson) -> String {
    format!("src/{}/{}.md", lesson.chapter.slug, lesson.class.slug)
}

fn settings() -> Page {
    let text = "[book]\ntitle = \"What the verifier says, and why\"\nlanguage = \"en\"\nsrc = \"src\"\n\n\
                [output.html]\ndefault-theme = \"light\"\npreferred-dark-theme = \"navy\"\n";
    Page { path: "book.toml".to_owned(), text: text.to_owned() }
}

fn summary() -> Page {
    let mut text = String::from("# Summary\n\n[How to read this book](introduction.md)\n");
    for chapter in CHAPTERS {
        let _ = write!(text, "\n# {}\n\n", chapter.title);
        for lesson in lessons().filter(|lesson| lesson.chapter == chapter) {
            let _ = writeln!(
                text,
                "- [{}]({}/{}.md)",
                sentence(lesson.class.title),
                chapter.slug,
                lesson.class.slug
            );
        }
    }
    Page { path: "src/SUMMARY.md".to_owned(), text }
}

fn introduction() -> Page {
    let mut text = format!(
        "# How to read this book\n\n\
         Each page is one kind of rejection: a program, the question what the verifier of Linux {KERNEL} says to it, its log, \
         the explanation, and the repair. Look at the program first and guess: is it accepted, and if not, at which \
         instruction does the verifier stop? Then open the answer.\n\n\
         The programs are the cases of `knockwright cases`; the logs were recorded on that kernel, and the explanations are \
         those of `knockwright explain`. Nothing on these pages is written by hand but the titles of the chapters, the \
         sentence on what a case teaches, and the C at the end, which a \
         test compiles and asks a verifier about: `knockwright learn NAME` shows the same in a terminal.\n\n"
    );
    for chapter in CHAPTERS {
        let _ = writeln!(text, "- **{}**. {}", chapter.title, chapter.about);
    }
    text.push_str("\n## Kinds of rejection without a page\n\nThese have no case, and so no page:\n\n");
    for class in Class::ALL.iter().filter(|class| class.blame() != Blame::Nobody) {
        if let Some(reason) = class.no_lesson() {
            let _ = writeln!(text, "- `{class}`, {}. {reason}", class.title());
        }
    }
    Page { path: "src/introduction.md".to_owned(), text }
}

fn page(lesson: &Lesson) -> String {
    let mut text = format!("# {}\n\n", sentence(lesson.class.title));
    for (number, exercise) in lesson.exercises().enumerate() {
        if number > 0 {
            text.push_str("\n---\n\n");
        }
        write_exercise(&mut text, &exercise);
    }
    let in_c = lesson.in_c();
    let _ = write!(text, "\n---\n\n## In C\n\n{}\n", in_c.words());
    if let Some(code) = in_c.text() {
        text.push('\n');
        fenced(&mut text, "c", code);
    }
    if let Some(next) = lesson.next() {
        let up =
            if next.chapter == lesson.chapter { String::new() } else { format!("../{}/", next.chapter.slug) };
        let _ = write!(text, "\nNext: [{}]({up}{}.md)\n", next.class.title, next.class.slug);
    }
    text
}

fn write_exercise(text: &mut String, exercise: &Exercise) {
    let case = exercise.case;
    let rights = exercise.privilege().map_or_else(String::new, |rights| format!(", {rights}"));
    let _ = write!(text, "## {}\n\nA program of type `{}`{rights}:\n\n", case.name, case.prog_type);
    fenced(text, "text", &exercise.fault.listing());
    write_languages(text, &exercise.fault);
    text.push_str(
        "\nIs it accepted? If not, at which instruction does the verifier stop, and over which register?\n\n",
    );
    text.push_str("<details>\n<summary>What the verifier says</summary>\n\n");
    let _ = write!(text, "{}\n\n", outcome(&exercise.fault.outcome));
    write_log(text, &exercise.fault);
    text.push_str("</details>\n\n<details>\n<summary>Why</summary>\n\n");
    let _ = write!(text, "{}\n\n", case.lesson);
    if let Some(explanation) = &exercise.fault.explanation {
        if let Some(ruler) = &explanation.trace.ruler {
            fenced(text, "text", &picture::ruler(ruler));
            text.push('\n');
        }
        fenced(text, "text", text::render(explanation, Style::default()).trim_end());
        text.push('\n');
    }
    text.push_str("</details>\n\n");
    if let Some(repair) = &exercise.repair {
        let _ = write!(text, "<details>\n<summary>{}</summary>\n\n", repair_heading(exercise));
        let _ = write!(text, "{}: {}\n\n", sentence(exercise.change), outcome(&repair.outcome));
        fenced(text, "text", &repair.listing());
        write_languages(text, repair);
        text.push_str("\n</details>\n");
    }
    for (subject, side) in
        [("the program", Some(&exercise.fault)), ("the other one", exercise.repair.as_ref())]
    {
        let Some(side) = side.filter(|side| !side.elsewhere.is_empty()) else { continue };
        let _ = write!(text, "\nOn other kernels {subject} gets another verdict:\n\n");
        for (kernels, verdict) in grouped(&side.elsewhere) {
            let _ = writeln!(text, "- {kernels}: {}", outcome(&verdict));
        }
    }
}

/// The program in the languages that the catalogue has it in.
fn write_languages(text: &mut String, side: &Side) {
    for (name, language, code) in side.languages() {
        let _ = write!(text, "\n<details>\n<summary>In {name}</summary>\n\n");
        fenced(text, language, &code);
        text.push_str("\n</details>\n");
    }
}

/// What the second program of an exercise is, in words.
fn repair_heading(exercise: &Exercise) -> &'static str {
    let accepts =
        exercise.repair.as_ref().is_some_and(|side| matches!(side.outcome, Expected::Accept { .. }));
    if accepts && !exercise.is_accepted() { "The repair" } else { "The nearest program with another verdict" }
}

fn write_log(text: &mut String, side: &Side) {
    if side.log.is_empty() {
        text.push_str("The log is empty.\n\n");
    } else {
        fenced(text, "text", side.shown_log().trim_end());
        text.push('\n');
    }
}

fn fenced(text: &mut String, language: &str, content: &str) {
    // No log or listing has three backticks, but a fence must be safe.
    let fence = if content.contains("```") { "`````" } else { "```" };
    let _ = write!(text, "{fence}{language}\n{}\n{fence}\n", content.trim_end());
}

/// An outcome as a sentence.
pub(crate) fn outcome(outcome: &Expected) -> String {
    match outcome {
        Expected::Accept { processed: Some(processed) } => {
            format!("accepted after {}", counted(*processed, "instruction"))
        }
        Expected::Accept { processed: None } => "accepted".to_owned(),
        Expected::Reject { insn: Some(insn), message, .. } => {
            format!("rejected at instruction {insn}: `{message}`")
        }
        Expected::Reject { message: "", errno, .. } => format!("rejected without a word (error {errno})"),
        Expected::Reject { message, .. } => format!("rejected before any instruction is walked: `{message}`"),
    }
}

/// Neighbouring kernels with the same outcome together.
pub(crate) fn grouped(outcomes: &[(KernelVersion, Expected)]) -> Vec<(String, Expected)> {
    let mut groups: Vec<(KernelVersion, KernelVersion, Expected)> = Vec::new();
    for (kernel, outcome) in outcomes {
        match groups.last_mut() {
            Some((_, last, known)) if known == outcome => *last = *kernel,
            _ => groups.push((*kernel, *kernel, *outcome)),
        }
    }
    let name = |(first, last, outcome)| {
        (if first == last { format!("{first}") } else { format!("{first} to {last}") }, outcome)
    };
    groups.into_iter().map(name).collect()
}

pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_the_summary_lead_to_pages() {
        let pages = pages();
        let summary = pages.iter().find(|page| page.path == "src/SUMMARY.md").unwrap();
        let links: Vec<&str> =
            summary.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(links.len() > 90);
        for link in links {
            assert!(pages.iter().any(|page| page.path == format!("src/{link}")), "{link}");
        }
    }
}
