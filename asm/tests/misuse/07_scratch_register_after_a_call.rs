//! A number in r1 is used after a call.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let configs = p.map::<u32, Config>("configs", MapType::Hash, 1);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let found = p.lookup(configs, &key);
    let config = p.not_null(found, out);
    let config = p.keep(R7, config);
    let length = p.load(R1, &config, field!(Config, length));
    let _now = p.now(R8, Clock::Coarse);
    p.goto_if(length.eq(0), out);
}
