use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the map's flags forbid the access",
    why: "A map made with BPF_F_RDONLY_PROG can't be written by programs, one with BPF_F_WRONLY_PROG can't be read.",
    fix: "Make the map without the flag, or use another map.",
    lesson: lesson("map-values", 70),
    ..PLAIN
};
