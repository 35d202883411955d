use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a helper for programs with a GPL-compatible licence",
    why: "Some helpers are exported to GPL-compatible programs only; the licence string of the program decides.",
    fix: "License the program under the GPL or a compatible dual licence, or do without the helper.",
    lesson: lesson("helpers", 110),
    docs: pages::LICENCES,
    remedy: |_| {
        Some(Remedy {
            c: "char _license[] SEC(\"license\") = \"GPL\"; or \"Dual MIT/GPL\", \"Dual BSD/GPL\"",
            rust: "#[unsafe(link_section = \"license\")] #[unsafe(no_mangle)] static LICENSE: [u8; 13] = *b\"Dual MIT/GPL\\0\";",
            asm: ".license GPL (of the load: attr.license)",
        })
    },
    ..PLAIN
};
