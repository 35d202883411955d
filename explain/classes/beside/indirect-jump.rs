use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an indirect jump leads out of its table",
    why: "Jumps by a register go through a map of instructions, whose entries must lie in the same function, and the index must be inside of it.",
    fix: "Bound the index before the jump; let the compiler make the table, or switch tables off.",
    no_lesson: Some("Jumps by a register came after Linux 6.18, which the lessons are about."),
    docs: pages::JUMPS,
    remedy: |_| {
        Some(Remedy {
            c: "clang -fno-jump-tables",
            rust: "-C llvm-args=-bpf-min-jump-table-entries=1000",
            asm: "if rN > LAST goto out, before the load from the table",
        })
    },
    ..PLAIN
};
