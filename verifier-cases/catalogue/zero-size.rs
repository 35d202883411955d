//! A size that may be zero.

use super::vocabulary::*;

pub(super) const CLASS: Class =
    Class { slug: "zero-size", place: 530, title: "a size argument may be zero", cases: &[SIZE_MAYBE_ZERO] };

const SIZE_MAYBE_ZERO: Case = Case::new("size-maybe-zero", Xdp)
    .teaches(
        "Most helpers want at least one byte. bpf_trace_printk wants a format of at \
        least one, so a mask alone is not enough. Exclude zero, or add one.",
    )
    .program(|a| {
        let out = a.label("out");
        found_value(a, 64, out);
        a.load(U64, R2, R0 + 0);
        a.and(R2, 63);
        a.mov(R1, R0);
        a.call(Helper::TracePrintk);
        a.bind(out);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 10, "R2 invalid zero-sized read: u64=[0,63]", 10))
    .except(&[(until(6, 1), Message("R1 min value is outside of the allowed memory range"))])
    .twin(
        Twin::new("one is added", |a| {
            let out = a.label("out");
            found_value(a, 64, out);
            a.load(U64, R2, R0 + 0);
            a.and(R2, 63);
            a.add(R2, 1);
            a.mov(R1, R0);
            a.call(Helper::TracePrintk);
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(14)),
    );
