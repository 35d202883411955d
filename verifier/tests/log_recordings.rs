//! The recorded logs of eleven kernels, at both levels: what is read prints as it was, line by line and state by state.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use flate2::read::GzDecoder;
use knockwright_verifier::log::{
    self, Diagnosis, Dialect, Line, Parser, Part, PointerKind, Precision, RegState, StateAt,
};

struct Recording {
    case: String,
    message: Option<String>,
    log: String,
}

/// Every kernel with its recordings.
fn recordings() -> Vec<(String, Vec<Recording>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../verifier-cases/logs");
    let mut kernels = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Some(kernel) = path.file_name().unwrap().to_str().unwrap().strip_suffix(".jsonl.gz") else {
            continue;
        };
        let lines = BufReader::new(GzDecoder::new(File::open(&path).unwrap())).lines();
        let recordings = lines.skip(1).map(|line| {
            let value: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
            Recording {
                case: format!("{} at level {}", value["case"].as_str().unwrap(), value["level"]),
                message: text(&value["observation"]["message"]),
                log: text(&value["observation"]["log"]).unwrap_or_default(),
            }
        });
        kernels.push((kernel.to_owned(), recordings.collect()));
    }
    kernels.sort_by(|(a, _), (b, _)| a.cmp(b));
    kernels
}

fn kind(line: &Line<'_>) -> &'static str {
    match line {
        Line::Empty => "empty",
        Line::Insn(_) => "instruction",
        Line::State(_) => "state",
        Line::Safe(_) => "safe",
        Line::Source(_) => "source",
        Line::Function(_) => "function",
        Line::Call(_) => "call",
        Line::Precision(Precision::Stretch { .. }) => "precision: stretch",
        Line::Precision(Precision::Before { .. }) => "precision: before",
        Line::Precision(Precision::Parent { .. }) => "precision: parent",
        Line::Propagating { .. } => "propagating",
        Line::LiveHeader => "live registers: header",
        Line::LiveInsn(_) => "live registers: row",
        Line::Scc(..) => "scc",
        Line::LiveStack(_) => "live stack",
        Line::StackListing(_) => "stack listing",
        Line::Diagnosis(Diagnosis::Text(_)) => "diagnosis: prose",
        Line::Diagnosis(_) => "diagnosis",
        Line::Processed(_) => "processed",
        Line::MessageProcessed(..) => "message and processed",
        Line::Message(_) => "message",
        _ => "other",
    }
}

/// How many kinds of lines the recordings have.
const KINDS: usize = 21;

/// Messages that don't end the walk: an argument that is looked for and isn't one.
const REMARKS: &[&str] = &["R# is not a scalar"];

/// Whether a line may stand after a message.
fn follows_message(line: &Line<'_>) -> bool {
    match line {
        Line::State(state) => matches!(state.at, StateAt::Current | StateAt::Old),
        Line::Diagnosis(_) | Line::Empty | Line::Processed(_) => true,
        _ => false,
    }
}

/// A message with its numbers replaced.
fn template(message: &str) -> String {
    let mut template = String::new();
    for c in message.chars() {
        if !c.is_ascii_digit() {
            template.push(c);
        } else if !template.ends_with('#') {
            template.push('#');
        }
    }
    template
}

#[test]
fn what_is_read_prints_as_it_was() {
    let mut kinds = BTreeMap::<_, u64>::new();
    let mut messages = BTreeMap::<String, u64>::new();
    let (mut states, mut differences) = (0, Vec::new());
    for (kernel, recordings) in recordings() {
        let dialect = Dialect::for_version(&kernel).unwrap();
        for Recording { case, message, log } in recordings {
            let mut parser = Parser::new();
            let mut said = Vec::new();
            for text in log.lines() {
                let mut differ = |what: &str, printed: &dyn std::fmt::Display| {
                    differences.push(format!("{kernel}, {case}: {what}\n  {text}\n  {printed}"));
                };
                let line = parser.parse(text);
                *kinds.entry(kind(&line)).or_default() += 1;
                if line.to_string() != text {
                    differ("line", &line);
                }
                if log::parse(text).to_string() != text {
                    differ("line on its own", &log::parse(text));
                }
                match line.message() {
                    Some(text) => {
                        *messages.entry(template(text)).or_default() += 1;
                        if !REMARKS.contains(&template(text).as_str()) {
                            said.push(text);
                        }
                    }
                    // A message ends the walk: what is taken for one and goes on isn't.
                    None if line.summary().is_none() && !said.is_empty() && !follows_message(&line) => {
                        differ("line after a message", &said[0])
                    }
                    None => {}
                }
                if let Line::Insn(insn) = line
                    && (insn.text.contains([';', '\t', ':']) || insn.text.ends_with(' '))
                {
                    differ("instruction", &insn.text);
                }
                let Some(state) = line.state() else { continue };
                states += 1;
                if Dialect::of_state(state.text()).is_some_and(|guess| guess.bounds != dialect.bounds) {
                    differ("dialect", &Dialect::of_state(state.text()).unwrap().name);
                }
                let parsed = state.parse(dialect);
                if parsed.display(dialect).to_string() != state.text() {
                    differ("state", &parsed.display(dialect));
                }
                for part in state.parts(dialect) {
                    match part {
                        Part::Unknown(_) | Part::Reg(_, _, RegState::Unknown(_)) => {
                            differ("unknown part", &"")
                        }
                        Part::Reg(_, _, RegState::Pointer(pointer)) if pointer.kind == PointerKind::Other => {
                            differ("unknown pointer", &pointer.type_name());
                        }
                        Part::Reg(_, _, RegState::Pointer(pointer)) if !pointer.more.is_empty() => {
                            differ("unknown attribute", &pointer.more);
                        }
                        Part::Slot(slot) if matches!(slot.spilled, Some(RegState::Unknown(_))) => {
                            differ("unknown slot", &"");
                        }
                        _ => {}
                    }
                }
            }
            // An accepted program's log says nothing, a rejected one's what was recorded: the last line, which may be a
            // jump's with the message after it or a state.
            let expected = message.as_deref().unwrap_or_default();
            let known =
                said.iter().any(|text| expected.ends_with(text)) || expected.starts_with("old state:");
            if said.is_empty() != expected.is_empty() || !expected.is_empty() && !known {
                differences.push(format!("{kernel}, {case}: message {expected:?}, read {said:?}"));
            }
        }
    }
    // Shown by `--nocapture`.
    for (kind, count) in &kinds {
        eprintln!("{count:7} {kind}");
    }
    eprintln!("{states:7} states\n{:7} different messages", messages.len());
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
    // Every form is there, and nothing new is: a kernel that writes otherwise shows here.
    assert_eq!(kinds.len(), KINDS, "{kinds:?}");
}
