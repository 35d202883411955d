//! A helper is called that programs of this kind do not have.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::xdp("p");
    let byte = p.uninit::<u8>();
    let loaded = p.call(call::SkbLoadBytes, (&context, 0, byte.out_sized()));
    p.exit(XdpAction::Pass);
}
