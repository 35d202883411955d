use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an access to the context that its type does not have",
    why: "The context is no memory: each program type allows certain fields, each with its width, some to read and few to write.",
    fix: "Read a field of the program type's context with its whole width; see its struct in linux/bpf.h.",
    lesson: lesson("pointers", 10),
    words: |fault, plain| {
        // Said of the hook's own types, before the access is refused.
        if fault.detail(Kind::AttachTarget).is_none() {
            return plain;
        }
        Words {
            title: "the hook has no such argument",
            why: "The context of a program with types is the list of the hook's arguments, 8 bytes each.",
            fix: "Read one of the arguments that the hook's prototype has: see it in vmlinux.h, made from the types that CO-RE uses too \
                  (bpftool btf dump file /sys/kernel/btf/vmlinux format c).",
        }
    },
    ..PLAIN
};
