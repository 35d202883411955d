//! Text that is taken apart from its start, and the pieces that many lines have.

use crate::log::state_text::StateText;

/// Takes text apart from its start.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    #[inline]
    pub(super) fn eat(&mut self, literal: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(())
    }

    /// A decimal number as it's printed: no sign, no needless zeros.
    pub(super) fn number<T: TryFrom<u64>>(&mut self) -> Option<T> {
        let bytes = self.rest.as_bytes();
        let mut value = 0_u64;
        let mut len = 0;
        while let Some(digit) = bytes.get(len).filter(|byte| byte.is_ascii_digit()) {
            value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
            len += 1;
        }
        if len == 0 || len > 1 && bytes[0] == b'0' {
            return None;
        }
        self.rest = &self.rest[len..];
        T::try_from(value).ok()
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        if self.eat("-").is_some() {
            return self.number::<i64>().filter(|&value| value != 0).map(|value| -value);
        }
        self.number()
    }

    /// What stands before a literal, which is taken, too.
    pub(super) fn until(&mut self, literal: &str) -> Option<&'a str> {
        let (before, rest) = self.rest.split_once(literal)?;
        self.rest = rest;
        Some(before)
    }

    pub(super) fn end(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }
}

/// The opcode in parentheses and the text, or text without opcode such as `BUG_db`.
pub(super) fn insn_text(text: &str) -> Option<(Option<u8>, &str)> {
    match *text.as_bytes() {
        [b'(', high, low, b')', b' ', ..] => {
            let opcode = hex_digit(high)? << 4 | hex_digit(low)?;
            Some((Some(opcode), &text[5..]))
        }
        _ if text.starts_with("BUG_") => Some((None, text)),
        _ => None,
    }
}

pub(super) const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// Whether text looks like a state, which starts with a space.
pub(super) fn is_state(text: &str) -> bool {
    match *text.as_bytes() {
        [] => true,
        [b' ', b'R', digit, ..] => digit.is_ascii_digit(),
        [b' ', b'f', b'p', b'-', ..] => true,
        [b' ', b'f', b'r', b'a', b'm', b'e', digit, ..] => digit.is_ascii_digit(),
        [b' ', b'r', b'e', b'f', b's', b'=', ..] => true,
        _ => matches!(text, " cb" | " async_cb"),
    }
}

pub(super) fn state(text: &str) -> Option<StateText<'_>> {
    is_state(text).then_some(StateText::new(text))
}

/// The text without the spaces at its end, and how many those are. States stand after many.
pub(super) fn trim_spaces(text: &str) -> (&str, u32) {
    let len = text.bytes().rposition(|byte| byte != b' ').map_or(0, |last| last + 1);
    (&text[..len], (text.len() - len) as u32)
}
