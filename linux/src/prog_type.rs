//! The types of programs, each a row: its number, its context, what its result may be, what it may do with packets, and the
//! sections that loaders know it by.
//!
//! Sources: `include/uapi/linux/bpf.h`, `enum bpf_prog_type`; `include/linux/bpf_types.h` (contexts);
//! `kernel/bpf/verifier.c`, `may_access_direct_pkt_data`, `may_access_skb` and `check_return_code` (rules);
//! `kernel/bpf/syscall.c`, `bpf_prog_load_check_attach` (what a load must name); the section table of libbpf 1.7
//! (`section_defs`). Which attach types make no difference is measured: `tests/objects.rs` asks the running kernel for every
//! helper, member of the context and result.

use crate::context::arguments::{ARGUMENTS, GIVEN_BYTES, RECORD_OF_AN_EVENT};
use crate::context::{
    Context, Machine, bpf_cgroup_dev_ctx::BPF_CGROUP_DEV_CTX, bpf_nf_ctx::BPF_NF_CTX, bpf_perf_event_data,
    bpf_raw_tracepoint_args::BPF_RAW_TRACEPOINT_ARGS, bpf_sk_lookup::BPF_SK_LOOKUP, bpf_sock::BPF_SOCK,
    bpf_sock_addr::BPF_SOCK_ADDR, bpf_sock_ops::BPF_SOCK_OPS, bpf_sockopt::BPF_SOCKOPT,
    bpf_sysctl::BPF_SYSCTL, pt_regs, sk_buff::SK_BUFF, sk_msg_md::SK_MSG_MD,
    sk_reuseport_md::SK_REUSEPORT_MD, xdp_md::XDP_MD,
};
use crate::section::{Section, Tells};
use crate::uapi::{prog_flags, uapi_enum};
use crate::{AttachType, AttachTypes, KernelVersion};

/// What Linux says of a program type.
#[derive(Debug)]
#[non_exhaustive]
pub struct Facts {
    /// The first kernel that has it.
    pub since: KernelVersion,
    /// The struct that R1 points to; `None` where the kernel's interface has none. [`ProgType::context_on`] has what there is
    /// then, and the fields of those that differ by machine.
    pub context: Option<&'static Context>,
    /// What the verifier asks of programs of this type beyond what it asks of all; `None` if that isn't known here.
    pub rules: Option<Rules>,
    /// What a load names as expected attach type if its program says none: for types with one only, that one; for types
    /// that the kernel refuses without, their first.
    pub usual_attach: Option<AttachType>,
    /// Whether programs of this type are for a function, hook or struct that the load names. Without it the kernel refuses
    /// them whatever their code is, on some machines with EPERM.
    pub needs_target: bool,
    /// The section that a program of the type is written to; `None` if its name has to say what the program is attached
    /// to (`fentry/FUNCTION`, `lsm/HOOK`, …).
    ///
    /// Each name is one that libbpf, aya and cilium/ebpf all know, except those of `sched_act`, `lwt_*`, `syscall` and
    /// `netfilter`, which aya doesn't load at all.
    pub section: Option<&'static str>,
    /// All names of sections with programs of this type.
    pub sections: &'static [Section],
}

/// What the verifier asks of programs by their type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// What the result may be, but where the next says otherwise.
    pub results: Results,
    /// What the result may be where the program is attached in certain ways.
    pub results_attached: &'static [ResultsAttached],
    /// What may be done with the packet through pointers.
    pub packet: PacketRights,
    /// Whether the program may load from the packet with `BPF_LD_ABS` and `BPF_LD_IND`.
    pub classic_loads: bool,
}

/// What a program may return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Results {
    /// Any number.
    Any,
    /// A number from the first to the second.
    Within(i32, i32),
}

/// What programs may return where they are attached in certain ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultsAttached {
    /// How they are attached.
    pub attached: AttachTypes,
    /// What they may return.
    pub results: Results,
    /// The first kernel that says so.
    pub since: KernelVersion,
}

/// What a program may do with a packet through pointers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketRights {
    /// Nothing.
    None,
    /// Load from it, and not hand it to helpers.
    Load,
    /// Read it.
    Read,
    /// Read and write it.
    Write,
}

/// `BPF_F_STRICT_ALIGNMENT`, a flag of a load: accesses must be aligned on every machine.
pub const STRICT_ALIGNMENT: u32 = prog_flags::BPF_F_STRICT_ALIGNMENT;
/// `BPF_F_SLEEPABLE`, a flag of a load: the program may sleep; programs of type `syscall` must.
pub const SLEEPABLE: u32 = prog_flags::BPF_F_SLEEPABLE;
/// `BPF_F_XDP_HAS_FRAGS`, a flag of a load: the program takes packets of several buffers.
pub const HAS_FRAGS: u32 = prog_flags::BPF_F_XDP_HAS_FRAGS;

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

/// A row about which nothing is known.
const ROW: Facts = Facts {
    since: v(3, 18),
    context: None,
    rules: None,
    usual_attach: None,
    needs_target: false,
    section: None,
    sections: &[],
};

const fn rules(results: Results, packet: PacketRights) -> Rules {
    Rules { results, results_attached: &[], packet, classic_loads: false }
}

/// As [`rules`], with classic loads.
const fn rules_of_filters(results: Results, packet: PacketRights) -> Rules {
    Rules { classic_loads: true, ..rules(results, packet) }
}

/// From a kernel on, programs that are attached so may return a number from the first to the second.
const fn within(low: i32, high: i32, since: KernelVersion, attached: &[AttachType]) -> ResultsAttached {
    ResultsAttached { attached: AttachTypes::of(attached), results: Results::Within(low, high), since }
}

impl Rules {
    /// The same, with other results where the program is attached so.
    const fn attached(self, results_attached: &'static [ResultsAttached]) -> Self {
        Self { results_attached, ..self }
    }
}

macro_rules! prog_types {
    ($($variant:ident = $number:literal $text:literal { $($facts:tt)* })*) => {
        uapi_enum! {
            /// The kind of a program: what its context is, which helpers it may call and what its result means.
            ProgType, "program type", "BPF_PROG_TYPE_" { $($variant = $number $text,)* }
        }

        impl ProgType {
            /// What Linux says of the type.
            pub fn facts(self) -> &'static Facts {
                use AttachType as To;
                /// The rows, in the order of the numbers, which start at 1.
                static ROWS: &[Facts] = &[$(Facts { $($facts)* ..ROW }),*];
                const { assert!(ROWS.len() == ProgType::ALL.len()) };
                &ROWS[self as usize - 1]
            }
        }
    };
}

impl ProgType {
    /// What the verifier asks of programs of this type, if that is known here.
    pub fn rules(self) -> Option<&'static Rules> {
        self.facts().rules.as_ref()
    }

    /// Whether programs that are to be attached so, by the number of the attach type, get the verdicts that programs of this
    /// type get without saying so.
    pub fn judges_as_usual(self, attach: u32) -> bool {
        let facts = self.facts();
        let is_alike = |section: &Section| {
            section.attach.is_some_and(|known| known.number() == attach)
                && !section.tells.contains(&Tells::AttachType)
        };
        attach == facts.usual_attach.map_or(0, AttachType::number) || facts.sections.iter().any(is_alike)
    }

    /// What the kernel takes a program to be attached as whose load names this, or nothing: loaders name the usual one
    /// ([`Facts::usual_attach`]), and where there is none, they leave the number at 0, which is the first of all.
    pub fn attached_as(self, named: Option<AttachType>) -> AttachType {
        named.or(self.facts().usual_attach).unwrap_or(AttachType::CgroupInetIngress)
    }

    /// What a program may return whose load names this attach type, or none; `None` if that isn't known here.
    pub fn results(self, attach: Option<AttachType>, kernel: KernelVersion) -> Option<Results> {
        let rules = self.rules()?;
        let attach = self.attached_as(attach);
        let other =
            rules.results_attached.iter().find(|row| row.attached.contains(attach) && kernel >= row.since);
        Some(other.map_or(rules.results, |row| row.results))
    }

    /// The struct that R1 points to; `None` where the kernel's interface has none.
    pub fn context(self) -> Option<&'static Context> {
        self.facts().context
    }

    /// What R1 points to on a machine: the struct, with its fields, or what there is instead.
    pub fn context_on(self, machine: Machine) -> Option<&'static Context> {
        match self {
            Self::Kprobe => Some(pt_regs::context(machine)),
            Self::PerfEvent => Some(bpf_perf_event_data::context(machine)),
            Self::Tracepoint => Some(&RECORD_OF_AN_EVENT),
            Self::Syscall => Some(&GIVEN_BYTES),
            Self::Tracing | Self::Lsm | Self::StructOps => Some(&ARGUMENTS),
            _ => self.context(),
        }
    }
}

prog_types! {
    SocketFilter = 1 "socket_filter" {
        since: v(3, 19),
        context: Some(&SK_BUFF),
        rules: Some(rules_of_filters(Results::Any, PacketRights::None)),
        section: Some("socket"),
        sections: &[Section::plain("socket")],
    }
    Kprobe = 2 "kprobe" {
        since: v(4, 1),
        context: Some(&Context::named("pt_regs")),
        rules: Some(rules(Results::Any, PacketRights::None).attached(&[
            within(0, 1, v(6, 10), &[To::TraceKprobeSession]),
            within(0, 1, v(6, 13), &[To::TraceUprobeSession]),
        ])),
        section: Some("kprobe"),
        sections: &[
            Section::alike("kprobe.multi", To::TraceKprobeMulti).with_more(),
            Section::attached("kprobe.session", To::TraceKprobeSession).with_more(),
            Section::plain("kprobe").with_more(),
            Section::alike("kretprobe.multi", To::TraceKprobeMulti).with_more(),
            Section::plain("kretprobe").with_more(),
            Section::alike("uprobe.multi", To::TraceUprobeMulti).with_more_or_asleep(),
            Section::attached("uprobe.session", To::TraceUprobeSession).with_more_or_asleep(),
            Section::plain("uprobe").with_more_or_asleep(),
            Section::alike("uretprobe.multi", To::TraceUprobeMulti).with_more_or_asleep(),
            Section::plain("uretprobe").with_more_or_asleep(),
            Section::plain("ksyscall").with_more(),
            Section::plain("kretsyscall").with_more(),
            Section::plain("usdt").with_more_or_asleep(),
        ],
    }
    SchedCls = 3 "sched_cls" {
        since: v(4, 1),
        context: Some(&SK_BUFF),
        rules: Some(rules_of_filters(Results::Any, PacketRights::Write)),
        section: Some("classifier"),
        sections: &[
            Section::alike("tc/ingress", To::TcxIngress),
            Section::alike("tc/egress", To::TcxEgress),
            Section::plain("tc"),
            Section::alike("tcx/ingress", To::TcxIngress),
            Section::alike("tcx/egress", To::TcxEgress),
            Section::plain("tcx").unknown_to_libbpf(),
            Section::alike("netkit/primary", To::NetkitPrimary),
            Section::alike("netkit/peer", To::NetkitPeer),
            Section::plain("netkit").unknown_to_libbpf(),
            Section::plain("classifier"),
        ],
    }
    SchedAct = 4 "sched_act" {
        since: v(4, 1),
        context: Some(&SK_BUFF),
        rules: Some(rules_of_filters(Results::Any, PacketRights::Write)),
        section: Some("action"),
        sections: &[Section::plain("action")],
    }
    Tracepoint = 5 "tracepoint" {
        since: v(4, 7),
        rules: Some(rules(Results::Any, PacketRights::None)),
        section: Some("tracepoint"),
        sections: &[
            Section::plain("tracepoint").with_more(),
            Section::plain("tp").with_more(),
        ],
    }
    Xdp = 6 "xdp" {
        since: v(4, 8),
        context: Some(&XDP_MD),
        rules: Some(rules(Results::Any, PacketRights::Write)),
        section: Some("xdp"),
        sections: &[
            Section::attached("xdp.frags/devmap", To::XdpDevmap).telling(&[Tells::Frags, Tells::AttachType]),
            Section::alike("xdp.frags/cpumap", To::XdpCpumap).telling(&[Tells::Frags]),
            Section::alike("xdp.frags", To::Xdp).telling(&[Tells::Frags]),
            Section::attached("xdp/devmap", To::XdpDevmap),
            Section::alike("xdp/cpumap", To::XdpCpumap),
            Section::alike("xdp", To::Xdp),
        ],
    }
    PerfEvent = 7 "perf_event" {
        since: v(4, 9),
        context: Some(&Context::named("bpf_perf_event_data")),
        rules: Some(rules(Results::Any, PacketRights::None)),
        section: Some("perf_event"),
        sections: &[Section::plain("perf_event")],
    }
    CgroupSkb = 8 "cgroup_skb" {
        since: v(4, 10),
        context: Some(&SK_BUFF),
        rules: Some(rules(Results::Within(0, 1), PacketRights::Read)
            .attached(&[within(0, 3, v(5, 3), &[To::CgroupInetEgress])])),
        section: Some("cgroup_skb/ingress"),
        sections: &[
            Section::plain("cgroup_skb/ingress"),
            Section::attached("cgroup_skb/egress", To::CgroupInetEgress),
            Section::plain("cgroup_skb").unknown_to_libbpf().telling(&[Tells::AttachType]),
            Section::plain("cgroup/skb"),
        ],
    }
    CgroupSock = 9 "cgroup_sock" {
        since: v(4, 10),
        context: Some(&BPF_SOCK),
        rules: Some(rules(Results::Within(0, 1), PacketRights::None)),
        section: Some("cgroup/sock_create"),
        sections: &[
            Section::alike("cgroup/sock_create", To::CgroupInetSockCreate),
            Section::alike("cgroup/sock_release", To::CgroupInetSockRelease),
            Section::alike("cgroup/sock", To::CgroupInetSockCreate),
            Section::attached("cgroup/post_bind4", To::CgroupInet4PostBind),
            Section::attached("cgroup/post_bind6", To::CgroupInet6PostBind),
        ],
    }
    LwtIn = 10 "lwt_in" {
        since: v(4, 10),
        context: Some(&SK_BUFF),
        rules: Some(rules(Results::Any, PacketRights::Read)),
        section: Some("lwt_in"),
        sections: &[Section::plain("lwt_in")],
    }
    LwtOut = 11 "lwt_out" {
        since: v(4, 10),
        context: Some(&SK_BUFF),
        rules: Some(rules(Results::Any, PacketRights::Read)),
        section: Some("lwt_out"),
        sections: &[Section::plain("lwt_out")],
    }
    LwtXmit = 12 "lwt_xmit" {
        since: v(4, 10),
        context: Some(&SK_BUFF),
        rules: Some(rules(Results::Any, PacketRights::Write)),
        section: Some("lwt_xmit"),
        sections: &[Section::plain("lwt_xmit")],
    }
    SockOps = 13 "sock_ops" {
        since: v(4, 13),
        context: Some(&BPF_SOCK_OPS),
        rules: Some(rules(Results::Within(0, 1), PacketRights::Load)),
        section: Some("sockops"),
        sections: &[Section::alike("sockops", To::CgroupSockOps)],
    }
    SkSkb = 14 "sk_skb" {
        since: v(4, 14),
        context: Some(&SK_BUFF),
        rules: Some(rules(Results::Any, PacketRights::Write)),
        section: Some("sk_skb/stream_verdict"),
        sections: &[
            Section::alike("sk_skb/stream_parser", To::SkSkbStreamParser),
            Section::alike("sk_skb/stream_verdict", To::SkSkbStreamVerdict),
            Section::alike("sk_skb/verdict", To::SkSkbVerdict),
            Section::plain("sk_skb"),
        ],
    }
    CgroupDevice = 15 "cgroup_device" {
        since: v(4, 15),
        context: Some(&BPF_CGROUP_DEV_CTX),
        rules: Some(rules(Results::Within(0, 1), PacketRights::None)),
        usual_attach: Some(To::CgroupDevice),
        section: Some("cgroup/dev"),
        sections: &[Section::alike("cgroup/dev", To::CgroupDevice)],
    }
    SkMsg = 16 "sk_msg" {
        since: v(4, 17),
        context: Some(&SK_MSG_MD),
        rules: Some(rules(Results::Any, PacketRights::Write)),
        section: Some("sk_msg"),
        sections: &[Section::alike("sk_msg", To::SkMsgVerdict)],
    }
    RawTracepoint = 17 "raw_tracepoint" {
        since: v(4, 17),
        context: Some(&BPF_RAW_TRACEPOINT_ARGS),
        rules: Some(rules(Results::Any, PacketRights::None)),
        section: Some("raw_tp"),
        sections: &[
            Section::plain("raw_tracepoint").with_more(),
            Section::plain("raw_tp").with_more(),
        ],
    }
    CgroupSockAddr = 18 "cgroup_sock_addr" {
        since: v(4, 17),
        context: Some(&BPF_SOCK_ADDR),
        rules: Some(rules(Results::Within(0, 1), PacketRights::None).attached(&[
            within(0, 3, v(5, 12), &[To::CgroupInet4Bind, To::CgroupInet6Bind]),
            within(1, 1, v(5, 2), &[
                To::CgroupUdp4Recvmsg,
                To::CgroupUdp6Recvmsg,
                To::CgroupUnixRecvmsg,
                To::CgroupInet4Getpeername,
                To::CgroupInet6Getpeername,
                To::CgroupUnixGetpeername,
                To::CgroupInet4Getsockname,
                To::CgroupInet6Getsockname,
                To::CgroupUnixGetsockname,
            ]),
        ])),
        usual_attach: Some(To::CgroupInet4Bind),
        section: Some("cgroup/connect4"),
        sections: &[
            Section::alike("cgroup/bind4", To::CgroupInet4Bind),
            Section::attached("cgroup/bind6", To::CgroupInet6Bind),
            Section::attached("cgroup/connect4", To::CgroupInet4Connect),
            Section::attached("cgroup/connect6", To::CgroupInet6Connect),
            Section::attached("cgroup/connect_unix", To::CgroupUnixConnect),
            Section::attached("cgroup/sendmsg4", To::CgroupUdp4Sendmsg),
            Section::attached("cgroup/sendmsg6", To::CgroupUdp6Sendmsg),
            Section::attached("cgroup/sendmsg_unix", To::CgroupUnixSendmsg),
            Section::attached("cgroup/recvmsg4", To::CgroupUdp4Recvmsg),
            Section::attached("cgroup/recvmsg6", To::CgroupUdp6Recvmsg),
            Section::attached("cgroup/recvmsg_unix", To::CgroupUnixRecvmsg),
            Section::attached("cgroup/getpeername4", To::CgroupInet4Getpeername),
            Section::attached("cgroup/getpeername6", To::CgroupInet6Getpeername),
            Section::attached("cgroup/getpeername_unix", To::CgroupUnixGetpeername),
            Section::attached("cgroup/getsockname4", To::CgroupInet4Getsockname),
            Section::attached("cgroup/getsockname6", To::CgroupInet6Getsockname),
            Section::attached("cgroup/getsockname_unix", To::CgroupUnixGetsockname),
        ],
    }
    LwtSeg6local = 19 "lwt_seg6local" {
        since: v(4, 18),
        context: Some(&SK_BUFF),
        rules: Some(rules(Results::Any, PacketRights::Read)),
        section: Some("lwt_seg6local"),
        sections: &[Section::plain("lwt_seg6local")],
    }
    LircMode2 = 20 "lirc_mode2" {
        since: v(4, 18),
        section: Some("lirc_mode2"),
        sections: &[Section::alike("lirc_mode2", To::LircMode2)],
    }
    SkReuseport = 21 "sk_reuseport" {
        since: v(4, 19),
        context: Some(&SK_REUSEPORT_MD),
        rules: Some(rules(Results::Any, PacketRights::Read)),
        section: Some("sk_reuseport"),
        sections: &[
            Section::alike("sk_reuseport/migrate", To::SkReuseportSelectOrMigrate),
            Section::alike("sk_reuseport", To::SkReuseportSelect),
        ],
    }
    FlowDissector = 22 "flow_dissector" {
        since: v(4, 20),
        context: Some(&SK_BUFF),
        rules: Some(rules(Results::Any, PacketRights::Read)),
        section: Some("flow_dissector"),
        sections: &[Section::alike("flow_dissector", To::FlowDissector)],
    }
    CgroupSysctl = 23 "cgroup_sysctl" {
        since: v(5, 2),
        context: Some(&BPF_SYSCTL),
        rules: Some(rules(Results::Within(0, 1), PacketRights::None)),
        usual_attach: Some(To::CgroupSysctl),
        section: Some("cgroup/sysctl"),
        sections: &[Section::alike("cgroup/sysctl", To::CgroupSysctl)],
    }
    RawTracepointWritable = 24 "raw_tracepoint_writable" {
        since: v(5, 2),
        context: Some(&BPF_RAW_TRACEPOINT_ARGS),
        rules: Some(rules(Results::Any, PacketRights::None)),
        sections: &[
            Section::plain("raw_tracepoint.w").with_more(),
            Section::plain("raw_tp.w").with_more(),
        ],
    }
    CgroupSockopt = 25 "cgroup_sockopt" {
        since: v(5, 3),
        context: Some(&BPF_SOCKOPT),
        rules: Some(rules(Results::Within(0, 1), PacketRights::Write)),
        usual_attach: Some(To::CgroupGetsockopt),
        section: Some("cgroup/getsockopt"),
        sections: &[
            Section::alike("cgroup/getsockopt", To::CgroupGetsockopt),
            Section::attached("cgroup/setsockopt", To::CgroupSetsockopt),
        ],
    }
    Tracing = 26 "tracing" {
        since: v(5, 5),
        needs_target: true,
        sections: &[
            Section::targeted("tp_btf", Some(To::TraceRawTp)).with_more(),
            Section::targeted("fentry", Some(To::TraceFentry)).with_more_or_asleep(),
            Section::targeted("fexit", Some(To::TraceFexit)).with_more_or_asleep(),
            Section::targeted("fsession", Some(To::TraceFsession)).with_more_or_asleep(),
            Section::targeted("fmod_ret", Some(To::ModifyReturn)).with_more_or_asleep(),
            Section::targeted("iter", Some(To::TraceIter)).with_more_or_asleep(),
        ],
    }
    StructOps = 27 "struct_ops" {
        since: v(5, 6),
        needs_target: true,
        sections: &[Section::targeted("struct_ops", None).with_more_or_asleep()],
    }
    Ext = 28 "ext" {
        since: v(5, 6),
        needs_target: true,
        sections: &[Section::targeted("freplace", None).with_more()],
    }
    Lsm = 29 "lsm" {
        since: v(5, 7),
        needs_target: true,
        sections: &[
            Section::targeted("lsm_cgroup", Some(To::LsmCgroup)).with_more(),
            Section::targeted("lsm", Some(To::LsmMac)).with_more_or_asleep(),
        ],
    }
    SkLookup = 30 "sk_lookup" {
        since: v(5, 9),
        context: Some(&BPF_SK_LOOKUP),
        rules: Some(rules(Results::Within(0, 1), PacketRights::None)),
        usual_attach: Some(To::SkLookup),
        section: Some("sk_lookup"),
        sections: &[Section::alike("sk_lookup", To::SkLookup)],
    }
    Syscall = 31 "syscall" {
        since: v(5, 14),
        rules: Some(rules(Results::Any, PacketRights::None)),
        section: Some("syscall"),
        sections: &[Section::plain("syscall").telling(&[Tells::Sleepable])],
    }
    Netfilter = 32 "netfilter" {
        since: v(6, 4),
        context: Some(&BPF_NF_CTX),
        rules: Some(rules(Results::Within(0, 1), PacketRights::None)),
        usual_attach: Some(To::Netfilter),
        section: Some("netfilter"),
        sections: &[Section::alike("netfilter", To::Netfilter)],
    }
}
