//! No helper has this number.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "unknown-helper",
    place: 560,
    title: "a call of a helper that does not exist",
    cases: &[HELPER_9999, HELPER_NEWER_THAN_KERNEL],
};

const HELPER_9999: Case = Case::new("helper-9999", Xdp)
    .teaches(
        "Helpers are called by number, and this kernel has none with 9999. An object \
        built for a newer kernel looks like that on an older one. 195896080 \
        (0xbad2310) is libbpf's mark for a relocation that failed.",
    )
    .program(|a| {
        a.call(HelperId::new(9999));
        a.exit();
    })
    .expect(reject(EINVAL, 0, "invalid func unknown#9999", 1))
    .twin(
        Twin::new("helper 5", |a| {
            a.call(Helper::KtimeGetNs);
            a.exit();
        })
        .expect(accept(2)),
    );

const HELPER_NEWER_THAN_KERNEL: Case = Case::new("helper-newer-than-kernel", Xdp)
    .teaches(
        "bpf_loop came with Linux 5.17 and bpf_dynptr_read with 5.19; \
        bpf_ktime_get_tai_ns with 6.1. A kernel without it does not know the number. \
        Probe for helpers, or build for the oldest kernel.",
    )
    .program(|a| {
        a.call(Helper::KtimeGetTaiNs);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(accept(3))
    .except(&[(until(5, 10), To(reject(EINVAL, 0, "invalid func unknown#208", 1)))])
    .twin(
        Twin::new("bpf_ktime_get_ns", |a| {
            a.call(Helper::KtimeGetNs);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );
