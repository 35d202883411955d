//! The programs that the command can write, by name.

use knockwright_asm::Program;
use knockwright_programs::{article, examples, knock};

/// A program that `build` knows.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) program: fn() -> Program,
}

/// The programs, the main one first.
pub(crate) const PROGRAMS: &[Entry] = &[
    Entry { name: "knock", about: "the port-knocking firewall", program: knock::program },
    Entry {
        name: "knock_l3",
        about: "the firewall where packets have no Ethernet header",
        program: knock::program_without_ethernet,
    },
    Entry {
        name: "article-null",
        about: "the article's first fault: no NULL check after a lookup",
        program: article::null,
    },
    Entry { name: "article-null-fixed", about: "its repair", program: article::null_fixed },
    Entry {
        name: "article-bounds",
        about: "the article's second fault: an index without a bound",
        program: article::bounds,
    },
    Entry { name: "article-bounds-fixed", about: "its repair", program: article::bounds_fixed },
    Entry { name: "pass", about: "example: the least that loads", program: examples::pass },
    Entry { name: "count", about: "example: packets counted by protocol", program: examples::count },
    Entry {
        name: "drop-by-prefix",
        about: "example: a drop list in a prefix trie",
        program: examples::drop_by_prefix,
    },
];

/// The program with a name.
pub(crate) fn find(name: &str) -> Option<&'static Entry> {
    PROGRAMS.iter().find(|entry| entry.name == name)
}
