//! A number is shifted by all of its bits.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, _context) = Typed::xdp("p");
    let number = p.word(R1, 7);
    let _shifted = number.arsh::<64>(&p);
    p.exit(XdpAction::Pass);
}
