//! Classic packet loads.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "legacy-packet-load",
    place: 890,
    title: "a classic packet load in a program type without it",
    cases: &[LEGACY_LOAD_IN_XDP, LEGACY_LOAD_WITHOUT_CONTEXT],
};

const LEGACY_LOAD_IN_XDP: Case = Case::new("legacy-load-in-xdp", Xdp)
    .teaches(
        "The packet loads of classic BPF work in socket filters and classifiers. XDP \
        programs have direct packet access instead.",
    )
    .program(|a| {
        a.mov(R6, R1);
        a.load_abs(AbsSize::U8, 0);
        a.exit();
    })
    .expect(reject(EINVAL, 1, "BPF_LD_[ABS|IND] instructions not allowed for this program type", 2))
    .twin(
        Twin::new("direct packet access", |a| {
            let out = a.label("out");
            packet(a);
            a.mov(R0, R2);
            a.add(R0, 1);
            a.goto_if(R0.gt(R3), out);
            a.load(U8, R0, R2 + 0);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(10)),
    );

const LEGACY_LOAD_WITHOUT_CONTEXT: Case = Case::new("legacy-load-without-context", SocketFilter)
    .teaches(
        "A classic packet load takes the packet from r6: the context must be there. \
        It leaves the program with 0 if the packet is too short, so there is no \
        check to forget.",
    )
    .program(|a| {
        a.load_abs(AbsSize::U8, 0);
        a.exit();
    })
    .expect(reject(EACCES, 0, "R6 !read_ok", 1))
    .twin(
        Twin::new("the context in r6", |a| {
            a.mov(R6, R1);
            a.load_abs(AbsSize::U8, 0);
            a.exit();
        })
        .expect(accept(3)),
    );
