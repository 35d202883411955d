use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the context pointer was moved before the access",
    why: "The kernel rewrites each access to the context by its constant offset in the instruction, so the pointer itself must be the one the program got.",
    fix: "Put the offset into the load: `*(u32 *)(r1 +4)` with r1 as it was.",
    lesson: lesson("pointers", 20),
    ..PLAIN
};
