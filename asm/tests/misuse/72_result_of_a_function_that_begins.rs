//! A function's result is asked for where it begins, by the kernel's types.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let kernel = kernel();
    let (p, context) = Typed::<Fentry<VfsRead>>::new("p");
    let result = p.result(R2, &context, kernel.result::<Fentry<VfsRead>>().unwrap());
    p.exit(Watched::Done);
}
