//! Texts with fields in braces: filling them, and finding the fields again.

use std::fmt;

use super::row::{Field, Hole};

/// Stands at the end of texts that the kernel ends without a newline.
pub(super) const UNENDED: &str = "{unended}";

/// What stands in the fields of a message, in the order of its text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields<'a>(Vec<(&'static str, &'a str)>);

impl<'a> Fields<'a> {
    /// The text in the first field of a name.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(field, _)| *field == name).map(|(_, text)| *text)
    }

    /// The number in the first field of a name.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(number)
    }

    /// The fields with their texts.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        self.0.iter().copied()
    }
}

/// A number as messages print it: decimal or with `0x`, perhaps negative.
pub fn number(text: &str) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let value = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok()?.cast_signed(),
        None => digits.parse::<u64>().ok()?.cast_signed(),
    };
    Some(if negative { value.wrapping_neg() } else { value })
}

/// Writes a text with its fields filled in.
pub(super) fn fill(
    f: &mut fmt::Formatter<'_>,
    template: &str,
    fields: &[(&str, &dyn fmt::Display)],
) -> fmt::Result {
    let mut rest = template.strip_suffix(UNENDED).unwrap_or(template);
    while let Some((literal, after)) = rest.split_once('{') {
        f.write_str(literal)?;
        let Some((name, after)) = after.split_once('}') else { break };
        if let Some((_, value)) = fields.iter().find(|(field, _)| *field == name) {
            value.fmt(f)?;
        }
        rest = after;
    }
    f.write_str(rest)
}

/// How much of a text stands in every message as it is, in bytes.
pub(super) fn literal_length(template: &str) -> usize {
    template.split('{').map(|part| part.split_once('}').map_or(part, |(_, literal)| literal).len()).sum()
}

/// Matches a text against a template.
///
/// A field of text reaches up to what follows it and has at least one character; at the end of the template it takes all the
/// rest, perhaps nothing. What isn't a field of the row is text.
pub(super) fn matches<'a>(template: &'static str, fields: &[Field], text: &'a str) -> Option<Fields<'a>> {
    let mut found = Vec::new();
    let mut template = template.strip_suffix(UNENDED).unwrap_or(template);
    let mut text = text;
    loop {
        let Some(open) = template.find('{') else {
            return (template == text).then_some(Fields(found));
        };
        text = text.strip_prefix(&template[..open])?;
        let (name, rest) = template[open + 1..].split_once('}')?;
        let hole = match fields.iter().find(|field| field.name == name) {
            Some(field) => field.hole,
            // Texts of unrecorded kernels have fields that the row itself doesn't have.
            None if name == "reg" => Hole::Register,
            None => Hole::Text,
        };
        let length = match hole {
            Hole::Register => text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()),
            Hole::Number => number_length(text),
            Hole::Text if rest.is_empty() => text.len(),
            Hole::Text => {
                let literal = &rest[..rest.find('{').unwrap_or(rest.len())];
                // The shortest text that lets the rest of the template match would need backtracking; messages don't.
                text.find(literal)?
            }
        };
        if length == 0 && !rest.is_empty() {
            return None;
        }
        let (value, after) = text.split_at(length);
        found.push((name, value));
        (template, text) = (rest, after);
    }
}

fn number_length(text: &str) -> usize {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let sign = text.len() - digits.len();
    let length = match digits.strip_prefix("0x") {
        Some(hex) => 2 + hex.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hex.len()),
        None => digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len()),
    };
    if length == 0 { 0 } else { sign + length }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        Field { name: "off", hole: Hole::Number },
        Field { name: "size", hole: Hole::Number },
        Field { name: "held", hole: Hole::Text },
    ];

    #[test]
    fn fields_are_typed_and_named() {
        let fields = matches(
            "invalid access to packet, off={off} size={size}, R{reg}({rest}",
            FIELDS,
            "invalid access to packet, off=-4 size=0x100, R12(id=0,off=0,r=0)",
        )
        .unwrap();
        assert_eq!((fields.number("off"), fields.number("size")), (Some(-4), Some(256)));
        assert_eq!((fields.text("reg"), fields.text("rest")), (Some("12"), Some("id=0,off=0,r=0)")));
    }

    #[test]
    fn what_is_no_number_or_too_much_does_not_match() {
        assert_eq!(matches("invalid shift {off}", FIELDS, "invalid shift x"), None);
        assert_eq!(matches("div by zero", FIELDS, "div by zero!"), None);
        assert_eq!(matches("R{reg} !read_ok", FIELDS, "R !read_ok"), None);
        assert_eq!(matches("{held} pointer", FIELDS, " pointer"), None);
        assert!(matches("unreachable insn {rest}", FIELDS, "unreachable insn ").is_some());
    }

    #[test]
    fn a_missing_newline_is_no_text() {
        assert!(matches("tail call{unended}", FIELDS, "tail call").is_some());
        assert_eq!(literal_length("R{reg} is {held}{unended}"), "R is ".len());
    }
}
