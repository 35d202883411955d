//! The map values of the article's program, as its two logs imply them.
//!
//! The article prints the structs without `timeout_ms`; `off=8` of `seq`, `length` at +28 of the configuration and
//! `vs=48` say that it is there.

use knockwright_asm::bpf_struct;

/// How many ports a knocking sequence has at most.
pub const MAX_SEQUENCE_LENGTH: usize = 10;

bpf_struct! {
    /// The ports to knock at, in order.
    pub struct PortSequence as "port_sequence" {
        /// The ports; the first `length` of them count.
        pub ports: [u16; MAX_SEQUENCE_LENGTH],
        /// How many knocks open the port.
        pub length: u8,
        /// How much time may pass between two knocks, in milliseconds.
        pub timeout_ms: u64,
    }

    /// The only value of `config_map`.
    pub struct KnockConfig as "knock_config" {
        /// The port that is protected.
        pub target_port: u16,
        /// The knocks that open it.
        pub seq: PortSequence,
        /// How long it stays open for a source without traffic, in milliseconds.
        pub session_timeout: u64,
    }

    /// What `ip_tracking_map` keeps of a source address.
    pub struct IpState as "ip_state" {
        /// The number of right knocks so far.
        pub sequence_step: u8,
        /// When the last of them came, by `bpf_ktime_get_ns`.
        pub last_packet_time: u64,
        /// Whether the sequence is complete.
        pub sequence_complete: bool,
    }
}

/// The offset of a member as an instruction takes it.
macro_rules! offset {
    ($ty:ty, $($member:ident).+) => {
        const { core::mem::offset_of!($ty, $($member).+) as i32 }
    };
}

pub(super) use offset;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_offsets_are_those_of_the_logs() {
        assert_eq!((size_of::<KnockConfig>(), size_of::<IpState>()), (48, 24));
        assert_eq!(offset!(KnockConfig, seq), 8);
        assert_eq!(offset!(KnockConfig, seq.length), 28);
        assert_eq!(offset!(KnockConfig, session_timeout), 40);
        assert_eq!(offset!(IpState, last_packet_time), 8);
        assert_eq!(offset!(IpState, sequence_complete), 16);
    }
}
