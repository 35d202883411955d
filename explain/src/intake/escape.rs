//! Colours of terminals, and logs that stand in a quoted string.

/// The byte that starts a terminal's control sequence.
const ESC: u8 = 0x1b;

/// A line without its end's carriage returns and without control sequences: `ESC [ … letter` and `ESC ] … BEL`, and the character after any other ESC. `plain` holds
/// it where there are some.
///
/// Source: ECMA-48, sections 5.4 "Control sequences" and 8.3.89 "OSC".
pub(super) fn without_colours<'a>(line: &'a str, plain: &'a mut String) -> &'a str {
    // Serial lines end in several carriage returns.
    if memchr::memchr(ESC, line.as_bytes()).is_none() {
        return line.trim_end_matches('\r');
    }
    plain.clear();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once(char::from(ESC)) {
        plain.push_str(before);
        let end = match after.as_bytes().first() {
            Some(b'[') => after[1..].find(|c: char| ('\x40'..='\x7e').contains(&c)).map(|end| end + 2),
            Some(b']') => after.find('\x07').map(|end| end + 1),
            _ => after.chars().next().map(char::len_utf8),
        };
        rest = &after[end.unwrap_or(after.len())..];
    }
    plain.push_str(rest);
    plain.trim_end_matches('\r')
}

/// Passes on a line, or the lines that stand in it with `\n` written as two characters, as debug output has them.
pub(super) fn split(line: &str, each: &mut impl FnMut(&str)) {
    // A log in a string has many of them; a path or a format string of a source line may have one.
    let is_escaped = memchr::memchr(b'\\', line.as_bytes()).is_some()
        && !line.starts_with(';')
        && line.matches("\\n").nth(1).is_some()
        && line.contains(": (");
    if !is_escaped {
        return each(line);
    }
    for part in line.split("\\n") {
        each(&part.replace("\\t", "\t").replace("\\\"", "\"").replace("\\'", "'"));
    }
}
