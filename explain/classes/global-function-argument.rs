use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an argument is not what the global function's type says",
    why: "A global function is verified once, by its BTF alone: each argument must be of that kind for every caller, and pointers in it may be NULL.",
    fix: "Pass exactly what the prototype says, check pointers for NULL inside, or make the function static.",
    lesson: lesson("loops", 62),
    docs: pages::TYPES,
    remedy: |_| {
        Some(Remedy {
            c: "static __always_inline, or tags such as __arg_ctx, __arg_nonnull and __arg_trusted",
            rust: "#[inline(always)]: functions of their own are global when they are `pub extern` or not inlined with `#[no_mangle]`",
            asm: "mark the function as static in its BTF",
        })
    },
    ..PLAIN
};
