//! Recordings: the whole logs of all cases on one kernel, at levels 1 and 2, in one compressed file for each kernel.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::kernel_range::version_of_release;
use crate::observation::Observation;
use crate::run::{RunError, Selected, Subject, loads};

/// What a kernel said of every case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The series, `6.12`, or what else the engine calls it.
    pub kernel: String,
    /// The release in full.
    pub release: String,
    /// One entry for each program and level, in the order of the catalogue as it was then; later cases follow.
    pub entries: Vec<Entry>,
}

/// What a kernel said of one program at one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The slug of the class.
    pub class: String,
    /// The name of the case.
    pub case: String,
    /// The case's program or its twin's.
    pub subject: Subject,
    /// The log level.
    pub level: u32,
    /// What was said; the log's addresses are replaced.
    pub observation: Observation,
    /// The release that said it, where the case joined a recording of another release of the series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    kernel: String,
    release: String,
    entries: usize,
}

/// Why a recording can't be made, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The cases didn't run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A program was never verified.
    #[error("{case} was not verified: {message}; nothing is recorded")]
    NotVerified {
        /// The case.
        case: String,
        /// Why.
        message: String,
    },
    /// The file.
    #[error("{}: {error}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// The cause.
        #[source]
        error: std::io::Error,
    },
    /// There is no recording of a kernel.
    #[error("Linux {kernel} isn't recorded; recorded are {}", known.join(", "))]
    NotRecorded {
        /// The kernel as asked for.
        kernel: String,
        /// The kernels that are.
        known: Vec<String>,
    },
    /// The file isn't a recording, or not a whole one.
    #[error("{}: this is no whole recording ({what}); record it again", path.display())]
    Damaged {
        /// Which one.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
}

/// Replaces kernel addresses, which differ from boot to boot, by `0x<address>`.
pub fn without_addresses(log: &str) -> String {
    let mut text = String::with_capacity(log.len());
    let mut rest = log;
    while let Some(at) = rest.find("0xff") {
        let digits = rest[at + 2..].find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len() - at - 2);
        text.push_str(&rest[..at]);
        // Only what a load of a map's address shows is one; bounds have as many digits but no ` = ` in front.
        let is_address = digits == 16 && rest[..at].ends_with(" = ");
        let number = &rest[at..at + 2 + digits];
        text.push_str(if is_address { "0x<address>" } else { number });
        rest = &rest[at + 2 + digits..];
    }
    text.push_str(rest);
    text
}

/// Records cases on a kernel, at levels 1 and 2.
///
/// # Errors
/// [`RecordError`]: there is a whole recording or none.
pub fn record(cases: &[Selected<'_>], engine: &mut dyn Engine) -> Result<Recording, RecordError> {
    let mut batch = Vec::new();
    let mut about = Vec::new();
    for selected in cases {
        for (subject, load) in loads(selected.case, Some(&[1, 2]))? {
            if !load.levels.is_empty() {
                about.push((*selected, subject));
                batch.push(load);
            }
        }
    }
    let (kernel, answers) = engine.verify(&batch).map_err(RunError::from)?;
    let mut entries = Vec::with_capacity(answers.len());
    for answer in answers {
        let (selected, subject) = about[answer.load];
        let case = selected.case.name.to_owned();
        let mut observation = answer.attempt.map_err(|error| {
            let message = error.to_string();
            RecordError::NotVerified { case: case.clone(), message }
        })?;
        observation.log = without_addresses(&observation.log);
        entries.push(Entry {
            class: selected.class.to_owned(),
            case,
            subject,
            level: answer.level,
            observation,
            release: None,
        });
    }
    Ok(Recording { kernel: kernel.name, release: kernel.release, entries })
}

impl Recording {
    /// The file of a kernel in a folder of recordings.
    pub fn path(folder: &Path, kernel: &str) -> PathBuf {
        folder.join(format!("{kernel}{SUFFIX}"))
    }

    /// The recording with the cases of a newer one of the same kernel: each case that both have is replaced whole, at its
    /// place, and new ones follow at the end. Those of another release say so.
    #[must_use]
    pub fn merged(mut self, newer: Self) -> Self {
        let release = (newer.release != self.release).then_some(newer.release);
        let key = |entry: &Entry| (entry.class.clone(), entry.case.clone());
        let mut of_case: BTreeMap<_, Vec<Entry>> = BTreeMap::new();
        let mut order = Vec::new();
        for entry in newer.entries {
            let entry = Entry { release: release.clone(), ..entry };
            if !of_case.contains_key(&key(&entry)) {
                order.push(key(&entry));
            }
            of_case.entry(key(&entry)).or_default().push(entry);
        }
        let mut entries = Vec::new();
        for entry in std::mem::take(&mut self.entries) {
            match of_case.get_mut(&key(&entry)) {
                Some(newer) => entries.append(newer), // the first of the old ones brings all, the others none
                None => entries.push(entry),
            }
        }
        entries.extend(order.iter().flat_map(|case| of_case.remove(case).unwrap_or_default()));
        Self { entries, ..self }
    }

    /// Writes the recording into a folder; the file appears whole or not at all.
    ///
    /// # Errors
    /// [`RecordError::File`].
    pub fn save(&self, folder: &Path) -> Result<PathBuf, RecordError> {
        let path = Self::path(folder, &self.kernel);
        self.write(folder, &path).map_err(|error| RecordError::File { path: path.clone(), error })?;
        Ok(path)
    }

    fn write(&self, folder: &Path, path: &Path) -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut staging = tempfile::Builder::new()
            .prefix(".recording-")
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(folder)?;
        staging.write_all(&self.compressed()?)?;
        staging.persist(path)?;
        Ok(())
    }

    fn compressed(&self) -> std::io::Result<Vec<u8>> {
        let mut file = GzEncoder::new(Vec::new(), Compression::best());
        let head =
            Head { kernel: self.kernel.clone(), release: self.release.clone(), entries: self.entries.len() };
        serde_json::to_writer(&mut file, &head)?;
        writeln!(file)?;
        for entry in &self.entries {
            serde_json::to_writer(&mut file, entry)?;
            writeln!(file)?;
        }
        file.finish()
    }

    /// Reads the recording of a kernel in a folder.
    ///
    /// # Errors
    /// [`RecordError`] if it isn't there or isn't whole.
    pub fn open(folder: &Path, kernel: &str) -> Result<Self, RecordError> {
        let path = Self::path(folder, kernel);
        let file = fs::File::open(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => not_recorded(folder, kernel),
            _ => RecordError::File { path: path.clone(), error },
        })?;
        Self::read(file).map_err(|what| RecordError::Damaged { path, what })
    }

    /// Reads a recording from the bytes of its file.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(file: impl Read) -> Result<Self, String> {
        let mut lines = BufReader::new(GzDecoder::new(file)).lines();
        let first = lines.next().ok_or("it is empty")?.map_err(|error| error.to_string())?;
        let head: Head = serde_json::from_str(&first).map_err(|error| error.to_string())?;
        let mut entries = Vec::with_capacity(head.entries);
        for line in lines {
            let line = line.map_err(|error| error.to_string())?;
            entries.push(serde_json::from_str(&line).map_err(|error| error.to_string())?);
        }
        if entries.len() != head.entries {
            return Err(format!("{} entries of {}", entries.len(), head.entries));
        }
        Ok(Self { kernel: head.kernel, release: head.release, entries })
    }
}

/// The file name's end of a recording.
const SUFFIX: &str = ".jsonl.gz";

/// What to say of a kernel without a recording in a folder.
fn not_recorded(folder: &Path, kernel: &str) -> RecordError {
    let files = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let mut known: Vec<String> =
        names.filter_map(|name| name.strip_suffix(SUFFIX).map(str::to_owned)).collect();
    known.sort_by_key(|name| (version_of_release(name), name.clone()));
    if known.is_empty() {
        known.push(format!("none in {}", folder.display()));
    }
    RecordError::NotRecorded { kernel: kernel.to_owned(), known }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Recording {
        let entry = |case: &str| Entry {
            class: "class".to_owned(),
            case: case.to_owned(),
            subject: Subject::Case,
            level: 2,
            observation: Observation::new(0, "processed 1 insns (limit 1)\n".to_owned(), 2),
            release: None,
        };
        Recording {
            kernel: "6.12".to_owned(),
            release: "6.12.1".to_owned(),
            entries: vec![entry("a"), entry("b")],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = recording().compressed().unwrap();
        assert_eq!(Recording::read(bytes.as_slice()).unwrap(), recording());
    }

    #[test]
    fn cases_join_a_recording_and_replace_their_old_entries() {
        let changed = |case: &str, level: u32| Entry {
            class: "class".to_owned(),
            case: case.to_owned(),
            subject: Subject::Case,
            level,
            observation: Observation::new(13, format!("{case}\n"), level),
            release: None,
        };
        let newer =
            Recording { entries: vec![changed("c", 1), changed("a", 1), changed("a", 2)], ..recording() };
        let merged = recording().merged(newer.clone());
        let found: Vec<(&str, u32, i32)> = merged
            .entries
            .iter()
            .map(|entry| (entry.case.as_str(), entry.level, entry.observation.errno))
            .collect();
        assert_eq!(found, [("a", 1, 13), ("a", 2, 13), ("b", 2, 0), ("c", 1, 13)]);
        assert!(merged.entries.iter().all(|entry| entry.release.is_none()));
        let of_another = recording().merged(Recording { release: "6.12.2".to_owned(), ..newer });
        assert_eq!(of_another.release, "6.12.1");
        let releases: Vec<Option<&str>> =
            of_another.entries.iter().map(|entry| entry.release.as_deref()).collect();
        assert_eq!(releases, [Some("6.12.2"), Some("6.12.2"), None, Some("6.12.2")]);
        let bytes = of_another.compressed().unwrap();
        assert_eq!(Recording::read(bytes.as_slice()).unwrap(), of_another);
    }

    #[test]
    fn a_cut_file_is_no_recording() {
        let bytes = recording().compressed().unwrap();
        for end in 0..bytes.len() - 8 {
            assert!(Recording::read(&bytes[..end]).is_err(), "{end} of {}", bytes.len());
        }
    }

    #[test]
    fn addresses_are_replaced_and_bounds_are_not() {
        let log = "69: (18) r1 = 0xffff0000c8b1f400 ; R1\nvar_off=(0x0; 0xffffffffffffffff) r1 = 0xff";
        let wanted = "69: (18) r1 = 0x<address> ; R1\nvar_off=(0x0; 0xffffffffffffffff) r1 = 0xff";
        assert_eq!(without_addresses(log), wanted);
    }
}
