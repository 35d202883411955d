use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an address is compared with a number",
    why: "Comparing an address with a number reveals it bit by bit, so it needs CAP_PERFMON.",
    fix: "Load with CAP_PERFMON, or don't compare addresses.",
    blame: Blame::Privilege,
    lesson: lesson("privilege", 30),
    docs: pages::PRIVILEGE,
    remedy: |_| {
        Some(Remedy {
            c: "compare with NULL, or compare what the pointers lead to; else setcap cap_bpf,cap_perfmon+ep LOADER",
            rust: "is_null(), or compare what the pointers lead to",
            asm: "if r1 == 0; no other constant and no other register",
        })
    },
    ..PLAIN
};
