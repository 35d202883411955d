//! A value's pointer in r0 is used after the next call.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let states = p.map::<u32, State>("states", MapType::Hash, 16);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let found = p.lookup(states, &key);
    let state = p.not_null(found, out);
    let _other = p.lookup(states, &key);
    let _step = p.load(R1, &state, field!(State, step));
}
