//! Workflow commands of GitHub Actions, which show a message beside a line of the source.

use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Something is wrong.
    Error,
    /// Something may be wrong, or is only elsewhere.
    Warning,
    /// Something is worth knowing.
    Notice,
}

/// One annotation. Shown, it's the line that a workflow's step prints, without its newline.
///
/// ```
/// use knockwright_verifier::annotation::{Annotation, Severity};
///
/// let annotation = Annotation {
///     severity: Severity::Error,
///     file: Some("count.bpf.c"),
///     line: Some(8),
///     title: "count on 6.18",
///     message: "R0 invalid mem access 'map_value_or_null'",
/// };
/// assert_eq!(
///     annotation.to_string(),
///     "::error file=count.bpf.c,line=8,title=count on 6.18::R0 invalid mem access 'map_value_or_null'"
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Annotation<'a> {
    /// How bad it is.
    pub severity: Severity,
    /// The file, as the repository names it; none for a message without a place.
    pub file: Option<&'a str>,
    /// The line in the file, counted from 1.
    pub line: Option<u32>,
    /// What stands above the message.
    pub title: &'a str,
    /// The message; it may have several lines.
    pub message: &'a str,
}

impl fmt::Display for Annotation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.severity {
            Severity::Error => "::error ",
            Severity::Warning => "::warning ",
            Severity::Notice => "::notice ",
        })?;
        if let Some(file) = self.file {
            write!(f, "file={},", property(file))?;
            if let Some(line) = self.line {
                write!(f, "line={line},")?;
            }
        }
        write!(f, "title={}::{}", property(self.title), data(self.message))
    }
}

/// Escapes a message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property's value.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_together() {
        let annotation = Annotation {
            severity: Severity::Warning,
            file: None,
            line: Some(3),
            title: "a:b,c",
            message: "a\nb%: c,\r",
        };
        assert_eq!(annotation.to_string(), "::warning title=a%3Ab%2Cc::a%0Ab%25: c,%0D");
    }
}
