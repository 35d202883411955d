//! Explanations as text: one fault is told once, and nothing is wider than the page.

mod support;

use knockwright_explain::Explainer;
use knockwright_explain::render::text::{self, Style};
use knockwright_verifier_cases::kernel_range::SERIES;
use knockwright_verifier_cases::packed;
use support::Given;

fn at(width: usize) -> Style {
    let mut style = Style::default();
    style.width = width;
    style
}

#[test]
fn the_articles_second_fault_fits_a_screen() {
    for kernel in ["6.1", "6.12", "6.18", "7.3"] {
        let explanation = support::case(kernel, "article-bounds", Given::LogAndProgram);
        let drawn = text::render(&explanation, at(100));
        let lines: Vec<&str> = drawn.lines().collect();
        assert!(lines.len() <= 30, "{kernel}: {} lines\n{drawn}", lines.len());
        // No two lines say the same.
        for (index, line) in lines.iter().enumerate() {
            let words = line.trim_start_matches(|c: char| !c.is_alphabetic());
            let again = lines[..index].iter().any(|before| words.len() > 20 && before.contains(words));
            assert!(!again, "{kernel}: `{words}` is told twice\n{drawn}");
        }
    }
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    for width in [60, 80, 100, 120, 200] {
        for kernel in SERIES {
            for entry in packed::recording(&kernel.to_string()).unwrap().entries.iter().step_by(3) {
                if entry.verdict.log.len() > 60_000 {
                    continue;
                }
                for log in Explainer::new().explain(entry.verdict.log.as_bytes()).unwrap().logs {
                    let drawn = text::render(&log, at(width));
                    let wide = drawn.lines().find(|line| line.chars().count() > width);
                    assert_eq!(wide, None, "{} on {kernel} at {width}", entry.case);
                }
            }
        }
    }
}
