//! A struct is read as if it were a number.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let states = p.map::<u32, State>("states", MapType::Hash, 16);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let state = p.lookup(states, &key);
    let state = p.not_null(state, out);
    let _number = p.get(R1, &state);
}
