//! Flags, modes and answers of helpers. Each says which helper takes it, or gives it.
//!
//! What fits an immediate operand is `i32`; the others are `u64` and want a `ld_imm64`, since an immediate operand extends
//! its sign.
//!
//! Source: `include/uapi/linux/bpf.h`; `tests/uapi.rs` compares with the BTF of the running kernel.

use super::constants;

constants! {
    /// `bpf_skb_store_bytes`, `bpf_clone_redirect`: the checksum of the whole packet is counted anew.
    BPF_F_RECOMPUTE_CSUM: i32 = 1;
    /// `bpf_skb_store_bytes`: the hash of the flow is forgotten.
    BPF_F_INVALIDATE_HASH: i32 = 1 << 1;
    /// `bpf_l3_csum_replace`, `bpf_l4_csum_replace`: the size of the changed field, in bytes.
    BPF_F_HDR_FIELD_MASK: i32 = 0xf;
    /// `bpf_l4_csum_replace`: the field is part of the pseudo header.
    BPF_F_PSEUDO_HDR: i32 = 1 << 4;
    /// `bpf_l4_csum_replace`: a checksum of 0 is left alone.
    BPF_F_MARK_MANGLED_0: i32 = 1 << 5;
    /// `bpf_l4_csum_replace`: a checksum of 0 is counted too.
    BPF_F_MARK_ENFORCE: i32 = 1 << 6;
    /// `bpf_l4_csum_replace`: the packet is IPv6.
    BPF_F_IPV6: i32 = 1 << 7;
    /// `bpf_csum_level`: tells how many checksums the interface has checked.
    BPF_CSUM_LEVEL_QUERY: i32 = 0;
    /// `bpf_csum_level`: one more.
    BPF_CSUM_LEVEL_INC: i32 = 1;
    /// `bpf_csum_level`: one less.
    BPF_CSUM_LEVEL_DEC: i32 = 2;
    /// `bpf_csum_level`: none.
    BPF_CSUM_LEVEL_RESET: i32 = 3;
    /// `bpf_redirect`, `bpf_clone_redirect`, `bpf_msg_redirect_map` and the like: to the receiving side.
    BPF_F_INGRESS: i32 = 1;
    /// `bpf_redirect_map`: to every interface of the map.
    BPF_F_BROADCAST: i32 = 1 << 3;
    /// `bpf_redirect_map` with `BPF_F_BROADCAST`: not to the interface that the packet came in by.
    BPF_F_EXCLUDE_INGRESS: i32 = 1 << 4;
    /// `bpf_skb_set_tunnel_key`, `bpf_skb_get_tunnel_key`: the addresses are IPv6.
    BPF_F_TUNINFO_IPV6: i32 = 1;
    /// `bpf_skb_set_tunnel_key`: no checksum in the outer UDP header.
    BPF_F_ZERO_CSUM_TX: i32 = 1 << 1;
    /// `bpf_skb_set_tunnel_key`: the outer packet may not be fragmented.
    BPF_F_DONT_FRAGMENT: i32 = 1 << 2;
    /// `bpf_skb_set_tunnel_key`: a sequence number is added.
    BPF_F_SEQ_NUMBER: i32 = 1 << 3;
    /// `bpf_skb_set_tunnel_key`: no key is added.
    BPF_F_NO_TUNNEL_KEY: i32 = 1 << 4;
    /// `bpf_skb_get_tunnel_key`: the flags are told too.
    BPF_F_TUNINFO_FLAGS: i32 = 1 << 4;
    /// `bpf_skb_adjust_room`: the bytes in each segment stay as they are.
    BPF_F_ADJ_ROOM_FIXED_GSO: i32 = 1;
    /// `bpf_skb_adjust_room`: the room is for an IPv4 header.
    BPF_F_ADJ_ROOM_ENCAP_L3_IPV4: i32 = 1 << 1;
    /// `bpf_skb_adjust_room`: the room is for an IPv6 header.
    BPF_F_ADJ_ROOM_ENCAP_L3_IPV6: i32 = 1 << 2;
    /// `bpf_skb_adjust_room`: the room is for GRE.
    BPF_F_ADJ_ROOM_ENCAP_L4_GRE: i32 = 1 << 3;
    /// `bpf_skb_adjust_room`: the room is for UDP.
    BPF_F_ADJ_ROOM_ENCAP_L4_UDP: i32 = 1 << 4;
    /// `bpf_skb_adjust_room`: the checked checksums stay as they are.
    BPF_F_ADJ_ROOM_NO_CSUM_RESET: i32 = 1 << 5;
    /// `bpf_skb_adjust_room`: the inner packet has an Ethernet header.
    BPF_F_ADJ_ROOM_ENCAP_L2_ETH: i32 = 1 << 6;
    /// `bpf_skb_adjust_room`: what is left is IPv4.
    BPF_F_ADJ_ROOM_DECAP_L3_IPV4: i32 = 1 << 7;
    /// `bpf_skb_adjust_room`: what is left is IPv6.
    BPF_F_ADJ_ROOM_DECAP_L3_IPV6: i32 = 1 << 8;
    /// `bpf_skb_adjust_room`: the bits of the inner header's length.
    BPF_ADJ_ROOM_ENCAP_L2_MASK: i32 = 0xff;
    /// `bpf_skb_adjust_room`: where in the flags the inner header's length stands.
    BPF_ADJ_ROOM_ENCAP_L2_SHIFT: i32 = 56;
    /// `bpf_skb_adjust_room`, its mode: the room is after the network header.
    BPF_ADJ_ROOM_NET: i32 = 0;
    /// `bpf_skb_adjust_room`, its mode: the room is after the header of the link layer.
    BPF_ADJ_ROOM_MAC: i32 = 1;
    /// `bpf_skb_load_bytes_relative`: offsets count from the header of the link layer.
    BPF_HDR_START_MAC: i32 = 0;
    /// `bpf_skb_load_bytes_relative`: offsets count from the network header.
    BPF_HDR_START_NET: i32 = 1;
    /// `bpf_lwt_push_encap`: an IPv6 header with segment routing.
    BPF_LWT_ENCAP_SEG6: i32 = 0;
    /// `bpf_lwt_push_encap`: a segment routing header after the packet's own.
    BPF_LWT_ENCAP_SEG6_INLINE: i32 = 1;
    /// `bpf_lwt_push_encap`: an IP header of the program's making.
    BPF_LWT_ENCAP_IP: i32 = 2;
    /// `bpf_skb_set_tstamp` and `tstamp_type`: the time of day.
    BPF_SKB_CLOCK_REALTIME: i32 = 0;
    /// `bpf_skb_set_tstamp` and `tstamp_type`: the time since the start; when the packet is to leave.
    BPF_SKB_CLOCK_MONOTONIC: i32 = 1;
    /// `bpf_skb_set_tstamp` and `tstamp_type`: atomic time.
    BPF_SKB_CLOCK_TAI: i32 = 2;
    /// `bpf_sk_lookup_tcp` and the like: in the network namespace of the program's own.
    BPF_F_CURRENT_NETNS: i32 = -1;
    /// `bpf_sk_assign` in `sk_lookup`: instead of the socket that was chosen before.
    BPF_SK_LOOKUP_F_REPLACE: i32 = 1;
    /// `bpf_sk_assign` in `sk_lookup`: no other socket of its reuseport group is taken.
    BPF_SK_LOOKUP_F_NO_REUSEPORT: i32 = 1 << 1;
    /// `bpf_fib_lookup`: in the interface's table alone, past the rules.
    BPF_FIB_LOOKUP_DIRECT: i32 = 1;
    /// `bpf_fib_lookup`: as for a packet that is sent.
    BPF_FIB_LOOKUP_OUTPUT: i32 = 1 << 1;
    /// `bpf_fib_lookup`: no neighbour is looked for.
    BPF_FIB_LOOKUP_SKIP_NEIGH: i32 = 1 << 2;
    /// `bpf_fib_lookup`: in the table that the parameters name.
    BPF_FIB_LOOKUP_TBID: i32 = 1 << 3;
    /// `bpf_fib_lookup`: the source address is told.
    BPF_FIB_LOOKUP_SRC: i32 = 1 << 4;
    /// `bpf_fib_lookup`: the mark in the parameters counts.
    BPF_FIB_LOOKUP_MARK: i32 = 1 << 5;
    /// `bpf_fib_lookup` gives: found.
    BPF_FIB_LKUP_RET_SUCCESS: i32 = 0;
    /// `bpf_fib_lookup` gives: the packet is to be dropped.
    BPF_FIB_LKUP_RET_BLACKHOLE: i32 = 1;
    /// `bpf_fib_lookup` gives: the address is unreachable.
    BPF_FIB_LKUP_RET_UNREACHABLE: i32 = 2;
    /// `bpf_fib_lookup` gives: the address is prohibited.
    BPF_FIB_LKUP_RET_PROHIBIT: i32 = 3;
    /// `bpf_fib_lookup` gives: the packet isn't forwarded.
    BPF_FIB_LKUP_RET_NOT_FWDED: i32 = 4;
    /// `bpf_fib_lookup` gives: forwarding is off.
    BPF_FIB_LKUP_RET_FWD_DISABLED: i32 = 5;
    /// `bpf_fib_lookup` gives: the route encapsulates.
    BPF_FIB_LKUP_RET_UNSUPP_LWT: i32 = 6;
    /// `bpf_fib_lookup` gives: no neighbour is known.
    BPF_FIB_LKUP_RET_NO_NEIGH: i32 = 7;
    /// `bpf_fib_lookup` gives: the packet is too long.
    BPF_FIB_LKUP_RET_FRAG_NEEDED: i32 = 8;
    /// `bpf_fib_lookup` gives: there is no source address.
    BPF_FIB_LKUP_RET_NO_SRC_ADDR: i32 = 9;
    /// `bpf_sk_storage_get` and the like: made if it isn't there.
    BPF_LOCAL_STORAGE_GET_F_CREATE: i32 = 1;
    /// `bpf_get_stackid`, `bpf_get_stack`: how many frames are left out.
    BPF_F_SKIP_FIELD_MASK: i32 = 0xff;
    /// `bpf_get_stackid`, `bpf_get_stack`: the stack of user space.
    BPF_F_USER_STACK: i32 = 1 << 8;
    /// `bpf_get_stackid`: stacks are compared by their hashes.
    BPF_F_FAST_STACK_CMP: i32 = 1 << 9;
    /// `bpf_get_stackid`: another stack with the same number makes room.
    BPF_F_REUSE_STACKID: i32 = 1 << 10;
    /// `bpf_get_stack`: build ids and offsets instead of addresses.
    BPF_F_USER_BUILD_ID: i32 = 1 << 11;
    /// `bpf_read_branch_records`: how many bytes there are.
    BPF_F_GET_BRANCH_RECORDS_SIZE: i32 = 1;
    /// `bpf_ringbuf_output`, `bpf_ringbuf_submit` and the like: readers aren't told.
    BPF_RB_NO_WAKEUP: i32 = 1;
    /// `bpf_ringbuf_output`, `bpf_ringbuf_submit` and the like: readers are told in any case.
    BPF_RB_FORCE_WAKEUP: i32 = 1 << 1;
    /// `bpf_ringbuf_query`: the bytes that nobody has read yet.
    BPF_RB_AVAIL_DATA: i32 = 0;
    /// `bpf_ringbuf_query`: the size of the ring.
    BPF_RB_RING_SIZE: i32 = 1;
    /// `bpf_ringbuf_query`: where the reader is.
    BPF_RB_CONS_POS: i32 = 2;
    /// `bpf_ringbuf_query`: where the writers are.
    BPF_RB_PROD_POS: i32 = 3;
    /// `bpf_timer_start`: at a time of the clock, not after it.
    BPF_F_TIMER_ABS: i32 = 1;
    /// `bpf_timer_start`: on this processor.
    BPF_F_TIMER_CPU_PIN: i32 = 1 << 1;
    /// `bpf_sysctl_get_name`: the last part of the name alone.
    BPF_F_SYSCTL_BASE_NAME: i32 = 1;
    /// `bpf_bprm_opts_set`: the program starts as one with privileges does.
    BPF_F_BPRM_SECUREEXEC: i32 = 1;
    /// `bpf_copy_from_user_str` and the like: the rest is filled with zeros.
    BPF_F_PAD_ZEROS: i32 = 1;
    /// `bpf_load_hdr_opt`: from the SYN that was kept.
    BPF_LOAD_HDR_OPT_TCP_SYN: i32 = 1;
    /// `bpf_perf_event_output`, `bpf_perf_event_read`: the bits of the index.
    BPF_F_INDEX_MASK: u64 = 0xffff_ffff;
    /// `bpf_perf_event_output`, `bpf_perf_event_read`: the index is this processor.
    BPF_F_CURRENT_CPU: u64 = 0xffff_ffff;
    /// `bpf_perf_event_output`: how many bytes of the packet follow, from bit 32 on.
    BPF_F_CTXLEN_MASK: u64 = 0xf_ffff << 32;
}
