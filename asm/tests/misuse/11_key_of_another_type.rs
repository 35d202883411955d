//! A lookup by a key of another size.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let states = p.map::<u32, State>("states", MapType::Hash, 16);
    let out = p.label("out");
    let key = p.spill::<u64>(0);
    let _found = p.lookup(states, &key);
}
