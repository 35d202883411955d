//! `struct bpf_nf_ctx`, the context of `netfilter` programs.

use super::{Context, Field, Holds, context};
use crate::{KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const NETFILTER: ProgTypes = ProgTypes::of(&[ProgType::Netfilter]);

const fn pointer(name: &'static str, offset: u32, holds: Holds, since: KernelVersion) -> Field {
    Field::pointer(name, offset, 8, holds, since).read_by(NETFILTER)
}

context! {
    /// `struct bpf_nf_ctx`.
    BPF_NF_CTX = Context::named("bpf_nf_ctx") => {
        /// Where in the network stack the packet is, and between which interfaces.
        STATE = pointer("state", 0, Holds::HookState, v(6, 4));
        /// The packet.
        SKB = pointer("skb", 8, Holds::KernelSkBuff, v(6, 4));
    }
}
