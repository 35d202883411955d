//! Lists the classes of the catalogue: each file of `catalogue/` is one, by the name of the file.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("catalogue");
    // The whole path, so that a checkout that moves with its target folder is listed anew.
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder's entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    let (mut modules, mut list, mut sources) = (String::new(), String::new(), String::new());
    for path in &files {
        let _ = writeln!(sources, "include_str!({path:?}),");
        let module = path.file_stem().and_then(|stem| stem.to_str()).expect("a slug").replace('-', "_");
        let _ = writeln!(modules, "#[path = {path:?}]\nmod {module};");
        let _ = writeln!(list, "&{module}::CLASS,");
    }
    let count = files.len();
    let text = format!(
        "{modules}\n/// The classes by their slugs.\nconst LISTED: [&Class; {count}] = [\n{list}];\n\
         /// Their files, in the same order.\nconst SOURCES: [&str; {count}] = [\n{sources}];\n"
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("catalogue.rs"), text).expect("OUT_DIR can be written");
}
