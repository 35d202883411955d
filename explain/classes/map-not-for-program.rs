use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the map can't be used by this program",
    why: "Sleepable, tracing and offloaded programs may use certain kinds of maps only, or maps without certain fields.",
    fix: "Use another kind of map, preallocate it (without BPF_F_NO_PREALLOC), or split the program.",
    blame: Blame::Kernel,
    lesson: lesson("helpers", 170),
    docs: pages::MAPS,
    remedy: |_| {
        Some(Remedy {
            c: "drop __uint(map_flags, BPF_F_NO_PREALLOC), or use an array or hash map",
            rust: "HashMap::with_max_entries(n, 0)",
            asm: "map_flags of the creation",
        })
    },
    ..PLAIN
};
