//! An action of traffic control is returned by an XDP program.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, _context) = Typed::xdp("p");
    p.exit(TcAction::Ok);
}
