//! The files of a gate: those that are named and those in the folders that are, each once.

use std::collections::HashSet;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::files;
use crate::output;

/// A file that is to be an object.
#[derive(Debug)]
pub(crate) struct Found {
    /// As it was named, or found in a folder that was.
    pub(crate) name: String,
    /// Its path in the folder that was named, else its file's name; what tells it from the others where that doesn't.
    pub(crate) relative: String,
    /// What it holds, or why that can't be read.
    pub(crate) bytes: Result<Vec<u8>, Broken>,
}

/// Why an object can't be read.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    /// The error number where this user may not read it; 0 where it's bad.
    pub(crate) errno: i32,
    pub(crate) why: String,
}

impl Broken {
    /// A bad one.
    pub(crate) fn bad(why: impl ToString) -> Self {
        Self { errno: 0, why: why.to_string() }
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        let is_not_permitted = error.kind() == io::ErrorKind::PermissionDenied;
        let errno = error.raw_os_error().filter(|_| is_not_permitted).unwrap_or(0);
        Self { errno, ..Self::bad(error) }
    }
}

/// The files that are named, and those in the folders that are, in this order; in folders in that of their names. What can't be
/// read is among them with its reason.
pub(crate) fn find(named: &[PathBuf]) -> Vec<Found> {
    let mut all = Vec::new();
    let mut known = HashSet::new();
    for path in named {
        let paths = if path.is_dir() { of_folder(path) } else { vec![(path.clone(), None)] };
        for (file, fault) in paths {
            if !known.insert(identity(&file)) {
                continue;
            }
            let relative = match file.strip_prefix(path) {
                Ok(below) if !below.as_os_str().is_empty() => normal(&below.display().to_string()),
                _ => file
                    .file_name()
                    .map_or_else(|| files::name(&file), |name| name.to_string_lossy().into_owned()),
            };
            let bytes = match fault {
                Some(fault) => Err(fault),
                None => read(&file),
            };
            all.push(Found { name: files::name(&file), relative, bytes });
        }
    }
    tell_apart(&mut all);
    all
}

/// Gives those that have one relative name their whole paths.
fn tell_apart(all: &mut [Found]) {
    let (mut once, mut twice) = (HashSet::new(), HashSet::new());
    for found in &*all {
        if !once.insert(found.relative.clone()) {
            twice.insert(found.relative.clone());
        }
    }
    for found in all.iter_mut().filter(|found| twice.contains(&found.relative)) {
        found.relative = normal(&found.name);
    }
}

/// What a file is, however its path is spelt.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| PathBuf::from(normal(&path.display().to_string())))
}

/// A path without what changes nothing: `./`, doubled slashes, a folder that is left again.
pub(crate) fn normal(path: &str) -> String {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in Path::new(path).components() {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.iter().collect::<PathBuf>().display().to_string()
}

/// Reads a file, but nothing that may never end.
fn read(path: &Path) -> Result<Vec<u8>, Broken> {
    if !files::is_standard(path) {
        let metadata = std::fs::metadata(path)?;
        if let Some(kind) = files::special_kind(&metadata).filter(|_| !is_descriptor(path)) {
            return Err(Broken::bad(format!("{kind}, no file with an object")));
        }
    }
    Ok(files::read_bytes(path)?)
}

/// Whether a path is of what somebody has opened already, as in `verify <(…)`: it ends by itself.
fn is_descriptor(path: &Path) -> bool {
    ["/dev/fd", "/dev/stdin", "/proc/self/fd"].iter().any(|descriptors| path.starts_with(descriptors))
}

/// The objects in a folder and those below it, in the order of their names. A folder that can't be read or holds none is
/// there itself, with the reason.
fn of_folder(folder: &Path) -> Vec<(PathBuf, Option<Broken>)> {
    let mut objects = Vec::new();
    below(folder, &mut objects);
    if objects.is_empty() {
        objects.push((folder.to_owned(), Some(Broken::bad("no objects (*.o) in this folder"))));
    }
    objects
}

fn below(folder: &Path, objects: &mut Vec<(PathBuf, Option<Broken>)>) {
    let paths = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>());
    let mut paths: Vec<PathBuf> = match paths {
        Ok(paths) => paths,
        Err(error) => return objects.push((folder.to_owned(), Some(error.into()))),
    };
    paths.sort();
    for path in paths {
        let is_object = path.extension().is_some_and(|extension| extension == "o");
        let metadata = std::fs::metadata(&path);
        match &metadata {
            // A link to a folder may lead to where it stands.
            Ok(metadata) if metadata.is_dir() && path.is_symlink() => left_out(&path, "a link to a folder"),
            Ok(metadata) if metadata.is_dir() => below(&path, objects),
            _ if !is_object => {}
            Ok(metadata) => match files::special_kind(metadata) {
                Some(kind) => left_out(&path, kind),
                None => objects.push((path, None)),
            },
            Err(_) if path.is_symlink() => left_out(&path, "a link that leads nowhere"),
            Err(_) => objects.push((path, None)), // reading it says why
        }
    }
}

/// Says that something in a folder is passed over.
fn left_out(path: &Path, what: &str) {
    let path = path.display().to_string();
    output::say(format_args!("note: {}: {what}, left out", knockwright_asm::text::visible(&path)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_spelling() {
        for (path, is) in [
            ("a.o", "a.o"),
            ("./a.o", "a.o"),
            ("b//./a.o", "b/a.o"),
            ("b/../a.o", "a.o"),
            ("../a.o", "../a.o"),
            ("../../a.o", "../../a.o"),
            ("/b/a.o", "/b/a.o"),
        ] {
            assert_eq!(normal(path), is, "{path}");
        }
    }

    #[test]
    fn two_of_one_name_are_told_apart() {
        let found = |name: &str, relative: &str| Found {
            name: name.to_owned(),
            relative: relative.to_owned(),
            bytes: Ok(Vec::new()),
        };
        let mut all = [found("./x/a.o", "a.o"), found("y/a.o", "a.o"), found("y/b.o", "b.o")];
        tell_apart(&mut all);
        assert_eq!(all.map(|found| found.relative), ["x/a.o", "y/a.o", "b.o"]);
    }
}
