use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "arithmetic on the address of a map",
    why: "The address of a map is only good for helpers; it isn't the address of its values.",
    fix: "Look up a value, or use a direct value reference to an array.",
    lesson: lesson("pointers", 80),
    when: |e| e.is(&[Kind::TypeArithmetic]) && e.text("held") == Some("map_ptr"),
    ..PLAIN
};
