use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the second half of a 64-bit load is missing or wrong",
    why: "`ld_imm64` takes two slots, and the second must be zero but for its immediate.",
    fix: "Emit both halves.",
    lesson: lesson("code", 80),
    ..PLAIN
};
