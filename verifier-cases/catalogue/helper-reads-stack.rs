//! A helper that would read more stack than the program owns or has written.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "helper-reads-stack",
    place: 50,
    title: "a helper would read stack beyond what the program owns or wrote",
    cases: &[HELPER_READS_BEYOND_STACK, KEY_HALF_WRITTEN_WITHOUT_PERFMON, KEY_NEVER_WRITTEN_AS_ROOT],
};

const HELPER_READS_BEYOND_STACK: Case = Case::new("helper-reads-beyond-stack", Xdp)
    .teaches(
        "bpf_csum_diff reads as many bytes as its size argument says. Sixteen bytes \
        from fp-8 on would reach over the end of the stack frame, so the call is \
        refused with offset and size. The size must fit what lies between the \
        address and the frame pointer.",
    )
    .program(|a| {
        a.store(U64, R10 - 8, 0);
        a.mov(R1, 0);
        a.mov(R2, 0);
        a.mov(R3, R10);
        a.add(R3, -8);
        a.mov(R4, 16);
        a.mov(R5, 0);
        a.call(Helper::CsumDiff);
        a.exit();
    })
    .expect(reject(EINVAL, 7, "invalid read from stack R3 off=-8 size=16", 8))
    .except(&[(until(6, 12), Message("invalid indirect access to stack R3 off=-8 size=16"))])
    .twin(
        Twin::new("the size is 8", |a| {
            a.store(U64, R10 - 8, 0);
            a.mov(R1, 0);
            a.mov(R2, 0);
            a.mov(R3, R10);
            a.add(R3, -8);
            a.mov(R4, 8);
            a.mov(R5, 0);
            a.call(Helper::CsumDiff);
            a.exit();
        })
        .expect(accept(9)),
    );

const KEY_HALF_WRITTEN_WITHOUT_PERFMON: Case = Case::new("key-half-written-without-perfmon", Xdp)
    .teaches(
        "A lookup reads the whole key, eight bytes here. The program wrote four of \
        them, and without CAP_PERFMON the rest is secret: the message says which \
        byte was not written. From 6.16 on a helper may read the rest of a slot that \
        holds a spilled constant.",
    )
    .without_perfmon()
    .program(|a| {
        let map = a.map(MapDef::new::<u64, u64>("m", MapType::Hash, 16));
        a.store(U32, R10 - 8, 0);
        a.mov(R2, R10);
        a.add(R2, -8);
        a.load_map(R1, map);
        a.call(Helper::MapLookupElem);
        a.mov(R0, 0);
        a.exit();
    })
    .expect(accept(7))
    .except(&[(
        until(6, 12),
        To(reject(EACCES, 5, "invalid indirect read from stack R2 off -8+4 size 8", 5)),
    )])
    .twin(
        Twin::new("all eight bytes are written", |a| {
            let map = a.map(MapDef::new::<u64, u64>("m", MapType::Hash, 16));
            a.store(U64, R10 - 8, 0);
            a.mov(R2, R10);
            a.add(R2, -8);
            a.load_map(R1, map);
            a.call(Helper::MapLookupElem);
            a.mov(R0, 0);
            a.exit();
        })
        .expect(accept(7)),
    );

const KEY_NEVER_WRITTEN_AS_ROOT: Case = Case::new("key-never-written-as-root", Xdp)
    .teaches(
        "The same call with a key that was never written. With CAP_PERFMON kernels \
        since 6.3 (and Debian's 6.1) let the helper read it: the program works, with \
        a random key. The documentation's example of this error is out of date; the \
        fault in the program is not.",
    )
    .program(|a| {
        let map = hash_map(a, 8);
        a.mov(R2, R10);
        a.add(R2, -4);
        a.load_map(R1, map);
        a.call(Helper::MapLookupElem);
        a.mov(R0, 0);
        a.exit();
    })
    .expect(accept(6))
    .except(&[(
        until(5, 10),
        To(reject(EACCES, 4, "invalid indirect read from stack R2 off -4+0 size 4", 4)),
    )])
    .twin(
        Twin::new("the key is written", |a| {
            let map = hash_map(a, 8);
            a.store(U32, R10 - 4, 0);
            a.mov(R2, R10);
            a.add(R2, -4);
            a.load_map(R1, map);
            a.call(Helper::MapLookupElem);
            a.mov(R0, 0);
            a.exit();
        })
        .expect(accept(7)),
    );
