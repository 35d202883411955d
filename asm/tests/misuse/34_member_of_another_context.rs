//! A member of `struct __sk_buff` is read by an XDP program.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::xdp("p");
    let _mark = p.read(R2, &context, sk_buff::MARK);
}
