use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the kernel's struct of a map is written",
    why: "The address of a map is the kernel's own struct: a few of its fields may be read, none written.",
    fix: "Look up a value, and write that.",
    lesson: lesson("pointers", 90),
    when: |e| e.held() == Some(Held::Map),
    ..PLAIN
};
