//! A member is read that the program's struct doesn't name.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let kernel = kernel();
    let mode = kernel.field(member!(File, f_mode));
}
