//! A pointer of the kernel's is followed that may be NULL.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let kernel = kernel();
    let (p, context) = Typed::<Fentry<VfsRead>>::new("p");
    let file = kernel.parameter::<Fentry<VfsRead>, _>(member!(VfsRead, file)).unwrap();
    let file = p.pointer(R2, &context, file);
    let inode = p.follow(R3, &file, kernel.field(member!(File, f_inode)).unwrap());
    let number = p.load(R1, &inode, kernel.field(member!(Inode, i_ino)).unwrap());
    p.exit(Watched::Done);
}
