use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the helper is not for programs of this type",
    why: "Each program type has its own list of helpers, which grows from kernel to kernel.",
    fix: "Use a helper of this program type, another program type, or a kernel that allows it.",
    blame: Blame::Kernel,
    lesson: lesson("helpers", 80),
    docs: pages::HELPERS,
    note: |fault| {
        let name = called(fault)?;
        let helper: Helper = name.parse().ok()?;
        let mut rows: Vec<_> = helper.callers().iter().filter(|row| row.until.is_none()).collect();
        rows.sort_by_key(|row| row.since);
        let who: Vec<String> =
            rows.iter().map(|row| format!("{} (Linux {} and later)", row.programs, row.since)).collect();
        // 5.10 is the oldest that was asked.
        let who = who.join(", ").replace(" (Linux 5.10 and later)", "");
        (!who.is_empty()).then(|| format!("{name} is for programs of type {who}"))
    },
    remedy: |fault| {
        let name = called(fault).unwrap_or_default();
        Some(match name.as_str() {
            name if name.starts_with("bpf_probe_") => Remedy {
                c: "for tracing: SEC(\"kprobe/…\"), \"fentry/…\", \"tp_btf/…\"; a packet's bytes come from data and data_end, or bpf_skb_load_bytes()",
                rust: "for #[kprobe], #[fentry], #[tracepoint]; a packet's bytes come from ctx.data(), or ctx.load::<T>(offset)",
                asm: "load what the program's own pointers lead to; call bpf_skb_load_bytes#26 for an sk_buff's bytes",
            },
            name if name.starts_with("bpf_get_current_") => Remedy {
                c: "no process stands for a packet: take it where the socket is used, SEC(\"cgroup/connect4\"), \"cgroup/sock_create\" or \"fentry/tcp_connect\", and hand it over in a map, by bpf_get_socket_cookie()",
                rust: "#[cgroup_sock_addr(connect4)] or #[fentry], and a HashMap from bpf_get_socket_cookie to what it found",
                asm: "the same in a program of type cgroup_sock_addr or tracing, and a hash map between the two",
            },
            name if name.starts_with("bpf_skb_") || name.starts_with("bpf_clone") => Remedy {
                c: "SEC(\"tc\"): these work on an sk_buff; in XDP bpf_xdp_load_bytes(), bpf_xdp_store_bytes(), bpf_xdp_adjust_head() and _tail()",
                rust: "#[classifier] with TcContext; in #[xdp] the helpers bpf_xdp_load_bytes, bpf_xdp_adjust_head",
                asm: "program type sched_cls; for xdp call bpf_xdp_load_bytes#189 or bpf_xdp_adjust_head#44",
            },
            name if name.starts_with("bpf_xdp_") => Remedy {
                c: "SEC(\"xdp\"); on an sk_buff bpf_skb_load_bytes(), bpf_skb_store_bytes(), bpf_skb_adjust_room()",
                rust: "#[xdp]; in #[classifier] TcContext's load, store and adjust_room",
                asm: "program type xdp; for sched_cls call bpf_skb_load_bytes#26 or bpf_skb_store_bytes#9",
            },
            _ if name.parse() == Ok(Helper::DPath) => Remedy {
                c: "a hook of its list: SEC(\"fentry/security_file_open\"), \"fentry/vfs_truncate\", \"fentry/filp_close\" or a sleepable lsm program; elsewhere read the names of the dentries",
                rust: "#[fentry(function = \"security_file_open\")] or #[lsm(hook = \"file_open\", sleepable)]",
                asm: "attach_btf_id of a function that may call it",
            },
            _ => Remedy {
                c: "another SEC(), or another helper: bpftool feature probe lists by program type what the running kernel has",
                rust: "another attribute (#[xdp], #[classifier], #[kprobe], …): bpftool feature probe lists by program type what the running kernel has",
                asm: "another prog_type, or expected_attach_type, which decides for some helpers too",
            },
        })
    },
    ..PLAIN
};
