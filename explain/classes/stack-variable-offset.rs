use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the stack is accessed at a variable offset",
    why: "The whole range of the offset must lie in the frame; without CAP_PERFMON variable offsets aren't allowed at all.",
    fix: "Limit the offset so that the whole range lies in the frame, or keep the array in a map.",
    lesson: lesson("stack", 40),
    docs: pages::VALUES,
    guard: Shape::Offset,
    remedy: |_| {
        Some(Remedy {
            c: "buffer[i & (sizeof(buffer) - 1)] with a power of two; written whole before (= {}), if it is read; a larger one in a BPF_MAP_TYPE_PERCPU_ARRAY",
            rust: "buffer[i & 15] with [0u8; 16]: the mask also takes the panic away",
            asm: "r1 &= 15; r2 = r10; r2 += -16; r2 += r1",
        })
    },
    ..PLAIN
};
