//! A header is read after the cursor went on.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::xdp("p");
    let out = p.label("out");
    let context = p.keep_context(R6, context);
    let mut packet = p.packet(&context, R7, R8);
    let ethernet = p.header::<Ethernet>(&packet, R2, out);
    p.advance(&mut packet, 14);
    let _kind = p.load(R1, &ethernet, field!(Ethernet, ether_type));
}
