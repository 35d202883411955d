//! Flags of a program's load.
//!
//! Source: `include/uapi/linux/bpf.h`, which defines them as macros; `tests/uapi.rs` compares with the headers of this machine.

use super::constants;

constants! {
    /// Accesses must be aligned on every machine.
    BPF_F_STRICT_ALIGNMENT: u32 = 1;
    /// Only accesses to the stack must be aligned, whatever the machine and the other flag say.
    BPF_F_ANY_ALIGNMENT: u32 = 1 << 1;
    /// The compiler fills upper halves with anything, for tests.
    BPF_F_TEST_RND_HI32: u32 = 1 << 2;
    /// The verifier remembers states wherever paths meet, for tests.
    BPF_F_TEST_STATE_FREQ: u32 = 1 << 3;
    /// The program may sleep; programs of type `syscall` must.
    BPF_F_SLEEPABLE: u32 = 1 << 4;
    /// The program takes packets of several buffers.
    BPF_F_XDP_HAS_FRAGS: u32 = 1 << 5;
    /// The program is for one interface, and may ask what that knows of a packet.
    BPF_F_XDP_DEV_BOUND_ONLY: u32 = 1 << 6;
    /// The verifier refuses a register whose ranges contradict each other, for tests.
    BPF_F_TEST_REG_INVARIANTS: u32 = 1 << 7;
}
