//! What is expected: a file that says which programs are to be rejected, so that a suite of such programs passes when they are.

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::row::Row;

/// A line of the file: the rows that it's about, and what they are to say. What isn't given fits all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectation {
    /// The object's path, or its end.
    object: Option<String>,
    program: Option<String>,
    /// Kernels, apart by commas.
    kernel: Option<String>,
    config: Option<String>,
    pub(crate) verdict: Expected,
    /// A part of the message.
    message: Option<String>,
}

/// A verdict as rows say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expected {
    Accept,
    Reject,
    Unsupported,
    Error,
}

impl Expected {
    /// The word in rows.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Unsupported => "unsupported",
            Self::Error => "error",
        }
    }
}

/// All lines of a file.
#[derive(Debug, Default)]
pub(crate) struct Expectations(Vec<(usize, Expectation)>);

impl Expectations {
    /// Reads lines of JSON; blank ones and those that start with `#` are skipped.
    ///
    /// # Errors
    /// The line that is no expectation, counted from 1, and why.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let read = |(number, line): (usize, &str)| match serde_json::from_str(line) {
            Ok(expectation) => Ok((number, expectation)),
            Err(error) => Err(format!("line {number}: {error}")),
        };
        lines.map(read).collect::<Result<_, _>>().map(Self)
    }

    /// What is expected of a row: the first line that fits it.
    pub(crate) fn of(&self, row: &Row) -> Option<&Expectation> {
        self.0.iter().map(|(_, expectation)| expectation).find(|expectation| expectation.fits(row))
    }

    /// The numbers of the lines that decide no row, but for those of kernels that weren't asked.
    pub(crate) fn unused<'r>(&self, rows: impl Iterator<Item = &'r Row> + Clone) -> Vec<usize> {
        let used: Vec<*const Expectation> =
            rows.clone().filter_map(|row| self.of(row)).map(std::ptr::from_ref).collect();
        let is_unused = |(_, line): &&(usize, Expectation)| {
            !used.contains(&std::ptr::from_ref(line))
                && rows.clone().any(|row| line.is_of_kernel(&row.kernel))
        };
        self.0.iter().filter(is_unused).map(|(number, _)| *number).collect()
    }
}

impl Expectation {
    fn fits(&self, row: &Row) -> bool {
        let fits = |pattern: &Option<String>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| is_like(pattern, text))
        };
        let is_object = |pattern: &String| {
            let ends = row.object.match_indices('/').map(|(at, _)| &row.object[at + 1..]);
            std::iter::once(row.object.as_str()).chain(ends).any(|end| is_like(pattern, end))
        };
        self.object.as_ref().is_none_or(is_object)
            && fits(&self.program, &row.program)
            && fits(&self.config, row.config.as_deref().unwrap_or(""))
            && self.is_of_kernel(&row.kernel)
    }

    fn is_of_kernel(&self, name: &str) -> bool {
        let is_it = |kernel: &str| is_like(kernel.trim(), name);
        self.kernel.as_ref().is_none_or(|kernels| kernels.split(',').any(is_it))
    }

    /// What is wrong with a row, if it isn't as expected.
    pub(crate) fn fault(&self, row: &Row) -> Option<Fault> {
        let has_message = self.message.as_ref().is_none_or(|part| row.message.contains(part.as_str()));
        let fault =
            |expected: String, found: &str| Some(Fault::Unexpected { expected, found: found.to_owned() });
        match &self.message {
            _ if row.verdict != self.verdict.word() => fault(self.verdict.word().to_owned(), &row.verdict),
            Some(part) if !has_message => {
                fault(format!("a message with `{part}`"), &format!("`{}`", row.message))
            }
            _ => None,
        }
    }
}

/// Whether a text is what a pattern says, in which `*` stands for anything.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::row::tests::{rejected, row};

    fn read(text: &str) -> Expectations {
        Expectations::read(text).unwrap()
    }

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text) in [("6.*", "6.12"), ("*", ""), ("a*b*c", "a-b-b-c"), ("a", "a"), ("a*a", "aa")] {
            assert!(is_like(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("6.*", "7.6.1"), ("", "a"), ("a*b*c", "acb"), ("a*a", "a"), ("*.o", "a.c")] {
            assert!(!is_like(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn the_first_line_that_fits_counts() {
        let expectations = read(
            "# programs that must not pass\n\n\
             {\"object\": \"bad/*.o\", \"verdict\": \"reject\", \"message\": \"map_value_or_null\"}\n\
             {\"program\": \"two\", \"kernel\": \"5.10, 6.*\", \"verdict\": \"reject\"}\n\
             {\"program\": \"three\", \"verdict\": \"reject\"}\n\
             {\"kernel\": \"5.*\", \"verdict\": \"reject\"}\n",
        );
        let of = |row: &Row| expectations.of(row).map(|expectation| expectation.fault(row));
        assert_eq!(of(&rejected("build/bad/a.o", "one")), Some(None));
        assert_eq!(of(&rejected("a.o", "one")), None);
        assert_eq!(of(&rejected("a.o", "two")), Some(None));
        let accepted = of(&row("build/bad/a.o", "one", 5)).unwrap().unwrap();
        assert_eq!(accepted.to_string(), "expected reject, found accept");
        let other = Row { message: "R0 !read_ok".to_owned(), ..rejected("bad/a.o", "one") };
        let fault = of(&other).unwrap().unwrap();
        assert_eq!(fault.to_string(), "expected a message with `map_value_or_null`, found `R0 !read_ok`");
        assert_eq!(expectations.unused([&row("a.o", "two", 5)].into_iter()), [3, 5]);
    }

    #[test]
    fn a_line_that_is_none_is_named() {
        let bad = |text: &str| Expectations::read(text).unwrap_err();
        assert!(bad("\n{\"verdict\": \"rejected\"}").starts_with("line 2: "));
        assert!(bad("{\"programm\": \"x\", \"verdict\": \"reject\"}").contains("programm"));
        assert!(bad("{\"program\": \"x\"}").contains("verdict"));
    }
}
