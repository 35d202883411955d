//! The seventh argument isn't in a register on x86-64.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<Uprobe<X86_64>>::new("p");
    let argument = p.argument::<6, _>(R2, &context);
    p.exit(ProbeAction::Done);
}
