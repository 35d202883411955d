use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an address is stored in a map",
    why: "User space could read the address from the map, so storing it needs CAP_PERFMON.",
    fix: "Store an index or a copy of the data, or load with CAP_PERFMON.",
    blame: Blame::Privilege,
    lesson: lesson("privilege", 10),
    docs: pages::PRIVILEGE,
    remedy: |_| {
        Some(Remedy {
            c: "v->pid = … the number itself; a kernel object by a __kptr member and bpf_kptr_xchg() (5.19); else setcap cap_bpf,cap_perfmon+ep LOADER",
            rust: "a number or a copy of the struct as the map's value, no *const T in it",
            asm: "no *(u64 *)(r0 +0) = rN with rN a pointer",
        })
    },
    ..PLAIN
};
