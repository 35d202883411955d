//! A number is followed without a word on whose memory it leads to.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Kprobe<X86_64>>::new("p");
    let name = p.argument::<1, _>(R6, &context);
    let place = p.uninit::<[u8; 16]>();
    let (length, name) = p.probe_read_str(place, &name);
    p.exit(ProbeAction::Done);
}
