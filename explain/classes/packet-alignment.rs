use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a packet access that is not aligned, with strict alignment",
    why: "With strict alignment, packet accesses must be aligned, and the packet starts 2 bytes after a multiple of 4.",
    fix: "Load without BPF_F_STRICT_ALIGNMENT, or load byte by byte.",
    lesson: lesson("packets", 110),
    ..PLAIN
};
