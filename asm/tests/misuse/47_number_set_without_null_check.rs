//! A number of a map is set before the NULL check.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let counts = p.map::<u32, u64>("counts", MapType::Array, 1);
    let key = p.spill::<u32>(0);
    let count = p.lookup(counts, &key);
    p.set(&count, 1);
}
