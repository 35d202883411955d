//! A struct of the kernel is written through its pointer.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let kernel = kernel();
    let (p, context) = Typed::<Fentry<VfsRead>>::new("p");
    let file = kernel.parameter::<Fentry<VfsRead>, _>(member!(VfsRead, file)).unwrap();
    let file = p.pointer(R2, &context, file);
    p.store(&file, kernel.field(member!(File, f_flags)).unwrap(), 0);
    p.exit(Watched::Done);
}
