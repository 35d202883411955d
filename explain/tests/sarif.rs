//! SARIF against the published schema, as the crate `serde-sarif` ships it.
#![allow(clippy::print_stdout)] // figures, for who asks with --nocapture

mod support;

use std::path::PathBuf;
use std::process::Command;

use jsonschema::Validator;
use knockwright_explain::render::{Meta, sarif};
use knockwright_explain::{Explainer, Explanation};
use serde_json::{Value, json};
use support::Given;

/// The schema in the sources of a dependency, wherever cargo keeps them.
fn schema() -> Value {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let about = Command::new(rustc).arg("-vV").output().unwrap().stdout;
    let about = String::from_utf8(about).unwrap();
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    // Only this platform's packages are sure to be there already.
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", host, "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let package = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == "serde-sarif")
        .unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    let text = std::fs::read_to_string(manifest.with_file_name("src").join("schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    // A bracket too many in the published schema makes the pattern of language tags no regular expression. We write none.
    for holder in ["run", "toolComponent"] {
        schema["definitions"][holder]["properties"]["language"]["pattern"] =
            json!("^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    }
    schema
}

fn validator() -> Validator {
    jsonschema::options().should_validate_formats(true).build(&schema()).unwrap()
}

fn render(explanations: &[Explanation], meta: &Meta) -> Value {
    let mut out = Vec::new();
    sarif::write(&mut out, explanations, meta).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn meta() -> Meta {
    let mut meta = Meta::default();
    meta.version = Some("0.1.0".to_owned());
    meta.information_uri = Some("https://example.org/knockwright".to_owned());
    meta.input = Some("a log.txt".to_owned());
    meta.outside.count = 2;
    meta.outside.first = vec!["<make>".to_owned(), "\u{1b}[1m".to_owned()];
    meta
}

fn complaints(validator: &Validator, document: &Value) -> Vec<String> {
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn all_rejections_of_old_and_new_kernels_are_valid() {
    let validator = validator();
    let mut results = 0;
    for kernel in ["5.10", "6.1", "6.18", "7.3"] {
        let entries = support::recording(kernel).entries;
        let explanations: Vec<Explanation> = entries
            .iter()
            .filter(|entry| entry.verdict.is_rejected())
            .filter_map(|entry| support::explain(entry, Given::at_level(entry.level)))
            .collect();
        let document = render(&explanations, &meta());
        assert_eq!(complaints(&validator, &document), Vec::<String>::new(), "Linux {kernel}");
        // The typed reading of the same schema agrees.
        let typed: serde_sarif::sarif::Sarif = serde_json::from_value(document.clone()).unwrap();
        results += typed.runs[0].results.as_ref().unwrap().len();
        // Every result's rule is the one at its index.
        let rules = &document["runs"][0]["tool"]["driver"]["rules"];
        for result in document["runs"][0]["results"].as_array().unwrap() {
            assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
        }
    }
    println!("{results} results are valid");
    assert!(results > 1_000, "{results}");
}

#[test]
fn the_article_is_shown_at_its_line() {
    let document = render(&[support::case("6.18", "article-bounds", Given::LogAndProgram)], &meta());
    assert_eq!(complaints(&validator(), &document), Vec::<String>::new());
    let result = &document["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["level"]), (&json!("map-value-max"), &json!("error")));
    let physical = &result["locations"][0]["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], "knock.bpf.c");
    assert_eq!(physical["region"]["startLine"], 140);
    assert_eq!(physical["region"]["snippet"]["text"], "if (port == seq->ports[state->sequence_step]) {");
    assert!(result["message"]["text"].as_str().unwrap().contains("8 + 254*2"), "{}", result["message"]);
    assert_eq!(result["properties"]["guard"]["condition"], "r1 <= 19");
    let flow = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    let last = &flow[flow.len() - 1]["location"];
    assert_eq!(last["physicalLocation"]["region"]["startLine"], 140);
    let narrowed =
        flow.iter().find(|step| step["location"]["logicalLocations"][0]["decoratedName"] == "112").unwrap();
    assert!(narrowed["state"]["R1"]["text"].as_str().unwrap().contains("254"), "{narrowed}");
    assert_eq!(result["relatedLocations"][0]["logicalLocations"][0]["decoratedName"], "119");
}

#[test]
fn the_schema_refuses_a_broken_document() {
    let validator = validator();
    let good = render(&[support::case("6.18", "article-bounds", Given::LogAndProgram)], &Meta::default());
    assert!(validator.is_valid(&good));
    let pointers = [
        ("/version", json!("2.2.0")),
        ("/runs/0/tool/driver/name", json!(7)),
        ("/runs/0/results/0/level", json!("fatal")),
        ("/runs/0/results/0/message", json!({})),
        ("/runs/0/results/0/ruleIndex", json!(-2)),
        ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", json!(0)),
        ("/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri", json!("a b|c.c")),
    ];
    for (pointer, value) in pointers {
        let mut broken = good.clone();
        *broken.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&broken), "{pointer} may be anything");
    }
}

#[test]
fn a_fingerprint_outlives_addresses_and_kernels() {
    let of = |kernel, level| {
        let recording = support::recording(kernel);
        let entry =
            recording.entries.iter().find(|entry| entry.case == "article-null" && entry.level == level);
        let document =
            render(&[support::explain(entry.unwrap(), Given::LogAlone).unwrap()], &Meta::default());
        document["runs"][0]["results"][0]["partialFingerprints"].clone()
    };
    assert!(of("6.18", 2)["knockwrightFault/v1"].as_str().is_some_and(|hash| hash.len() == 64));
    for (kernel, level) in [("6.18", 1), ("6.12", 2), ("5.10", 2), ("7.3", 1)] {
        assert_eq!(of(kernel, level), of("6.18", 2), "Linux {kernel} at level {level}");
    }
    let other = render(&[support::case("6.18", "article-bounds", Given::LogAlone)], &Meta::default());
    assert_ne!(other["runs"][0]["results"][0]["partialFingerprints"], of("6.18", 2));
}

/// A log of one instruction with a message.
fn log(message: &str) -> String {
    format!(
        "0: (95) exit\n{message}\nprocessed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
    )
}

#[test]
fn each_blame_has_its_level() {
    for (message, blame, level, kind) in [
        ("R0 !read_ok", "program", "error", "fail"),
        ("program of this type cannot use helper bpf_probe_read#4", "kernel", "warning", "fail"),
        ("R0 leaks addr as return value", "privilege", "warning", "fail"),
        ("BPF program is too large. Processed 1000001 insn", "limit", "warning", "fail"),
        ("expected uninitialized iter_x as arg #1", "program", "error", "fail"),
        ("a message of tomorrow", "unknown", "note", "fail"),
    ] {
        let explained = Explainer::new().explain(log(message).as_bytes()).unwrap();
        let document = render(&explained.logs, &Meta::default());
        let run = &document["runs"][0];
        let result = &run["results"][0];
        assert_eq!(result["properties"]["blame"], blame, "{message}");
        assert_eq!((&result["level"], &result["kind"]), (&json!(level), &json!(kind)), "{message}");
        assert_eq!(run["tool"]["driver"]["rules"][0]["defaultConfiguration"]["level"], level, "{message}");
    }
    let accepted =
        "processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";
    let document = render(&Explainer::new().explain(accepted.as_bytes()).unwrap().logs, &Meta::default());
    let result = &document["runs"][0]["results"][0];
    assert_eq!((&result["level"], &result["kind"]), (&json!("none"), &json!("pass")));
}

#[test]
fn the_last_step_of_the_flow_is_the_essential_one() {
    let document = render(&[support::case("6.18", "article-bounds", Given::LogAndProgram)], &Meta::default());
    let flow = document["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"].clone();
    let importance: Vec<&str> =
        flow.as_array().unwrap().iter().map(|step| step["importance"].as_str().unwrap()).collect();
    let (last, others) = importance.split_last().unwrap();
    assert_eq!(*last, "essential");
    assert!(others.len() > 3 && others.iter().all(|importance| *importance == "important"), "{importance:?}");
}

#[test]
fn odd_names_of_files_become_references() {
    let log = "\
; a = b; @ /src dir/ü:x.c:7
0: (79) r0 = *(u64 *)(r0 +0)
R0 !read_ok
processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
";
    let explained = Explainer::new().explain(log.as_bytes()).unwrap();
    let document = render(&explained.logs, &Meta::default());
    assert_eq!(complaints(&validator(), &document), Vec::<String>::new());
    let uri =
        &document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "file:///src%20dir/%C3%BC%3Ax.c", "{document:#}");
}

#[test]
fn no_log_is_an_empty_run() {
    let document = render(&[], &Meta::default());
    assert_eq!(complaints(&validator(), &document), Vec::<String>::new());
    assert_eq!(document["runs"][0]["results"], json!([]));
}

#[test]
fn a_checked_guard_is_a_fix_where_its_place_is_certain() {
    let mut explanation = support::case("6.18", "article-bounds", Given::LogAndProgram);
    explanation.diagnosis.guard.as_mut().unwrap().checked = true;
    let source = explanation.diagnosis.source.clone().unwrap();
    let line = source.line.unwrap() as usize;
    let file = format!("{}\tknown();\n\t{}\n", "\n".repeat(line - 2), source.text);
    let written = |text: Option<String>, explanation: &Explanation| {
        let mut out = Vec::new();
        let mut writer = sarif::Writer::new(&mut out).unwrap().with_sources(move |_| text.clone());
        writer.log(explanation).unwrap();
        writer.finish(&Meta::default()).unwrap();
        serde_json::from_slice::<Value>(&out).unwrap()
    };
    let log = written(Some(file.clone()), &explanation);
    let validator = jsonschema::validator_for(&schema()).unwrap();
    assert!(validator.is_valid(&log));
    let fix = &log["runs"][0]["results"][0]["fixes"][0];
    let replacement = &fix["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["deletedRegion"]["startLine"], json!(line));
    let text = replacement["insertedContent"]["text"].as_str().unwrap();
    assert_eq!(text, "\tif (state->sequence_step > 19)\n\t\treturn 0;\n");
    // Without the file, with another line there, or without a check there is none.
    let none = |log: &Value| log["runs"][0]["results"][0].get("fixes").is_none();
    assert!(none(&written(None, &explanation)));
    assert!(none(&written(Some(file.replace("ports", "doors")), &explanation)));
    explanation.diagnosis.guard.as_mut().unwrap().checked = false;
    assert!(none(&written(Some(file), &explanation)));
}
