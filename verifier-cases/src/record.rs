//! Recordings: the whole logs of all cases on one kernel, at levels 1 and 2, in one compressed file for each kernel.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use knockwright_asm::KernelVersion;
use knockwright_verifier::log::without_addresses;
use knockwright_verifier::{Engine, Outcome, Verdict};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::run::{RunError, Selected, Subject, attempts};

/// What a kernel said of every case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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
#[non_exhaustive]
pub struct Entry {
    /// The slug of the class.
    pub class: String,
    /// The name of the case.
    pub case: String,
    /// The case's program or its twin's.
    pub subject: Subject,
    /// The log level that was asked for, 1 or 2.
    pub level: u32,
    /// What was said; the log's addresses are replaced.
    #[serde(rename = "observation", serialize_with = "write_verdict", deserialize_with = "read_verdict")]
    pub verdict: Verdict,
    /// The release that said it, where the case joined a recording of another release of the series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
}

/// A verdict as recordings have it.
#[derive(Serialize, Deserialize)]
struct Said {
    verdict: Word,
    errno: i32,
    insn: Option<usize>,
    message: String,
    processed: Option<u64>,
    log: String,
    log_level: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Accept,
    Reject,
}

fn write_verdict<S: Serializer>(verdict: &Verdict, to: S) -> Result<S::Ok, S::Error> {
    let said = Said {
        verdict: if verdict.is_accepted() { Word::Accept } else { Word::Reject },
        errno: verdict.errno,
        insn: verdict.insn,
        message: verdict.said().to_owned(),
        processed: verdict.processed,
        log: verdict.log.clone(),
        log_level: verdict.level,
    };
    said.serialize(to)
}

fn read_verdict<'de, D: Deserializer<'de>>(from: D) -> Result<Verdict, D::Error> {
    let Said { verdict, errno, insn, message, processed, log, log_level: level } = Said::deserialize(from)?;
    let mut read = Verdict::error(errno, message);
    read.outcome = match verdict {
        Word::Accept => Outcome::Accept,
        Word::Reject => Outcome::Reject,
    };
    (read.insn, read.processed, read.log, read.level) = (insn, processed, log, level);
    Ok(read)
}

#[derive(Serialize, Deserialize)]
struct Head {
    kernel: String,
    release: String,
    entries: usize,
}

/// Why a recording can't be made or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The cases didn't run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A program was never verified.
    #[error("{case} was not verified: {message}; nothing is recorded")]
    NotVerified {
        /// The case's name.
        case: String,
        /// Why.
        message: String,
    },
    /// A file can't be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
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

/// Records cases on a kernel, at levels 1 and 2.
///
/// # Errors
/// [`RecordError`]: there is a whole recording or none.
pub fn record(cases: &[Selected<'_>], engine: &mut dyn Engine) -> Result<Recording, RecordError> {
    let mut batch = Vec::new();
    let mut about = Vec::new();
    for selected in cases {
        for (subject, attempt) in attempts(selected.case, &[1, 2])? {
            about.push((*selected, subject));
            batch.push(attempt);
        }
    }
    let verdicts = engine.verify(&batch).map_err(RunError::from)?;
    let kernel = engine.kernel().map_err(RunError::from)?;
    let mut entries = Vec::with_capacity(verdicts.len());
    for ((mut verdict, (selected, subject)), attempt) in verdicts.into_iter().zip(about).zip(&batch) {
        let case = selected.case.name.to_owned();
        if let Some(message) = verdict.why_none() {
            return Err(RecordError::NotVerified { case, message });
        }
        verdict.log = without_addresses(&verdict.log);
        let (class, level) = (selected.class.to_owned(), attempt.level);
        entries.push(Entry { class, case, subject, level, verdict, release: None });
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

    /// The bytes of the recording's file.
    ///
    /// # Errors
    /// What keeps them from being packed.
    pub fn compressed(&self) -> std::io::Result<Vec<u8>> {
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
    known.sort_by_key(|name| (KernelVersion::of_release(name), name.clone()));
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
            verdict: Verdict::of_log(0, "processed 1 insns (limit 1)\n".to_owned(), 2),
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
            verdict: Verdict::of_log(13, format!("{case}\n"), level),
            release: None,
        };
        let newer =
            Recording { entries: vec![changed("c", 1), changed("a", 1), changed("a", 2)], ..recording() };
        let merged = recording().merged(newer.clone());
        let found: Vec<(&str, u32, i32)> = merged
            .entries
            .iter()
            .map(|entry| (entry.case.as_str(), entry.level, entry.verdict.errno))
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
}
