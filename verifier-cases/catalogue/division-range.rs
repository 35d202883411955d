//! What the verifier knows of a remainder.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "division-range",
    place: 180,
    title: "the range of a remainder",
    cases: &[REMAINDER_AS_INDEX, QUOTIENT_AS_INDEX],
};

const REMAINDER_AS_INDEX: Case = Case::new("remainder-as-index", Xdp)
    .teaches(
        "`x % 16` is between 0 and 15, but kernels up to 6.19 do not follow division \
        and remainder: the result is unbounded for them. The newer ones know the \
        range. A mask does the same for powers of two, on every kernel.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U64, R1, R0 + 0);
        a.rem(R1, 16);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        9,
        "math between map_value pointer and register with unbounded min value is not \
        allowed",
        9,
    ))
    .except(&[(since(7, 0), To(accept(13)))])
    .states(&[
        state(until(5, 10), 8, R1, "inv(id=0)"),
        state(between((6, 1), (6, 19)), 8, R1, "scalar()"),
        state(since(7, 0), 8, R1, "scalar(smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf))"),
    ])
    .twin(
        Twin::new("`% 17`", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U64, R1, R0 + 0);
            a.rem(R1, 17);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(reject(
            EINVAL,
            9,
            "math between map_value pointer and register with unbounded min value is not \
        allowed",
            9,
        ))
        .except(&[(
            since(7, 0),
            To(reject(EACCES, 10, "R0 max value is outside of the allowed memory range", 10)),
        )]),
    );

const QUOTIENT_AS_INDEX: Case = Case::new("quotient-as-index", Xdp)
    .teaches(
        "A byte divided by 16 is at most 15. As with the remainder, only newer \
        kernels compute that. A shift to the right by four is understood by all.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U8, R1, R0 + 0);
        a.div(R1, 16);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        9,
        "math between map_value pointer and register with unbounded min value is not \
        allowed",
        9,
    ))
    .except(&[(since(7, 0), To(accept(13)))])
    .states(&[
        state(until(5, 10), 8, R1, "inv(id=0)"),
        state(between((6, 1), (6, 19)), 8, R1, "scalar()"),
        state(since(7, 0), 8, R1, "scalar(smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf))"),
    ])
    .twin(
        Twin::new("divided by 15", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U8, R1, R0 + 0);
            a.div(R1, 15);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(reject(
            EINVAL,
            9,
            "math between map_value pointer and register with unbounded min value is not \
        allowed",
            9,
        ))
        .except(&[(
            since(7, 0),
            To(reject(EACCES, 10, "R0 max value is outside of the allowed memory range", 10)),
        )]),
    );
