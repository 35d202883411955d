//! Arithmetic on a pointer that may be NULL.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "or-null-arithmetic",
    place: 70,
    title: "arithmetic on a pointer that may be NULL",
    cases: &[OFFSET_BEFORE_NULL_CHECK],
};

const OFFSET_BEFORE_NULL_CHECK: Case = Case::new("offset-before-null-check", Xdp)
    .teaches(
        "Adding to a pointer that may be NULL would make it something that is neither \
        NULL nor a map value, and the NULL check after it would pass. So the \
        verifier refuses the addition. Check first, or use the offset of the load.",
    )
    .program(|a| {
        let out = a.label("out");
        lookup(a, 16);
        a.add(R0, 8);
        a.goto_if(R0.eq(0), out);
        a.load(U64, R0, R0 + 0);
        a.bind(out);
        a.exit();
    })
    .expect(reject(
        EACCES,
        6,
        "R0 pointer arithmetic on map_value_or_null prohibited, null-check it first",
        6,
    ))
    .twin(
        Twin::new("the check comes first", |a| {
            let out = a.label("out");
            lookup(a, 16);
            a.goto_if(R0.eq(0), out);
            a.add(R0, 8);
            a.load(U64, R0, R0 + 0);
            a.bind(out);
            a.exit();
        })
        .expect(accept(10)),
    );
