//! A jump brings a join other values than it wants.
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
    let number = p.load(R1, &config, field!(Config, length));
    let mut join = p.join::<Scalar<Scratch<'_>, 9>>("join");
    p.goto_with(&mut join, number);
}
