//! What Linux adds to classic BPF: places before and beside the packet, and the limits of a filter.
//!
//! Source: `include/uapi/linux/filter.h`, `bpf_common.h`; `tests/uapi.rs` compares with the headers of this machine.

use super::constants;

constants! {
    /// The most instructions of a filter.
    BPF_MAXINSNS: i32 = 4096;
    /// The words of a filter's memory.
    BPF_MEMWORDS: i32 = 16;
    /// Offsets from here on are no bytes of the packet but facts about it.
    SKF_AD_OFF: i32 = -0x1000;
    /// The type in the Ethernet header.
    SKF_AD_PROTOCOL: i32 = 0;
    /// Whom the link layer sent it to.
    SKF_AD_PKTTYPE: i32 = 4;
    /// The interface.
    SKF_AD_IFINDEX: i32 = 8;
    /// A netlink attribute.
    SKF_AD_NLATTR: i32 = 12;
    /// A netlink attribute in another one.
    SKF_AD_NLATTR_NEST: i32 = 16;
    /// The mark.
    SKF_AD_MARK: i32 = 20;
    /// The queue.
    SKF_AD_QUEUE: i32 = 24;
    /// The interface's hardware type.
    SKF_AD_HATYPE: i32 = 28;
    /// The hash of its flow.
    SKF_AD_RXHASH: i32 = 32;
    /// The processor.
    SKF_AD_CPU: i32 = 36;
    /// An instruction: the accumulator xor the index.
    SKF_AD_ALU_XOR_X: i32 = 40;
    /// The VLAN tag beside the packet's bytes.
    SKF_AD_VLAN_TAG: i32 = 44;
    /// Whether there is one.
    SKF_AD_VLAN_TAG_PRESENT: i32 = 48;
    /// Where the payload begins.
    SKF_AD_PAY_OFFSET: i32 = 52;
    /// A random number.
    SKF_AD_RANDOM: i32 = 56;
    /// The type of the VLAN tag.
    SKF_AD_VLAN_TPID: i32 = 60;
    /// Where they end.
    SKF_AD_MAX: i32 = 64;
    /// Offsets from here on count from the network header.
    SKF_NET_OFF: i32 = -0x10_0000;
    /// Offsets from here on count from the link layer's header.
    SKF_LL_OFF: i32 = -0x20_0000;
}
