//! Another processor's value is asked for, where there is one for all.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::xdp("p");
    let states = p.map::<u32, State>("states", MapType::Hash, 16);
    let key = p.spill::<u32>(0);
    let found = p.lookup_percpu(states, &key, 1);
    p.exit(XdpAction::Pass);
}
