use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a pointer is subtracted from a number",
    why: "A number less an address is nothing the verifier can follow.",
    fix: "Subtract the number from the pointer, or a pointer from one of the same kind.",
    lesson: lesson("pointers", 50),
    ..PLAIN
};
