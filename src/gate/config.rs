//! Configurations: values that a loader sets before it loads, and programs that it leaves out. Both decide what the verifier walks.

use std::path::PathBuf;
use std::str::FromStr;

use knockwright_codegen::read::globals::GlobalValue;
use serde::Deserialize;

use crate::failure::{Failure, Status};
use crate::files;

/// One configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Config {
    /// What it's called; none for the object as it is.
    pub(crate) name: Option<String>,
    /// Values of global variables.
    pub(crate) set: Vec<(String, GlobalValue)>,
    /// Programs that aren't loaded.
    pub(crate) without: Vec<String>,
}

/// A configuration's file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What it's called [default: the file's name].
    name: Option<String>,
    #[serde(default)]
    set: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    without: Vec<String>,
}

/// A value for a variable on the command line: `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    text: String,
    name: String,
    value: GlobalValue,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
        if name.is_empty() {
            return Err("expected NAME=VALUE".to_owned());
        }
        let value = number(value).unwrap_or_else(|| GlobalValue::Text(value.trim_matches('"').to_owned()));
        Ok(Self { text: text.to_owned(), name: name.to_owned(), value })
    }
}

/// A number as C and Rust write it, or a truth value.
fn number(text: &str) -> Option<GlobalValue> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let value = match (text, digits.strip_prefix("0x")) {
        ("true", _) => Some(1),
        ("false", _) => Some(0),
        // A second sign is none.
        _ if digits.starts_with(['+', '-']) => None,
        (_, Some(digits)) => i128::from_str_radix(digits, 16).ok(),
        (_, None) => digits.parse().ok(),
    };
    value.and_then(|value: i128| value.checked_mul(sign)).map(GlobalValue::Number)
}

/// The configurations of files, each with the settings of the command line besides; one of the object as it is where there is none.
pub(crate) fn read(files: &[PathBuf], settings: &[Setting]) -> Result<Vec<Config>, Failure> {
    let mut configs = Vec::new();
    for path in files {
        let (name, bytes) = (files::name(path), files::read(path)?);
        configs.push(of_file(&name, &bytes).map_err(|error| Failure::bad_input(format!("{name}: {error}")))?);
    }
    if configs.is_empty() {
        let texts: Vec<&str> = settings.iter().map(|setting| setting.text.as_str()).collect();
        let name = (!texts.is_empty()).then(|| texts.join(" "));
        configs.push(Config { name, ..Config::default() });
    }
    let twice = configs
        .iter()
        .enumerate()
        .find(|(place, config)| configs[..*place].iter().any(|other| other.name == config.name));
    if let Some((_, Config { name: Some(name), .. })) = twice {
        return Err(Failure::new(
            Status::Usage,
            format!("two configurations are called `{name}`: give each its \"name\""),
        ));
    }
    let is_twice = |(place, setting): &(usize, &Setting)| {
        settings[..*place].iter().any(|other| other.name == setting.name)
    };
    if let Some((_, Setting { name, .. })) = settings.iter().enumerate().find(is_twice) {
        return Err(Failure::new(Status::Usage, format!("`{name}` is set twice: give it one value")));
    }
    for config in &mut configs {
        config.set.extend(settings.iter().map(|setting| (setting.name.clone(), setting.value.clone())));
    }
    Ok(configs)
}

fn of_file(name: &str, bytes: &[u8]) -> Result<Config, String> {
    let File { name: own, set, without } =
        serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let stem = std::path::Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let set = set
        .into_iter()
        .map(|(name, value)| match value_of(&value) {
            Some(value) => Ok((name, value)),
            None => Err(format!(
                "`{name}`: expected a number, true or false, text, or a list of bytes, found {value}"
            )),
        })
        .collect::<Result<_, _>>()?;
    Ok(Config { name: own.or(stem), set, without })
}

fn value_of(value: &serde_json::Value) -> Option<GlobalValue> {
    use serde_json::Value;
    Some(match value {
        Value::Bool(value) => GlobalValue::Number(i128::from(*value)),
        Value::Number(number) => {
            let unsigned = number.as_u64().map(i128::from);
            GlobalValue::Number(unsigned.or_else(|| number.as_i64().map(i128::from))?)
        }
        Value::String(text) => GlobalValue::Text(text.clone()),
        Value::Array(bytes) => {
            let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
            GlobalValue::Bytes(bytes.iter().map(byte).collect::<Option<_>>()?)
        }
        Value::Null | Value::Object(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(text: &str) -> Setting {
        text.parse().unwrap()
    }

    #[test]
    fn settings_are_numbers_truth_values_and_text() {
        assert_eq!(setting("a=5").value, GlobalValue::Number(5));
        assert_eq!(setting("a=-0x10").value, GlobalValue::Number(-16));
        assert_eq!(setting("a=true").value, GlobalValue::Number(1));
        assert_eq!(setting("a=eth0").value, GlobalValue::Text("eth0".to_owned()));
        assert_eq!(setting("a=\"5\"").value, GlobalValue::Text("5".to_owned()));
        assert_eq!(setting("a=--5").value, GlobalValue::Text("--5".to_owned()));
        for wrong in ["a", "=5", ""] {
            assert!(wrong.parse::<Setting>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_file_has_values_and_programs_to_leave_out() {
        let text = br#"{"set": {"mode": 3, "on": true, "name": "x", "key": [1, 2]}, "without": ["debug"]}"#;
        let config = of_file("configs/strict.json", text).unwrap();
        assert_eq!(config.name.as_deref(), Some("strict"));
        assert_eq!(config.without, ["debug"]);
        let value =
            |name: &str| config.set.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        assert_eq!(value("mode"), Some(GlobalValue::Number(3)));
        assert_eq!(value("key"), Some(GlobalValue::Bytes(vec![1, 2])));
        assert!(
            of_file("x.json", br#"{"set": {"a": null}}"#).unwrap_err().starts_with("`a`: expected a number")
        );
        assert!(of_file("x.json", br#"{"sets": {}}"#).is_err());
    }

    #[test]
    fn settings_come_on_top() {
        let configs = read(&[], &[setting("a=1"), setting("b=2")]).unwrap();
        assert_eq!(configs.len(), 1);
        assert_eq!(configs[0].name.as_deref(), Some("a=1 b=2"));
        assert_eq!(read(&[], &[]).unwrap(), [Config::default()]);
    }
}
