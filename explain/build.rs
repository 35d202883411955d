//! Lists the classes: each file of `classes/` is one, by the name of the file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let folder = root.join("classes");
    // The whole path, so that a checkout that moves with its target folder is listed anew.
    for listed in [&folder, &folder.join("beside")] {
        println!("cargo::rerun-if-changed={}", listed.display());
    }
    // What is no class of the catalogue stands at the end.
    let mut names = slugs(&folder);
    let listed = names.len();
    names.extend(slugs(&folder.join("beside")));
    let mut text = String::new();
    for (index, slug) in names.iter().enumerate() {
        let folder = if index < listed { folder.clone() } else { folder.join("beside") };
        let path = folder.join(format!("{slug}.rs"));
        let _ = writeln!(text, "#[path = {path:?}]\nmod {};", slug.replace('-', "_"));
    }
    let variants: Vec<String> = names.iter().map(|slug| variant(slug)).collect();
    let each = |line: &dyn Fn(&str, &str) -> String| -> String {
        variants.iter().zip(&names).map(|(variant, slug)| line(variant, slug)).collect()
    };
    let _ = write!(
        text,
        "/// A class of rejections, named as the catalogue of cases names it.\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
         #[allow(missing_docs)] // the titles say it\n\
         #[non_exhaustive]\n\
         pub enum Class {{\n{}}}\n\n\
         #[allow(clippy::too_many_lines)] // an arm for each class\n\
         impl Class {{\n\
         /// Every class, in the order of its slug; the last {} are no classes of the catalogue.\n\
         pub const ALL: &'static [Self] = &[\n{}];\n\n\
         /// How many of them are classes of the catalogue.\n\
         pub const IN_CATALOGUE: usize = {listed};\n\n\
         /// The name that cases, lessons and diagnoses go by.\n\
         pub const fn slug(self) -> &'static str {{\nmatch self {{\n{}}}\n}}\n\n\
         /// What is told of the class.\n\
         pub(crate) const fn facts(self) -> &'static Facts {{\nmatch self {{\n{}}}\n}}\n}}\n",
        each(&|variant, _| format!("{variant},\n")),
        names.len() - listed,
        each(&|variant, _| format!("Self::{variant},\n")),
        each(&|variant, slug| format!("Self::{variant} => {slug:?},\n")),
        each(&|variant, slug| format!("Self::{variant} => &{}::CLASS,\n", slug.replace('-', "_"))),
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("classes.rs"), text).expect("OUT_DIR can be written");
}

/// The names of the Rust files in a folder, in their order.
fn slugs(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("a folder's entry").path());
    let mut slugs: Vec<String> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    slugs.sort();
    slugs
}

/// `map-value-max` as `MapValueMax`.
fn variant(slug: &str) -> String {
    let parts = slug.split('-').map(|part| part[..1].to_uppercase() + &part[1..]);
    parts.collect()
}
