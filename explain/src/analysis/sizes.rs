//! Which arguments of helpers are sizes of the memory in the argument before them.

use knockwright_asm::Reg;

/// A size among a helper's arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SizeArgument {
    /// The register with the size.
    pub(crate) size: Reg,
    /// Whether it may be zero.
    pub(crate) may_be_zero: bool,
}

/// The helpers, each with the registers of its sizes and whether they may be zero.
///
/// Source: the prototypes of Linux 6.18's helpers, by the kinds of their arguments.
const SIZES: &[(&str, &[(Reg, bool)])] = &[
    ("bpf_bind", &[(Reg::R3, false)]),
    ("bpf_copy_from_user", &[(Reg::R2, true)]),
    ("bpf_copy_from_user_task", &[(Reg::R2, true)]),
    ("bpf_csum_diff", &[(Reg::R2, true), (Reg::R4, true)]),
    ("bpf_d_path", &[(Reg::R3, true)]),
    ("bpf_fib_lookup", &[(Reg::R3, false)]),
    ("bpf_get_current_comm", &[(Reg::R2, false)]),
    ("bpf_get_ns_current_pid_tgid", &[(Reg::R4, false)]),
    ("bpf_get_stack", &[(Reg::R3, true)]),
    ("bpf_get_task_stack", &[(Reg::R3, true)]),
    ("bpf_getsockopt", &[(Reg::R5, false)]),
    ("bpf_load_hdr_opt", &[(Reg::R3, false)]),
    ("bpf_lwt_push_encap", &[(Reg::R4, false)]),
    ("bpf_lwt_seg6_action", &[(Reg::R4, false)]),
    ("bpf_lwt_seg6_store_bytes", &[(Reg::R4, false)]),
    ("bpf_perf_event_output", &[(Reg::R5, true)]),
    ("bpf_perf_event_read_value", &[(Reg::R4, false)]),
    ("bpf_perf_prog_read_value", &[(Reg::R3, false)]),
    ("bpf_probe_read", &[(Reg::R2, true)]),
    ("bpf_probe_read_kernel", &[(Reg::R2, true)]),
    ("bpf_probe_read_kernel_str", &[(Reg::R2, true)]),
    ("bpf_probe_read_str", &[(Reg::R2, true)]),
    ("bpf_probe_read_user", &[(Reg::R2, true)]),
    ("bpf_probe_read_user_str", &[(Reg::R2, true)]),
    ("bpf_read_branch_records", &[(Reg::R3, true)]),
    ("bpf_redirect_neigh", &[(Reg::R3, true)]),
    ("bpf_ringbuf_output", &[(Reg::R3, true)]),
    ("bpf_seq_printf", &[(Reg::R3, false), (Reg::R5, true)]),
    ("bpf_seq_write", &[(Reg::R3, true)]),
    ("bpf_setsockopt", &[(Reg::R5, false)]),
    ("bpf_sk_lookup_tcp", &[(Reg::R3, false)]),
    ("bpf_sk_lookup_udp", &[(Reg::R3, false)]),
    ("bpf_skb_get_tunnel_key", &[(Reg::R3, false)]),
    ("bpf_skb_get_tunnel_opt", &[(Reg::R3, false)]),
    ("bpf_skb_load_bytes", &[(Reg::R4, false)]),
    ("bpf_skb_load_bytes_relative", &[(Reg::R4, false)]),
    ("bpf_skb_output", &[(Reg::R5, true)]),
    ("bpf_skb_set_tunnel_key", &[(Reg::R3, false)]),
    ("bpf_skb_set_tunnel_opt", &[(Reg::R3, false)]),
    ("bpf_skb_store_bytes", &[(Reg::R4, false)]),
    ("bpf_skc_lookup_tcp", &[(Reg::R3, false)]),
    ("bpf_snprintf", &[(Reg::R2, true), (Reg::R5, true)]),
    ("bpf_store_hdr_opt", &[(Reg::R3, false)]),
    ("bpf_strtol", &[(Reg::R2, false)]),
    ("bpf_strtoul", &[(Reg::R2, false)]),
    ("bpf_sysctl_get_current_value", &[(Reg::R3, false)]),
    ("bpf_sysctl_get_name", &[(Reg::R3, false)]),
    ("bpf_sysctl_get_new_value", &[(Reg::R3, false)]),
    ("bpf_sysctl_set_new_value", &[(Reg::R3, false)]),
    ("bpf_tcp_check_syncookie", &[(Reg::R3, false), (Reg::R5, false)]),
    ("bpf_tcp_gen_syncookie", &[(Reg::R3, false), (Reg::R5, false)]),
    ("bpf_trace_printk", &[(Reg::R2, false)]),
    ("bpf_xdp_load_bytes", &[(Reg::R4, false)]),
    ("bpf_xdp_output", &[(Reg::R5, true)]),
    ("bpf_xdp_store_bytes", &[(Reg::R4, false)]),
];

/// The sizes among a helper's arguments; none of them if the helper isn't known here.
fn of(helper: &str) -> impl Iterator<Item = SizeArgument> {
    let sizes = SIZES.iter().find(|(name, _)| *name == helper).map_or(&[][..], |(_, sizes)| *sizes);
    sizes.iter().map(|&(size, may_be_zero)| SizeArgument { size, may_be_zero })
}

/// The size that goes with the memory in an argument.
pub(crate) fn behind(helper: &str, memory: Reg) -> Option<SizeArgument> {
    of(helper).find(|argument| argument.size.number() == memory.number() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sizes_are_sizes() {
        assert_eq!(behind("bpf_trace_printk", Reg::R1).map(|found| found.size), Some(Reg::R2));
        assert_eq!(behind("bpf_map_update_elem", Reg::R3), None);
        assert_eq!(behind("bpf_ringbuf_output", Reg::R2).map(|found| found.may_be_zero), Some(true));
    }

    #[test]
    fn names_are_in_order_and_known() {
        assert!(SIZES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let known = |name: &str| knockwright_asm::Helper::ALL.iter().any(|helper| helper.name() == name);
        let unknown: Vec<_> = SIZES.iter().filter(|(name, _)| !known(name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
