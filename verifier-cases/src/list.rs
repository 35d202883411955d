//! What the catalogue has, and one case in full.

use std::io::{self, Write};

use knockwright_asm::KernelVersion;
use knockwright_verifier::Privilege;
use serde::Serialize;

use crate::case::Case;
use crate::catalogue;
use crate::expectation::{Expectation, Expected};
use crate::kernel_range::{Kernels, SERIES};
use crate::run::Selected;

/// Lists cases by class, as text.
///
/// # Errors
/// What the writer says.
pub fn text(out: &mut impl Write, cases: &[Selected<'_>]) -> io::Result<()> {
    let mut class = "";
    for selected in cases {
        if selected.class != class {
            class = selected.class;
            let known = catalogue::CLASSES.iter().find(|known| known.slug == class);
            writeln!(out, "{class}: {}", known.map_or("", |known| known.title))?;
        }
        let case = selected.case;
        let flips = if case.expectation.flips(&SERIES) { " (differs between kernels)" } else { "" };
        writeln!(out, "  {:<44} {}{flips}", case.name, case.expectation.outcome)?;
    }
    Ok(())
}

/// Writes the catalogue as a page in Markdown: each class with its cases, lessons, expectations and twins.
///
/// # Errors
/// What the writer says.
pub fn markdown(out: &mut impl Write) -> io::Result<()> {
    let flips = catalogue::cases().filter(|(_, case)| case.expectation.flips(&SERIES)).count();
    writeln!(out, "# What the verifier accepts and rejects\n")?;
    writeln!(
        out,
        "{} cases in {} classes, measured on Linux {} to {}; {flips} of them get another verdict from one kernel to another. \
         Each case is a\nprogram with its twin, the nearest program with the other verdict. `knockwright cases show NAME` \
         prints both, and\n`knockwright cases run NAME --kernel all` tries them.\n",
        catalogue::cases().count(),
        catalogue::CLASSES.len(),
        SERIES[0],
        SERIES[SERIES.len() - 1]
    )?;
    for class in catalogue::CLASSES {
        writeln!(out, "## {}\n\n{}.\n", class.slug, sentence(class.title))?;
        for case in class.cases {
            let without = match case.privilege {
                Privilege::Full => "",
                Privilege::WithoutPerfmon => ", without CAP_PERFMON",
            };
            writeln!(out, "**{}** ({}{without}). {}\n", case.name, case.prog_type, case.lesson)?;
            for (kernels, outcome) in outcomes(&case.expectation) {
                writeln!(out, "- {kernels}: {}", code(&outcome))?;
            }
            if let Some(twin) = &case.twin {
                let all = outcomes(&twin.expectation);
                let told: Vec<String> = match all.as_slice() {
                    [(_, outcome)] => vec![code(outcome)],
                    several => several
                        .iter()
                        .map(|(kernels, outcome)| format!("{kernels}: {}", code(outcome)))
                        .collect(),
                };
                writeln!(out, "- twin, {}: {}", twin.change, told.join("; "))?;
            }
            writeln!(out)?;
        }
    }
    Ok(())
}

/// The text with a capital letter.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// An outcome with its message as code.
fn code(outcome: &Expected) -> String {
    match outcome {
        Expected::Accept { .. } => outcome.to_string(),
        Expected::Reject { message: "", .. } => outcome.to_string(),
        Expected::Reject { message, .. } => {
            let text = outcome.to_string();
            format!("{} `{message}`", text.strip_suffix(message).unwrap_or(&text).trim_end())
        }
    }
}

/// The outcomes on the kernels of the catalogue, neighbours with the same together.
fn outcomes(expected: &Expectation) -> Vec<(String, Expected)> {
    let mut groups: Vec<(KernelVersion, KernelVersion, Expected)> = Vec::new();
    for kernel in SERIES {
        let outcome = expected.on(kernel);
        match groups.last_mut() {
            Some((_, last, known)) if *known == outcome => *last = kernel,
            _ => groups.push((kernel, kernel, outcome)),
        }
    }
    let name = |first: KernelVersion, last: KernelVersion| match first == last {
        true => first.to_string(),
        false => format!("{first} to {last}"),
    };
    groups.into_iter().map(|(first, last, outcome)| (name(first, last), outcome)).collect()
}

#[derive(Serialize)]
struct Line<'a> {
    class: &'a str,
    case: &'a str,
    prog_type: &'a str,
    privilege: &'static str,
    lesson: &'a str,
    twin: Option<&'a str>,
    expected: String,
    kernels: Vec<KernelLine>,
    flips: bool,
}

#[derive(Serialize)]
struct KernelLine {
    kernel: String,
    expected: String,
    twin: Option<String>,
}

/// Lists cases as JSON lines, with what is expected on each kernel of the catalogue.
///
/// # Errors
/// What the writer says.
pub fn jsonl(out: &mut impl Write, cases: &[Selected<'_>]) -> io::Result<()> {
    for selected in cases {
        let case = selected.case;
        let kernels = SERIES.iter().map(|kernel| KernelLine {
            kernel: kernel.to_string(),
            expected: case.expectation.on(*kernel).to_string(),
            twin: case.twin.as_ref().map(|twin| twin.expectation.on(*kernel).to_string()),
        });
        let line = Line {
            class: selected.class,
            case: case.name,
            prog_type: case.prog_type.name(),
            privilege: privilege(case),
            lesson: case.lesson,
            twin: case.twin.as_ref().map(|twin| twin.change),
            expected: case.expectation.outcome.to_string(),
            kernels: kernels.collect(),
            flips: case.expectation.flips(&SERIES),
        };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}

fn privilege(case: &Case) -> &'static str {
    match case.privilege {
        Privilege::Full => "root",
        Privilege::WithoutPerfmon => "without CAP_PERFMON",
    }
}

/// Shows a case: lesson, program, expectation, twin.
///
/// # Errors
/// What the writer says.
pub fn show(out: &mut impl Write, selected: &Selected<'_>) -> io::Result<()> {
    let case = selected.case;
    writeln!(out, "{} / {} ({}, {})\n", selected.class, case.name, case.prog_type, privilege(case))?;
    writeln!(out, "{}\n", case.lesson)?;
    if let Ok(program) = case.build() {
        write!(out, "{}", knockwright_asm::text::Listing::new(&program).with_slots())?;
    }
    expectation(out, &case.expectation)?;
    if let (Some(twin), Some(Ok(program))) = (&case.twin, case.build_twin()) {
        writeln!(out, "\nTwin: {}\n", twin.change)?;
        write!(out, "{}", knockwright_asm::text::Listing::new(&program).with_slots())?;
        expectation(out, &twin.expectation)?;
    }
    Ok(())
}

fn expectation(out: &mut impl Write, expected: &Expectation) -> io::Result<()> {
    writeln!(out, "\n  expected: {}", expected.outcome)?;
    // Ranges of kernels that differ, each with its whole outcome.
    let mut ranges: Vec<Kernels> = expected.changes.iter().map(|(range, _)| *range).collect();
    ranges.dedup();
    for range in ranges {
        if let Some(kernel) = SERIES.iter().find(|kernel| range.contains(**kernel)) {
            writeln!(out, "  on {range}: {}", expected.on(*kernel))?;
        }
    }
    for state in expected.states {
        writeln!(out, "  after {} on {}: {} = {}", state.insn, state.on, state.register, state.state)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::select;

    #[test]
    fn every_case_is_a_line_with_class_twin_and_kernels() {
        let mut out = Vec::new();
        jsonl(&mut out, &select(&[]).unwrap()).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().count() >= 120);
        for line in text.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["kernels"].as_array().unwrap().len(), SERIES.len());
            assert!(line["class"].is_string() && line["twin"].is_string(), "{line}");
        }
    }

    #[test]
    fn a_case_is_shown_with_its_twin() {
        let mut out = Vec::new();
        show(&mut out, &select(&["index-border".to_owned()]).unwrap()[0]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("Twin: `> 19`") && text.contains("if r1 > 0x13"), "{text}");
    }
}
