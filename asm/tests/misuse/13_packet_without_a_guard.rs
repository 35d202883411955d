//! The packet is read without a check against its end.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::xdp("p");
    let out = p.label("out");
    let context = p.keep_context(R6, context);
    let mut packet = p.packet(&context, R7, R8);
    let _kind = p.load(R1, &packet, field!(Ethernet, ether_type));
}
