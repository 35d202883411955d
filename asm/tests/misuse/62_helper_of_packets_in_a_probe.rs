//! A helper on packets is called where there are none.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Kprobe<X86_64>>::new("p");
    let byte = p.uninit::<u8>();
    let loaded = p.call(call::SkbLoadBytes, (&context, 0, byte.out_sized()));
    p.exit(ProbeAction::Done);
}
