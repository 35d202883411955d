//! Pages of `docs/` that are made from the code: what's kept is what would be made now.
//!
//! `.ci/regenerate pages` writes them anew.

use std::path::Path;

use knockwright_lessons::book;
use knockwright_verifier_cases::record::Recording;
use knockwright_verifier_cases::{diff, kernel_range, list};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");

/// Compares a page with the kept one, or writes it.
fn is_kept(page: &str, made: &[u8]) {
    let path = Path::new(DOCS).join(page);
    if std::env::var_os("KNOCKWRIGHT_REGENERATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read(&path).unwrap_or_default();
    assert!(kept == made, "docs/{page} isn't what the code makes: run `.ci/regenerate pages`");
}

#[test]
fn the_instructions() {
    is_kept("instructions.md", knockwright_asm::isa::reference_page().as_bytes());
}

#[test]
fn the_helpers() {
    is_kept("helpers.md", knockwright_linux::helper::page().as_bytes());
}

#[test]
fn the_contexts() {
    is_kept("contexts.md", knockwright_linux::context::page().as_bytes());
}

#[test]
fn the_cases() {
    let mut page = Vec::new();
    list::markdown(&mut page).unwrap();
    is_kept("verifier-cases.md", &page);
}

#[test]
fn what_changed_between_kernels() {
    let logs = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier-cases/logs");
    let recordings: Vec<Recording> = kernel_range::SERIES
        .iter()
        .map(|series| Recording::open(&logs, &series.to_string()).unwrap())
        .collect();
    let (mut text, mut table) = (Vec::new(), Vec::new());
    diff::markdown_page(&mut text, &recordings).unwrap();
    diff::html_page(&mut table, &recordings).unwrap();
    is_kept("between-kernels.md", &text);
    is_kept("between-kernels.html", &table);
}

#[test]
fn the_book_of_lessons() {
    let pages = book::pages();
    for page in &pages {
        is_kept(&format!("lessons/{}", page.path), page.text.as_bytes());
    }
    // A lesson that is gone leaves no page.
    let mut folders = vec![Path::new(DOCS).join("lessons/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(Path::new(DOCS).join("lessons")).unwrap();
            let is_page = pages.iter().any(|page| Path::new(&page.path) == name);
            assert!(is_page, "docs/lessons/{} is no page of the book any more: remove it", name.display());
        }
    }
}
