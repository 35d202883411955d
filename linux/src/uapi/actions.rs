//! What programs return, where the numbers have names.
//!
//! Sources: `include/uapi/linux/bpf.h`, `pkt_cls.h` and `netfilter.h` there; `tests/uapi.rs` compares with the BTF of the running
//! kernel and the headers of this machine.

/// An enum of results, each with its name in the kernel's interface.
macro_rules! actions {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $number:literal $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(i32)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`, number ", stringify!($number), ".")] $(#[$doc])* $variant = $number,)*
        }

        impl $name {
            /// Every one, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The number that a program returns.
            pub const fn number(self) -> i32 {
                self as i32
            }

            /// The one of a program's result, if it is one.
            pub fn from_number(number: u32) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.number() as u32 == number)
            }

            /// The name in the kernel's interface.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl From<$name> for i32 {
            fn from(one: $name) -> i32 {
                one.number()
            }
        }
    };
}

actions! {
    /// What becomes of a packet at an interface: results of `xdp` programs.
    XdpAction {
        /// An error; the packet is dropped and a trace point fires.
        Aborted = 0 "XDP_ABORTED",
        /// The packet is gone.
        Drop = 1 "XDP_DROP",
        /// The network stack gets it.
        Pass = 2 "XDP_PASS",
        /// It leaves through the interface that it came in by.
        Tx = 3 "XDP_TX",
        /// It leaves through another one, or goes where the program said.
        Redirect = 4 "XDP_REDIRECT",
    }
}

actions! {
    /// What becomes of a packet in traffic control: results of `sched_cls` programs in direct action mode and of `sched_act`.
    TcAction {
        /// What the filter's own action says.
        Unspec = -1 "TC_ACT_UNSPEC",
        /// It goes on, and no further filter sees it.
        Ok = 0 "TC_ACT_OK",
        /// The filters begin anew.
        Reclassify = 1 "TC_ACT_RECLASSIFY",
        /// It's dropped.
        Shot = 2 "TC_ACT_SHOT",
        /// The next action or filter sees it.
        Pipe = 3 "TC_ACT_PIPE",
        /// It's taken, and its sender doesn't see a loss.
        Stolen = 4 "TC_ACT_STOLEN",
        /// As `TC_ACT_STOLEN`; it waits somewhere.
        Queued = 5 "TC_ACT_QUEUED",
        /// The action runs again.
        Repeat = 6 "TC_ACT_REPEAT",
        /// It goes where `bpf_redirect` said.
        Redirect = 7 "TC_ACT_REDIRECT",
        /// As `TC_ACT_STOLEN`; in hardware, the processor gets it.
        Trap = 8 "TC_ACT_TRAP",
    }
}

actions! {
    /// What becomes of a packet after a program at `tcx`: results of `sched_cls` programs there and in `netkit`.
    TcxAction {
        /// The next program sees it.
        Next = -1 "TCX_NEXT",
        /// It goes on, and no further program sees it.
        Pass = 0 "TCX_PASS",
        /// It's dropped.
        Drop = 2 "TCX_DROP",
        /// It goes where `bpf_redirect` said.
        Redirect = 7 "TCX_REDIRECT",
    }
}

actions! {
    /// What becomes of a packet or connection at sockets: results of `sk_skb`, `sk_msg`, `sk_lookup` and `sk_reuseport`.
    SkAction {
        /// It's dropped.
        Drop = 0 "SK_DROP",
        /// It goes on.
        Pass = 1 "SK_PASS",
    }
}

actions! {
    /// What becomes of a packet in `netfilter`; programs may return the first two.
    NetfilterVerdict {
        /// It's dropped.
        Drop = 0 "NF_DROP",
        /// It goes on.
        Accept = 1 "NF_ACCEPT",
        /// It's taken.
        Stolen = 2 "NF_STOLEN",
        /// It waits for user space.
        Queue = 3 "NF_QUEUE",
        /// The hook runs again.
        Repeat = 4 "NF_REPEAT",
        /// It goes on past all that follows.
        Stop = 5 "NF_STOP",
    }
}

actions! {
    /// What becomes of a packet of a route or flow: results of `lwt_*` and `flow_dissector` programs.
    LwtResult {
        /// It goes on; a dissector has filled in the keys.
        Ok = 0 "BPF_OK",
        /// It's dropped; a dissector has found nothing.
        Drop = 2 "BPF_DROP",
        /// It goes where `bpf_redirect` said: `lwt_xmit` alone.
        Redirect = 7 "BPF_REDIRECT",
        /// It was given a new header and is routed again: `lwt_in` and `lwt_xmit`.
        Reroute = 128 "BPF_LWT_REROUTE",
        /// The kernel's own dissector is to look: `flow_dissector` alone.
        DissectorContinue = 129 "BPF_FLOW_DISSECTOR_CONTINUE",
    }
}
