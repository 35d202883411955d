use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program's result is outside of what its type may return",
    why: "Some program types may return certain values only, and the verifier must see r0 in that range at the exit.",
    fix: "Set r0 to an allowed constant, or limit it, before the exit.",
    lesson: lesson("references", 30),
    docs: pages::VALUES,
    guard: Shape::Result,
    remedy: |_| {
        Some(Remedy {
            c: "the hook's own values at each return: cgroup hooks 0 (refuse) or 1 (allow), SK_PASS, XDP_PASS, lsm 0 or -EPERM; no helper's error code",
            rust: "match try_it(&ctx) { Ok(result) => result, Err(_) => 1 }: the error's own number is none of the hook's values",
            asm: "r0 = 1 on each way to exit, after the last call",
        })
    },
    ..PLAIN
};
