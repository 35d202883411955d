use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "this takes a privilege that the loader lacks",
    why: "Without CAP_BPF, CAP_PERFMON or CAP_SYS_ADMIN a program may do less: no functions of its own, no uninitialised stack, no varying stack offsets.",
    fix: "Load with CAP_BPF and CAP_PERFMON (or as root).",
    no_lesson: Some(
        "Cases are loaded by root or without CAP_PERFMON; most of its messages are for those who have less.",
    ),
    blame: Blame::Privilege,
    docs: pages::PRIVILEGE,
    remedy: |_| {
        Some(Remedy {
            c: "setcap cap_bpf,cap_perfmon,cap_net_admin+ep LOADER",
            rust: "run the loader with sudo, or give it the capabilities",
            asm: "initialise the stack, and use constant offsets",
        })
    },
    ..PLAIN
};
