//! Which part of the crate may know which.

use std::fs;
use std::path::{Path, PathBuf};

/// The files of a folder of `src/`, with the folders in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Of a file's code, the lines that hold one of some words.
fn lines_with<'a>(text: &'a str, words: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    text.lines().enumerate().filter_map(|(number, line)| {
        let code = line.split("//").next().unwrap();
        words.iter().any(|word| code.contains(word)).then(|| format!("{}: {line}", number + 1))
    })
}

fn check_layer(folder: &str, foreign: &[&str]) {
    let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder));
    assert!(files.len() > 2, "where is {folder}?");
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let known: Vec<String> = lines_with(&text, foreign).collect();
        assert!(known.is_empty(), "{}: {known:?}", path.display());
    }
}

/// Checks refuse with a value, and instructions change a state; what the log says of it isn't theirs.
#[test]
fn checks_and_instructions_know_no_log() {
    for folder in ["scalar", "state", "structure", "machine", "check", "transfer"] {
        check_layer(folder, &["log::", "Log", ".log", "format_args!", "write!"]);
    }
}

/// What walks all paths knows what walks one instruction, which only asks it what `machine::Explore` has.
#[test]
fn checks_and_instructions_know_no_exploration() {
    for folder in ["scalar", "state", "structure", "machine", "check", "transfer"] {
        check_layer(folder, &["explore::"]);
    }
    check_layer("check", &["transfer::"]);
}
