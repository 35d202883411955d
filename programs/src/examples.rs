//! Three small programs that teach: the least that loads, a counter with the NULL check, and a drop list by prefix.

use knockwright_asm::Size::{U8, U16, U32, U64};
use knockwright_asm::linux::map_type::NO_PREALLOC;
use knockwright_asm::{
    Asm, AtomicSize, Helper, MapDef, MapType, ProgType, Program, Reg::*, SourceFile, bpf_struct,
};

use crate::net::{XdpAction, ether_type, ethernet, ipv4, network_order, xdp_md};

fn xdp(name: &str) -> Asm {
    let mut a = Asm::new(name, ProgType::Xdp);
    a.license("Dual MIT/GPL").source_file(SourceFile { path: file!(), text: include_str!("examples.rs") });
    a
}

fn finish(a: Asm) -> Program {
    a.finish().unwrap_or_else(|errors| panic!("an example does not assemble:\n{errors}"))
}

/// Lets every packet pass: the least program that the verifier accepts. `r0` must hold a verdict before `exit`.
pub fn pass() -> Program {
    let mut a = xdp("pass");
    a.mov(R0, XdpAction::Pass as i32);
    a.exit();
    finish(a)
}

/// Counts IPv4 packets by protocol number in the array `protocols`.
///
/// It shows the two guards of every XDP program: the check against `data_end` before the packet is read, and the NULL check
/// between the lookup and the first use of its result.
pub fn count() -> Program {
    let mut a = xdp("count");
    let protocols = a.map(MapDef::new::<u32, u64>("protocols", MapType::Array, 256));
    let pass = a.label("pass");

    a.load(U32, R2, R1 + xdp_md::DATA);
    a.load(U32, R3, R1 + xdp_md::DATA_END);
    a.mov(R4, R2);
    a.add(R4, ethernet::LEN + ipv4::LEN);
    a.goto_if(R4.gt(R3), pass); // the packet is long enough from here on
    a.load(U16, R4, R2 + ethernet::TYPE);
    a.goto_if(R4.ne(network_order(ether_type::IPV4)), pass);
    a.load(U8, R4, R2 + (ethernet::LEN + ipv4::PROTOCOL));
    a.store(U32, R10 - 4, R4);
    a.mov(R2, R10);
    a.add(R2, -4);
    a.load_map(R1, protocols);
    a.call(Helper::MapLookupElem);
    a.goto_if(R0.eq(0), pass); // a value, not NULL, from here on
    a.mov(R1, 1);
    a.atomic_add(AtomicSize::U64, R0 + 0, R1);
    a.bind(pass);
    a.mov(R0, XdpAction::Pass as i32);
    a.exit();
    finish(a)
}

bpf_struct! {
    /// A key of the prefix trie: the length of the prefix, then the address. Source: `struct bpf_lpm_trie_key`.
    pub struct Ipv4Prefix as "ipv4_prefix" {
        /// The number of leading bits that count, at most 32.
        pub prefix_len: u32,
        /// The address in network order.
        pub address: u32,
    }
}

/// Drops IPv4 packets from the prefixes in the trie `blocked`, and counts them there.
///
/// Both members of the key are written before the helper reads it: a stack slot must be initialised first.
pub fn drop_by_prefix() -> Program {
    let mut a = xdp("drop_by_prefix");
    let blocked =
        a.map(MapDef::new::<Ipv4Prefix, u64>("blocked", MapType::LpmTrie, 1024).with_flags(NO_PREALLOC));
    let pass = a.label("pass");

    a.load(U32, R2, R1 + xdp_md::DATA);
    a.load(U32, R3, R1 + xdp_md::DATA_END);
    a.mov(R4, R2);
    a.add(R4, ethernet::LEN + ipv4::LEN);
    a.goto_if(R4.gt(R3), pass);
    a.load(U16, R4, R2 + ethernet::TYPE);
    a.goto_if(R4.ne(network_order(ether_type::IPV4)), pass);
    a.store(U32, R10 - 8, 32);
    a.load(U32, R4, R2 + (ethernet::LEN + ipv4::SOURCE));
    a.store(U32, R10 - 4, R4);
    a.mov(R2, R10);
    a.add(R2, -8);
    a.load_map(R1, blocked);
    a.call(Helper::MapLookupElem);
    a.goto_if(R0.eq(0), pass);
    a.load(U64, R1, R0 + 0);
    a.add(R1, 1);
    a.store(U64, R0 + 0, R1);
    a.mov(R0, XdpAction::Drop as i32);
    a.exit();
    a.bind(pass);
    a.mov(R0, XdpAction::Pass as i32);
    a.exit();
    finish(a)
}
