//! A value for tasks is asked for with a socket.
include!("prelude.rs");

use knockwright_asm::typed::{Ipv4Tuple, Missing, OfTask};

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, context) = Typed::<Tc>::new("p");
    let none = p.label("none");
    let tasks = p.storage::<OfTask, u64>("tasks");
    let tuple = p.fill::<Ipv4Tuple>().zeroed().done();
    let found = p.lookup_tcp(&context, &tuple);
    let socket = p.not_null_socket(found, none);
    let socket = p.keep_socket(R6, socket);
    let value = p.stored(tasks, &socket, Missing::Create);
    p.release(socket);
    p.bind(none);
    p.exit(TcAction::Ok);
}
