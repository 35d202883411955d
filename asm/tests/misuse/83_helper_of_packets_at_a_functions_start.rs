//! A helper on packets is called where a function of the kernel begins.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Fentry<VfsRead>>::new("p");
    let byte = p.uninit::<u8>();
    let loaded = p.call(call::SkbLoadBytes, (&context, 0, byte.out_sized()));
    p.exit(Watched::Done);
}
