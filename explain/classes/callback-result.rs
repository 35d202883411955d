use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a callback returns what its caller does not take",
    why: "`bpf_loop` and `bpf_for_each_map_elem` take 0 (go on) or 1 (stop) from their callback, and the verifier has to see that r0 is one of them at its exit.",
    fix: "Set r0 to 0 or 1 before the callback's exit.",
    lesson: lesson("helpers", 120),
    docs: pages::VALUES,
    guard: Shape::Result,
    remedy: |_| {
        Some(Remedy {
            c: "return 0 to go on and 1 to stop, at each return of the callback: no helper's error code and no count",
            rust: "return 0 or 1 from the extern \"C\" function: no Err(code), and bool as u32 as i64 for conditions",
            asm: "r0 = 0 on each way to the callback's exit, after its last call",
        })
    },
    ..PLAIN
};
