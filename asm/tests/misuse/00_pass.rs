//! What the others get wrong, done right. It also makes the harness build to the end, where bounds are checked.
include!("prelude.rs");

fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let configs = p.map::<u32, Config>("configs", MapType::Hash, 1);
    let out = p.label("out");
    let key = p.spill::<u32>(0);
    let found = p.lookup(configs, &key);
    let config = p.not_null(found, out);
    let length = p.load(R1, &config, field!(Config, length));
    let index = length.below::<10>(&p, out);
    let port = p.element(R2, &config, field!(Config, ports), index);
    let _port = p.load_element(R3, &port);
    p.bind(out);
    p.exit(XdpAction::Pass);
    assert!(p.finish().is_ok());
}
