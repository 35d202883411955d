use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a number, or a pointer known to be NULL, is dereferenced",
    why: "The register holds a number on this path, not a pointer: NULL after a failed check, a constant, or an address that went through memory.",
    fix: "Dereference only on the path where the pointer isn't NULL; get pointers from helpers, not from numbers.",
    lesson: lesson("null", 20),
    when: |e| e.held() == Some(Held::Number),
    ..PLAIN
};
