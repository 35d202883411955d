//! SARIF 2.1.0, for code scanning: a result for each rejection, each fault, and each row of which nothing can be told.

use std::io::{self, Write};

use knockwright_explain::render::Meta;
use knockwright_explain::render::sarif::{self, FINGERPRINT, Writer, uri};
use serde_json::{Value, json};

use crate::gate::row::{Judged, Row, SourcePlace};

/// Writes all that is wrong.
pub(crate) fn write(out: &mut impl Write, results: &[Judged]) -> io::Result<()> {
    let mut writer = Writer::new(out)?;
    for judged in results.iter().filter(|judged| judged.is_wrong()) {
        of_verdict(&mut writer, judged)?;
        for fault in &judged.faults {
            let known = fault.rule();
            let rule = own_rule(known.id, known.title, known.help, "error");
            let result = own_result(judged, known.id, &fault.to_string(), "error");
            writer.result(rule, result)?;
        }
    }
    let mut meta = Meta::default();
    meta.version = Some(env!("CARGO_PKG_VERSION").to_owned());
    writer.finish(&meta)
}

/// Writes what the verdict alone is, if it's wrong.
fn of_verdict(writer: &mut Writer<impl Write>, judged: &Judged) -> io::Result<()> {
    let row = &judged.row;
    if judged.expected.is_some() || row.is_accepted() {
        return Ok(());
    }
    if !row.is_rejected() {
        let (title, level) = match row.is_error() {
            true => ("There is no verdict: the object or the load is bad", "error"),
            false => ("There is no verdict: something isn't supported", "warning"),
        };
        let help = "See the message.";
        return writer.result(
            own_rule(&row.verdict, title, help, level),
            own_result(judged, &row.verdict, &row.message, level),
        );
    }
    let Some(explanation) = &judged.explanation else {
        let message = judged.complaints().join("; ");
        let rule = own_rule("rejected", "The program is rejected", "See the message.", "error");
        return writer.result(rule, own_result(judged, "rejected", &message, "error"));
    };
    let diagnosis = &explanation.diagnosis;
    let mut result = sarif::result(diagnosis);
    let said = result["message"]["text"].as_str().unwrap_or_default();
    let poisoned: String = row.poisoned.iter().map(|why| format!("{why}. ")).collect();
    result["message"] = json!({"text": format!("{}: {poisoned}{said}", row.label())});
    // That it doesn't pass is an error here, whoever has to change.
    (result["level"], result["kind"]) = ("error".into(), "fail".into());
    result["locations"] = locations(judged);
    result["partialFingerprints"] = fingerprints(row, &result["partialFingerprints"][FINGERPRINT]);
    for (name, value) in properties(row) {
        result["properties"][name] = value;
    }
    writer.result(sarif::rule(diagnosis.class), result)
}

fn own_rule(id: &str, title: &str, help: &str, level: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": help},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["bpf", "verifier"]},
    })
}

fn own_result(judged: &Judged, rule: &str, message: &str, level: &str) -> Value {
    let row = &judged.row;
    let mut properties = json!({});
    for (name, value) in self::properties(row) {
        properties[name] = value;
    }
    json!({
        "level": level,
        "kind": "fail",
        "message": {"text": format!("{}: {message}", row.label())},
        "locations": locations(judged),
        "partialFingerprints": fingerprints(row, &rule.into()),
        "properties": properties,
    })
}

/// The row that a result is of.
fn properties(row: &Row) -> Vec<(&'static str, Value)> {
    let mut properties = vec![
        ("object", json!(row.object)),
        ("program", json!(row.program)),
        ("section", json!(row.section)),
        ("kernel", json!(row.kernel)),
        ("engine", json!(row.engine)),
        ("verdict", json!(row.verdict)),
        ("processed", json!(row.processed)),
    ];
    properties.extend(row.config.as_ref().map(|config| ("config", json!(config))));
    properties.extend((!row.poisoned.is_empty()).then(|| ("poisoned", json!(row.poisoned))));
    properties
}

/// Where it is: in the source where the object says where that is, else the object itself; and in the program.
fn locations(judged: &Judged) -> Value {
    let row = &judged.row;
    let physical = match &judged.source {
        Some(source) => in_source(source),
        None => json!({"artifactLocation": {"uri": uri(&row.object)}}),
    };
    let name = |kind: &str, name: &str, whole: String| json!({"name": name, "fullyQualifiedName": whole, "kind": kind});
    let mut logical = vec![name("module", &row.object, row.object.clone())];
    if !row.program.is_empty() {
        let program = format!("{}/{}", row.object, row.program);
        logical.insert(0, name("function", &row.program, program.clone()));
        if let Some(insn) = row.insn.filter(|_| row.is_rejected()) {
            logical
                .insert(0, name("instruction", &format!("instruction {insn}"), format!("{program}#{insn}")));
        }
    }
    json!([{"physicalLocation": physical, "logicalLocations": logical}])
}

fn in_source(source: &SourcePlace) -> Value {
    let mut place = json!({"artifactLocation": {"uri": uri(&source.file)}});
    if let Some(line) = source.line {
        place["region"] = json!({"startLine": line, "snippet": {"text": source.text}});
        if let Some(column) = source.column {
            place["region"]["startColumn"] = column.into();
        }
    }
    place
}

/// The same for the same fault of the same row, however far other lines have moved it.
fn fingerprints(row: &Row, fault: &Value) -> Value {
    let object = row.relative.as_ref().unwrap_or(&row.object);
    let fault = fault.as_str().unwrap_or_default();
    let config = row.config.as_deref().unwrap_or_default();
    let digits = sarif::hash([object, &row.program, &row.kernel, &row.engine, config, fault]);
    json!({"knockwrightRow/v1": digits})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::budget::{Tolerance, faults};
    use crate::gate::row::tests::{broken, rejected, row};

    fn report(results: &[Judged]) -> Value {
        let mut out = Vec::new();
        write(&mut out, results).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn each_row_has_its_own_result() {
        let source = SourcePlace {
            file: "src/a b.c".to_owned(),
            line: Some(7),
            column: Some(3),
            text: "x = *p;".to_owned(),
        };
        let on = |kernel: &str| Row { kernel: kernel.to_owned(), ..rejected("a.o", "one") };
        let over = row("a.o", "two", 500);
        let over = Judged {
            faults: faults(&over, Some("400".parse().unwrap()), None, Tolerance::default()),
            ..Judged::new(over)
        };
        let results = [
            Judged { source: Some(source), ..Judged::new(on("6.1")) },
            Judged::new(on("6.12")),
            over,
            Judged::new(broken("b.o")),
            Judged::new(row("a.o", "fine", 5)),
        ];
        let report = report(&results);
        let run = &report["runs"][0];
        let all = run["results"].as_array().unwrap();
        let rules: Vec<&str> = all.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
        assert_eq!(rules, ["rejected", "rejected", "over-budget", "error"]);
        let place = &all[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "src/a%20b.c");
        assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&7.into(), &3.into()));
        assert_eq!(all[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a.o");
        assert_eq!(all[1]["properties"]["kernel"], "6.12");
        assert_eq!(
            all[2]["message"]["text"],
            "a.o: two on 6.12: 500 instructions processed, 100 over the budget of 400"
        );
        let mut prints: Vec<&Value> = all.iter().map(|result| &result["partialFingerprints"]).collect();
        prints.dedup();
        assert_eq!(prints.len(), 4);
        assert_eq!(run["tool"]["driver"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "over-budget");
    }
}
