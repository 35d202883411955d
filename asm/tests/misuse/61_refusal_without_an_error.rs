//! A hook refuses with 0, which lets it happen.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<Lsm<FileOpen>>::new("p");
    p.exit(refuse::<0>());
}
