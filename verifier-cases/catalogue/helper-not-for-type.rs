//! A helper that this type of program may not call.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "helper-not-for-type",
    place: 570,
    title: "the helper is not for programs of this type",
    cases: &[PROBE_READ_IN_XDP, ADJUST_HEAD_IN_SOCKET_FILTER],
};

const PROBE_READ_IN_XDP: Case = Case::new("probe-read-in-xdp", Xdp)
    .teaches(
        "Every program type has its own list of helpers. bpf_probe_read is for \
        tracing programs; in XDP its number is refused, up to 6.1 as if it did not \
        exist. Newer kernels say that it is the type that must not.",
    )
    .program(|a| {
        a.mov(R1, R10);
        a.add(R1, -8);
        a.mov(R2, 8);
        a.mov(R3, 0);
        a.call(Helper::ProbeRead);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 4, "program of this type cannot use helper bpf_probe_read#4", 5))
    .except(&[(until(6, 1), Message("unknown func bpf_probe_read#4"))])
    .twin(
        Twin::new("no call", |a| {
            a.mov(R1, R10);
            a.add(R1, -8);
            a.mov(R2, 8);
            a.mov(R3, 0);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(6)),
    );

const ADJUST_HEAD_IN_SOCKET_FILTER: Case = Case::new("adjust-head-in-socket-filter", SocketFilter)
    .teaches("bpf_xdp_adjust_head belongs to XDP alone.")
    .program(|a| {
        a.mov(R2, 0);
        a.call(Helper::XdpAdjustHead);
        a.mov(R0, 0);
        a.exit();
    })
    .expect(reject(EINVAL, 1, "program of this type cannot use helper bpf_xdp_adjust_head#44", 2))
    .except(&[(until(6, 1), Message("unknown func bpf_xdp_adjust_head#44"))])
    .twin(
        Twin::new("bpf_get_smp_processor_id", |a| {
            a.mov(R2, 0);
            a.call(Helper::GetSmpProcessorId);
            a.mov(R0, 0);
            a.exit();
        })
        .expect(accept(4)),
    );
