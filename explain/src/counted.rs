//! Numbers with what they count.

/// A number with what it counts: `1 byte`, `2 bytes`.
pub(crate) fn counted(count: impl Into<i128>, what: &str) -> String {
    match count.into() {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}
