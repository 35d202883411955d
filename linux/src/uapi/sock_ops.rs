//! What `sock_ops` programs are called for (`op` in their context), and what they can ask to be called for.
//!
//! Source: `include/uapi/linux/bpf.h`; `tests/uapi.rs` compares with the BTF of the running kernel.

use super::constants;

constants! {
    /// No call.
    BPF_SOCK_OPS_VOID: i32 = 0;
    /// What is the first timeout of a SYN, in jiffies? −1 for the usual one.
    BPF_SOCK_OPS_TIMEOUT_INIT: i32 = 1;
    /// What is the first receive window, in packets? −1 for the usual one.
    BPF_SOCK_OPS_RWND_INIT: i32 = 2;
    /// An active connection is about to begin.
    BPF_SOCK_OPS_TCP_CONNECT_CB: i32 = 3;
    /// An active connection stands.
    BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB: i32 = 4;
    /// A passive connection stands.
    BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB: i32 = 5;
    /// Does the congestion control need ECN?
    BPF_SOCK_OPS_NEEDS_ECN: i32 = 6;
    /// What is the least round-trip time, in microseconds?
    BPF_SOCK_OPS_BASE_RTT: i32 = 7;
    /// A retransmission timer ran out.
    BPF_SOCK_OPS_RTO_CB: i32 = 8;
    /// A segment was sent again.
    BPF_SOCK_OPS_RETRANS_CB: i32 = 9;
    /// The connection's state changes: `args[0]` is the old, `args[1]` the new (`BPF_TCP_*`).
    BPF_SOCK_OPS_STATE_CB: i32 = 10;
    /// A socket listens.
    BPF_SOCK_OPS_TCP_LISTEN_CB: i32 = 11;
    /// A round-trip time was measured.
    BPF_SOCK_OPS_RTT_CB: i32 = 12;
    /// Options of a received header are there to be read.
    BPF_SOCK_OPS_PARSE_HDR_OPT_CB: i32 = 13;
    /// How much room do options want in a header to be sent? `bpf_reserve_hdr_opt` says it.
    BPF_SOCK_OPS_HDR_OPT_LEN_CB: i32 = 14;
    /// Options are to be written: `bpf_store_hdr_opt`.
    BPF_SOCK_OPS_WRITE_HDR_OPT_CB: i32 = 15;
    /// A packet enters the queueing discipline.
    BPF_SOCK_OPS_TSTAMP_SCHED_CB: i32 = 16;
    /// A packet is given to the driver.
    BPF_SOCK_OPS_TSTAMP_SND_SW_CB: i32 = 17;
    /// A packet has left, as the interface says.
    BPF_SOCK_OPS_TSTAMP_SND_HW_CB: i32 = 18;
    /// A packet was acknowledged.
    BPF_SOCK_OPS_TSTAMP_ACK_CB: i32 = 19;
    /// `sendmsg` begins.
    BPF_SOCK_OPS_TSTAMP_SENDMSG_CB: i32 = 20;
    /// `bpf_sock_ops_cb_flags_set`: call for `BPF_SOCK_OPS_RTO_CB`.
    BPF_SOCK_OPS_RTO_CB_FLAG: i32 = 1;
    /// `bpf_sock_ops_cb_flags_set`: call for `BPF_SOCK_OPS_RETRANS_CB`.
    BPF_SOCK_OPS_RETRANS_CB_FLAG: i32 = 1 << 1;
    /// `bpf_sock_ops_cb_flags_set`: call for `BPF_SOCK_OPS_STATE_CB`.
    BPF_SOCK_OPS_STATE_CB_FLAG: i32 = 1 << 2;
    /// `bpf_sock_ops_cb_flags_set`: call for `BPF_SOCK_OPS_RTT_CB`.
    BPF_SOCK_OPS_RTT_CB_FLAG: i32 = 1 << 3;
    /// `bpf_sock_ops_cb_flags_set`: call for the options of every received header.
    BPF_SOCK_OPS_PARSE_ALL_HDR_OPT_CB_FLAG: i32 = 1 << 4;
    /// `bpf_sock_ops_cb_flags_set`: call for received headers with options that the kernel doesn't know.
    BPF_SOCK_OPS_PARSE_UNKNOWN_HDR_OPT_CB_FLAG: i32 = 1 << 5;
    /// `bpf_sock_ops_cb_flags_set`: call for options of headers to be sent.
    BPF_SOCK_OPS_WRITE_HDR_OPT_CB_FLAG: i32 = 1 << 6;
    /// `bpf_sock_ops_cb_flags_set`: every flag.
    BPF_SOCK_OPS_ALL_CB_FLAGS: i32 = 0x7f;
    /// State of a connection: it stands.
    BPF_TCP_ESTABLISHED: i32 = 1;
    /// State of a connection: a SYN was sent.
    BPF_TCP_SYN_SENT: i32 = 2;
    /// State of a connection: a SYN was received and answered.
    BPF_TCP_SYN_RECV: i32 = 3;
    /// State of a connection: a FIN was sent.
    BPF_TCP_FIN_WAIT1: i32 = 4;
    /// State of a connection: the FIN was acknowledged.
    BPF_TCP_FIN_WAIT2: i32 = 5;
    /// State of a connection: both sides are done, late packets may come.
    BPF_TCP_TIME_WAIT: i32 = 6;
    /// State of a connection: there is none.
    BPF_TCP_CLOSE: i32 = 7;
    /// State of a connection: a FIN was received.
    BPF_TCP_CLOSE_WAIT: i32 = 8;
    /// State of a connection: a FIN was received, then one sent.
    BPF_TCP_LAST_ACK: i32 = 9;
    /// State of a socket: it listens.
    BPF_TCP_LISTEN: i32 = 10;
    /// State of a connection: both sides sent a FIN at once.
    BPF_TCP_CLOSING: i32 = 11;
    /// State of a request: a SYN was received.
    BPF_TCP_NEW_SYN_RECV: i32 = 12;
    /// State of a socket: it has an address and no connection.
    BPF_TCP_BOUND_INACTIVE: i32 = 13;
    /// `bpf_setsockopt` at `SOL_TCP`: the first window, in packets.
    TCP_BPF_IW: i32 = 1001;
    /// `bpf_setsockopt` at `SOL_TCP`: the largest window, in packets.
    TCP_BPF_SNDCWND_CLAMP: i32 = 1002;
    /// `bpf_setsockopt` at `SOL_TCP`: the longest delay of an acknowledgement, in microseconds.
    TCP_BPF_DELACK_MAX: i32 = 1003;
    /// `bpf_setsockopt` at `SOL_TCP`: the shortest retransmission timeout, in microseconds.
    TCP_BPF_RTO_MIN: i32 = 1004;
    /// `bpf_getsockopt` at `SOL_TCP`: the SYN from its TCP header on.
    TCP_BPF_SYN: i32 = 1005;
    /// `bpf_getsockopt` at `SOL_TCP`: the SYN from its IP header on.
    TCP_BPF_SYN_IP: i32 = 1006;
    /// `bpf_getsockopt` at `SOL_TCP`: the SYN from the header of its link layer on.
    TCP_BPF_SYN_MAC: i32 = 1007;
    /// `bpf_setsockopt`, `bpf_getsockopt` at `SOL_TCP`: the flags of `bpf_sock_ops_cb_flags_set`.
    TCP_BPF_SOCK_OPS_CB_FLAGS: i32 = 1008;
    /// `bpf_setsockopt` at `SOL_SOCKET`: calls that the socket wants.
    SK_BPF_CB_FLAGS: i32 = 1009;
    /// A value of `SK_BPF_CB_FLAGS`: calls for the times of sent packets.
    SK_BPF_CB_TX_TIMESTAMPING: i32 = 1;
    /// `args[0]` of `BPF_SOCK_OPS_HDR_OPT_LEN_CB`: the segment's size is being counted, nothing is sent.
    BPF_WRITE_HDR_TCP_CURRENT_MSS: i32 = 1;
    /// `args[0]` of `BPF_SOCK_OPS_HDR_OPT_LEN_CB`: the SYN is answered with a cookie.
    BPF_WRITE_HDR_TCP_SYNACK_COOKIE: i32 = 2;
}
