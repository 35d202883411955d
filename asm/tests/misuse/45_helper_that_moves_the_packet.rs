//! A helper moves the packet past the packet's pointers.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Tc>::new("p");
    let pulled = p.call(call::SkbPullData, (&context, 64));
    p.exit(TcAction::Ok);
}
