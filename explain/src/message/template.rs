//! Templates of the verifier's messages: literal text with typed holes.

/// What stands in the holes of a template, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holes<'a>(Vec<(&'static str, &'a str)>);

impl<'a> Holes<'a> {
    /// The text in the first hole of a name.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(hole, _)| *hole == name).map(|(_, text)| *text)
    }

    /// The number in the first hole of a name.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name).and_then(number)
    }
}

/// A number as messages print it: decimal or with `0x`, perhaps negative.
pub(crate) fn number(text: &str) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let value = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok()?.cast_signed(),
        None => digits.parse::<u64>().ok()?.cast_signed(),
    };
    Some(if negative { value.wrapping_neg() } else { value })
}

/// Matches a text against a template.
///
/// Holes are `{reg}` (the digits of a register), names that end in `#` (`{off#}`: a number), and any other name (text up to
/// what follows the hole, at least one character; at the end of the template, all the rest, perhaps nothing).
pub(crate) fn matches<'a>(template: &'static str, text: &'a str) -> Option<Holes<'a>> {
    let mut holes = Vec::new();
    let (mut template, mut text) = (template, text);
    loop {
        let Some(open) = template.find('{') else {
            return (template == text).then_some(Holes(holes));
        };
        text = text.strip_prefix(&template[..open])?;
        let (name, rest) = template[open + 1..].split_once('}')?;
        let length = match name {
            "reg" => text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()),
            number if number.ends_with('#') => number_length(text),
            _ if rest.is_empty() => text.len(),
            _ => {
                let literal = &rest[..rest.find('{').unwrap_or(rest.len())];
                // The shortest text that lets the rest of the template match would need backtracking; messages don't.
                text.find(literal)?
            }
        };
        if length == 0 && !rest.is_empty() {
            return None;
        }
        let (hole, after) = text.split_at(length);
        holes.push((name.trim_end_matches('#'), hole));
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

    #[test]
    fn holes_are_typed_and_named() {
        let holes = matches(
            "invalid access to packet, off={off#} size={size#}, R{reg}({rest}",
            "invalid access to packet, off=-4 size=0x100, R12(id=0,off=0,r=0)",
        )
        .unwrap();
        assert_eq!((holes.number("off"), holes.number("size")), (Some(-4), Some(256)));
        assert_eq!((holes.text("reg"), holes.text("rest")), (Some("12"), Some("id=0,off=0,r=0)")));
    }

    #[test]
    fn what_is_no_number_or_too_much_does_not_match() {
        assert_eq!(matches("invalid shift {shift#}", "invalid shift x"), None);
        assert_eq!(matches("div by zero", "div by zero!"), None);
        assert_eq!(matches("R{reg} !read_ok", "R !read_ok"), None);
        assert_eq!(matches("{kind} pointer", " pointer"), None);
        assert!(matches("unreachable insn {rest}", "unreachable insn ").is_some());
    }
}
