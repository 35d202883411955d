//! The chapter on guards says the truth: the kernel refuses its programs with its words, and the compiler's words are those of
//! the misuse tests.

mod support;

use std::path::Path;

use knockwright_asm::text::parse_program;
use knockwright_kernels::HostEngine;
use knockwright_verifier::{Attempt, Engine, Outcome};

fn chapter() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guards.md")).unwrap()
}

/// The blocks fenced as `kind`, each with the text after it.
fn blocks<'a>(text: &'a str, kind: &str) -> Vec<(&'a str, &'a str)> {
    let fence = format!("```{kind}\n");
    let mut rest = text;
    let mut found = Vec::new();
    while let Some((_, after)) = rest.split_once(&fence) {
        let (block, after) = after.split_once("\n```\n").unwrap();
        found.push((block, after));
        rest = after;
    }
    found
}

#[test]
fn the_kernel_refuses_the_programs_of_the_chapter() {
    if !support::may_load("the_kernel_refuses_the_programs_of_the_chapter") {
        return;
    }
    let chapter = chapter();
    let programs = blocks(&chapter, "bpf");
    assert!(programs.len() >= 13, "{} programs", programs.len());
    let mut verifier = HostEngine::new();
    for (text, after) in programs {
        let (message, _) = after.strip_prefix("```log\n").unwrap().split_once("\n```").unwrap();
        let program = parse_program("docs/guards.md", text).unwrap_or_else(|errors| panic!("{errors}"));
        let verdict = verifier.verdict(&Attempt::new(program));
        assert_eq!(verdict.outcome, Outcome::Reject, "accepted:\n{text}");
        assert_eq!(verdict.message, message, "{text}\n{}", verdict.log);
    }
}

#[test]
fn the_compilers_words_are_those_of_the_misuse_tests() {
    let chapter = chapter();
    let mut seen = 0;
    for part in chapter.split("<!-- misuse ").skip(1) {
        let (name, rest) = part.split_once(" -->").unwrap();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("asm/tests/misuse");
        let source = std::fs::read_to_string(folder.join(format!("{name}.rs"))).unwrap();
        let kept = std::fs::read_to_string(folder.join(format!("{name}.stderr"))).unwrap();
        let (code, rest) = blocks(rest, "rust,compile_fail")[0];
        for line in code.lines() {
            assert!(source.contains(line.trim()), "{name}: `{line}` is not in the test");
        }
        let (words, _) = rest.strip_prefix("```text\n").unwrap().split_once("\n```").unwrap();
        assert!(kept.starts_with(words), "{name}: the compiler says something else now:\n{kept}");
        seen += 1;
    }
    assert!(seen >= 15, "{seen} misuses");
}
