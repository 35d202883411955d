//! A tail call passes another program's context.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let (_q, context) = Typed::<Tc>::new("q");
    let programs = p.programs("programs", 4);
    p.tail_call(&context, programs, 0);
}
