//! Lines of loggers that hold the log in a quoted value: JSON objects, and `key="value"` pairs (logfmt).

use serde_json::Value;

/// The keys that loggers put a message under, the likeliest first.
const KEYS: &[&str] = &["log", "msg", "message", "error", "err", "text", "log_buf"];

/// Passes on what a line quotes, line by line; the line itself if it quotes nothing.
pub(super) fn unquote(line: &str, mut each: impl FnMut(&str)) {
    let text = line.trim();
    let found = match text.as_bytes() {
        [b'{', .., b'}'] => object(text),
        // The verifier's own lines have no quotation marks but in source lines.
        [first, ..] if first.is_ascii_alphabetic() && memchr::memchr(b'"', text.as_bytes()).is_some() => {
            pair(text)
        }
        _ => None,
    };
    match found {
        Some(value) => value.split('\n').filter(|line| !line.is_empty()).for_each(each),
        None => each(line),
    }
}

/// The likeliest value of an object: one of several lines, else that under the likeliest key.
fn object(text: &str) -> Option<String> {
    let Value::Object(fields) = serde_json::from_str(text).ok()? else { return None };
    let strings = || fields.values().filter_map(Value::as_str);
    let of_lines = strings().find(|value| value.contains('\n'));
    let shortened = || strings().find(|value| value.contains("line(s) omitted)"));
    let named = || KEYS.iter().find_map(|key| fields.get(*key)?.as_str());
    of_lines.or_else(shortened).or_else(named).map(str::to_owned)
}

/// The likeliest quoted value of a line that begins with a `key=`.
fn pair(text: &str) -> Option<String> {
    let key = text
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
        .count();
    text[key..].starts_with('=').then_some(())?;
    let values: Vec<(&str, String)> = KEYS.iter().filter_map(|key| Some((*key, value(text, key)?))).collect();
    let is_log = |value: &str| value.contains('\n') || value.contains("line(s) omitted)");
    let found = values.iter().find(|(_, value)| is_log(value)).or_else(|| values.first());
    found.map(|(_, value)| value.clone())
}

/// The quoted value of a key, without its escapes.
fn value(text: &str, key: &str) -> Option<String> {
    let start = text.match_indices(key).find_map(|(at, _)| {
        let is_whole = at == 0 || text.as_bytes()[at - 1] == b' ';
        let after = at + key.len();
        (is_whole && text[after..].starts_with("=\"")).then_some(after + 2)
    })?;
    let mut value = String::new();
    let mut rest = text[start..].chars();
    loop {
        match rest.next()? {
            '"' => return Some(value),
            '\\' => value.push(match rest.next()? {
                'n' => '\n',
                't' => '\t',
                other => other,
            }),
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(line: &str) -> Vec<String> {
        let mut lines = Vec::new();
        unquote(line, |line| lines.push(line.to_owned()));
        lines
    }

    #[test]
    fn values_of_several_lines_come_before_others() {
        assert_eq!(lines(r#"{"msg":"load failed","error":"a\nb","n":7}"#), ["a", "b"]);
        assert_eq!(lines(r#"level=error msg="load failed" error="a \"x\"\nb" subsys=x"#), ["a \"x\"", "b"]);
        assert_eq!(lines(r#"level=error msg="0: (b7) r0 = 2" subsys=x"#), ["0: (b7) r0 = 2"]);
        assert_eq!(lines(r#"{"level":"error","msg":"0: (b7) r0 = 2"}"#), ["0: (b7) r0 = 2"]);
    }

    #[test]
    fn what_quotes_nothing_stays() {
        for line in [
            "0: (b7) r0 = 2",
            "; printf(\"%d\", a = \"x\");",
            "{ not json }",
            "{\"n\":7}",
            "R1=ctx() \"",
            "msg=\"x",
        ] {
            assert_eq!(lines(line), [line]);
        }
    }
}
