//! A socket's mark is read, where the socket may be one of a connection that ends and has none.
include!("prelude.rs");

use knockwright_asm::typed::{Ipv4Tuple, bpf_sock};

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Tc>::new("p");
    let none = p.label("none");
    let tuple = p.fill::<Ipv4Tuple>().zeroed().done();
    let found = p.lookup_tcp_any(&context, &tuple);
    let socket = p.not_null_socket(found, none);
    let socket = p.keep_socket(R6, socket);
    let mark = p.read_socket(R2, &socket, bpf_sock::MARK);
    p.release(socket);
    p.bind(none);
    p.exit(TcAction::Ok);
}
