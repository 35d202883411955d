//! Links of the pages lead somewhere, and files and commits that they name are there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The pages of the root and of `docs/`, the book of lessons included.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders = vec![Path::new(ROOT).join("docs")];
    let is_page = |path: &Path| path.extension().is_some_and(|extension| extension == "md");
    let entries = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    pages.extend(entries(Path::new(ROOT)).into_iter().filter(|path| is_page(path)));
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if is_page(&path) {
                pages.push(path);
            }
        }
    }
    pages
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text without fenced blocks, where brackets are code.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    prose
}

/// What stands in the parentheses of the links.
fn links(prose: &str) -> impl Iterator<Item = &str> {
    prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link)
}

/// The anchors of a page's headings, as they are made for links.
fn anchors(text: &str) -> BTreeSet<String> {
    let heading =
        |line: &str| line.starts_with('#').then(|| line.trim_start_matches('#').trim().to_lowercase());
    let anchor = |heading: String| -> String {
        let kept =
            heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
        kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
    };
    prose(text).lines().filter_map(heading).map(anchor).collect()
}

#[test]
fn links_lead_to_files_and_headings() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages() {
        let text = read(&page);
        for link in links(&prose(&text)).map(str::to_owned) {
            if link.starts_with("https://") {
                continue;
            }
            count += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let is_heading = || anchor.is_empty() || anchors(&read(&target)).contains(anchor);
            if !target.exists() || !is_heading() {
                wrong.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 150, "only {count} links");
}

/// What stands between backticks.
fn code(prose: &str) -> impl Iterator<Item = &str> {
    prose.split('`').skip(1).step_by(2)
}

#[test]
fn files_named_to_contributors_are_there() {
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/userspace-verifier.md"] {
        let prose = prose(&read(&Path::new(ROOT).join(page)));
        let is_path = |text: &&str| {
            let letters =
                text.chars().all(|letter| letter.is_ascii_alphanumeric() || "./_-".contains(letter));
            letters
                && text.contains('/')
                && !text.starts_with('/')
                && !text.contains("NAME")
                && !text.contains("SLUG")
        };
        for path in code(&prose).filter(is_path) {
            let inside = ["", "verifier/src", "verifier-cases", "explain"];
            let is_there = inside.iter().any(|folder| Path::new(ROOT).join(folder).join(path).exists());
            assert!(is_there, "{page}: {path}");
        }
    }
}

#[test]
fn commits_named_to_contributors_are_there() {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(ROOT).args(arguments).output();
        output.ok().filter(|output| output.status.success())
    };
    // A package or a shallow checkout has no history to look in.
    let shallow = git(&["rev-parse", "--is-shallow-repository"]);
    if shallow.is_none_or(|output| output.stdout.starts_with(b"true")) {
        return;
    }
    let page = read(&Path::new(ROOT).join("CONTRIBUTING.md"));
    let is_commit = |text: &&str| text.len() == 7 && text.chars().all(|letter| letter.is_ascii_hexdigit());
    let commits: Vec<&str> = code(&page).filter(is_commit).collect();
    assert!(commits.len() >= 12, "{commits:?}");
    for commit in commits {
        let exists = git(&["merge-base", "--is-ancestor", commit, "HEAD"]);
        assert!(exists.is_some(), "{commit} is no commit before this one");
    }
}
