use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a spilled pointer is read or overwritten in part",
    why: "A pointer on the stack stays one only as a whole: 8 bytes, stored and loaded at once.",
    fix: "Load all 8 bytes, and use another slot for other data.",
    lesson: lesson("stack", 50),
    when: |e| e.held() == Some(Held::SpillInPart),
    ..PLAIN
};
