//! A trace point's pointer is followed, and some of those may be NULL.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let kernel = kernel();
    let (p, context) = Typed::<TpBtf<VfsRead>>::new("p");
    let file = kernel.parameter::<TpBtf<VfsRead>, _>(member!(VfsRead, file)).unwrap();
    let file = p.pointer(R2, &context, file);
    let flags = p.load(R1, &file, kernel.field(member!(File, f_flags)).unwrap());
    p.exit(Watched::Done);
}
