use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the largest possible offset lies behind the map value",
    why: "The access is only allowed if its last byte lies in the value for every number that the index can be, as far as the verifier knows.",
    fix: "Compare the index with a constant that keeps the whole access inside.",
    lesson: lesson("map-values", 20),
    docs: pages::VALUES,
    when: |e| e.outside() == Some(Outside::Max),
    guard: Shape::Offset,
    remedy: |_| {
        Some(Remedy {
            c: "one unsigned variable for comparison and index; barrier_var(i) before the comparison if clang drops it since it knows better, and after it if clang indexes by another copy",
            rust: "array.get(i), or aya_ebpf::check_bounds_signed(i as i64, 0, LAST), which LLVM can't change",
            asm: "the comparison on the register that is added, after its last change",
        })
    },
    ..PLAIN
};
