//! The texts of the verifier's messages by kernel, as the kernels' images have them, against the table that `explain` is held
//! to by `explain/tests/kernel_texts.rs`.
//!
//! `KNOCKWRIGHT_REGENERATE=1` writes the table anew, where all kernels are in the cache.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use knockwright_kernels::{Cache, texts};
use support::skip::skip;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/explain/tests/data/kernel-texts.tsv");

const HEAD: &str = "# What the verifier of each kernel can print: the format strings in its image, found by `knockwright_kernels::texts`.\n\
# A cross stands for each kernel that has the text. Made by `.ci/regenerate kernels`.\n";

/// The releases in the table's head, and its texts with the kernels that have each, in the order of the head.
fn table() -> (Vec<String>, BTreeMap<String, String>) {
    let table = std::fs::read_to_string(TABLE).expect("the table");
    let mut lines = table.lines().filter(|line| !line.starts_with('#'));
    let head = lines.next().expect("a head");
    let releases = head.split('\t').next().expect("releases").split(' ').map(str::to_owned).collect();
    let rows = lines.map(|line| {
        let (kernels, text) = line.split_once('\t').expect("two columns");
        (text.to_owned(), kernels.to_owned())
    });
    (releases, rows.collect())
}

/// A text on one line.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\t', "\\t")
}

#[test]
fn every_text_of_a_cached_kernel_is_in_the_table() {
    let kernels = Cache::of_user().and_then(|cache| cache.kernels()).unwrap_or_default();
    if kernels.is_empty() {
        skip("kernel_texts", "no kernel is in the cache (knockwright cases kernels fetch)");
        return;
    }
    let found: Vec<(String, BTreeSet<String>)> = kernels
        .iter()
        .map(|kernel| {
            let texts = texts::of_image(&kernel.image).unwrap_or_else(|error| panic!("{error}"));
            (kernel.release.clone(), texts.iter().map(|text| escaped(text)).collect())
        })
        .collect();
    if std::env::var_os("KNOCKWRIGHT_REGENERATE").is_some() {
        write(&found);
    }
    let (releases, table) = table();
    for (release, texts) in found {
        let column = releases.iter().position(|recorded| *recorded == release);
        for text in &texts {
            let kernels = table.get(text);
            assert!(
                kernels.is_some(),
                "{release} prints `{text}`, which the table doesn't have: `.ci/regenerate kernels`"
            );
        }
        // Another release of a series may have fewer.
        let Some(column) = column else { continue };
        let recorded = table.iter().filter(|(_, kernels)| kernels.as_bytes()[column] == b'x');
        let recorded: BTreeSet<String> = recorded.map(|(text, _)| text.clone()).collect();
        let missing: Vec<&String> = recorded.symmetric_difference(&texts).collect();
        assert!(missing.is_empty(), "{release}: the table differs in {missing:?}");
    }
}

fn write(found: &[(String, BTreeSet<String>)]) {
    let all: BTreeSet<&String> = found.iter().flat_map(|(_, texts)| texts).collect();
    let releases: Vec<&str> = found.iter().map(|(release, _)| release.as_str()).collect();
    assert_eq!(releases.len(), knockwright_linux::SERIES.len(), "the cache has {releases:?}");
    let mut table = format!("{HEAD}{}\ttext\n", releases.join(" "));
    for text in all {
        let kernels: String =
            found.iter().map(|(_, texts)| if texts.contains(text) { 'x' } else { '-' }).collect();
        let _ = writeln!(table, "{kernels}\t{text}");
    }
    std::fs::write(TABLE, table).expect("the table can be written");
}
