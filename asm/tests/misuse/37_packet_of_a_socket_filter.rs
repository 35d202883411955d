//! A socket filter asks for the packet.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (p, context) = Typed::<SocketFilter>::new("p");
    let _packet = p.packet(&context, R7, R8);
}
