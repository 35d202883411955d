//! A number of any size is returned as an action.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::<CgroupSkb>::new("p");
    let states = p.map::<u32, u64>("states", MapType::Array, 1);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let state = p.lookup(states, &key);
    let state = p.not_null(state, out);
    let number = p.get(R1, &state);
    p.exit(number);
}
