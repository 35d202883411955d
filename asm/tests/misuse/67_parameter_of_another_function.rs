//! A parameter is read that another function has.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let kernel = kernel();
    let (p, context) = Typed::<Fentry<VfsWrite>>::new("p");
    let count = p.parameter(R2, &context, kernel.parameter::<Fentry<VfsRead>, _>(member!(VfsRead, count)).unwrap());
    p.exit(Watched::Done);
}
