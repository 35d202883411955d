//! Faults and repairs in C: a file a class, with a program for each. A test compiles them and asks a verifier.

use crate::lesson::Lesson;

/// The classes with C, and the file of each.
pub const IN_C: &[(&str, &str)] = &[
    ("infinite-loop", include_str!("../c/infinite-loop.c")),
    ("map-value-max", include_str!("../c/map-value-max.c")),
    ("map-value-negative-index", include_str!("../c/map-value-negative-index.c")),
    ("map-value-offset", include_str!("../c/map-value-offset.c")),
    ("map-value-or-null", include_str!("../c/map-value-or-null.c")),
    ("packet-check-reversed", include_str!("../c/packet-check-reversed.c")),
    ("packet-pointer-lost", include_str!("../c/packet-pointer-lost.c")),
    ("packet-unchecked", include_str!("../c/packet-unchecked.c")),
    ("reference-leak", include_str!("../c/reference-leak.c")),
    ("shared-null-check", include_str!("../c/shared-null-check.c")),
    ("uninitialised-register", include_str!("../c/uninitialised-register.c")),
];

impl Lesson {
    /// The fault in C beside its repair, as a file that clang takes; none where there is none.
    pub fn in_c(&self) -> Option<&'static str> {
        IN_C.iter().find(|(class, _)| *class == self.class.slug).map(|(_, code)| *code)
    }
}
