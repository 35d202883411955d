//! A helper is called without its last arguments.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Tc>::new("p");
    let loaded = p.call(call::SkbLoadBytes, (&context, 0));
    p.exit(TcAction::Ok);
}
