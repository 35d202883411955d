//! A register is read by the place that it has on another machine.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<Kprobe<X86_64>>::new("p");
    let stack = p.read(R2, &context, registers::arm64::SP);
    p.exit(ProbeAction::Done);
}
