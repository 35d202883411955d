use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a field of an instruction that must be zero is not",
    why: "Fields that an instruction doesn't use must be zero, so that later kernels can give them a meaning.",
    fix: "Clear the field, or use a kernel that knows the instruction that this may be.",
    lesson: lesson("code", 70),
    ..PLAIN
};
