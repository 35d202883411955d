use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "more branches wait to be walked than the verifier keeps",
    why: "The verifier remembers at most 8192 branches that it still has to walk.",
    fix: "Split the sequence of conditions into functions or programs.",
    blame: Blame::Limit,
    lesson: lesson("loops", 40),
    docs: pages::PRUNING,
    remedy: |_| {
        Some(Remedy {
            c: "a lookup in an array or hash map in place of a long switch; __noinline functions that aren't static, each walked by itself",
            rust: "a lookup in an Array or HashMap in place of a long match",
            asm: "a table in a map; calls of global functions between the comparisons",
        })
    },
    ..PLAIN
};
