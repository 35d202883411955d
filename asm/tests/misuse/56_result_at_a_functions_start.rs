//! A function's result is read where the function begins.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<Kprobe<X86_64>>::new("p");
    let result = p.returned(R2, &context);
    p.exit(ProbeAction::Done);
}
