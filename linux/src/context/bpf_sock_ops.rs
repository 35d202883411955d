//! `struct bpf_sock_ops`, the context of `sock_ops` programs.

use super::{Context, Field, Holds, Sizes, context};
use crate::{KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const SOCK_OPS: ProgTypes = ProgTypes::of(&[ProgType::SockOps]);

const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).sized(4, Sizes::WholeSigned).read_by(SOCK_OPS)
}

const fn pointer(name: &'static str, offset: u32, holds: Holds, since: KernelVersion) -> Field {
    Field::pointer(name, offset, 8, holds, since).read_by(SOCK_OPS)
}

context! {
    /// `struct bpf_sock_ops`.
    BPF_SOCK_OPS = Context::named("bpf_sock_ops").standing_for("bpf_sock_ops_kern") => {
        /// What the program is called for: one of `BPF_SOCK_OPS_*`.
        OP = number("op", 0, v(4, 13));
        /// What comes with the call, by its kind.
        ARGS = number("args", 4, v(4, 13)).array(4);
        /// What the program answers, where `args[0]` stands.
        REPLY = number("reply", 4, v(4, 13)).written_by(SOCK_OPS);
        /// The address family.
        FAMILY = number("family", 20, v(4, 13));
        /// The peer's IPv4 address, in network order.
        REMOTE_IP4 = number("remote_ip4", 24, v(4, 13));
        /// The own IPv4 address, in network order.
        LOCAL_IP4 = number("local_ip4", 28, v(4, 13));
        /// The peer's IPv6 address, in network order.
        REMOTE_IP6 = number("remote_ip6", 32, v(4, 13)).array(4);
        /// The own IPv6 address, in network order.
        LOCAL_IP6 = number("local_ip6", 48, v(4, 13)).array(4);
        /// The peer's port, in network order.
        REMOTE_PORT = number("remote_port", 64, v(4, 13));
        /// The own port, in the order of the machine.
        LOCAL_PORT = number("local_port", 68, v(4, 13));
        /// Whether the fields of TCP below are there; they are 0 if not.
        IS_FULLSOCK = number("is_fullsock", 72, v(4, 16));
        /// The congestion window, in packets.
        SND_CWND = number("snd_cwnd", 76, v(4, 16));
        /// The smoothed round-trip time, eight times in microseconds.
        SRTT_US = number("srtt_us", 80, v(4, 16));
        /// The calls that the socket asks for: `BPF_SOCK_OPS_*_CB_FLAG`.
        BPF_SOCK_OPS_CB_FLAGS = number("bpf_sock_ops_cb_flags", 84, v(4, 16));
        /// The state of the connection: one of `BPF_TCP_*`.
        STATE = number("state", 88, v(4, 16));
        /// The least round-trip time, in microseconds.
        RTT_MIN = number("rtt_min", 92, v(4, 16));
        /// The threshold of slow start, in packets.
        SND_SSTHRESH = number("snd_ssthresh", 96, v(4, 16));
        /// The next sequence number to be received.
        RCV_NXT = number("rcv_nxt", 100, v(4, 16));
        /// The next sequence number to be sent.
        SND_NXT = number("snd_nxt", 104, v(4, 16));
        /// The first sequence number that isn't acknowledged.
        SND_UNA = number("snd_una", 108, v(4, 16));
        /// The most bytes in a segment.
        MSS_CACHE = number("mss_cache", 112, v(4, 16));
        /// The state of ECN.
        ECN_FLAGS = number("ecn_flags", 116, v(4, 16));
        /// The packets of the last measured rate.
        RATE_DELIVERED = number("rate_delivered", 120, v(4, 16));
        /// The time of the last measured rate, in microseconds.
        RATE_INTERVAL_US = number("rate_interval_us", 124, v(4, 16));
        /// The packets on their way.
        PACKETS_OUT = number("packets_out", 128, v(4, 16));
        /// The packets on their way that were sent again.
        RETRANS_OUT = number("retrans_out", 132, v(4, 16));
        /// The packets that were sent again, in all.
        TOTAL_RETRANS = number("total_retrans", 136, v(4, 16));
        /// The segments received.
        SEGS_IN = number("segs_in", 140, v(4, 16));
        /// The segments with data received.
        DATA_SEGS_IN = number("data_segs_in", 144, v(4, 16));
        /// The segments sent.
        SEGS_OUT = number("segs_out", 148, v(4, 16));
        /// The segments with data sent.
        DATA_SEGS_OUT = number("data_segs_out", 152, v(4, 16));
        /// The packets taken for lost.
        LOST_OUT = number("lost_out", 156, v(4, 16));
        /// The packets acknowledged out of order.
        SACKED_OUT = number("sacked_out", 160, v(4, 16));
        /// The hash by which a path is chosen.
        SK_TXHASH = number("sk_txhash", 164, v(4, 16)).written_by(SOCK_OPS);
        /// The bytes received.
        BYTES_RECEIVED = number("bytes_received", 168, v(4, 16)).sized(8, Sizes::Whole);
        /// The bytes acknowledged by the peer.
        BYTES_ACKED = number("bytes_acked", 176, v(4, 16)).sized(8, Sizes::Whole);
        /// The socket.
        SK = pointer("sk", 184, Holds::SockOrNull, v(5, 3));
        /// The start of the packet's TCP header and options.
        SKB_DATA = pointer("skb_data", 192, Holds::PacketStart, v(5, 10));
        /// The end of those bytes.
        SKB_DATA_END = pointer("skb_data_end", 200, Holds::PacketEnd, v(5, 10));
        /// The length of the packet, in bytes.
        SKB_LEN = number("skb_len", 208, v(5, 10));
        /// The flags of its TCP header.
        SKB_TCP_FLAGS = number("skb_tcp_flags", 212, v(5, 10)).sized(4, Sizes::Starts);
        /// When the interface says that it came, in nanoseconds.
        SKB_HWTSTAMP = number("skb_hwtstamp", 216, v(6, 2)).sized(8, Sizes::Whole);
    }
}
