//! A number is divided by the constant 0.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, _context) = Typed::xdp("p");
    let number = p.word(R1, 7);
    let _quotient = number.div::<0>(&p);
    p.exit(XdpAction::Pass);
}
