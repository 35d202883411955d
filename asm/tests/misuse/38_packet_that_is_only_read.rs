//! A control group's program writes to its packet.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<CgroupSkb>::new("p");
    let out = p.label("out");
    let packet = p.packet(&context, R7, R8);
    let header = p.header::<Ethernet>(&packet, R2, out);
    p.store(&header, field!(Ethernet, ether_type), 0);
}
