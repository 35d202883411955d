//! From the frame to source address, protocol and port.
//!
//! | register | holds |
//! |---|---|
//! | `r1`, `r2` | `data_end`, `data` |
//! | `r4` | the destination port, in host order |
//! | `r5` | the protocol: 6 or 17 from the switch on |
//! | `r9` | the EtherType: 8 (`htons(ETH_P_IP)`) from its check on |

use knockwright_asm::{Asm, Reg::*, Size::*, SwapBits};

use super::{Knock, c};
use crate::net::{ether_type, ethernet, ip_proto, ipv4, xdp_md};

/// Distances from the start of the frame: Ethernet without tags, IPv4 without options.
const IP: i32 = ethernet::LEN;
const TRANSPORT: i32 = IP + ipv4::LEN;
const TRANSPORT_DEST: i32 = TRANSPORT + 2;
const UDP_LEN: i32 = TRANSPORT + 4;
const UDP_END: i32 = TRANSPORT + 8;
const TCP_END: i32 = TRANSPORT + 20;

/// `htons(ETH_P_IP)` as its two bytes make it, the first the lower one.
const ETH_P_IP: i32 = u16::from_le_bytes(ether_type::IPV4.to_be_bytes()) as i32;
/// `htons(IP_MF | IP_OFFSET)` as a little-endian machine loads it.
const FRAGMENTED: i32 = 0xff3f;

/// Where the program keeps things on its stack. The widths and places make the marks that the log shows.
pub(super) mod stack {
    /// `struct { u32 key; u32 ifindex; }`: `fp-24=mmmmmmmm`.
    pub(in super::super) const KEY: i32 = -24;
    pub(in super::super) const IFINDEX: i32 = -20;
    /// A `u32` in the upper half of its slot: `fp-16=mmmm????`.
    pub(in super::super) const SOURCE_IP: i32 = -12;
    /// Two `u16` in the lower half: `fp-8=????mmmm`.
    pub(in super::super) const PROTOCOL: i32 = -8;
    pub(in super::super) const PORT: i32 = -6;
}

/// Parses the frame; what isn't a whole UDP datagram falls to `out`, TCP goes to `handle_tcp`.
pub(super) fn parse(a: &mut Asm, k: &Knock) {
    link_layer(a, k);
    network_layer(a, k);
    transport(a, k);
}

fn link_layer(a: &mut Asm, k: &Knock) {
    c(a, 40, "void* data_end = (void*)(long)ctx->data_end;");
    a.load(U32, R1, R8 + xdp_md::DATA_END);
    c(a, 41, "void* data = (void*)(long)ctx->data;");
    a.load(U32, R2, R8 + xdp_md::DATA);
    c(a, 43, "if (data + sizeof(struct ethhdr) > data_end)");
    within_packet(a, k, IP);
    c(a, 46, "if (eth->h_proto != bpf_htons(ETH_P_IP))");
    a.load(U8, R9, R2 + ethernet::TYPE); // byte by byte, as clang reads a packed struct
    a.load(U8, R3, R2 + (ethernet::TYPE + 1));
    a.lsh(R3, u8::BITS as i32);
    a.or(R9, R3);
    a.goto_if(R9.ne(ETH_P_IP), k.out);
}

fn network_layer(a: &mut Asm, k: &Knock) {
    c(a, 50, "if ((void*)(iph + 1) > data_end)");
    within_packet(a, k, TRANSPORT);
    c(a, 53, "if (iph->version != 4)");
    a.load(U8, R3, R2 + IP);
    a.and(R3, 0xf0);
    a.goto_if(R3.ne(0x40), k.out);
    c(a, 56, "if (iph->ihl != 5)"); // with options the ports stand elsewhere
    a.load(U8, R3, R2 + IP);
    a.and(R3, 0x0f);
    a.goto_if(R3.ne(5), k.out);
    c(a, 59, "if (iph->frag_off & bpf_htons(IP_MF | IP_OFFSET))");
    a.load(U16, R3, R2 + (IP + ipv4::FRAGMENT));
    a.and(R3, FRAGMENTED);
    a.goto_if(R3.ne(0), k.out);
    c(a, 62, "source_ip = bpf_ntohl(iph->saddr);");
    a.load(U32, R4, R2 + (IP + ipv4::SOURCE));
    a.be(SwapBits::B32, R4);
    a.store(U32, R10 + stack::SOURCE_IP, R4);
}

fn transport(a: &mut Asm, k: &Knock) {
    let tcp_header = a.label("tcp_header");
    let transport_checked = a.label("transport_checked");
    c(a, 64, "switch (iph->protocol) {");
    a.load(U8, R5, R2 + (IP + ipv4::PROTOCOL));
    a.goto_if(R5.eq(ip_proto::TCP), tcp_header);
    a.goto_if(R5.ne(ip_proto::UDP), k.out);
    c(a, 66, "transport_end = transport + sizeof(struct udphdr);");
    a.mov(R3, R2);
    a.add(R3, UDP_END);
    a.goto(transport_checked);
    a.bind(tcp_header);
    c(a, 69, "transport_end = transport + sizeof(struct tcphdr);");
    a.mov(R3, R2);
    a.add(R3, TCP_END);
    a.bind(transport_checked);
    c(a, 72, "if (transport_end > data_end)");
    a.goto_if(R3.gt(R1), k.out);

    c(a, 75, "port = bpf_ntohs(transport->dest);");
    a.load(U16, R4, R2 + TRANSPORT_DEST);
    a.be(SwapBits::B16, R4);
    c(a, 76, "packet.protocol = iph->protocol;");
    a.store(U16, R10 + stack::PROTOCOL, R5); // before the port: an aligned store last would show as a spilled 17
    c(a, 77, "packet.port = port;");
    a.store(U16, R10 + stack::PORT, R4);
    c(a, 79, "if (protocol == IPPROTO_TCP)");
    a.goto_if(R5.eq(ip_proto::TCP), k.handle_tcp);
    c(a, 82, "if (bpf_ntohs(udph->len) < sizeof(struct udphdr))");
    a.load(U16, R3, R2 + UDP_LEN);
    a.be(SwapBits::B16, R3);
    a.goto_if(R3.lt(UDP_END - TRANSPORT), k.out);
    c(a, 85, "local.ifindex = ctx->ingress_ifindex;");
    a.load(U32, R1, R8 + xdp_md::INGRESS_IFINDEX);
    a.store(U32, R10 + stack::IFINDEX, R1);
}

/// Leaves by `out` unless the packet has `end` bytes.
fn within_packet(a: &mut Asm, k: &Knock, end: i32) {
    a.mov(R3, R2);
    a.add(R3, end);
    a.goto_if(R3.gt(R1), k.out);
}
