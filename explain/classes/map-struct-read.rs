use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "fields of a map's own struct are read",
    why: "Reading the kernel's struct of a map reveals addresses, so it needs CAP_PERFMON.",
    fix: "Load with CAP_PERFMON, or look up a value instead.",
    blame: Blame::Privilege,
    lesson: lesson("privilege", 40),
    docs: pages::PRIVILEGE,
    remedy: |_| {
        Some(Remedy {
            c: "setcap cap_bpf,cap_perfmon+ep LOADER; for max_entries a const volatile __u32 that is set before loading",
            rust: "the loader with cap_perfmon; for max_entries a static set by EbpfLoader::override_global",
            asm: "no load through r1 = map[NAME]",
        })
    },
    ..PLAIN
};
