use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the map's flags forbid the access",
    why: "A map made with BPF_F_RDONLY_PROG can't be written by programs, one with BPF_F_WRONLY_PROG can't be read.",
    fix: "Make the map without the flag, or use another map.",
    lesson: lesson("map-values", 70),
    docs: pages::MAPS,
    remedy: |fault| {
        Some(if fault.kind() == Some(Kind::MapWriteForbidden) {
            Remedy {
                c: "a variable that isn't const: const data lies in .rodata, which the loader freezes; for maps no BPF_F_RDONLY_PROG in __uint(map_flags, …)",
                rust: "a map's value for what changes: a static without mut lies in .rodata; for maps no BPF_F_RDONLY_PROG in with_max_entries(n, flags)",
                asm: "map_flags without BPF_F_RDONLY_PROG (0x80)",
            }
        } else {
            Remedy {
                c: "no BPF_F_WRONLY_PROG in __uint(map_flags, …), and no second map for what is read back",
                rust: "no BPF_F_WRONLY_PROG in with_max_entries(n, flags)",
                asm: "map_flags without BPF_F_WRONLY_PROG (0x100)",
            }
        })
    },
    ..PLAIN
};
