//! A field is read that another event's record has.
include!("tracing.rs");

#[allow(unused_mut, unused_variables)]
fn main() {
    let format = EventFormat::parse("").unwrap();
    let (p, context) = Typed::<Tracepoint<Switched>>::new("p");
    let pid = p.recorded(R2, &context, format.field(member!(Started, pid)).unwrap());
    p.exit(ProbeAction::Done);
}
