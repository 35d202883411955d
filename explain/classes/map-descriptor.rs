use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a map reference that is no map",
    why: "The loader must put the descriptor of an existing map into the instruction, and direct access to a value needs an array and an offset inside it.",
    fix: "Create the map first and let the loader relocate the instruction.",
    lesson: lesson("code", 110),
    docs: pages::MESSAGES,
    remedy: |fault| {
        Some(if fault.says("fd ") {
            Remedy {
                c: "bpf_object__load(), which creates the maps before the programs; a program made by raw bpf(2) needs the descriptor, open, in imm",
                rust: "Ebpf::load, and #[map] on each static",
                asm: "ld_imm64 with source register 1 and a descriptor that is still open",
            }
        } else {
            Remedy {
                c: "a global variable's own members: an index beyond the section's end makes an address outside of the map",
                rust: "a reference into a static, by get() and not by pointer arithmetic on its address",
                asm: "source register 2: descriptor in the lower half, an offset below value_size in the upper",
            }
        })
    },
    ..PLAIN
};
