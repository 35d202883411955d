//! A packet is taken up where there is none.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<Kprobe<X86_64>>::new("p");
    let packet = p.packet(&context, R6, R7);
    p.exit(ProbeAction::Done);
}
