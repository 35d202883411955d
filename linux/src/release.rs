//! Stable releases, and sets of them as tables write them: `6.17.., 6.12.117..`.

use crate::version::KernelVersion;

/// A release of a series: `6.12.117`. The first one of a series has the number 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Release {
    /// The series.
    pub series: KernelVersion,
    /// The number within it.
    pub patch: u16,
}

impl Release {
    /// The release that a text names: `6.12.117`, or `6.8` for the first of a series.
    ///
    /// # Panics
    /// Where the text is anything else. In a table that is an error of the build.
    pub const fn new(text: &str) -> Self {
        let (release, end) = read(text.as_bytes(), 0);
        assert!(end == text.len(), "this is no release: write 6.12.117");
        match release {
            Some(Named { series, patch }) => Self { series, patch: unpatched(patch) },
            None => panic!("this is no release: write 6.12.117"),
        }
    }
}

/// A set of releases: ranges with `, ` between them. Spaces may stand around the dots of a range.
///
/// | written | the releases |
/// |---|---|
/// | `..` | all |
/// | `6.17..` | Linux 6.17 and all later series |
/// | `..=6.12` | all series up to 6.12, with all their releases |
/// | `6.1..=6.12` | all series from 6.1 to 6.12 |
/// | `6.12` | those of one series |
/// | `6.12.117..` | those of one series from one on: what it got when it was stable already |
///
/// ```
/// use knockwright_linux::release::{Release, Releases};
///
/// const HAVE_IT: Releases = Releases::new("6.17.., 6.12.117..");
/// assert!(HAVE_IT.contain(Release::new("6.18.15")));
/// assert!(HAVE_IT.contain(Release::new("6.12.117")));
/// assert!(!HAVE_IT.contain(Release::new("6.16.12")));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Releases(&'static str);

impl Releases {
    /// Reads a set.
    ///
    /// # Panics
    /// Where the text is none. In a table that is an error of the build.
    pub const fn new(text: &'static str) -> Self {
        let releases = Self(text);
        // Reads to the end whatever is asked, so that nothing wrong stands in a table.
        let _ = releases.contain(Release { series: KernelVersion::new(0, 0), patch: 0 });
        releases
    }

    /// The set as it's written.
    pub const fn text(self) -> &'static str {
        self.0
    }

    /// Whether a release is one of them.
    pub const fn contain(self, release: Release) -> bool {
        let text = self.0.as_bytes();
        let (mut at, mut found) = (0, false);
        loop {
            let (range, end) = range(text, at);
            found |= range.contains(release);
            if end == text.len() {
                return found;
            }
            assert!(starts_with(text, end, b", "), "between ranges of releases stands a comma with a space");
            at = end + 2;
        }
    }
}

/// A release as it's written: without the third number it's the whole series.
#[derive(Clone, Copy)]
struct Named {
    series: KernelVersion,
    patch: Option<u16>,
}

/// From one to another, both among them.
struct Range {
    from: Option<Named>,
    to: Option<Named>,
}

impl Range {
    const fn contains(&self, release: Release) -> bool {
        let after = match self.from {
            None => true,
            Some(Named { series, patch: None }) => !is_before(release.series, series),
            Some(Named { series, patch: Some(patch) }) => {
                is_same(release.series, series) && patch <= release.patch
            }
        };
        let before = match self.to {
            None => true,
            Some(Named { series, .. }) => !is_before(series, release.series),
        };
        after && before
    }
}

/// The range at a place, and where it ends.
const fn range(text: &[u8], at: usize) -> (Range, usize) {
    let (from, end) = read(text, at);
    let dots = after_spaces(text, end);
    if !starts_with(text, dots, b"..") {
        assert!(matches!(from, Some(Named { patch: None, .. })), "a range of releases is written 6.1..=6.12");
        return (Range { from, to: from }, end);
    }
    if !starts_with(text, dots, b"..=") {
        return (Range { from, to: None }, dots + 2);
    }
    let (to, end) = read(text, after_spaces(text, dots + 3));
    assert!(
        matches!((from, to), (None | Some(Named { patch: None, .. }), Some(Named { patch: None, .. }))),
        "a range of releases ends with a series: 6.1..=6.12"
    );
    (Range { from, to }, end)
}

/// The release at a place, if there is one, and where it ends.
const fn read(text: &[u8], at: usize) -> (Option<Named>, usize) {
    let Some((major, end)) = number(text, at) else {
        return (None, at);
    };
    assert!(starts_with(text, end, b"."), "a series has two numbers");
    let Some((minor, end)) = number(text, end + 1) else {
        panic!("a series has two numbers");
    };
    let series = KernelVersion::new(major, minor);
    if starts_with(text, end, b".") {
        if let Some((patch, end)) = number(text, end + 1) {
            return (Some(Named { series, patch: Some(patch) }), end);
        }
    }
    (Some(Named { series, patch: None }), end)
}

const fn number(text: &[u8], from: usize) -> Option<(u16, usize)> {
    let (mut at, mut value) = (from, 0);
    while at < text.len() && text[at].is_ascii_digit() {
        value = value * 10 + (text[at] - b'0') as u16;
        at += 1;
    }
    if at == from { None } else { Some((value, at)) }
}

const fn after_spaces(text: &[u8], mut at: usize) -> usize {
    while at < text.len() && text[at] == b' ' {
        at += 1;
    }
    at
}

const fn starts_with(text: &[u8], at: usize, word: &[u8]) -> bool {
    let mut index = 0;
    while index < word.len() {
        if at + index >= text.len() || text[at + index] != word[index] {
            return false;
        }
        index += 1;
    }
    true
}

const fn unpatched(patch: Option<u16>) -> u16 {
    match patch {
        Some(patch) => patch,
        None => 0,
    }
}

const fn is_before(one: KernelVersion, other: KernelVersion) -> bool {
    one.major < other.major || one.major == other.major && one.minor < other.minor
}

const fn is_same(one: KernelVersion, other: KernelVersion) -> bool {
    one.major == other.major && one.minor == other.minor
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_in<'a>(releases: &'static str, asked: &[&'a str]) -> Vec<&'a str> {
        let releases = Releases::new(releases);
        asked.iter().copied().filter(|release| releases.contain(Release::new(release))).collect()
    }

    #[test]
    fn ranges_have_their_ends() {
        let asked = ["5.10.262", "6.1", "6.2", "6.10", "6.12", "6.12.200", "6.13.1", "7.0"];
        assert_eq!(are_in("6.10..", &asked), ["6.10", "6.12", "6.12.200", "6.13.1", "7.0"]);
        assert_eq!(are_in("..=6.2", &asked), ["5.10.262", "6.1", "6.2"]);
        assert_eq!(are_in("6.2..=6.12", &asked), ["6.2", "6.10", "6.12", "6.12.200"]);
        assert_eq!(are_in("6.12", &asked), ["6.12", "6.12.200"]);
        assert_eq!(are_in("7.0.., 6.12.117..", &asked), ["6.12.200", "7.0"]);
        assert_eq!(are_in("6.2 ..= 6.12", &asked), are_in("6.2..=6.12", &asked));
        assert_eq!(are_in("..", &asked), asked);
    }

    #[test]
    fn releases_are_ordered() {
        let ordered = ["5.10.262", "6.1", "6.9.9", "6.12", "6.12.117", "7.0"].map(Release::new);
        assert!(ordered.is_sorted());
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for text in ["", "6", "6.", "6.12.117", "6.12.117..=6.13", "6.1..=", "6.1..,6.2..", "6.1.. ", "x"] {
            assert!(std::panic::catch_unwind(|| Releases::new(text)).is_err(), "{text}");
        }
    }
}
