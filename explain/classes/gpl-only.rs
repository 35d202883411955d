use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a helper for programs with a GPL-compatible licence",
    why: "Some helpers are exported to GPL-compatible programs only; the licence string of the program decides.",
    fix: "License the program under the GPL or a compatible dual licence, or do without the helper.",
    lesson: lesson("helpers", 110),
    ..PLAIN
};
