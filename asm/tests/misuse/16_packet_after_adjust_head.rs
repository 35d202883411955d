//! The packet is used after `bpf_xdp_adjust_head`, without taking it up again.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::xdp("p");
    let out = p.label("out");
    let context = p.keep_context(R6, context);
    let mut packet = p.packet(&context, R7, R8);
    p.adjust_head(&context, packet, 4, out);
    let _ethernet = p.header::<Ethernet>(&packet, R2, out);
}
