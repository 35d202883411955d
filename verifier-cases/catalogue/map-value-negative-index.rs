//! An index that may be negative.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-value-negative-index",
    place: 150,
    title: "the index may be negative",
    cases: &[INDEX_SIGNED_CHECK, INDEX_SMALL_NEGATIVE],
};

const INDEX_SIGNED_CHECK: Case = Case::new("index-signed-check", Xdp)
    .teaches(
        "A signed comparison bounds the index above and leaves all negative numbers. \
        The addition is refused already, with the smallest of them: no pointer may \
        go that far. An unsigned comparison excludes both ends.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U32, R1, R0 + 0);
        a.lsh(R1, 32);
        a.arsh(R1, 32);
        a.goto_if(R1.sgt(15), out);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 11, "value -2147483648 makes map_value pointer be out of bounds", 11))
    .twin(
        Twin::new("an unsigned comparison", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U32, R1, R0 + 0);
            a.lsh(R1, 32);
            a.arsh(R1, 32);
            a.goto_if(R1.gt(15), out);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(18)),
    );

const INDEX_SMALL_NEGATIVE: Case = Case::new("index-small-negative", Xdp)
    .teaches(
        "Subtracting one from an index of 0 to 15 leaves -1 to 14. The message \
        advises an unsigned index or a comparison with 0; the comparison must come \
        after the subtraction.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U8, R1, R0 + 0);
        a.and(R1, 15);
        a.sub(R1, 1);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EACCES,
        11,
        "R0 min value is negative, either use unsigned index or do a if (index >=0) \
        check.",
        11,
    ))
    .states(&[
        state(until(5, 10), 9, R1, "inv(id=0,smin_value=-1,smax_value=14)"),
        state(only(6, 1), 9, R1, "scalar(smin=-1,smax=14)"),
        state(since(6, 12), 9, R1, "scalar(smin=smin32=-1,smax=smax32=14)"),
    ])
    .twin(
        Twin::new("`if r1 s< 0` in between", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U8, R1, R0 + 0);
            a.and(R1, 15);
            a.sub(R1, 1);
            a.goto_if(R1.slt(0), out);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(18)),
    );
