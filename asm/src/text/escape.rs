//! Characters that must not reach a terminal, or that a name in a listing can't have, as `\u{1b}`.
//!
//! Names and source lines of an object may hold anything. Written as they are they could move the cursor, set the window's
//! title, or stand in another order than they are read.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What starts an escape. Between it and the `}` stands a character's number in hexadecimal; nothing for no character.
const START: &str = "\\u{";

/// Whether a character does something to a terminal instead of showing, or doesn't show at all.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text with an escape for each character that fits; borrowed if none does.
fn escape(text: &str, mut fits: impl FnMut(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&mut fits) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if fits(c) {
            let _ = write!(escaped, "{START}{:x}}}", u32::from(c)); // a `String` takes everything
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// A text in one line that is safe to show: what would do something to a terminal stands there as `\u{1b}`.
///
/// ```
/// use knockwright_asm::text::visible;
///
/// assert_eq!(visible("\x1b]0;title\x07 \u{202e}"), "\\u{1b}]0;title\\u{7} \\u{202e}");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    escape(text, is_hidden)
}

/// The same of a text of several lines: ends of lines and tabulators stay.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| is_hidden(c) && !matches!(c, '\n' | '\t'))
}

/// A name as one word of a listing, whatever it holds.
pub(super) fn word(name: &str) -> Cow<'_, str> {
    match name {
        "" => Cow::Owned(format!("{START}}}")),
        name => escape(name, |c| !super::lexer::is_word(c)),
    }
}

/// The rest of a line, in quotes where it needs them.
pub(super) fn rest_of_line(text: &str) -> Cow<'_, str> {
    let special = |c| is_hidden(c) || matches!(c, ';' | '"' | '\\');
    // `.license :` would be a label.
    let plain = !text.is_empty() && text.trim() == text && !text.starts_with(':');
    if plain && !text.chars().any(special) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("\"{}\"", escape(text, special)))
}

/// The length in bytes of the escape that a text starts with, and its character, if it has one.
pub(super) fn leading(text: &str) -> Option<(usize, Option<char>)> {
    let rest = text.strip_prefix(START)?;
    let digits = &rest[..rest.find('}')?];
    let len = START.len() + digits.len() + 1;
    if digits.is_empty() {
        return Some((len, None));
    }
    let is_number = digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
    Some((len, Some(char::from_u32(number)?)))
}

/// The text with its escapes undone. What only looks like one stays.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains(START) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (len, c) = leading(rest).unwrap_or((first.len_utf8(), Some(first)));
        plain.extend(c);
        rest = &rest[len..];
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for name in ["", "knock", ".bss", "a b", "\x1b[31m", "\\u{1b}", "é\u{301}", "]", "9", "\u{10ffff}\0"]
        {
            let word = word(name);
            assert_eq!(unescape(&word), name, "{word}");
            assert!(!word.chars().any(is_hidden), "{word}");
        }
        assert_eq!(word("knock.1"), "knock.1");
        assert_eq!(word("a\\b"), "a\\u{5c}b");
    }

    #[test]
    fn what_only_looks_like_an_escape_stays() {
        for text in
            ["\\", "\\u", "\\u{", "\\u{x}", "\\u{110000}", "\\u{d800}", "\\u{0000041}", "\\u{1", "u{1}"]
        {
            assert_eq!(unescape(text), text);
        }
        assert_eq!(unescape("\\u{41}\\u{}B\\u{0}"), "AB\0");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(visible_lines("a\tb\nc\r\x1b"), "a\tb\nc\\u{d}\\u{1b}");
        assert!(matches!(visible("plain é 漢"), Cow::Borrowed(_)));
    }
}
