//! A socket is read that may not have been found.
include!("prelude.rs");

use knockwright_asm::typed::{Ipv4Tuple, bpf_sock};

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Tc>::new("p");
    let tuple = p.fill::<Ipv4Tuple>().zeroed().done();
    let found = p.lookup_tcp(&context, &tuple);
    let mark = p.read_socket(R2, &found, bpf_sock::MARK);
    p.exit(TcAction::Ok);
}
