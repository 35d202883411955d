//! An update with a struct that is still being filled.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let states = p.map::<u32, State>("states", MapType::Hash, 16);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let value = p.fill::<State>().set(field!(State, step), 0);
    let _outcome = p.update(states, &key, &value, Update::Any);
}
