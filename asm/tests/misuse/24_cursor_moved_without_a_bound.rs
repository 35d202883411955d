//! The cursor is moved by a number of any size.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::xdp("p");
    let out = p.label("out");
    let context = p.keep_context(R6, context);
    let mut packet = p.packet(&context, R7, R8);
    let config = p.word(R9, 7);
    p.advance_by(&mut packet, config);
}
