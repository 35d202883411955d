//! A constant offset out of the map value.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "map-value-offset",
    place: 130,
    title: "a constant offset leads out of the map value",
    cases: &[
        VALUE_OFFSET_BORDER,
        VALUE_OFFSET_BY_ADDITION,
        VALUE_OFFSET_NEGATIVE,
        VALUE_POINTER_BACK_AND_FORTH,
    ],
};

const VALUE_OFFSET_BORDER: Case = Case::new("value-offset-border", Xdp)
    .teaches(
        "The value has 48 bytes, and a load of eight bytes at 41 ends at 49. The \
        first line of the message has the numbers, the second says which bound is \
        broken; for a constant offset that is called the minimum. At 40 the last \
        byte is the value's last.",
    )
    .program(|a| {
        let out = a.label("out");
        lookup(a, 48);
        a.goto_if(R0.eq(0), out);
        a.load(U64, R0, R0 + 41);
        a.bind(out);
        a.exit();
    })
    .expect(reject(EACCES, 7, "R0 min value is outside of the allowed memory range", 7))
    .twin(
        Twin::new("offset 40", |a| {
            let out = a.label("out");
            lookup(a, 48);
            a.goto_if(R0.eq(0), out);
            a.load(U64, R0, R0 + 40);
            a.bind(out);
            a.exit();
        })
        .expect(accept(9)),
    );

const VALUE_OFFSET_BY_ADDITION: Case = Case::new("value-offset-by-addition", Xdp)
    .teaches(
        "An addition moves the pointer, and its offset appears in the register's \
        state as off=48 (imm=48 from 7.1 on). The check happens at the load, with \
        the sum of both offsets.",
    )
    .program(|a| {
        let out = a.label("out");
        lookup(a, 48);
        a.goto_if(R0.eq(0), out);
        a.add(R0, 48);
        a.load(U8, R0, R0 + 0);
        a.bind(out);
        a.exit();
    })
    .expect(reject(EACCES, 8, "R0 min value is outside of the allowed memory range", 8))
    .twin(
        Twin::new("one byte less", |a| {
            let out = a.label("out");
            lookup(a, 48);
            a.goto_if(R0.eq(0), out);
            a.add(R0, 47);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.exit();
        })
        .expect(accept(10)),
    );

const VALUE_OFFSET_NEGATIVE: Case = Case::new("value-offset-negative", Xdp)
    .teaches(
        "Nothing in front of the value may be read: there lie the key and the \
        kernel's own bookkeeping. A negative offset is refused like one behind the \
        value, and in the same words. The value starts at 0.",
    )
    .program(|a| {
        let out = a.label("out");
        lookup(a, 48);
        a.goto_if(R0.eq(0), out);
        a.load(U8, R0, R0 - 1);
        a.bind(out);
        a.exit();
    })
    .expect(reject(EACCES, 7, "R0 min value is outside of the allowed memory range", 7))
    .twin(
        Twin::new("offset 0", |a| {
            let out = a.label("out");
            lookup(a, 48);
            a.goto_if(R0.eq(0), out);
            a.load(U8, R0, R0 + 0);
            a.bind(out);
            a.exit();
        })
        .expect(accept(9)),
    );

const VALUE_POINTER_BACK_AND_FORTH: Case = Case::new("value-pointer-back-and-forth", Xdp)
    .teaches(
        "The pointer goes one byte in front of the value, and the load's offset \
        brings it back. Up to 7.0 only the sum counts. From 7.1 on the pointer's own \
        offset must not be negative at an access, and the error speaks of unbounded \
        memory.",
    )
    .program(|a| {
        let out = a.label("out");
        lookup(a, 48);
        a.goto_if(R0.eq(0), out);
        a.add(R0, -1);
        a.load(U8, R0, R0 + 1);
        a.bind(out);
        a.exit();
    })
    .expect(accept(10))
    .except(&[(
        since(7, 1),
        To(reject(EACCES, 8, "R0 unbounded memory access, make sure to bounds check any such access", 8)),
    )])
    .states(&[
        state(until(5, 10), 7, R0, "map_value(id=0,off=-1,ks=4,vs=48,imm=0)"),
        state(only(6, 1), 7, R0, "map_value(off=-1,ks=4,vs=48,imm=0)"),
        state(between((6, 12), (7, 0)), 7, R0, "map_value(map=m,ks=4,vs=48,off=-1)"),
        state(only(7, 1), 7, R0, "map_value(map=m,ks=4,vs=48,imm=-1)"),
        state(since(7, 2), 7, R0, "map_value(id=1,map=m,ks=4,vs=48,imm=-1)"),
    ])
    .twin(
        Twin::new("the load has the smaller offset", |a| {
            let out = a.label("out");
            lookup(a, 48);
            a.goto_if(R0.eq(0), out);
            a.add(R0, 1);
            a.load(U8, R0, R0 - 1);
            a.bind(out);
            a.exit();
        })
        .expect(accept(10)),
    );
