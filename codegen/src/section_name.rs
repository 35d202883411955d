//! The ELF sections of programs: their name tells loaders the program type.

use knockwright_asm::ProgType;

/// The section that a program of a type is written to; `None` if its name has to say what the program is attached to
/// (`fentry/FUNCTION`, `lsm/HOOK`, …).
///
/// Each name is one that libbpf, aya and cilium/ebpf all know, except those of `sched_act`, `lwt_*`, `syscall` and
/// `netfilter`, which aya doesn't load at all.
///
/// Source: the section tables of libbpf 1.1 (`section_defs`) and aya 0.14 (`ProgramSection`).
pub fn of(prog_type: ProgType) -> Option<&'static str> {
    Some(match prog_type {
        ProgType::SocketFilter => "socket",
        ProgType::Kprobe => "kprobe",
        ProgType::SchedCls => "classifier",
        ProgType::SchedAct => "action",
        ProgType::Tracepoint => "tracepoint",
        ProgType::Xdp => "xdp",
        ProgType::PerfEvent => "perf_event",
        ProgType::CgroupSkb => "cgroup_skb/ingress",
        ProgType::CgroupSock => "cgroup/sock_create",
        ProgType::LwtIn => "lwt_in",
        ProgType::LwtOut => "lwt_out",
        ProgType::LwtXmit => "lwt_xmit",
        ProgType::SockOps => "sockops",
        ProgType::SkSkb => "sk_skb/stream_verdict",
        ProgType::CgroupDevice => "cgroup/dev",
        ProgType::SkMsg => "sk_msg",
        ProgType::RawTracepoint => "raw_tp",
        ProgType::CgroupSockAddr => "cgroup/connect4",
        ProgType::LwtSeg6local => "lwt_seg6local",
        ProgType::LircMode2 => "lirc_mode2",
        ProgType::SkReuseport => "sk_reuseport",
        ProgType::FlowDissector => "flow_dissector",
        ProgType::CgroupSysctl => "cgroup/sysctl",
        ProgType::CgroupSockopt => "cgroup/getsockopt",
        ProgType::SkLookup => "sk_lookup",
        ProgType::Syscall => "syscall",
        ProgType::Netfilter => "netfilter",
        _ => return None,
    })
}

/// Names of sections, or what they start with if a `/` or `.` follows; the first that fits counts.
const NAMES: &[(&str, ProgType)] = &[
    ("xdp", ProgType::Xdp),
    ("socket", ProgType::SocketFilter),
    ("tc", ProgType::SchedCls),
    ("tcx", ProgType::SchedCls),
    ("netkit", ProgType::SchedCls),
    ("classifier", ProgType::SchedCls),
    ("action", ProgType::SchedAct),
    ("kprobe", ProgType::Kprobe),
    ("kretprobe", ProgType::Kprobe),
    ("uprobe", ProgType::Kprobe),
    ("uretprobe", ProgType::Kprobe),
    ("ksyscall", ProgType::Kprobe),
    ("kretsyscall", ProgType::Kprobe),
    ("usdt", ProgType::Kprobe),
    ("tracepoint", ProgType::Tracepoint),
    ("tp", ProgType::Tracepoint),
    ("raw_tracepoint.w", ProgType::RawTracepointWritable),
    ("raw_tp.w", ProgType::RawTracepointWritable),
    ("raw_tracepoint", ProgType::RawTracepoint),
    ("raw_tp", ProgType::RawTracepoint),
    ("tp_btf", ProgType::Tracing),
    ("fentry", ProgType::Tracing),
    ("fmod_ret", ProgType::Tracing),
    ("fexit", ProgType::Tracing),
    ("iter", ProgType::Tracing),
    ("freplace", ProgType::Ext),
    ("lsm_cgroup", ProgType::Lsm),
    ("lsm", ProgType::Lsm),
    ("struct_ops", ProgType::StructOps),
    ("syscall", ProgType::Syscall),
    ("perf_event", ProgType::PerfEvent),
    ("lwt_in", ProgType::LwtIn),
    ("lwt_out", ProgType::LwtOut),
    ("lwt_xmit", ProgType::LwtXmit),
    ("lwt_seg6local", ProgType::LwtSeg6local),
    ("sockops", ProgType::SockOps),
    ("sk_skb", ProgType::SkSkb),
    ("sk_msg", ProgType::SkMsg),
    ("lirc_mode2", ProgType::LircMode2),
    ("flow_dissector", ProgType::FlowDissector),
    ("sk_reuseport", ProgType::SkReuseport),
    ("sk_lookup", ProgType::SkLookup),
    ("netfilter", ProgType::Netfilter),
    ("cgroup_skb", ProgType::CgroupSkb),
    ("cgroup/skb", ProgType::CgroupSkb),
    ("cgroup/sock_create", ProgType::CgroupSock),
    ("cgroup/sock_release", ProgType::CgroupSock),
    ("cgroup/sock", ProgType::CgroupSock),
    ("cgroup/post_bind4", ProgType::CgroupSock),
    ("cgroup/post_bind6", ProgType::CgroupSock),
    ("cgroup/dev", ProgType::CgroupDevice),
    ("cgroup/sysctl", ProgType::CgroupSysctl),
    ("cgroup/getsockopt", ProgType::CgroupSockopt),
    ("cgroup/setsockopt", ProgType::CgroupSockopt),
];

/// What stands between `cgroup/` and the protocol in the names of socket address hooks.
const SOCK_ADDR_HOOKS: &[&str] = &["bind", "connect", "sendmsg", "recvmsg", "getpeername", "getsockname"];

/// The program type that loaders read from a section's name; `None` if none of them knows the name.
///
/// A `?` in front, which keeps libbpf from loading the program by itself, is passed over.
///
/// ```
/// use knockwright_asm::ProgType;
/// use knockwright_codegen::section_name;
///
/// assert_eq!(section_name::prog_type("xdp.frags/devmap"), Some(ProgType::Xdp));
/// assert_eq!(section_name::prog_type("tc"), Some(ProgType::SchedCls));
/// assert_eq!(section_name::prog_type(".text"), None);
/// ```
pub fn prog_type(section: &str) -> Option<ProgType> {
    let section = section.strip_prefix('?').unwrap_or(section);
    let starts_with = |name: &str| {
        section.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
    };
    let found = NAMES.iter().find(|(name, _)| starts_with(name)).map(|&(_, prog_type)| prog_type);
    found.or_else(|| {
        let hook = section.strip_prefix("cgroup/")?.trim_end_matches("_unix");
        let hook = hook.strip_suffix(['4', '6']).unwrap_or(hook);
        SOCK_ADDR_HOOKS.contains(&hook).then_some(ProgType::CgroupSockAddr)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_type() {
        for &ty in ProgType::ALL {
            if let Some(name) = of(ty) {
                assert_eq!(prog_type(name), Some(ty), "{name}");
            }
        }
    }
}
