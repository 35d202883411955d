//! A pointer is to be kept in r1, which calls take.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let states = p.map::<u32, State>("states", MapType::Hash, 16);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let found = p.lookup(states, &key);
    let state = p.not_null(found, out);
    let _state = p.keep(R1, state);
}
