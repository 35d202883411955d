use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the limit of locked memory is reached",
    why: "Before Linux 5.11 maps and programs count as locked memory of their user, and the default limit is a few kilobytes.",
    fix: "Raise RLIMIT_MEMLOCK before loading.",
    no_lesson: Some(
        "Maps are refused before there is a program to verify, and by kernels before 5.11 alone.",
    ),
    blame: Blame::Privilege,
    docs: pages::SYSTEM_CALL,
    remedy: |_| {
        Some(Remedy {
            c: "setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}); libbpf does so by itself",
            rust: "aya: libc::setrlimit(RLIMIT_MEMLOCK, …) as its templates do; cilium/ebpf: rlimit.RemoveMemlock()",
            asm: "ulimit -l unlimited",
        })
    },
    ..PLAIN
};
