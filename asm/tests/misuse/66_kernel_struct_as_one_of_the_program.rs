//! The place of a kernel's member is taken from the struct that only names it.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let kernel = kernel();
    let (p, context) = Typed::<Fentry<VfsRead>>::new("p");
    let file = kernel.parameter::<Fentry<VfsRead>, _>(member!(VfsRead, file)).unwrap();
    let file = p.pointer(R2, &context, file);
    let flags = p.load(R1, &file, field!(File, f_flags));
    p.exit(Watched::Done);
}
