//! A helper that fills a map of stacks is given a hash.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Kprobe<X86_64>>::new("p");
    let counts = p.map::<u32, u64>("counts", MapType::Hash, 16);
    let id = p.call(call::GetStackid, (&context, counts, 0));
    p.exit(ProbeAction::Done);
}
