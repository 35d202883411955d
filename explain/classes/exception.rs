use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "what is thrown breaks a rule of exceptions",
    why: "bpf_throw ends the program from any depth, so nothing may be held when it is called, and its callback has a fixed form: global, one number as argument, a number as result.",
    fix: "Release everything before bpf_throw, and give the callback the form `u64 cb(u64 cookie)`, named by the tag of the main program alone.",
    lesson: lesson("kernel", 100),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "__noinline __exception_cb(cb) on the program, and `__noinline int cb(u64 cookie)` as a global function",
            rust: "don't throw: return an error from the function (aya has no binding for exception callbacks)",
            asm: "no call of bpf_throw in a callback, and no call of the exception callback itself",
        })
    },
    ..PLAIN
};
