//! A program on a probe returns what becomes of a packet.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<Kprobe<X86_64>>::new("p");
    p.exit(XdpAction::Pass);
}
