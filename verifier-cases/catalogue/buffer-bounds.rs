//! The buffer of a writable trace point.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "buffer-bounds",
    place: 1190,
    title: "an access beyond a buffer that the hook gives",
    cases: &[BEFORE_THE_BUFFER],
};

const BEFORE_THE_BUFFER: Case = Case::new("before-the-buffer", RawTracepointWritable)
    .unmodelled()
    .teaches(
        "A writable trace point gives a pointer to its own buffer. How large that is \
        is known only when the program is attached; nothing lies in front of it.",
    )
    .program(|a| {
        a.load(U64, R1, R1 + 0);
        a.load(U32, R0, R1 - 8);
        a.exit();
    })
    .expect(reject(EACCES, 1, "R1 invalid tracepoint buffer access: off=-8, size=4", 2))
    .except(&[(since(7, 1), Message("R1 invalid negative tracepoint buffer offset: off=-8, var_off=0"))])
    .twin(
        Twin::new("its first bytes", |a| {
            a.load(U64, R1, R1 + 0);
            a.load(U32, R0, R1 + 0);
            a.exit();
        })
        .expect(accept(3)),
    );
