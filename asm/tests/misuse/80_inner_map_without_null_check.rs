//! A key is looked up in a map that may not have been found.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::xdp("p");
    let inner = MapDef::new::<u32, u64>("inner", MapType::Array, 2);
    let maps = p.array_of_maps::<u32, u64>("maps", 4, inner);
    let key = p.spill::<u32>(0);
    let map = p.lookup_map(maps, &key);
    let found = p.lookup_in(&map, &key);
    p.exit(XdpAction::Pass);
}
