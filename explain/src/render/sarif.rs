//! SARIF 2.1.0: one run with a result for each log, for code scanning to show at the source line.
//!
//! The story of a rejection is the result's code flow, with the state of the register at each step. A guard stands in the
//! message and the properties, not in `fixes`: its way out (`return …`) is the author's to choose, and viewers apply fixes as
//! they are.

use std::io::{self, Write};

use knockwright_verifier::annotation::Severity;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Meta, fix};
use crate::class::{Blame, Class};
use crate::diagnosis::{Cause, Diagnosis, Explanation, Guard};
use crate::reading::SourceText;

/// The schema that the output names and keeps.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The key of our fingerprints. Its number changes whenever what goes into a fingerprint does.
pub const FINGERPRINT: &str = "knockwrightFault/v1";

/// Writes explanations as a SARIF log.
///
/// # Errors
/// What the output says.
pub fn write(out: impl Write, explanations: &[Explanation], meta: &Meta) -> io::Result<()> {
    let mut writer = Writer::new(out)?;
    for log in explanations {
        writer.log(log)?;
    }
    writer.finish(meta)
}

/// A SARIF log that is written as its results come: what is kept is which rules they have.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    /// In the order in which the results came to them: their index is their place.
    rules: Vec<Value>,
    results: usize,
    sources: Option<Sources>,
}

/// Gives the text of a source file by the name that the line information has.
type Read = dyn Fn(&str) -> Option<String>;

/// How source files are read.
struct Sources(Box<Read>);

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sources")
    }
}

impl<W: Write> Writer<W> {
    /// Begins a log.
    ///
    /// # Errors
    /// What the output says.
    pub fn new(mut out: W) -> io::Result<Self> {
        write!(
            out,
            "{{\n\"$schema\": {},\n\"version\": \"2.1.0\",\n\"runs\": [{{\n\"columnKind\": \"unicodeCodePoints\",\n\"results\": [",
            json!(SCHEMA)
        )?;
        Ok(Self { out, rules: Vec::new(), results: 0, sources: None })
    }

    /// Takes the text of source files from `read`, which gets their names as the line information has them: a checked guard whose
    /// place in the file is certain is written as a `fix`.
    pub fn with_sources(mut self, read: impl Fn(&str) -> Option<String> + 'static) -> Self {
        self.sources = Some(Sources(Box::new(read)));
        self
    }

    /// Writes the result of a log.
    ///
    /// # Errors
    /// What the output says.
    pub fn log(&mut self, log: &Explanation) -> io::Result<()> {
        let mut result = result(&log.diagnosis);
        let fix = self.sources.as_ref().and_then(|sources| fix::fix(&log.diagnosis, sources.0.as_ref()));
        put(&mut result, "fixes", fix.map(|fix| json!([fix])));
        self.result(rule(log.diagnosis.class), result)
    }

    /// Writes a result with the rule that it's of, a `reportingDescriptor` with an `id`. Which one that is, is put into it.
    ///
    /// # Errors
    /// What the output says.
    pub fn result(&mut self, rule: Value, mut result: Value) -> io::Result<()> {
        let id = rule["id"].clone();
        let index = self.rules.iter().position(|known| known["id"] == id).unwrap_or_else(|| {
            self.rules.push(rule);
            self.rules.len() - 1
        });
        (result["ruleId"], result["ruleIndex"]) = (id, index.into());
        self.out.write_all(if self.results == 0 { b"\n" } else { b",\n" })?;
        self.results += 1;
        Ok(serde_json::to_writer(&mut self.out, &result)?)
    }

    /// Ends the log: the tool with its rules, and what is said of the run.
    ///
    /// # Errors
    /// What the output says.
    pub fn finish(mut self, meta: &Meta) -> io::Result<()> {
        let mut driver = json!({"name": "knockwright", "rules": self.rules});
        put(&mut driver, "version", meta.version.as_deref());
        put(&mut driver, "informationUri", meta.information_uri.as_deref());
        write!(self.out, "\n],\n\"tool\": {}", json!({"driver": driver}))?;
        let mut properties = Map::new();
        if let Some(input) = &meta.input {
            properties.insert("input".to_owned(), json!(input));
        }
        if meta.outside.count > 0 {
            properties.insert("unknownLines".to_owned(), json!(meta.outside));
        }
        if !properties.is_empty() {
            write!(self.out, ",\n\"properties\": {}", Value::Object(properties))?;
        }
        self.out.write_all(b"\n}]\n}\n")?;
        self.out.flush()
    }
}

/// Sets a property that is known.
fn put(object: &mut Value, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object[key] = value.into();
    }
}

/// The rule that stands for a class.
pub fn rule(class: Class) -> Value {
    let help = match class {
        _ if class.lesson().is_none() => class.fix().to_owned(),
        class => format!("{} See `knockwright learn {}`.", class.fix(), class.slug()),
    };
    let mut rule = json!({
        "id": class.slug(),
        "shortDescription": {"text": class.title()},
        "fullDescription": {"text": class.why()},
        "help": {"text": help},
        "defaultConfiguration": {"level": level(class.blame())},
        "properties": {"tags": ["bpf", "verifier"]},
    });
    put(&mut rule, "helpUri", class.docs());
    rule
}

/// The word for it in SARIF.
const fn level(blame: Blame) -> &'static str {
    match blame.severity() {
        Some(Severity::Error) => "error",
        Some(Severity::Warning) => "warning",
        Some(Severity::Notice) => "note",
        None => "none",
    }
}

/// What a log says, as a result of its class's rule.
pub fn result(diagnosis: &Diagnosis) -> Value {
    let mut result = json!({
        "level": level(diagnosis.blame),
        "kind": if diagnosis.blame == Blame::Nobody { "pass" } else { "fail" },
        "message": {"text": message(diagnosis)},
        "locations": [location(diagnosis.program.as_deref(), diagnosis.insn, diagnosis.source.as_ref(), None)],
        "partialFingerprints": {FINGERPRINT: fingerprint(diagnosis)},
        "properties": properties(diagnosis),
    });
    if !diagnosis.cause.is_empty() {
        let last = diagnosis.cause.len() - 1;
        let steps: Vec<Value> = diagnosis
            .cause
            .iter()
            .enumerate()
            .map(|(order, cause)| flow_step(diagnosis, cause, order, order == last))
            .collect();
        result["codeFlows"] = json!([{"threadFlows": [{"locations": steps}]}]);
    }
    let places = diagnosis.conditions().zip(1..).map(|(guard, id)| {
        // The line of the story that is nearest in front of the guard's place.
        let at = diagnosis
            .cause
            .iter()
            .find(|cause| cause.insn >= guard.insn)
            .and_then(|cause| cause.source.as_ref());
        let text = format!("`{}` is missing before instruction {}", guard.condition, guard.insn);
        let mut place = location(diagnosis.program.as_deref(), Some(guard.insn), at, Some(&text));
        place["id"] = json!(id);
        place
    });
    let places: Vec<Value> = places.collect();
    if !places.is_empty() {
        result["relatedLocations"] = json!(places);
    }
    result
}

fn message(diagnosis: &Diagnosis) -> String {
    let mut text = diagnosis.title.to_owned();
    if !diagnosis.message.is_empty() {
        text.push_str(": ");
        text.push_str(&diagnosis.message);
    }
    if let Some(derivation) = &diagnosis.derivation {
        text.push_str(&format!(" ({})", derivation.result));
    }
    if diagnosis.class != Class::Accepted {
        text.push_str(". ");
        text.push_str(&diagnosis.fix);
    }
    text
}

/// A place in the source where it is known, and in the program always.
fn location(
    program: Option<&str>,
    insn: Option<usize>,
    source: Option<&SourceText>,
    message: Option<&str>,
) -> Value {
    let program = program.unwrap_or("program");
    let logical = match insn {
        Some(insn) => json!({
            "name": format!("instruction {insn}"),
            "fullyQualifiedName": format!("{program}#{insn}"),
            "decoratedName": insn.to_string(),
            "kind": "instruction",
        }),
        None => json!({"name": program, "fullyQualifiedName": program, "kind": "function"}),
    };
    let mut location = json!({"logicalLocations": [logical]});
    put(&mut location, "physicalLocation", source.and_then(physical));
    put(&mut location, "message", message.map(|text| json!({"text": text})));
    location
}

fn physical(source: &SourceText) -> Option<Value> {
    let file = source.file.as_deref().filter(|file| !file.is_empty())?;
    let mut physical = json!({"artifactLocation": {"uri": uri(file)}});
    let line = source.line.filter(|line| *line > 0);
    put(
        &mut physical,
        "region",
        line.map(|line| json!({"startLine": line, "snippet": {"text": source.text}})),
    );
    Some(physical)
}

/// A path as a reference: relative as it is, absolute with the scheme.
pub fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into())
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

fn flow_step(diagnosis: &Diagnosis, cause: &Cause, order: usize, last: bool) -> Value {
    let text = format!("{}: {} ({})", cause.insn, cause.why, cause.text);
    let mut step = json!({
        "location": location(diagnosis.program.as_deref(), Some(cause.insn), cause.source.as_ref(), Some(&text)),
        "executionOrder": order + 1,
        "importance": if last { "essential" } else { "important" },
    });
    if let Some((register, state)) = cause.state.split_once('=') {
        let state: Map<String, Value> = [(register.to_owned(), json!({"text": state}))].into_iter().collect();
        step["state"] = Value::Object(state);
    }
    step
}

fn properties(diagnosis: &Diagnosis) -> Value {
    let mut properties = json!({"blame": diagnosis.blame});
    put(&mut properties, "program", diagnosis.program.as_deref());
    put(&mut properties, "instruction", diagnosis.insn);
    put(&mut properties, "register", diagnosis.register.as_deref());
    put(&mut properties, "kernelFormat", diagnosis.kernel_format);
    put(&mut properties, "errno", diagnosis.errno);
    put(&mut properties, "guard", diagnosis.guard.as_ref().map(guard));
    let both: Vec<Value> = diagnosis.guards.iter().map(guard).collect();
    put(&mut properties, "guards", (!both.is_empty()).then_some(both));
    if !diagnosis.notes.is_empty() {
        properties["notes"] = json!(diagnosis.notes);
    }
    if diagnosis.unknown_lines.count > 0 {
        properties["unknownLines"] = json!(diagnosis.unknown_lines);
    }
    properties
}

fn guard(guard: &Guard) -> Value {
    let mut value = json!({
        "register": guard.register,
        "instruction": guard.insn,
        "condition": guard.condition,
        "checked": guard.checked,
        "checkedOnPath": guard.checked_on_path,
        "evidence": guard.evidence,
        "asm": guard.asm,
        "dsl": guard.dsl,
    });
    put(&mut value, "c", guard.c.as_deref());
    put(&mut value, "limit", guard.limit);
    let stricter = guard.stricter.as_ref();
    put(
        &mut value,
        "stricter",
        stricter
            .map(|bound| json!({"field": bound.field, "condition": bound.condition, "limit": bound.limit})),
    );
    value
}

/// The same for the same fault of the same program, wherever it is loaded and however far other lines have moved it.
fn fingerprint(diagnosis: &Diagnosis) -> String {
    let insn = diagnosis.cause.last().map_or("", |cause| cause.text.as_str());
    let insn = without_numbers_of_places(insn);
    let source = diagnosis.source.as_ref().map_or("", |source| source.text.as_str());
    hash([diagnosis.class.slug(), diagnosis.program.as_deref().unwrap_or(""), &insn, source])
}

/// A fingerprint of parts that together tell a result from others.
pub fn hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An instruction without what loading decides: the address in `r1 = 0xffff…`, and the distance of a jump.
fn without_numbers_of_places(text: &str) -> String {
    text.split(' ')
        .map(|word| match word {
            _ if word.starts_with("pc+") || word.starts_with("pc-") => "pc",
            _ if word.starts_with("0x") && word.len() > 10 => "0x",
            word => word,
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_distances_are_no_part_of_an_instruction() {
        for (one, other) in [
            ("r1 = 0xffff88810a3b4c00", "r1 = 0xffffc90000123450"),
            ("if r2 > r1 goto pc+5", "if r2 > r1 goto pc-17"),
            ("call pc+12", "call pc+3"),
        ] {
            assert_eq!(without_numbers_of_places(one), without_numbers_of_places(other));
        }
        for (one, other) in [
            ("r1 = *(u8 *)(r0 +0)", "r1 = *(u8 *)(r0 +8)"),
            ("if r1 > 0x13 goto pc+1", "if r1 > 0x9 goto pc+1"),
        ] {
            assert_ne!(without_numbers_of_places(one), without_numbers_of_places(other));
        }
    }
}
