use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "functions that call each other need too much stack together",
    why: "The stack of a call chain is at most 512 bytes: the frames of all functions in it are added, each rounded up.",
    fix: "Use less stack, move data to a per-CPU array, or merge functions that don't need their frames at the same time.",
    blame: Blame::Limit,
    lesson: lesson("stack", 70),
    docs: pages::DESIGN,
    remedy: |_| {
        Some(Remedy {
            c: "large locals in a BPF_MAP_TYPE_PERCPU_ARRAY with one entry; or siblings in place of a chain: main calls a(), then b()",
            rust: "static BUFFER: PerCpuArray<Buffer> = PerCpuArray::with_max_entries(1, 0); and BUFFER.get_ptr_mut(0)",
            asm: "offsets close to r10 in each function: its lowest one counts, rounded up",
        })
    },
    ..PLAIN
};
