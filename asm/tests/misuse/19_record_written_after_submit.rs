//! A record is written after it was submitted.
include!("prelude.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let (mut p, _context) = Typed::xdp("p");
    let ring = p.ring_buffer(MapDef::ring_buffer("ring", 4096));
    let out = p.label("out");
    p.reserve::<State>(ring, out, |p, record| {
        let finished = p.submit(record);
        p.store(&record, field!(State, step), 1);
        finished
    });
}
