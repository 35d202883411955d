//! The packet is asked of another program's context.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, _context) = Typed::xdp("p");
    let (_other, context) = Typed::<Tc>::new("q");
    let _packet = p.packet(&context, R7, R8);
}
