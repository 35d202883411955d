use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a map can't be created",
    why: "The kernel refuses the map's type, sizes, flags or types before the program is loaded.",
    fix: "Compare type, key and value size, max_entries and flags with what this kind of map takes, and the kernel's version with its first.",
    no_lesson: Some("The map is refused before there is a program to verify."),
    blame: Blame::Kernel,
    docs: pages::MAPS,
    remedy: |_| {
        Some(Remedy {
            c: "ring buffers: max_entries a power of two and a multiple of the page; perf event arrays: key and value of 4 bytes",
            rust: "RingBuf::with_byte_size(4096 * n, 0), with n a power of two",
            asm: "type, key_size, value_size, max_entries and map_flags of the creation",
        })
    },
    ..PLAIN
};
