//! A value of another type is pushed.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let queue = p.queue::<u64>("queue", Order::FirstIn, 16);
    let value = p.spill::<u32>(7);
    p.push(queue, &value, Update::Any).ignore();
}
