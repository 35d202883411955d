//! A lookup by a key that nothing was written to.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let states = p.map::<u32, State>("states", MapType::Hash, 16);
    let out = p.label("out");
    let key = p.uninit::<u32>();
    let _found = p.lookup(states, &key);
}
