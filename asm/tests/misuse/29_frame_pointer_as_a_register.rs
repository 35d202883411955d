//! The frame pointer is written.
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
    use knockwright_asm::Reg::R10;
    let _length = p.load(R10, &config, field!(Config, length));
}
