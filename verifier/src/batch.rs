//! Many programs at once: JSON lines in, one verdict a line out, by whichever engine.

use std::io::{self, BufRead, Read as _, Write};

use knockwright_asm::{Endian, MapDef, ProgType};
use knockwright_btf::KernelRecords;
use knockwright_linux::errno::EPERM;
use serde::{Deserialize, Serialize};

use crate::attempt::Attempt;
use crate::engine::Engine;
use crate::verdict::{Outcome, Verdict};

/// One line of output, which is a verdict and whose it is.
///
/// A load that was refused before the verifier looked at the program is an `error`: it says nothing about the program.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Row<'a> {
    /// The program's name; null if the line was too bad to tell.
    pub name: Option<&'a str>,
    /// `accept`, `reject`, `unsupported` or `error`.
    pub verdict: &'static str,
    /// The error number of a rejection or of a failed system call; 0 if there is none.
    pub errno: i32,
    /// The slot of the last instruction in the log of a rejection; null if it has none.
    pub insn: Option<usize>,
    /// The verifier's message of a rejection, the reason of an error; empty for an accepted program.
    pub message: &'a str,
    /// How many instructions the verifier walked; null if it didn't say.
    pub processed: Option<u64>,
    /// The whole log, where it's asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<&'a str>,
}

impl<'a> Row<'a> {
    /// The line of a verdict, with its log if that is wanted.
    pub fn new(name: Option<&'a str>, verdict: &'a Verdict, with_log: bool) -> Self {
        let has_log = match verdict.outcome {
            Outcome::Accept | Outcome::Reject => true,
            Outcome::Unsupported => verdict.level > 0,
            Outcome::Refuse | Outcome::Error => false,
        };
        Self {
            name,
            verdict: match verdict.outcome {
                Outcome::Accept => "accept",
                Outcome::Reject => "reject",
                Outcome::Unsupported => "unsupported",
                Outcome::Refuse | Outcome::Error => "error",
            },
            errno: verdict.errno,
            insn: verdict.insn,
            message: &verdict.message,
            processed: verdict.processed,
            log: (with_log && has_log).then_some(verdict.log.as_str()),
        }
    }
}

/// Whether there is no verdict for lack of privileges.
fn is_not_permitted(verdict: &Verdict) -> bool {
    matches!(verdict.outcome, Outcome::Refuse | Outcome::Error) && verdict.errno == EPERM
}

/// How many lines had which outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct BatchCounts {
    /// Accepted programs.
    pub accepted: usize,
    /// Rejected programs.
    pub rejected: usize,
    /// Programs that the engine doesn't model.
    pub unsupported: usize,
    /// Bad lines and failed loads.
    pub errors: usize,
    /// How many of the errors are missing privileges.
    pub not_permitted: usize,
}

impl BatchCounts {
    /// All lines.
    pub fn total(&self) -> usize {
        self.accepted + self.rejected + self.unsupported + self.errors
    }

    /// Takes one more line's verdict in.
    pub fn count(&mut self, verdict: &Verdict) {
        *match verdict.outcome {
            Outcome::Accept => &mut self.accepted,
            Outcome::Reject => &mut self.rejected,
            Outcome::Unsupported => &mut self.unsupported,
            Outcome::Refuse | Outcome::Error => &mut self.errors,
        } += 1;
        self.not_permitted += usize::from(is_not_permitted(verdict));
    }
}

/// The longest line of a batch. The largest program that a kernel takes, a million instructions, is a quarter of it, and
/// the largest type information half.
pub const LONGEST_LINE: usize = 64 << 20;

/// The programs of a batch, line by line. No more is in memory than the line that is read.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    line: Vec<u8>,
    number: usize,
    longest: usize,
}

impl<R: BufRead> Lines<R> {
    /// The lines of an input.
    pub fn new(input: R) -> Self {
        Self { input, line: Vec::new(), number: 0, longest: LONGEST_LINE }
    }

    /// The next line that isn't blank, as a program or with what is wrong with it; none at the end of the input.
    ///
    /// # Errors
    /// Those of reading.
    pub fn next_program(&mut self) -> io::Result<Option<Result<Attempt, BadLine>>> {
        loop {
            self.line.clear();
            let most = u64::try_from(self.longest).unwrap_or(u64::MAX).saturating_add(1);
            if self.input.by_ref().take(most).read_until(b'\n', &mut self.line)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let named = |mut bad: BadLine, number: usize| {
                bad.reason = format!("line {number}: {}", bad.reason);
                bad
            };
            if self.line.len() > self.longest && !self.line.ends_with(b"\n") {
                self.line = Vec::new();
                self.input.skip_until(b'\n')?;
                let reason = format!("longer than {} bytes, the most that a line may have", self.longest);
                return Ok(Some(Err(named(BadLine { name: None, reason }, self.number))));
            }
            let text = self.line.trim_ascii();
            if !text.is_empty() {
                return Ok(Some(parse_line(text).map_err(|bad| named(bad, self.number))));
            }
        }
    }

    /// How many bytes the line has that was read last.
    pub fn last_length(&self) -> usize {
        self.line.len()
    }
}

/// How a batch's programs are put to its engine, and what is written of the verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The log level, 1 or 2: a lower one leaves `insn`, `message` and `processed` empty or poorer.
    pub level: u32,
    /// Whether each verdict comes with its whole log.
    pub with_log: bool,
}

/// Reads programs, one JSON object a line, and writes each one's verdict as soon as it's there.
///
/// Blank lines are skipped, and fields that the format doesn't have are ignored. A line that isn't a program, or that is
/// longer than [`LONGEST_LINE`], gives a verdict `error`, and the batch goes on with the next.
///
/// # Errors
/// Only those of reading and writing.
pub fn run_batch(
    input: impl BufRead,
    mut output: impl Write,
    engine: &mut dyn Engine,
    wish: Wish,
) -> io::Result<BatchCounts> {
    let mut counts = BatchCounts::default();
    let mut lines = Lines::new(input);
    while let Some(line) = lines.next_program()? {
        let line = line.map(|attempt| attempt.at_level(wish.level));
        let (name, verdict) = match &line {
            Ok(attempt) => (Some(attempt.program.name.as_str()), engine.verdict(attempt)),
            Err(bad) => (bad.name.as_deref(), bad.verdict()),
        };
        counts.count(&verdict);
        let mut json = serde_json::to_vec(&Row::new(name, &verdict, wish.with_log))?;
        json.push(b'\n');
        output.write_all(&json)?;
        output.flush()?;
    }
    Ok(counts)
}

/// A line that isn't a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct BadLine {
    /// The program's name, if it was readable.
    pub name: Option<String>,
    /// What's wrong, with the field's name.
    pub reason: String,
}

impl BadLine {
    /// What stands in the place of a verdict.
    pub fn verdict(&self) -> Verdict {
        Verdict::error(0, self.reason.clone())
    }
}

#[derive(Deserialize)]
struct ProgramLine<'a> {
    name: String,
    prog_type: String,
    #[serde(borrow)]
    insns: std::borrow::Cow<'a, str>,
    #[serde(default)]
    maps: Vec<LineMap>,
    #[serde(default)]
    flags: u32,
    license: Option<String>,
    #[serde(default)]
    expected_attach_type: u32,
    btf: Option<String>,
    func_info: Option<String>,
    line_info: Option<String>,
}

#[derive(Deserialize)]
struct LineMap {
    name: String,
    #[serde(rename = "type")]
    map_type: String,
    #[serde(default)]
    key_size: u32,
    #[serde(default)]
    value_size: u32,
    max_entries: u32,
    #[serde(default)]
    flags: u32,
    data: Option<String>,
}

/// Reads one line of a batch.
///
/// # Errors
/// [`BadLine`] for text that is no JSON object of the format, unknown names and bad hexadecimal digits.
pub fn parse_line(line: &[u8]) -> Result<Attempt, BadLine> {
    let parsed: ProgramLine<'_> = serde_json::from_slice(line).map_err(|error| {
        // The name alone: a line of another format may be large, and as a tree of values many times that.
        let named: Option<Named> = serde_json::from_slice(line).ok();
        let reason = shortened(format!("not a program of the batch format: {error}"));
        BadLine { name: named.map(|named| named.name), reason }
    })?;
    let name = parsed.name.clone();
    parsed.into_attempt().map_err(|reason| BadLine { name: Some(name), reason: shortened(reason) })
}

/// A reason that doesn't repeat a large value of the line.
fn shortened(mut reason: String) -> String {
    const MOST: usize = 300;
    if reason.len() > MOST {
        reason.truncate(reason.floor_char_boundary(MOST));
        reason.push('…');
    }
    reason
}

/// What can be told of a line that isn't a program.
#[derive(Deserialize)]
struct Named {
    name: String,
}

impl ProgramLine<'_> {
    fn into_attempt(self) -> Result<Attempt, String> {
        let prog_type: ProgType = self.prog_type.parse().map_err(|error| format!("prog_type: {error}"))?;
        let insns = hex_field("insns", &self.insns)?;
        if !insns.len().is_multiple_of(8) {
            return Err(format!("insns: {} bytes are not a whole number of 8-byte slots", insns.len()));
        }
        let maps = self.maps.into_iter().map(LineMap::into_def).collect::<Result<Vec<_>, _>>()?;
        let btf = match (self.btf, self.func_info, self.line_info) {
            (None, None, None) => None,
            (None, ..) => return Err("func_info and line_info need btf".to_owned()),
            (Some(btf), func_info, line_info) => Some(KernelRecords {
                btf: hex_field("btf", &btf)?,
                func_info: hex_field("func_info", &func_info.unwrap_or_default())?,
                line_info: hex_field("line_info", &line_info.unwrap_or_default())?,
            }),
        };
        let mut attempt = Attempt::of_code(&self.name, prog_type, &insns, Endian::Little, maps);
        if let Some(license) = self.license {
            attempt.program.license = license;
        }
        attempt.attach_type = Some(self.expected_attach_type).filter(|attach_type| *attach_type != 0);
        Ok(attempt.with_flags(self.flags).with_btf(btf))
    }
}

impl LineMap {
    fn into_def(self) -> Result<MapDef, String> {
        let map_type = self.map_type.parse().map_err(|error| format!("map `{}`: {error}", self.name))?;
        let (key, value) = (self.key_size, self.value_size);
        let mut map =
            MapDef::of_bytes(&self.name, map_type, key, value, self.max_entries).with_flags(self.flags);
        map.data = self.data.map(|data| hex_field("data", &data)).transpose()?;
        Ok(map)
    }
}

fn hex_field(field: &str, text: &str) -> Result<Vec<u8>, String> {
    hex::decode(text).map_err(|error| format!("{field}: {error}"))
}

/// Writes a program as a line of a batch, without the final newline; what [`parse_line`] reads. Who loads it and the log's
/// level have no place there.
pub fn format_line(attempt: &Attempt) -> String {
    let program = &attempt.program;
    let maps: Vec<serde_json::Value> = program
        .maps
        .iter()
        .map(|map| {
            serde_json::json!({
                "name": map.name, "type": map.map_type.name(), "key_size": map.key.size(),
                "value_size": map.value.size(), "max_entries": map.max_entries, "flags": map.flags,
                "data": map.data.as_ref().map(hex::encode),
            })
        })
        .collect();
    let mut line = serde_json::json!({
        "name": program.name, "prog_type": program.prog_type.name(),
        "insns": hex::encode(program.bytes(Endian::Little)), "maps": maps,
        "flags": attempt.flags, "license": program.license,
        "expected_attach_type": attempt.attach_type.unwrap_or(0),
    });
    if let Some(btf) = &attempt.btf {
        line["btf"] = hex::encode(&btf.btf).into();
        line["func_info"] = hex::encode(&btf.func_info).into();
        line["line_info"] = hex::encode(&btf.line_info).into();
    }
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{EngineError, KernelId};

    #[test]
    fn lines_go_there_and_back() {
        let line = r#"{"name": "n1", "prog_type": "xdp", "insns": "b7000000020000009500000000000000",
            "maps": [{"name": "m", "type": "hash", "key_size": 4, "value_size": 24, "max_entries": 16, "flags": 0}]}"#;
        let attempt = parse_line(line.as_bytes()).unwrap();
        assert_eq!(attempt.program.prog_type, ProgType::Xdp);
        assert_eq!(attempt.program.license, "GPL");
        assert_eq!(attempt.program.maps[0].value.size(), 24);
        assert_eq!(parse_line(format_line(&attempt).as_bytes()).unwrap(), attempt);
        let attempt = Attempt { attach_type: Some(3), ..attempt }.with_flags(1);
        assert_eq!(parse_line(format_line(&attempt).as_bytes()).unwrap(), attempt);
    }

    #[test]
    fn bad_lines_say_what_and_who() {
        for (line, name, reason) in [
            ("{", None, "not a program"),
            ("[1]", None, "not a program"),
            ("\"\\ud800\"", None, "not a program"),
            (r#"{"name": "a", "insns": ""}"#, Some("a"), "missing field `prog_type`"),
            (r#"{"name": 7, "prog_type": "xdp", "insns": ""}"#, None, "invalid type"),
            (
                r#"{"name": "b", "prog_type": "xpd", "insns": ""}"#,
                Some("b"),
                "no program type is called `xpd`",
            ),
            (
                r#"{"name": "c", "prog_type": "xdp", "insns": "b70"}"#,
                Some("c"),
                "insns: Odd number of digits",
            ),
            (r#"{"name": "d", "prog_type": "xdp", "insns": "zz"}"#, Some("d"), "insns: Invalid character"),
            (r#"{"name": "e", "prog_type": "xdp", "insns": "b700"}"#, Some("e"), "insns: 2 bytes"),
            (
                r#"{"name": "f", "prog_type": "xdp", "insns": "", "maps": [{"name": "m", "type": "hsh", "max_entries": 1}]}"#,
                Some("f"),
                "map `m`: no map type is called `hsh`",
            ),
            (r#"{"name": "g", "prog_type": "xdp", "insns": "", "line_info": "00"}"#, Some("g"), "need btf"),
        ] {
            let bad = parse_line(line.as_bytes()).unwrap_err();
            assert_eq!(bad.name.as_deref(), name, "{line}");
            assert!(bad.reason.contains(reason), "{line}: {}", bad.reason);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_named_and_the_next_one_read() {
        let good = r#"{"name": "a", "prog_type": "xdp", "insns": ""}"#;
        let at_the_limit = format!("{good}{}", " ".repeat(100 - good.len()));
        let input =
            format!("{at_the_limit}\n{at_the_limit} \n{}\n{good}\n{}", "x".repeat(5000), "y".repeat(101));
        let mut lines =
            Lines { longest: 100, ..Lines::new(std::io::BufReader::with_capacity(7, input.as_bytes())) };
        let mut found = Vec::new();
        while let Some(line) = lines.next_program().unwrap() {
            found.push(line.map(|attempt| attempt.program.name).map_err(|bad| bad.reason));
        }
        let too_long =
            |line: usize| Err(format!("line {line}: longer than 100 bytes, the most that a line may have"));
        let a = || Ok("a".to_owned());
        assert_eq!(found, [a(), too_long(2), too_long(3), a(), too_long(5)]);
    }

    #[test]
    fn what_is_said_of_a_large_line_is_short() {
        let large = "x".repeat(100_000);
        for line in [
            format!(r#"{{"name": "n", "prog_type": "{large}", "insns": ""}}"#),
            format!(r#"{{"name": "n", "prog_type": "xdp", "insns": "", "flags": "{large}"}}"#),
            format!(r#"{{"name": "n", "prog_type": "xdp", "insns": "", "maps": [{{"name": "{large}"}}]}}"#),
        ] {
            let bad = parse_line(line.as_bytes()).unwrap_err();
            assert_eq!(bad.name.as_deref(), Some("n"));
            assert!(bad.reason.len() < 400, "{}", bad.reason.len());
        }
    }

    const WISH: Wish = Wish { level: 2, with_log: false };

    struct Refuse;

    impl Engine for Refuse {
        fn kernel(&mut self) -> Result<KernelId, EngineError> {
            Err(EngineError::NotPermitted("nobody asks".to_owned()))
        }

        fn verify(&mut self, attempts: &[Attempt]) -> Result<Vec<Verdict>, EngineError> {
            Ok(attempts.iter().map(|_| Verdict::unsupported("kfunc call")).collect())
        }
    }

    #[test]
    fn any_engine_fits_and_order_stays() {
        let input = b"\n{\"name\": \"a\", \"prog_type\": \"xdp\", \"insns\": \"\"}\n\nnonsense\n\xff\n";
        let mut output = Vec::new();
        let counts = run_batch(&input[..], &mut output, &mut Refuse, WISH).unwrap();
        assert_eq!((counts.unsupported, counts.errors, counts.total(), counts.not_permitted), (1, 2, 3, 0));
        let text = String::from_utf8(output).unwrap();
        let mut lines = text.lines();
        assert_eq!(
            lines.next().unwrap(),
            r#"{"name":"a","verdict":"unsupported","errno":0,"insn":null,"message":"kfunc call","processed":null}"#
        );
        let bad = lines.next().unwrap();
        assert!(
            bad.starts_with(r#"{"name":null,"verdict":"error","errno":0,"insn":null,"message":"line 4: "#)
        );
    }
}
