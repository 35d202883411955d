//! Durations as people write them: `500ms`, `5s`, `1m30s`, `2h`.

use std::fmt;
use std::time::Duration;

/// The units, the largest first, in milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A text that is no duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DurationError {
    /// Not numbers with units.
    #[error("write a number and a unit, such as \"500ms\", \"5s\", \"1m30s\" or \"2h\"")]
    Malformed,
    /// More milliseconds than 64 bits hold.
    #[error("this is longer than {} hours", u64::MAX / 3_600_000)]
    TooLong,
}

/// Reads a duration: numbers with the units `h`, `m`, `s` and `ms`, each at most once, the largest first.
///
/// # Errors
/// [`DurationError`].
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut sum = 0_u64;
    while !rest.is_empty() || text.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let letters = after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (unit, after) = after.split_at(letters);
        if number.is_empty() {
            return Err(DurationError::Malformed);
        }
        let (_, size) = units.find(|(name, _)| *name == unit).ok_or(DurationError::Malformed)?;
        let number: u64 = number.parse().map_err(|_| DurationError::TooLong)?;
        sum = number.checked_mul(*size).and_then(|ms| sum.checked_add(ms)).ok_or(DurationError::TooLong)?;
        rest = after;
    }
    Ok(Duration::from_millis(sum))
}

/// Shows a duration to the millisecond in the form that [`parse`] takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readable(pub Duration);

impl fmt::Display for Readable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        if left == 0 {
            return f.write_str("0s");
        }
        for (name, size) in UNITS {
            if left >= size {
                write!(f, "{}{name}", left / size)?;
                left %= size;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for (text, ms) in
            [("1ms", 1), ("5s", 5000), ("1m30s", 90_000), ("2h", 7_200_000), ("1h1m1s1ms", 3_661_001)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(ms)));
            assert_eq!(Readable(Duration::from_millis(ms)).to_string(), text);
        }
        assert_eq!(parse("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
        assert_eq!(Readable(Duration::ZERO).to_string(), "0s");
    }

    #[test]
    fn bad_texts() {
        for text in ["", "5", "s", "5 s", "5s5s", "5s1m", "-5s", "5d", "5sec", "1.5s", "٥s", "5s "] {
            assert_eq!(parse(text), Err(DurationError::Malformed), "{text:?}");
        }
        for text in ["18446744073709551616ms", "18446744073709551615s", "5124095576030h1h"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("99999999999999999999s"), Err(DurationError::TooLong));
    }
}
