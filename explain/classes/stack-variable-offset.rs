use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the stack is accessed at a variable offset",
    why: "The whole range of the offset must lie in the frame; without CAP_PERFMON variable offsets aren't allowed at all.",
    fix: "Limit the offset so that the whole range lies in the frame, or keep the array in a map.",
    lesson: lesson("stack", 40),
    guard: Shape::Offset,
    ..PLAIN
};
