//! A value is looked up in a set, which only says whether it may be there.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::xdp("p");
    let seen = p.bloom_filter::<u32>("seen", 16, 3);
    let key = p.spill::<u32>(0);
    let found = p.lookup(seen, &key);
    p.exit(XdpAction::Pass);
}
