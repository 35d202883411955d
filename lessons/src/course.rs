//! A way through the lessons.

/// Twelve lessons that fill ninety minutes, each with what the ones before it taught. `docs/course.md` says what to say and try.
pub const COURSE: [&str; 12] = [
    "uninitialised-register",
    "map-value-or-null",
    "shared-null-check",
    "map-value-offset",
    "map-value-max",
    "map-value-negative-index",
    "packet-unchecked",
    "packet-check-reversed",
    "packet-pointer-lost",
    "uninitialised-stack",
    "reference-leak",
    "infinite-loop",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_course_is_of_lessons() {
        for slug in COURSE {
            assert!(crate::lessons().any(|lesson| lesson.class.slug == slug), "{slug}");
        }
    }
}
