//! A bare number is returned where there are names.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, _context) = Typed::<Tc>::new("p");
    p.exit(2);
}
