//! Values of fields of contexts and of what they point to.
//!
//! Source: `include/uapi/linux/bpf.h`, `include/uapi/linux/netfilter.h`; `tests/uapi.rs` compares with the BTF of the running
//! kernel.

use super::constants;

constants! {
    /// The upper half of `access_type`: the device file is made.
    BPF_DEVCG_ACC_MKNOD: i32 = 1;
    /// The upper half of `access_type`: it's read.
    BPF_DEVCG_ACC_READ: i32 = 1 << 1;
    /// The upper half of `access_type`: it's written.
    BPF_DEVCG_ACC_WRITE: i32 = 1 << 2;
    /// The lower half of `access_type`: a block device.
    BPF_DEVCG_DEV_BLOCK: i32 = 1;
    /// The lower half of `access_type`: a character device.
    BPF_DEVCG_DEV_CHAR: i32 = 1 << 1;
    /// `flags` of `struct bpf_flow_keys`: first fragments are looked into.
    BPF_FLOW_DISSECTOR_F_PARSE_1ST_FRAG: i32 = 1;
    /// `flags` of `struct bpf_flow_keys`: a flow label is enough.
    BPF_FLOW_DISSECTOR_F_STOP_AT_FLOW_LABEL: i32 = 1 << 1;
    /// `flags` of `struct bpf_flow_keys`: an inner packet isn't looked into.
    BPF_FLOW_DISSECTOR_F_STOP_AT_ENCAP: i32 = 1 << 2;
    /// `hook` of `struct nf_hook_state`: before routing.
    NF_INET_PRE_ROUTING: i32 = 0;
    /// `hook` of `struct nf_hook_state`: for this machine.
    NF_INET_LOCAL_IN: i32 = 1;
    /// `hook` of `struct nf_hook_state`: for another machine.
    NF_INET_FORWARD: i32 = 2;
    /// `hook` of `struct nf_hook_state`: from this machine.
    NF_INET_LOCAL_OUT: i32 = 3;
    /// `hook` of `struct nf_hook_state`: before it leaves.
    NF_INET_POST_ROUTING: i32 = 4;
}
