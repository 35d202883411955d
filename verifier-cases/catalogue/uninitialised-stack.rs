//! Stack bytes that the program never wrote.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "uninitialised-stack",
    place: 40,
    title: "the program reads stack bytes that it never wrote",
    cases: &[STACK_READ_AS_ROOT, STACK_READ_WITHOUT_PERFMON, STACK_HALF_WRITTEN_WITHOUT_PERFMON],
};

const STACK_READ_AS_ROOT: Case = Case::new("stack-read-as-root", Xdp)
    .teaches(
        "The stack holds whatever the kernel left there. Since Linux 6.3 (and in \
        Debian's 6.1) who may read kernel memory anyway, with CAP_PERFMON, may read \
        it; older kernels refuse. Zero the slot and every kernel agrees.",
    )
    .program(|a| {
        a.load(U64, R0, R10 - 8);
        a.exit();
    })
    .expect(accept(2))
    .except(&[(until(5, 10), To(reject(EACCES, 0, "invalid read from stack R10 off=-8 size=8", 1)))])
    .twin(
        Twin::new("the slot is zeroed first", |a| {
            a.store(U64, R10 - 8, 0);
            a.load(U64, R0, R10 - 8);
            a.exit();
        })
        .expect(accept(3)),
    );

const STACK_READ_WITHOUT_PERFMON: Case = Case::new("stack-read-without-perfmon", Xdp)
    .teaches(
        "Without CAP_PERFMON the verifier keeps stack bytes secret that the program \
        did not write. The message names the register, the offset from the frame \
        pointer and the size of the read. Zero the slot first.",
    )
    .without_perfmon()
    .program(|a| {
        a.load(U64, R0, R10 - 8);
        a.exit();
    })
    .expect(reject(EACCES, 0, "invalid read from stack R10 off=-8 size=8", 1))
    .twin(
        Twin::new("the slot is zeroed first", |a| {
            a.store(U64, R10 - 8, 0);
            a.load(U64, R0, R10 - 8);
            a.exit();
        })
        .expect(accept(3)),
    );

const STACK_HALF_WRITTEN_WITHOUT_PERFMON: Case = Case::new("stack-half-written-without-perfmon", Xdp)
    .teaches(
        "A read of eight bytes needs all eight written. Four bytes written at fp-8 \
        leave fp-4 to fp-1 unknown, and the read is refused. Two stores, or one wide \
        one, fill the slot.",
    )
    .without_perfmon()
    .program(|a| {
        a.store(U32, R10 - 8, 0);
        a.load(U64, R0, R10 - 8);
        a.exit();
    })
    .expect(reject(EACCES, 1, "invalid read from stack off -8+4 size 8", 2))
    .twin(
        Twin::new("the other half is written too", |a| {
            a.store(U32, R10 - 8, 0);
            a.store(U32, R10 - 4, 0);
            a.load(U64, R0, R10 - 8);
            a.exit();
        })
        .expect(accept(4)),
    );
