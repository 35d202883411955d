//! The order in which the classes of the catalogue are learnt.

/// Lessons that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter {
    /// The folder of its pages.
    pub slug: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What its lessons have in common.
    pub about: &'static str,
    /// The slugs of its classes, in the order of learning.
    pub classes: &'static [&'static str],
}

/// The chapters, from what everybody meets first to what few do.
pub const CHAPTERS: &[Chapter] = &[
    Chapter {
        slug: "null",
        title: "Pointers that may be NULL",
        about: "A lookup may find nothing, and a reservation may fail. The verifier remembers that the result may be NULL \
                until the program has compared it.",
        classes: &[
            "map-value-or-null",
            "null-dereference",
            "or-null-arithmetic",
            "or-null-argument",
            "shared-null-check",
            "ringbuf-or-null",
            "array-constant-key",
        ],
    },
    Chapter {
        slug: "registers",
        title: "Registers without a value",
        about: "A register is read only after something on the same path has written it. Calls take r1 to r5 away.",
        classes: &[
            "uninitialised-register",
            "uninitialised-result",
            "uninitialised-after-join",
            "callee-saved-lost",
            "frame-pointer-write",
            "invalid-register",
        ],
    },
    Chapter {
        slug: "map-values",
        title: "Bounds of map values",
        about: "For every number the verifier keeps the smallest and the largest value that it can have. An access is \
                allowed if it stays inside for all of them.",
        classes: &[
            "map-value-offset",
            "map-value-max",
            "map-value-unbounded",
            "map-value-negative-index",
            "memory-bounds",
            "map-value-alignment",
            "map-access-flags",
        ],
    },
    Chapter {
        slug: "ranges",
        title: "What comparisons teach",
        about: "Bounds come from comparisons, masks and loads. Some comparisons teach less than they seem to, and some \
                kernels learn more than others.",
        classes: &[
            "signed-bounds",
            "lower-half-check",
            "equality-range",
            "not-equal-range",
            "linked-scalars",
            "division-range",
            "spilled-bounds",
            "dead-branch",
        ],
    },
    Chapter {
        slug: "packets",
        title: "Packets",
        about: "Packet bytes are proven by a comparison with data_end, for one pointer and so many bytes.",
        classes: &[
            "packet-unchecked",
            "packet-check-too-short",
            "packet-check-reversed",
            "packet-check-before-offset",
            "packet-length-check",
            "packet-offset-too-large",
            "packet-pointer-lost",
            "packet-end-access",
            "helper-packet-argument",
            "packet-write",
            "packet-alignment",
            "legacy-packet-load",
        ],
    },
    Chapter {
        slug: "stack",
        title: "The stack",
        about: "512 bytes below r10, aligned, and written before they are read.",
        classes: &[
            "stack-bounds",
            "uninitialised-stack",
            "stack-alignment",
            "stack-variable-offset",
            "spilled-pointer",
            "helper-reads-stack",
            "combined-stack",
            "returned-stack-pointer",
        ],
    },
    Chapter {
        slug: "pointers",
        title: "Pointers and the context",
        about: "A pointer is what the verifier knows it to be, moved by what it can follow.",
        classes: &[
            "context-access",
            "context-modified",
            "pointer-operator",
            "pointer-plus-pointer",
            "scalar-minus-pointer",
            "pointer-far-offset",
            "same-instruction-different-pointers",
            "map-pointer-arithmetic",
            "map-internals",
        ],
    },
    Chapter {
        slug: "helpers",
        title: "Calls of helpers",
        about: "Each helper says what it takes, and for which programs it is.",
        classes: &[
            "argument-type",
            "map-type",
            "tail-call-map",
            "unbounded-size",
            "negative-size",
            "zero-size",
            "size-not-constant",
            "helper-not-for-type",
            "unknown-helper",
            "unknown-kfunc",
            "gpl-only",
            "callback-result",
            "callback-without-func-info",
            "spin-lock-without-btf",
        ],
    },
    Chapter {
        slug: "references",
        title: "What must be given back, and results",
        about: "What is acquired is released once on every path, and the result is one that the program type may return.",
        classes: &["reference-leak", "double-release", "result-range"],
    },
    Chapter {
        slug: "loops",
        title: "Loops, calls and limits",
        about: "The verifier walks every path, up to a million instructions.",
        classes: &[
            "bounded-loop",
            "infinite-loop",
            "too-many-instructions",
            "too-many-jumps",
            "call-depth",
            "recursion",
        ],
    },
    Chapter {
        slug: "code",
        title: "The form of the code",
        about: "Before a value is looked at, the code itself must be in order.",
        classes: &[
            "falls-off-the-end",
            "unreachable-instruction",
            "jump-out-of-range",
            "jump-between-functions",
            "call-target",
            "unknown-opcode",
            "reserved-field",
            "incomplete-ld-imm64",
            "division-by-zero",
            "shift-count",
            "map-descriptor",
            "atomic-encoding",
            "atomic-target",
            "atomic-misaligned",
        ],
    },
    Chapter {
        slug: "privilege",
        title: "Without CAP_PERFMON",
        about: "Who may not see addresses may not write programs that reveal them, not even by speculation.",
        classes: &[
            "pointer-into-map",
            "returned-pointer",
            "pointer-comparison",
            "map-struct-read",
            "speculative-arithmetic",
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use knockwright_verifier_cases::catalogue;

    use super::*;

    #[test]
    fn every_class_is_in_one_chapter() {
        let learnt: Vec<&str> = CHAPTERS.iter().flat_map(|chapter| chapter.classes).copied().collect();
        let unique: BTreeSet<&str> = learnt.iter().copied().collect();
        let classes: BTreeSet<&str> = catalogue::CLASSES.iter().map(|class| class.slug).collect();
        assert_eq!(learnt.len(), unique.len(), "a class stands in two chapters");
        assert_eq!(unique, classes);
    }
}
