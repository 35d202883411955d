//! A number is divided by a constant that nothing checks.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, _context) = Typed::xdp("p");
    let number = p.word(R1, 7);
    let _quotient = p.div(number, 0);
}
