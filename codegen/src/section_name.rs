//! The ELF sections of programs: their name tells loaders the program type, and more that a verdict depends on.

use std::fmt;

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

/// What a section's name says of the programs in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionKind {
    /// The name, or what the name starts with if a `/` or `.` follows.
    pub name: &'static str,
    /// The program type.
    pub prog_type: ProgType,
    /// The `enum bpf_attach_type` that libbpf gives such a program when it loads it; 0 for none.
    pub attach_type: u32,
    /// What else the name tells a loader, and a verdict depends on.
    pub tells: &'static [Tells],
}

/// Something that a section's name tells a loader besides the program type, and that a verdict depends on.
///
/// A [`Program`](knockwright_asm::Program) has no place for it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// What the program is to be attached to as: the verifier allows other results, members of the context or helpers than
    /// without.
    AttachType,
    /// The flag `BPF_F_SLEEPABLE`.
    Sleepable,
    /// The flag `BPF_F_XDP_HAS_FRAGS`.
    Frags,
    /// The function, hook, iterator or struct that the program is for, which only the kernel's BTF has a number for.
    Target,
    /// Something that no loader knows: a `.` and more behind a name that takes none.
    Unknown,
}

impl fmt::Display for Tells {
    /// Writes the thing as a subject: `its attach type`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AttachType => "its attach type",
            Self::Sleepable => "the flag that it may sleep (`.s`)",
            Self::Frags => "the flag that it takes packets of several buffers (`.frags`)",
            Self::Target => "its target in the kernel's BTF",
            Self::Unknown => "what the section's name says after its `.`",
        })
    }
}

/// A section whose name says the program type alone.
const fn plain(name: &'static str, prog_type: ProgType) -> SectionKind {
    SectionKind { name, prog_type, attach_type: 0, tells: &[] }
}

impl SectionKind {
    /// The same with an attach type that makes no difference to the verifier: none that a program could tell, or the one
    /// that programs of the type are loaded with by themselves.
    const fn alike(self, attach_type: u32) -> Self {
        Self { attach_type, ..self }
    }

    /// The same with an attach type that the verifier looks at.
    const fn attach(self, attach_type: u32) -> Self {
        Self { attach_type, tells: &[Tells::AttachType], ..self }
    }

    /// The same with more that the verifier looks at.
    const fn tells(self, tells: &'static [Tells]) -> Self {
        Self { tells, ..self }
    }
}

/// The names of sections; the first that fits counts.
///
/// Source: the section table of libbpf 1.5 (`section_defs`) for names and attach types. Which attach types make no
/// difference is measured: `tests/objects.rs` asks the running kernel for every helper, member of the context and result.
pub const KINDS: &[SectionKind] = {
    use ProgType::*;
    use Tells::{AttachType, Frags, Sleepable, Target};
    &[
        plain("xdp.frags/devmap", Xdp).attach(33).tells(&[Frags, AttachType]),
        plain("xdp.frags/cpumap", Xdp).alike(35).tells(&[Frags]),
        plain("xdp.frags", Xdp).alike(37).tells(&[Frags]),
        plain("xdp/devmap", Xdp).attach(33),
        plain("xdp/cpumap", Xdp).alike(35),
        plain("xdp", Xdp).alike(37),
        plain("socket", SocketFilter),
        plain("tc/ingress", SchedCls).alike(46),
        plain("tc/egress", SchedCls).alike(47),
        plain("tc", SchedCls),
        plain("tcx/ingress", SchedCls).alike(46),
        plain("tcx/egress", SchedCls).alike(47),
        plain("tcx", SchedCls),
        plain("netkit/primary", SchedCls).alike(54),
        plain("netkit/peer", SchedCls).alike(55),
        plain("netkit", SchedCls),
        plain("classifier", SchedCls),
        plain("action", SchedAct),
        plain("kprobe.multi", Kprobe).alike(42),
        plain("kprobe.session", Kprobe).attach(56),
        plain("kprobe", Kprobe),
        plain("kretprobe.multi", Kprobe).alike(42),
        plain("kretprobe", Kprobe),
        plain("uprobe.multi", Kprobe).alike(48),
        plain("uprobe.session", Kprobe).attach(57),
        plain("uprobe", Kprobe),
        plain("uretprobe.multi", Kprobe).alike(48),
        plain("uretprobe", Kprobe),
        plain("ksyscall", Kprobe),
        plain("kretsyscall", Kprobe),
        plain("usdt", Kprobe),
        plain("tracepoint", Tracepoint),
        plain("tp", Tracepoint),
        plain("raw_tracepoint.w", RawTracepointWritable),
        plain("raw_tp.w", RawTracepointWritable),
        plain("raw_tracepoint", RawTracepoint),
        plain("raw_tp", RawTracepoint),
        plain("tp_btf", Tracing).attach(23).tells(&[Target]),
        plain("fentry", Tracing).attach(24).tells(&[Target]),
        plain("fexit", Tracing).attach(25).tells(&[Target]),
        plain("fmod_ret", Tracing).attach(26).tells(&[Target]),
        plain("iter", Tracing).attach(28).tells(&[Target]),
        plain("freplace", Ext).tells(&[Target]),
        plain("lsm_cgroup", Lsm).attach(43).tells(&[Target]),
        plain("lsm", Lsm).attach(27).tells(&[Target]),
        plain("struct_ops", StructOps).tells(&[Target]),
        plain("syscall", Syscall).tells(&[Sleepable]),
        plain("perf_event", PerfEvent),
        plain("lwt_in", LwtIn),
        plain("lwt_out", LwtOut),
        plain("lwt_xmit", LwtXmit),
        plain("lwt_seg6local", LwtSeg6local),
        plain("sockops", SockOps).alike(3),
        plain("sk_skb/stream_parser", SkSkb).alike(4),
        plain("sk_skb/stream_verdict", SkSkb).alike(5),
        plain("sk_skb/verdict", SkSkb).alike(38),
        plain("sk_skb", SkSkb),
        plain("sk_msg", SkMsg).alike(7),
        plain("lirc_mode2", LircMode2).alike(11),
        plain("flow_dissector", FlowDissector).alike(17),
        plain("sk_reuseport/migrate", SkReuseport).alike(40),
        plain("sk_reuseport", SkReuseport).alike(39),
        plain("sk_lookup", SkLookup).alike(36),
        plain("netfilter", Netfilter).alike(45),
        plain("cgroup_skb/ingress", CgroupSkb),
        plain("cgroup_skb/egress", CgroupSkb).attach(1),
        plain("cgroup_skb", CgroupSkb).tells(&[AttachType]),
        plain("cgroup/skb", CgroupSkb),
        plain("cgroup/sock_create", CgroupSock).alike(2),
        plain("cgroup/sock_release", CgroupSock).alike(34),
        plain("cgroup/sock", CgroupSock).alike(2),
        plain("cgroup/post_bind4", CgroupSock).attach(12),
        plain("cgroup/post_bind6", CgroupSock).attach(13),
        plain("cgroup/dev", CgroupDevice).alike(6),
        plain("cgroup/sysctl", CgroupSysctl).alike(18),
        plain("cgroup/getsockopt", CgroupSockopt).alike(21),
        plain("cgroup/setsockopt", CgroupSockopt).attach(22),
        plain("cgroup/bind4", CgroupSockAddr).alike(8),
        plain("cgroup/bind6", CgroupSockAddr).attach(9),
        plain("cgroup/connect4", CgroupSockAddr).attach(10),
        plain("cgroup/connect6", CgroupSockAddr).attach(11),
        plain("cgroup/connect_unix", CgroupSockAddr).attach(49),
        plain("cgroup/sendmsg4", CgroupSockAddr).attach(14),
        plain("cgroup/sendmsg6", CgroupSockAddr).attach(15),
        plain("cgroup/sendmsg_unix", CgroupSockAddr).attach(50),
        plain("cgroup/recvmsg4", CgroupSockAddr).attach(19),
        plain("cgroup/recvmsg6", CgroupSockAddr).attach(20),
        plain("cgroup/recvmsg_unix", CgroupSockAddr).attach(51),
        plain("cgroup/getpeername4", CgroupSockAddr).attach(29),
        plain("cgroup/getpeername6", CgroupSockAddr).attach(30),
        plain("cgroup/getpeername_unix", CgroupSockAddr).attach(52),
        plain("cgroup/getsockname4", CgroupSockAddr).attach(31),
        plain("cgroup/getsockname6", CgroupSockAddr).attach(32),
        plain("cgroup/getsockname_unix", CgroupSockAddr).attach(53),
    ]
};

/// A section of programs: its kind, and all that its name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The kind of section.
    pub kind: &'static SectionKind,
    /// What the name tells besides the type: that of the kind, and what its marks (`.s`) say.
    pub tells: Vec<Tells>,
}

/// What loaders read from a section's name; `None` if none of them knows the name.
///
/// A `?` in front, which keeps libbpf from loading the program by itself, is passed over.
///
/// ```
/// use knockwright_asm::ProgType;
/// use knockwright_codegen::section_name::{Tells, meaning};
///
/// let uprobe = meaning("uprobe.s//bin/sh:main").unwrap();
/// assert_eq!((uprobe.kind.prog_type, uprobe.tells), (ProgType::Kprobe, vec![Tells::Sleepable]));
/// assert_eq!(meaning("xdp").unwrap().tells, []);
/// assert_eq!(meaning(".text"), None);
/// ```
pub fn meaning(section: &str) -> Option<Meaning> {
    let section = section.strip_prefix('?').unwrap_or(section);
    KINDS.iter().find_map(|kind| {
        let rest = section.strip_prefix(kind.name)?;
        let marks = match rest.chars().next() {
            None | Some('/') => "",
            Some('.') => rest[1..].split('/').next().unwrap_or(""),
            Some(_) => return None,
        };
        let mut tells = kind.tells.to_vec();
        match marks {
            "" if !rest.starts_with('.') => {}
            "s" => tells.push(Tells::Sleepable),
            _ => tells.push(Tells::Unknown),
        }
        Some(Meaning { kind, tells })
    })
}

/// The program type that loaders read from a section's name; `None` if none of them knows the name.
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
    meaning(section).map(|meaning| meaning.kind.prog_type)
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

    #[test]
    fn each_kind_is_found_by_its_own_name() {
        for kind in KINDS {
            let found = meaning(kind.name).map(|meaning| (meaning.kind, meaning.tells));
            assert_eq!(found, Some((kind, kind.tells.to_vec())), "a row above takes {}", kind.name);
        }
    }

    #[test]
    fn marks_and_what_stands_behind_a_slash() {
        use Tells::{Frags, Sleepable, Target, Unknown};
        for (section, tells) in [
            ("?kprobe/do_unlinkat", &[][..]),
            ("uprobe.multi.s//bin/sh:*", &[Sleepable]),
            ("fentry.s/bpf_fentry_test1", &[Target, Sleepable]),
            ("xdp.frags/anything", &[Frags]),
            ("xdp.nosuch/x", &[Unknown]),
            ("tp.", &[Unknown]),
            ("tp/a.b/c.s", &[]),
            ("raw_tp.w/x", &[]),
        ] {
            assert_eq!(meaning(section).unwrap().tells, tells, "{section}");
        }
        for section in ["xdpx", "cgroup/nosuch", "", "?", "kprobes/x"] {
            assert_eq!(meaning(section), None, "{section}");
        }
    }
}
