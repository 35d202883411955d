//! The order in which the classes of the catalogue are learnt.

use knockwright_explain::Class;

/// Lessons that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chapter {
    /// The folder of its pages.
    pub slug: &'static str,
    /// Its heading in the book and in the list of lessons.
    pub title: &'static str,
    /// What its lessons have in common.
    pub about: &'static str,
}

/// How much a chapter's lessons take for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// What everybody meets in the first week.
    First,
    /// What programs in use meet.
    Daily,
    /// Limits, rights and the form of the code.
    Deep,
}

impl Level {
    /// The level in a word or two.
    pub const fn words(self) -> &'static str {
        match self {
            Self::First => "first steps",
            Self::Daily => "daily work",
            Self::Deep => "in depth",
        }
    }
}

impl Chapter {
    /// What its lessons take for granted.
    pub fn level(&self) -> Level {
        match self.slug {
            "null" | "registers" | "map-values" | "packets" => Level::First,
            "ranges" | "stack" | "pointers" | "helpers" | "references" => Level::Daily,
            _ => Level::Deep,
        }
    }

    /// The slugs of its classes, in the order of learning. Each class says where it's learnt.
    pub fn classes(&self) -> Vec<&'static str> {
        let place = |class: &Class| class.lesson().filter(|place| place.chapter == self.slug);
        let mut classes: Vec<_> =
            Class::ALL.iter().filter_map(|class| Some((place(class)?.number, class.slug()))).collect();
        classes.sort_unstable();
        classes.into_iter().map(|(_, slug)| slug).collect()
    }
}

/// The chapters, from what everybody meets first to what few do.
pub const CHAPTERS: &[Chapter] = &[
    Chapter {
        slug: "null",
        title: "Pointers that may be NULL",
        about: "A lookup may find nothing, and a reservation may fail. The verifier remembers that the result may be NULL \
                until the program has compared it.",
    },
    Chapter {
        slug: "registers",
        title: "Registers without a value",
        about: "A register is read only after something on the same path has written it. Calls take r1 to r5 away.",
    },
    Chapter {
        slug: "map-values",
        title: "Bounds of map values",
        about: "For every number the verifier keeps the smallest and the largest value that it can have. An access is \
                allowed if it stays inside for all of them.",
    },
    Chapter {
        slug: "ranges",
        title: "What comparisons teach",
        about: "Bounds come from comparisons, masks and loads. Some comparisons teach less than they seem to, and some \
                kernels learn more than others.",
    },
    Chapter {
        slug: "packets",
        title: "Packets",
        about: "Packet bytes are proven by a comparison with data_end, for one pointer and so many bytes.",
    },
    Chapter {
        slug: "stack",
        title: "The stack",
        about: "512 bytes below r10, aligned, and written before they are read.",
    },
    Chapter {
        slug: "pointers",
        title: "Pointers and the context",
        about: "A pointer is what the verifier knows it to be, moved by what it can follow.",
    },
    Chapter {
        slug: "helpers",
        title: "Calls of helpers",
        about: "Each helper says what it takes, and for which programs it is.",
    },
    Chapter {
        slug: "references",
        title: "What must be given back, and results",
        about: "What is acquired is released once on every path, and the result is one that the program type may return.",
    },
    Chapter {
        slug: "kernel",
        title: "What the kernel lends",
        about: "Kernel functions hand out pointers, iterators and sections. The verifier follows each until it's given back or left.",
    },
    Chapter {
        slug: "loops",
        title: "Loops, calls and limits",
        about: "The verifier walks every path, up to a million instructions.",
    },
    Chapter {
        slug: "code",
        title: "The form of the code",
        about: "Before a value is looked at, the code itself must be in order.",
    },
    Chapter {
        slug: "privilege",
        title: "Without CAP_PERFMON",
        about: "Who may not see addresses may not write programs that reveal them, not even by speculation.",
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use knockwright_verifier_cases::catalogue;

    use super::*;

    #[test]
    fn every_class_is_in_one_chapter() {
        let learnt: Vec<&str> = CHAPTERS.iter().flat_map(Chapter::classes).collect();
        let unique: BTreeSet<&str> = learnt.iter().copied().collect();
        let classes: BTreeSet<&str> = catalogue::CLASSES.iter().map(|class| class.slug).collect();
        assert_eq!(learnt.len(), unique.len(), "a class stands in two chapters");
        assert_eq!(unique, classes);
        // A chapter that isn't there would hide its classes.
        let lost = Class::ALL.iter().filter_map(|class| class.lesson());
        assert!(lost.into_iter().all(|place| CHAPTERS.iter().any(|chapter| chapter.slug == place.chapter)));
    }
}
