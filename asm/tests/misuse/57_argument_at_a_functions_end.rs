//! An argument is read where the function has ended, and its register holds something else.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<Kretprobe<X86_64>>::new("p");
    let argument = p.argument::<0, _>(R2, &context);
    p.exit(ProbeAction::Done);
}
