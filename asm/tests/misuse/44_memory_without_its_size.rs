//! Memory is passed without its size, and a number instead of it.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Tc>::new("p");
    let byte = p.uninit::<u8>();
    let loaded = p.call(call::SkbLoadBytes, (&context, 0, byte.out(), 1));
    p.exit(TcAction::Ok);
}
