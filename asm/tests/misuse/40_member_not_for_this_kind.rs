//! A socket filter reads a member that only others have.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<SocketFilter>::new("p");
    let _time = p.read(R2, &context, sk_buff::TSTAMP);
    p.exit(0);
}
