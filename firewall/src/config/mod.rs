//! The configuration file.
//!
//! ```toml
//! interface = "eth0"
//! mode = "auto"                     # or native, generic
//!
//! [[door]]
//! name = "ssh"
//! port = 22                         # TCP
//! sequence = [7000, 8123, 9031]     # UDP, 1 to 10 ports
//! step_timeout = "5s"
//! session = "60s"
//! ipv6 = "drop"                     # or pass
//! ```
//!
//! Only `door`, and in it `name`, `port` and `sequence`, must be given. [`check`] finds all problems at once, each with its
//! line and column.

mod advice;
mod problem;
mod reader;

use std::ops::RangeInclusive;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

pub use problem::{Place, Problem, ProblemKind, Severity};

use crate::door::Config;

/// Where the configuration is looked for if none is named.
pub const DEFAULT_PATH: &str = "/etc/knockwright/config.toml";

/// The largest configuration that is read, in bytes: a real one has a few hundred.
pub const MAX_BYTES: usize = 1 << 18;

/// What surrounds a configuration and makes it risky or not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Surroundings {
    /// The file's permission bits, if it's a file.
    pub file_mode: Option<u32>,
    /// The ports that the machine gives to outgoing connections, if known.
    pub local_ports: Option<RangeInclusive<u16>>,
    /// Those among them that it doesn't give.
    pub reserved_ports: Vec<RangeInclusive<u16>>,
}

impl Surroundings {
    /// This machine, and this file's permissions. What can't be read is left out.
    pub fn of_file(path: &Path) -> Self {
        let file_mode =
            path.metadata().ok().filter(|data| data.is_file()).map(|data| data.permissions().mode());
        Self { file_mode, ..Self::of_machine() }
    }

    /// This machine, for a configuration from elsewhere than a file.
    pub fn of_machine() -> Self {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/sys/net/ipv4/{name}"));
        let local_ports = read("ip_local_port_range").ok().and_then(|text| {
            let mut numbers = text.split_whitespace().map(str::parse);
            Some(numbers.next()?.ok()?..=numbers.next()?.ok()?)
        });
        let reserved = read("ip_local_reserved_ports").unwrap_or_default();
        Self { file_mode: None, local_ports, reserved_ports: port_ranges(&reserved) }
    }
}

/// Ranges as the kernel writes them: `22,5000-5010`.
fn port_ranges(text: &str) -> Vec<RangeInclusive<u16>> {
    let range = |item: &str| {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    text.trim().split(',').filter_map(range).collect()
}

/// A configuration that was read, and what's wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// The configuration, if no problem is an error.
    pub config: Option<Config>,
    /// All problems in the order of their places, those of the whole file last.
    pub problems: Vec<Problem>,
}

/// Reads a configuration and finds everything that is wrong or risky in it.
pub fn check(text: &str, around: &Surroundings) -> Checked {
    let (config, mut problems) = reader::read(text, around);
    if let Some(mode) = around.file_mode {
        let allowed = [(0o002, "change"), (0o004, "read")].into_iter().find(|(bit, _)| mode & bit != 0);
        if let Some((_, what)) = allowed {
            problems.push(Problem { place: None, kind: ProblemKind::OpenFile(what) });
        }
    }
    problems.sort_by_key(|problem| (problem.place.is_none(), problem.place));
    let good = problems.iter().all(|problem| problem.severity() == Severity::Warning);
    Checked { config: config.filter(|_| good), problems }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_the_kernel_writes_them() {
        assert_eq!(port_ranges(""), []);
        assert_eq!(port_ranges("\n"), []);
        assert_eq!(port_ranges("40000\n"), [40000..=40000], "a single port is that port alone");
        assert_eq!(port_ranges("22,5000-5010,65535\n"), [22..=22, 5000..=5010, 65535..=65535]);
    }

    #[test]
    fn a_reserved_port_is_that_port_alone() {
        let around = Surroundings {
            local_ports: Some(32768..=60999),
            reserved_ports: port_ranges("40000,40010-40012"),
            ..Surroundings::default()
        };
        for (port, warned) in [
            (39999, true),
            (40000, false),
            (40001, true),
            (40009, true),
            (40010, false),
            (40012, false),
            (40013, true),
        ] {
            let text = format!("[[door]]\nname = \"a\"\nport = {port}\nsequence = [7000, 8123, 9031]");
            let problems = check(&text, &around).problems;
            let local = problems.iter().any(|problem| matches!(problem.kind, ProblemKind::LocalPort { .. }));
            assert_eq!(local, warned, "{port}: {problems:?}");
        }
    }

    /// Many problems, in few and in many lines, and beyond the limit: each takes a moment, or the tests do not end.
    #[test]
    fn large_texts() {
        let around = Surroundings::default();
        for piece in ["a=1\n", "[[door]]\n", "[door]\n", "=", "é=1 ", "a.b=1\n", "door=[[[["] {
            let text = piece.repeat(MAX_BYTES / piece.len());
            let checked = check(&text, &around);
            assert!(checked.config.is_none() && !checked.problems.is_empty(), "{piece}");
        }
        let one_line = format!("door = [{}]", "{x=1},".repeat(40_000));
        let problems = check(&one_line, &around).problems;
        assert!(
            problems.len() > 40_000
                && problems.windows(2).all(|pair| pair[0].place <= pair[1].place || pair[1].place.is_none())
        );
        let checked = check(&"a=1\n".repeat(MAX_BYTES / 4 + 1), &around);
        assert_eq!(checked.problems, [Problem { place: None, kind: ProblemKind::TooLarge }]);
        assert_eq!(
            checked.problems[0].to_string(),
            "error: larger than 262144 bytes: this is no configuration"
        );
    }
}
