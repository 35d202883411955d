//! A redirect's answer of traffic control is returned by an XDP program.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, _context) = Typed::xdp("p");
    let (mut q, _other) = Typed::<Tc>::new("q");
    let answer = q.redirect(3, Side::Egress);
    p.exit(answer);
}
