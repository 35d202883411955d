//! A number without any bound is added to a pointer.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-value-unbounded",
    place: 160,
    title: "a number without any bound is added to a pointer",
    cases: &[UNBOUNDED_INDEX, INDEX_32_BIT_UNBOUNDED],
};

const UNBOUNDED_INDEX: Case = Case::new("unbounded-index", Xdp)
    .teaches(
        "A full 64-bit number from a map has no bounds. Adding it to a pointer is \
        refused at the addition already: the result could be anywhere. A comparison \
        or a mask has to come first.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U64, R1, R0 + 0);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        8,
        "math between map_value pointer and register with unbounded min value is not \
        allowed",
        8,
    ))
    .states(&[state(until(5, 10), 7, R1, "inv(id=0)"), state(since(6, 1), 7, R1, "scalar()")])
    .twin(
        Twin::new("a comparison in between", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U64, R1, R0 + 0);
            a.goto_if(R1.gt(15), out);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(16)),
    );

const INDEX_32_BIT_UNBOUNDED: Case = Case::new("index-32-bit-unbounded", Xdp)
    .teaches(
        "A 32-bit number has bounds, though large ones: the addition passes, and the \
        access is refused, since an offset of 2^29 and more is called unbounded. The \
        twin compares the lower halves, which bounds the whole register as its upper \
        half is zero.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U32, R1, R0 + 0);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 9, "R0 unbounded memory access, make sure to bounds check any such access", 9))
    .twin(
        Twin::new("`if w1 > 15` in between", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U32, R1, R0 + 0);
            a.goto_if(R1.w().gt(15), out);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(16)),
    );
