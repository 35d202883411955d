//! A program for a function's start returns something else than 0.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<Fentry<VfsRead>>::new("p");
    p.exit(ProbeAction::Sample);
}
