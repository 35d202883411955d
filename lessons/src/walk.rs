//! A lesson in the terminal: the program, a guess, the log, the explanation, the repair.

use std::io::{self, BufRead, Write};

use knockwright_explain::render::text::{self, Style};
use knockwright_verifier_cases::expectation::Expected;
use knockwright_verifier_cases::words::counted;

use crate::book::{grouped, outcome, sentence};
use crate::chapters::CHAPTERS;
use crate::course::COURSE;
use crate::in_c::InC;
use crate::lesson::{Exercise, KERNEL, Lesson, Side, lessons};

/// How a lesson is shown.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Whether the learner is asked, and waited for.
    pub ask: bool,
    /// How explanations are drawn.
    pub style: Style,
}

/// How the guesses came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Score {
    /// Guesses that were right.
    pub right: usize,
    /// Guesses in all.
    pub guesses: usize,
}

/// Lists all lessons by chapter.
///
/// # Errors
/// What the writer says.
pub fn list(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Twelve lessons in ninety minutes, one after the other (docs/course.md)")?;
    for (index, slug) in COURSE.iter().enumerate() {
        let title =
            lessons().find(|lesson| lesson.class.slug == *slug).map_or("", |lesson| lesson.class.title);
        writeln!(out, "  {:>2}. {slug:<34} {title}", index + 1)?;
    }
    writeln!(out)?;
    for chapter in CHAPTERS {
        writeln!(out, "{} ({})", chapter.title, chapter.level().words())?;
        for lesson in lessons().filter(|lesson| lesson.chapter == chapter) {
            writeln!(out, "  {:<38} {}", lesson.class.slug, lesson.class.title)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Whether the lesson goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    On,
    /// To the next program.
    Skip,
    /// The learner has had enough.
    Quit,
}

/// Walks through a lesson. Where the input ends, the rest is shown without asking; `q` ends it, `s` goes to the next program.
///
/// # Errors
/// What the reader or the writer says.
pub fn walk(
    lesson: &Lesson,
    input: &mut impl BufRead,
    out: &mut impl Write,
    manner: Manner,
) -> io::Result<Score> {
    let mut score = Score::default();
    let mut manner = manner;
    writeln!(out, "{}: {}\n", lesson.chapter.title, lesson.class.title)?;
    let exercises = lesson.exercises();
    let count = exercises.len();
    for (index, exercise) in exercises.enumerate() {
        writeln!(out, "--- {} of {count}: {}", index + 1, heading(&exercise))?;
        if show(&exercise, input, out, &mut manner, &mut score)? == Turn::Quit {
            break;
        }
    }
    show_c(out, lesson.in_c())?;
    if score.guesses > 0 {
        writeln!(out, "{} of {} right.", score.right, counted(score.guesses, "guess"))?;
    }
    let after = COURSE.iter().skip_while(|slug| **slug != lesson.class.slug).nth(1);
    if let Some(next) = after.copied().or_else(|| lesson.next().map(|next| next.class.slug)) {
        writeln!(out, "Next: knockwright learn {next}")?;
    }
    Ok(score)
}

/// The fault in C, or why there is none.
fn show_c(out: &mut impl Write, in_c: &InC) -> io::Result<()> {
    writeln!(out, "In C. {}\n", in_c.words())?;
    let Some(code) = in_c.text() else { return Ok(()) };
    for line in code.lines() {
        writeln!(out, "    {line}")?;
    }
    writeln!(out)
}

/// The case's name, with the type of its program and who loads it.
fn heading(exercise: &Exercise) -> String {
    let rights = exercise.privilege().map_or_else(String::new, |rights| format!(", {rights}"));
    format!("{} ({}{rights})", exercise.case.name, exercise.case.prog_type)
}

/// The program in the other languages that the catalogue has it in.
fn show_languages(out: &mut impl Write, side: &Side) -> io::Result<()> {
    for (name, _, code) in side.languages() {
        writeln!(out, "In {name}:\n")?;
        for line in code.lines() {
            writeln!(out, "    {line}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn show(
    exercise: &Exercise,
    input: &mut impl BufRead,
    out: &mut impl Write,
    manner: &mut Manner,
    score: &mut Score,
) -> io::Result<Turn> {
    let case = exercise.case;
    writeln!(out, "\n{}", exercise.fault.listing())?;
    match guess(exercise, input, out, manner, score)? {
        Turn::On => {}
        other => return Ok(other),
    }
    writeln!(out, "Linux {KERNEL}: {}\n", outcome(&exercise.fault.outcome))?;
    for line in exercise.fault.shown_log().lines() {
        writeln!(out, "  {line}")?;
    }
    match pause(input, out, manner, "Why? [Enter]")? {
        Turn::On => {}
        other => return Ok(other),
    }
    writeln!(out, "\n{}\n", case.lesson)?;
    show_languages(out, &exercise.fault)?;
    if let Some(explanation) = &exercise.fault.explanation {
        writeln!(out, "{}", text::render(explanation, manner.style))?;
    }
    if let Some(repair) = &exercise.repair {
        match pause(input, out, manner, "The repair? [Enter]")? {
            Turn::On => {}
            other => return Ok(other),
        }
        writeln!(out, "{}: {}\n\n{}", sentence(exercise.change), outcome(&repair.outcome), repair.listing())?;
        show_languages(out, repair)?;
    }
    for (kernels, verdict) in grouped(&exercise.fault.elsewhere) {
        writeln!(out, "On Linux {kernels}: {}", outcome(&verdict))?;
    }
    writeln!(out)?;
    Ok(Turn::On)
}

/// Asks for the verdict and the instruction, and says whether the guess was right. What is no guess isn't counted.
fn guess(
    exercise: &Exercise,
    input: &mut impl BufRead,
    out: &mut impl Write,
    manner: &mut Manner,
    score: &mut Score,
) -> io::Result<Turn> {
    const QUESTION: &str = "Accepted (a), or rejected at which instruction? (s skips it, q ends, ? helps)";
    while let Some(answer) = ask(input, out, manner, QUESTION)? {
        let answer = answer.trim().to_lowercase();
        let number: Option<usize> = answer.trim_start_matches(['r', ' ']).parse().ok();
        let right = match (exercise.fault.outcome, answer.as_str()) {
            (_, "") => return Ok(Turn::On),
            (_, "q" | "quit") => return Ok(Turn::Quit),
            (_, "s" | "skip") => return Ok(Turn::Skip),
            (Expected::Accept { .. }, text) if text.starts_with('a') => true,
            (Expected::Reject { .. }, text) if text.starts_with('a') => false,
            (Expected::Reject { insn: None, .. }, text) if text.starts_with('r') || number.is_some() => true,
            (Expected::Reject { insn: Some(insn), .. }, _) if number.is_some() => number == Some(insn),
            (Expected::Accept { .. }, _) if number.is_some() => false,
            _ => {
                writeln!(
                    out,
                    "`a` if the verifier takes it, the number in front of an instruction if it stops there, Enter to see \
                     it, `s` to skip the program, `q` to end."
                )?;
                continue;
            }
        };
        score.guesses += 1;
        score.right += usize::from(right);
        writeln!(out, "{}\n", if right { "Right." } else { "No." })?;
        break;
    }
    Ok(Turn::On)
}

fn pause(
    input: &mut impl BufRead,
    out: &mut impl Write,
    manner: &mut Manner,
    text: &str,
) -> io::Result<Turn> {
    let answer = ask(input, out, manner, text)?;
    Ok(match answer.as_deref().map(str::trim) {
        Some("q" | "quit") => Turn::Quit,
        Some("s" | "skip") => Turn::Skip,
        _ => Turn::On,
    })
}

/// A line from the learner; none if nobody is asked.
fn ask(
    input: &mut impl BufRead,
    out: &mut impl Write,
    manner: &mut Manner,
    text: &str,
) -> io::Result<Option<String>> {
    if !manner.ask {
        return Ok(None);
    }
    write!(out, "\n{text} ")?;
    out.flush()?;
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        manner.ask = false;
        writeln!(out)?;
        return Ok(None);
    }
    Ok(Some(line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::lesson;

    /// With a learner who gives these answers, or without any.
    fn walked(name: &str, answers: Option<&str>) -> (Score, String) {
        let mut out = Vec::new();
        let manner = Manner { ask: answers.is_some(), style: Style::default() };
        let answers = answers.unwrap_or_default();
        let score = walk(&lesson(name).unwrap(), &mut answers.as_bytes(), &mut out, manner).unwrap();
        (score, String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_right_guess_counts_and_a_wrong_one_does_not() {
        // One exercise: the first answer is the guess, the others turn the pages.
        let (score, text) = walked("packet-check-reversed", Some("5\n\n\n"));
        assert_eq!(score, Score { right: 1, guesses: 1 }, "{text}");
        let (score, text) = walked("packet-check-reversed", Some("a\n\n\n"));
        assert_eq!(score, Score { right: 0, guesses: 1 }, "{text}");
        assert!(text.contains("No.") && text.contains("R2 offset is outside of the packet"));
    }

    #[test]
    fn what_is_no_guess_is_not_counted() {
        let (score, text) = walked("packet-check-reversed", Some("?\nwhat\n5\n\n\n"));
        assert_eq!(score, Score { right: 1, guesses: 1 }, "{text}");
        assert_eq!(text.matches("`q` to end").count(), 2, "{text}");
        for (answers, shown) in [("q\n", false), ("\nq\n", true), ("s\n", false)] {
            let (score, text) = walked("packet-check-reversed", Some(answers));
            assert_eq!(score, Score::default());
            assert_eq!(text.contains("R2 offset is outside of the packet"), shown, "{answers:?}: {text}");
        }
    }

    #[test]
    fn without_a_learner_everything_is_shown() {
        let (score, text) = walked("map-value-max", None);
        assert_eq!(score, Score::default());
        assert!(text.contains("516 = 8 + 254*2") && text.contains("r1 <= 19"), "{text}");
        let (score, cut) = walked("map-value-max", Some(""));
        assert_eq!(score, Score::default());
        assert!(cut.contains("516 = 8 + 254*2"));
    }
}
