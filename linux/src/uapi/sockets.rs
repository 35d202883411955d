//! Families, types, protocols and options of sockets that programs compare with and set: `bpf_setsockopt` and
//! `bpf_getsockopt` take these options.
//!
//! The numbers are those of x86-64, arm64 and riscv64; some machines have other numbers for `SOL_SOCKET`, `SOCK_*` and `SO_*`.
//!
//! Source: `include/linux/socket.h`, `include/uapi/asm-generic/socket.h`, `include/uapi/linux/in.h`, `in6.h`, `tcp.h`; `tests/uapi.rs`
//! compares with the headers of this machine.

use super::constants;

constants! {
    /// Family: none.
    AF_UNSPEC: i32 = 0;
    /// Family: local sockets.
    AF_UNIX: i32 = 1;
    /// Family: IPv4.
    AF_INET: i32 = 2;
    /// Family: IPv6.
    AF_INET6: i32 = 10;
    /// Family: netlink.
    AF_NETLINK: i32 = 16;
    /// Family: packets of an interface.
    AF_PACKET: i32 = 17;
    /// Family: between a machine and its guests.
    AF_VSOCK: i32 = 40;
    /// Family: packets past the network stack.
    AF_XDP: i32 = 44;
    /// Type: a stream of bytes.
    SOCK_STREAM: i32 = 1;
    /// Type: datagrams.
    SOCK_DGRAM: i32 = 2;
    /// Type: packets.
    SOCK_RAW: i32 = 3;
    /// Type: datagrams in order.
    SOCK_SEQPACKET: i32 = 5;
    /// Protocol: IP itself.
    IPPROTO_IP: i32 = 0;
    /// Protocol: ICMP.
    IPPROTO_ICMP: i32 = 1;
    /// Protocol: TCP.
    IPPROTO_TCP: i32 = 6;
    /// Protocol: UDP.
    IPPROTO_UDP: i32 = 17;
    /// Protocol: IPv6.
    IPPROTO_IPV6: i32 = 41;
    /// Protocol: ICMPv6.
    IPPROTO_ICMPV6: i32 = 58;
    /// Protocol: SCTP.
    IPPROTO_SCTP: i32 = 132;
    /// Protocol: TCP over several paths.
    IPPROTO_MPTCP: i32 = 262;
    /// Level of an option: IP.
    SOL_IP: i32 = 0;
    /// Level of an option: the socket itself. 0xffff on MIPS, PA-RISC and SPARC.
    SOL_SOCKET: i32 = 1;
    /// Level of an option: TCP.
    SOL_TCP: i32 = 6;
    /// Level of an option: UDP.
    SOL_UDP: i32 = 17;
    /// Level of an option: IPv6.
    SOL_IPV6: i32 = 41;
    /// Option of `SOL_SOCKET`: an address may be used again.
    SO_REUSEADDR: i32 = 2;
    /// Option of `SOL_SOCKET`: the size of the sending buffer.
    SO_SNDBUF: i32 = 7;
    /// Option of `SOL_SOCKET`: the size of the receiving buffer.
    SO_RCVBUF: i32 = 8;
    /// Option of `SOL_SOCKET`: the other side is asked whether it's there.
    SO_KEEPALIVE: i32 = 9;
    /// Option of `SOL_SOCKET`: the priority of packets.
    SO_PRIORITY: i32 = 12;
    /// Option of `SOL_SOCKET`: several sockets share a port.
    SO_REUSEPORT: i32 = 15;
    /// Option of `SOL_SOCKET`: how many bytes wake a reader.
    SO_RCVLOWAT: i32 = 18;
    /// Option of `SOL_SOCKET`: only one interface.
    SO_BINDTODEVICE: i32 = 25;
    /// Option of `SOL_SOCKET`: the mark of packets.
    SO_MARK: i32 = 36;
    /// Option of `SOL_SOCKET`: the most bytes a second.
    SO_MAX_PACING_RATE: i32 = 47;
    /// Option of `SOL_SOCKET`: only one interface, by its number.
    SO_BINDTOIFINDEX: i32 = 62;
    /// Option of `SOL_SOCKET`: another path when packets are lost.
    SO_TXREHASH: i32 = 74;
    /// Option of `SOL_TCP`: small packets go at once.
    TCP_NODELAY: i32 = 1;
    /// Option of `SOL_TCP`: the largest segment.
    TCP_MAXSEG: i32 = 2;
    /// Option of `SOL_TCP`: seconds until the other side is asked whether it's there.
    TCP_KEEPIDLE: i32 = 4;
    /// Option of `SOL_TCP`: seconds between two such questions.
    TCP_KEEPINTVL: i32 = 5;
    /// Option of `SOL_TCP`: how many such questions.
    TCP_KEEPCNT: i32 = 6;
    /// Option of `SOL_TCP`: how often a SYN is sent again.
    TCP_SYNCNT: i32 = 7;
    /// Option of `SOL_TCP`: the largest window told to the other side.
    TCP_WINDOW_CLAMP: i32 = 10;
    /// Option of `SOL_TCP`: the congestion control, by name.
    TCP_CONGESTION: i32 = 13;
    /// Option of `SOL_TCP`: thin streams wait no longer with each loss.
    TCP_THIN_LINEAR_TIMEOUTS: i32 = 16;
    /// Option of `SOL_TCP`: milliseconds until a connection without answers ends.
    TCP_USER_TIMEOUT: i32 = 18;
    /// Option of `SOL_TCP`: how many unsent bytes make the socket full.
    TCP_NOTSENT_LOWAT: i32 = 25;
    /// Option of `SOL_TCP`: the SYN is kept.
    TCP_SAVE_SYN: i32 = 27;
    /// Option of `SOL_TCP`: the SYN that was kept.
    TCP_SAVED_SYN: i32 = 28;
    /// Option of `SOL_IP`: the type of service.
    IP_TOS: i32 = 1;
    /// Option of `SOL_IPV6`: the kernel chooses the flow label.
    IPV6_AUTOFLOWLABEL: i32 = 70;
    /// Option of `SOL_IPV6`: the traffic class.
    IPV6_TCLASS: i32 = 67;
}
