//! A socket is looked up where programs can't.
include!("prelude.rs");

use knockwright_asm::typed::Ipv4Tuple;

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<SocketFilter>::new("p");
    let tuple = p.fill::<Ipv4Tuple>().zeroed().done();
    let found = p.lookup_tcp(&context, &tuple);
    p.exit(0);
}
