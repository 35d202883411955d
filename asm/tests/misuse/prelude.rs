// What the misuses share: two maps, a packet header and a ring buffer's record.
#[allow(unused_imports)]
use knockwright_asm::typed::{
    CgroupSkb, Clock, Init, MaybeNull, Order, Packet, R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, Scalar, Scratch,
    Side, SocketFilter, Tc, TcAction, Typed, Update, XdpAction, call, sk_buff,
};
#[allow(unused_imports)]
use knockwright_asm::{Label, MapDef, MapType, bpf_struct, field, packet_header};

bpf_struct! {
    /// What is to be knocked.
    pub struct Config as "config" {
        /// The ports.
        pub ports: [u16; 10],
        /// How many of them.
        pub length: u8,
    }
    /// What is known of a source.
    pub struct State as "state" {
        /// The number of right knocks.
        pub step: u8,
        /// When the last one came.
        pub last: u64,
    }
}

packet_header! {
    /// An Ethernet header.
    pub struct Ethernet {
        /// Receiver and sender.
        pub addresses: [u8; 12],
        /// The type of what follows.
        pub ether_type: u16,
    }
}
