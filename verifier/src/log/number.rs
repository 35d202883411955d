//! Numbers as state lines print them: small ones decimal, large ones hexadecimal.

use std::fmt::Write as _;

/// Appends a decimal number.
pub(crate) fn push_decimal(out: &mut String, value: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push('-');
    }
    out.extend(digits[at..].iter().map(|&digit| char::from(digit)));
}

/// Appends a hexadecimal number: C's `%#llx`, which writes 0 without prefix.
pub(crate) fn push_hex(out: &mut String, value: u64) {
    if value == 0 {
        out.push('0');
    } else {
        let _ = write!(out, "{value:#x}");
    }
}

/// Appends a signed number.
pub(crate) fn push_signed(out: &mut String, value: i64) {
    if (i64::from(i16::MIN)..=i64::from(i16::MAX)).contains(&value) {
        push_decimal(out, value);
    } else {
        push_hex(out, value as u64);
    }
}

/// Appends an unsigned number.
pub(crate) fn push_unsigned(out: &mut String, value: u64) {
    if value <= u64::from(u16::MAX) {
        push_decimal(out, value as i64);
    } else {
        push_hex(out, value);
    }
}
