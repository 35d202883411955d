use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the records of functions or lines do not fit the code",
    why: "BTF.ext tells where functions and source lines begin, and the verifier checks it against the code: in order, at instructions, one for each function.",
    fix: "Build the object anew with one compiler and linker, and don't edit the code without its records.",
    no_lesson: Some("The assembler writes the records of a case, and they fit its code."),
    docs: pages::TYPES,
    remedy: |_| {
        Some(Remedy {
            c: "clang -g, and bpftool gen object to link",
            rust: "a newer bpf-linker, or build without debug = 2",
            asm: "let the assembler write the records",
        })
    },
    ..PLAIN
};
