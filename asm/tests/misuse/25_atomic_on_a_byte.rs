//! An atomic addition to a field of one byte.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let states = p.map::<u32, State>("states", MapType::Hash, 16);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let found = p.lookup(states, &key);
    let state = p.not_null(found, out);
    let one = p.constant::<1, _>(R1);
    p.atomic_add(&state, field!(State, step), one);
}
