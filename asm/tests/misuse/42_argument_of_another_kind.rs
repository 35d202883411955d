//! A number is passed where the helper wants the context.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::<Tc>::new("p");
    let byte = p.uninit::<u8>();
    let loaded = p.call(call::SkbLoadBytes, (7, 0, byte.out_sized()));
    p.exit(TcAction::Ok);
}
