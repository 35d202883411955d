//! A member is written that programs of this kind only read.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<Tc>::new("p");
    p.write(&context, sk_buff::IFINDEX, 1);
    p.exit(TcAction::Ok);
}
