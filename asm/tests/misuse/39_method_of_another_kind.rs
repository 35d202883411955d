//! A packet's head is moved by a program of traffic control.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Tc>::new("p");
    let out = p.label("out");
    let packet = p.packet(&context, R7, R8);
    p.adjust_head(&context, packet, -4, out);
}
