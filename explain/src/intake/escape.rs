//! Colours of terminals, and logs that stand in a quoted string.

/// The byte that starts a terminal's control sequence.
pub(super) const ESC: u8 = 0x1b;

/// Copies a line without control sequences: `ESC [ … letter` and `ESC ] … BEL`, and the character after any other ESC.
///
/// Source: ECMA-48, sections 5.4 "Control sequences" and 8.3.89 "OSC".
pub(super) fn without_colours(line: &[u8], plain: &mut Vec<u8>) {
    let mut rest = line;
    while let Some(at) = memchr::memchr(ESC, rest) {
        plain.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let length = match rest.first() {
            Some(b'[') => rest[1..].iter().position(|byte| (0x40..=0x7e).contains(byte)).map(|end| end + 2),
            Some(b']') => rest.iter().position(|&byte| byte == 7).map(|end| end + 1),
            Some(_) => Some(1),
            None => None,
        };
        rest = &rest[length.unwrap_or(rest.len())..];
    }
    plain.extend_from_slice(rest);
}

/// Passes on a line, or the lines that stand in it with `\n` written as two characters, as debug output has them.
pub(super) fn split(line: &str, mut each: impl FnMut(&str)) {
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
