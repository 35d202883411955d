use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "packet bytes are read without a comparison with data_end",
    why: "A packet may be of any length, so every access needs a comparison with data_end on its path.",
    fix: "Compare data + size with data_end before the access.",
    lesson: lesson("packets", 10),
    when: |e| e.outside() == Some(Outside::Unchecked),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    words: |fault, plain| {
        if fault.path.is_whole() {
            return plain;
        }
        Words { title: "packet bytes are read that no comparison with data_end in the log covers", ..plain }
    },
    ..PLAIN
};
