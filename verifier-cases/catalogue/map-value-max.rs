//! An index whose largest value leads behind the map value.

use knockwright_programs::article;

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-value-max",
    place: 140,
    title: "the largest possible offset lies behind the map value",
    cases: &[
        ARTICLE_BOUNDS,
        INDEX_BORDER,
        INDEX_MASK_BORDER,
        INDEX_CHECKED_IN_COPY,
        BOUND_LOST_IN_ARITHMETIC,
    ],
};

const ARTICLE_BOUNDS: Case = Case::new("article-bounds", Xdp)
    .teaches(
        "The second fault of the article: the index is a byte from a map, only known \
        to be below another byte, so at most 254; twice that plus 8 is 516, and two \
        bytes there end behind the 48 of the value. Comparing with another variable \
        gives no bound that is worth anything. The array's length does.",
    )
    .whole_program(article::bounds)
    .expect(reject(EACCES, 121, "R7 max value is outside of the allowed memory range", 89))
    .states(&[
        state(until(5, 10), 110, R1, "inv(id=0,umax_value=255,var_off=(0x0; 0xff))"),
        state(only(6, 1), 110, R1, "scalar(umax=255,var_off=(0x0; 0xff))"),
        state(since(6, 12), 110, R1, "scalar(smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff))"),
        state(until(5, 10), 111, R2, "inv(id=0,umax_value=255,var_off=(0x0; 0xff))"),
        state(only(6, 1), 111, R2, "scalar(umax=255,var_off=(0x0; 0xff))"),
        state(since(6, 12), 111, R2, "scalar(smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff))"),
        state(until(5, 10), 112, R1, "inv(id=0,umax_value=255,var_off=(0x0; 0xff))"),
        state(only(6, 1), 112, R1, "scalar(umax=255,var_off=(0x0; 0xff))"),
        state(since(6, 12), 112, R1, "scalar(smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff))"),
        state(until(5, 10), 119, R1, "inv(id=0,umax_value=510,var_off=(0x0; 0x1fe))"),
        state(only(6, 1), 119, R1, "scalar(umax=510,var_off=(0x0; 0x1fe))"),
        state(
            since(6, 12),
            119,
            R1,
            "scalar(smin=smin32=0,smax=umax=smax32=umax32=508,var_off=(0x0; 0x1fe))",
        ),
        state(until(5, 10), 120, R7, "map_value(id=0,off=8,ks=4,vs=48,umax_value=510,var_off=(0x0; 0x1fe))"),
        state(only(6, 1), 120, R7, "map_value(off=8,ks=4,vs=48,umax=510,var_off=(0x0; 0x1fe))"),
        state(
            between((6, 12), (7, 0)),
            120,
            R7,
            "map_value(map=config_map,ks=4,vs=48,off=8,smin=smin32=0,\
        smax=umax=smax32=umax32=508,var_off=(0x0; 0x1fe))",
        ),
        state(
            only(7, 1),
            120,
            R7,
            "map_value(map=config_map,ks=4,vs=48,smin=umin=smin32=umin32=8,\
        smax=umax=smax32=umax32=516,var_off=(0x0; 0x3fe))",
        ),
        state(
            since(7, 2),
            120,
            R7,
            "map_value(id=1,map=config_map,ks=4,vs=48,smin=umin=smin32=umin32=8,\
        smax=umax=smax32=umax32=516,var_off=(0x0; 0x3fe))",
        ),
    ])
    .twin(
        Twin::whole_program("`if r1 > 0x9 goto out` in front of the index", article::bounds_fixed)
            .expect(accept(196))
            .states(&[state(until(5, 10), 119, R1, "inv(id=0,umax_value=9,var_off=(0x0; 0xf))")]),
    );

const INDEX_BORDER: Case = Case::new("index-border", Xdp)
    .teaches(
        "Eight bytes of the value come before an array of twenty u16. Index 20 would \
        end at 50, index 19 at 48: one number in the comparison decides. The \
        verifier takes the largest value that the comparison leaves, times two, plus \
        the offset and the size.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 48, out);
        a.load(U8, R1, R0 + 0);
        a.goto_if(R1.gt(20), out);
        a.lsh(R1, 1);
        a.add(R0, R1);
        a.load(U16, R0, R0 + 8);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 11, "R0 max value is outside of the allowed memory range", 11))
    .states(&[
        state(until(5, 10), 7, R1, "inv(id=0,umax_value=255,var_off=(0x0; 0xff))"),
        state(only(6, 1), 7, R1, "scalar(umax=255,var_off=(0x0; 0xff))"),
        state(since(6, 12), 7, R1, "scalar(smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff))"),
        state(until(5, 10), 8, R1, "inv(id=0,umax_value=20,var_off=(0x0; 0x1f))"),
        state(only(6, 1), 8, R1, "scalar(umax=20,var_off=(0x0; 0x1f))"),
        state(since(6, 12), 8, R1, "scalar(smin=smin32=0,smax=umax=smax32=umax32=20,var_off=(0x0; 0x1f))"),
        state(until(5, 10), 9, R1, "inv(id=0,umax_value=40,var_off=(0x0; 0x3e))"),
        state(only(6, 1), 9, R1, "scalar(umax=40,var_off=(0x0; 0x3e))"),
        state(since(6, 12), 9, R1, "scalar(smin=smin32=0,smax=umax=smax32=umax32=40,var_off=(0x0; 0x3e))"),
    ])
    .twin(
        Twin::new("`> 19` instead of `> 20`", |a| {
            let out = a.label("out");
            found_value(a, 48, out);
            a.load(U8, R1, R0 + 0);
            a.goto_if(R1.gt(19), out);
            a.lsh(R1, 1);
            a.add(R0, R1);
            a.load(U16, R0, R0 + 8);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(17))
        .states(&[
            state(until(5, 10), 8, R1, "inv(id=0,umax_value=19,var_off=(0x0; 0x1f))"),
            state(only(6, 1), 8, R1, "scalar(umax=19,var_off=(0x0; 0x1f))"),
            state(
                since(6, 12),
                8,
                R1,
                "scalar(smin=smin32=0,smax=umax=smax32=umax32=19,var_off=(0x0; 0x1f))",
            ),
            state(until(5, 10), 9, R1, "inv(id=0,umax_value=38,var_off=(0x0; 0x3e))"),
            state(only(6, 1), 9, R1, "scalar(umax=38,var_off=(0x0; 0x3e))"),
            state(
                since(6, 12),
                9,
                R1,
                "scalar(smin=smin32=0,smax=umax=smax32=umax32=38,var_off=(0x0; 0x3e))",
            ),
        ]),
    );

const INDEX_MASK_BORDER: Case = Case::new("index-mask-border", Xdp)
    .teaches(
        "A mask is the cheapest bound: `& 15` leaves 0 to 15 and needs no branch. The \
        array must have that many elements: here fifteen bytes of value and a mask \
        of fifteen make one too many.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 15, out);
        a.load(U8, R1, R0 + 0);
        a.and(R1, 15);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 10, "R0 max value is outside of the allowed memory range", 10))
    .states(&[
        state(until(5, 10), 8, R1, "inv(id=0,umax_value=15,var_off=(0x0; 0xf))"),
        state(only(6, 1), 8, R1, "scalar(umax=15,var_off=(0x0; 0xf))"),
        state(since(6, 12), 8, R1, "scalar(smin=smin32=0,smax=umax=smax32=umax32=15,var_off=(0x0; 0xf))"),
    ])
    .twin(
        Twin::new("`& 7`", |a| {
            let out = a.label("out");
            found_value(a, 15, out);
            a.load(U8, R1, R0 + 0);
            a.and(R1, 7);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(13)),
    );

const INDEX_CHECKED_IN_COPY: Case = Case::new("index-checked-in-copy", Xdp)
    .teaches(
        "The copy is made before the comparison, and still the comparison bounds it: \
        copies of a scalar share an id, and what is learnt of one holds for all. An \
        addition to the copy in between breaks the link on kernels before 6.12.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U8, R1, R0 + 0);
        a.mov(R2, R1);
        a.goto_if(R1.gt(15), out);
        a.add(R0, R2);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(accept(17))
    .twin(
        Twin::new("another load instead of a copy", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U8, R1, R0 + 0);
            a.load(U8, R2, R0 + 0);
            a.goto_if(R1.gt(15), out);
            a.add(R0, R2);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(reject(EACCES, 11, "R0 max value is outside of the allowed memory range", 11)),
    );

const BOUND_LOST_IN_ARITHMETIC: Case = Case::new("bound-lost-in-arithmetic", Xdp)
    .teaches(
        "The bound is checked, and then the index changes: multiplied by eight, 0 to \
        15 becomes 0 to 120. Bounds follow the arithmetic, so check what is added, \
        or size the check for the product.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 16, out);
        a.load(U8, R1, R0 + 0);
        a.goto_if(R1.gt(15), out);
        a.mul(R1, 8);
        a.add(R0, R1);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 11, "R0 max value is outside of the allowed memory range", 11))
    .twin(
        Twin::new("the bound is 1", |a| {
            let out = a.label("out");
            found_value(a, 16, out);
            a.load(U8, R1, R0 + 0);
            a.goto_if(R1.gt(1), out);
            a.mul(R1, 8);
            a.add(R0, R1);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(17)),
    );
