use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an access to the context that its type does not have",
    why: "The context is no memory: each program type allows certain fields, each with its width, some to read and few to write.",
    fix: "Read a field of the program type's context with its whole width; see its struct in linux/bpf.h.",
    lesson: lesson("pointers", 10),
    ..PLAIN
};
