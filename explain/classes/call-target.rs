use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a call leads to no function",
    why: "A call between functions of a program must lead to an instruction of the program.",
    fix: "Correct the distance of the call; an assembler with labels does it for you.",
    lesson: lesson("code", 50),
    docs: pages::JUMPS,
    remedy: |_| {
        Some(Remedy {
            c: "bpftool gen object prog.o a.o b.o: a function of another file is found when the files are linked",
            rust: "bpf-linker puts called functions into the object; extern \"C\" declarations must have a definition among the crates",
            asm: "call NAME with a label; in call pc+N, N counts slots from the one after the call, and ld_imm64 has two",
        })
    },
    ..PLAIN
};
