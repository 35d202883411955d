use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a map reference that is no map",
    why: "The loader must put the descriptor of an existing map into the instruction, and direct access to a value needs an array and an offset inside it.",
    fix: "Create the map first and let the loader relocate the instruction.",
    lesson: lesson("code", 110),
    ..PLAIN
};
