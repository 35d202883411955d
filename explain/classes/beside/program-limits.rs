use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "too many of something in one program",
    why: "A program may have 256 functions, 64 maps, 256 different kernel functions, and 512 bytes of stack a frame.",
    fix: "Split the program with tail calls, or inline and merge.",
    no_lesson: Some("It takes more than 64 maps or 256 functions, which nobody would read."),
    blame: Blame::Limit,
    docs: pages::DESIGN,
    remedy: |_| {
        Some(Remedy {
            c: "inline small functions, put arrays in a per-CPU array map",
            rust: "inline small functions, put arrays in a PerCpuArray",
            asm: "fewer functions, less stack",
        })
    },
    ..PLAIN
};
