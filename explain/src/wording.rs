//! What is said of a class, by what the log shows.

use crate::analysis::Fault;
use crate::class::Class;

/// What is said of a class. Where the log leaves open what the class's own words would claim, others stand for them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) why: &'static str,
    pub(crate) fix: &'static str,
}

impl Words {
    pub(crate) fn of(fault: &Fault<'_>, class: Class) -> Self {
        let facts = class.facts();
        (facts.words)(fault, Self { title: facts.title, why: facts.why, fix: facts.fix })
    }
}

/// A number with what it counts: `1 byte`, `2 bytes`.
pub(crate) fn counted(count: impl Into<i128>, what: &str) -> String {
    match count.into() {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}
