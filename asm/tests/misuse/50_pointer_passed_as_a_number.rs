//! A pointer into a map is passed where the helper wants a number.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Tc>::new("p");
    let counts = p.map::<u32, u64>("counts", MapType::Array, 1);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let count = p.lookup(counts, &key);
    let count = p.not_null(count, out);
    let count = p.keep(R6, count);
    let byte = p.uninit::<u8>();
    let loaded = p.call(call::SkbLoadBytes, (&context, &count, byte.out_sized()));
    p.exit(TcAction::Ok);
}
