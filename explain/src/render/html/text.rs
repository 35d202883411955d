//! Text from a log is untrusted: it goes into the page only through here.

use std::fmt::{self, Display, Write};

/// Text as HTML, fit for content and for attributes in double quotes.
pub(super) struct Escaped<T>(T);

/// Escapes whatever displays.
pub(super) fn esc<T: Display>(text: T) -> Escaped<T> {
    Escaped(text)
}

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Filter(f), "{}", self.0)
    }
}

struct Filter<'f, 'a>(&'f mut fmt::Formatter<'a>);

impl Write for Filter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|char| match char {
            '&' => self.0.write_str("&amp;"),
            '<' => self.0.write_str("&lt;"),
            '>' => self.0.write_str("&gt;"),
            '"' => self.0.write_str("&quot;"),
            '\'' => self.0.write_str("&#39;"),
            '\t' | '\n' => self.0.write_char(char),
            // What can't stand in HTML, and what turns the direction of the text around it.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => self.0.write_char('\u{fffd}'),
            char if char.is_control() => self.0.write_char('\u{fffd}'),
            char => self.0.write_char(char),
        })
    }
}

/// A sentence in which `backticks` mark code, as HTML.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut html = String::new();
    for (place, part) in parts.iter().enumerate() {
        // Code stands between a pair; a last tick without its pair is itself.
        match (place % 2 == 1, place + 1 < parts.len()) {
            (true, true) => html.push_str(&format!("<code>{}</code>", esc(part))),
            (true, false) => html.push_str(&format!("`{}", esc(part))),
            _ => html.push_str(&esc(part).to_string()),
        }
    }
    html
}

/// At most so many characters, with an ellipsis for the rest.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A range in words: `8`, `8…516`.
pub(super) fn range(low: i64, high: i64) -> String {
    if low == high { minus(low) } else { format!("{}…{}", minus(low), minus(high)) }
}

/// A number with a real minus sign.
pub(super) fn minus(number: i64) -> String {
    number.to_string().replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_place() {
        let text = esc("<script>alert(\"1\" + '2') && x</script>\u{202e}\0").to_string();
        assert!(!text.contains(['<', '>', '"', '\'', '\0', '\u{202e}']));
        assert!(text.starts_with("&lt;script&gt;alert(&quot;1&quot;"));
        assert_eq!(text.matches('&').count(), text.matches(';').count());
    }

    #[test]
    fn backticks_mark_code() {
        assert_eq!(prose("a `b < c` d"), "a <code>b &lt; c</code> d");
        assert_eq!(prose("`a` `b"), "<code>a</code> `b");
        assert_eq!(prose("<`<script>`>"), "&lt;<code>&lt;script&gt;</code>&gt;");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert_eq!(shortened("äöü", 3), "äöü");
        assert_eq!(shortened("äöüß", 3), "äö…");
        assert_eq!(range(-8, 5), "−8…5");
    }
}
