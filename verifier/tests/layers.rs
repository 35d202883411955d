//! Which part of the crate may know which.

use std::fs;
use std::path::{Path, PathBuf};

/// The files of a folder of `src/`, with the folders in it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Checks refuse with a value; what the log says of it isn't theirs.
#[test]
fn checks_know_no_log() {
    let checks = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check"));
    assert!(checks.len() > 5, "where are the checks?");
    for path in checks {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap();
            let known = ["log::", "Log", ".log", "format_args!", "write!"]
                .into_iter()
                .find(|word| code.contains(word));
            assert_eq!(known, None, "{}:{}: {line}", path.display(), number + 1);
        }
    }
}
