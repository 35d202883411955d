//! A socket filter redirects.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::<SocketFilter>::new("p");
    let answer = p.redirect(3);
}
