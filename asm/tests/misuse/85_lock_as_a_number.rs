//! A lock is read as a number.
include!("prelude.rs");

use knockwright_asm::typed::SpinLock;

bpf_struct! {
    /// A number with its lock.
    pub struct Guarded as "guarded" {
        /// The lock.
        pub lock: SpinLock,
        /// The number.
        pub number: u64,
    }
}

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::<Tc>::new("p");
    let numbers = p.map::<u32, Guarded>("numbers", MapType::Array, 1);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let value = p.lookup(numbers, &key);
    let value = p.not_null(value, out);
    let lock = p.load(R1, &value, field!(Guarded, lock));
    p.bind(out);
    p.exit(TcAction::Ok);
}
