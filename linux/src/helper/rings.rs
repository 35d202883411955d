//! Helpers on ring buffers.

macro_rules! rings {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            RingbufOutput = 130 "bpf_ringbuf_output":
                [always(EVERY)],
                [takes(&[Map, MemIn, SizeOrZero, Anything], Integer).maps(RINGBUF)];
            RingbufReserve = 131 "bpf_ringbuf_reserve":
                [always(EVERY)],
                [takes(&[Map, AllocSize, Anything], RecordOrNull).maps(RINGBUF)];
            RingbufSubmit = 132 "bpf_ringbuf_submit":
                [always(EVERY)],
                [takes(&[RingbufRecord, Anything], Void).releases()];
            RingbufDiscard = 133 "bpf_ringbuf_discard":
                [always(EVERY)],
                [takes(&[RingbufRecord, Anything], Void).releases()];
            RingbufQuery = 134 "bpf_ringbuf_query":
                [always(EVERY)],
                [takes(&[Map, Anything], Integer).maps(RINGBUF)];
            RingbufReserveDynptr = 198 "bpf_ringbuf_reserve_dynptr": [since(V5_19, EVERY)], [outline(4, &[])];
            RingbufSubmitDynptr = 199 "bpf_ringbuf_submit_dynptr":
                [since(V5_19, EVERY)],
                [outline(2, &[]).releases()];
            RingbufDiscardDynptr = 200 "bpf_ringbuf_discard_dynptr":
                [since(V5_19, EVERY)],
                [outline(2, &[]).releases()];
            UserRingbufDrain = 209 "bpf_user_ringbuf_drain":
                [since(V6_1, EVERY)],
                [outline(4, &[]).calls_back(CallsBack::Records)];
        }
    };
}
