use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the type of the program does not allow this",
    why: "Which functions may be called, whether it may sleep, which licence it needs and what it may write depends on the program's type and its hook.",
    fix: "Use the program type or hook that allows it, or leave it out.",
    blame: Blame::Kernel,
    lesson: lesson("helpers", 150),
    docs: pages::PROGRAM_TYPES,
    remedy: |_| {
        Some(Remedy {
            c: "the SEC() name decides the type, its `.s` whether it sleeps; char _license[] SEC(\"license\") = \"GPL\";",
            rust: "the attribute macro decides the type: #[fentry], #[lsm], #[xdp]",
            asm: "prog_type and expected_attach_type of the load",
        })
    },
    ..PLAIN
};
