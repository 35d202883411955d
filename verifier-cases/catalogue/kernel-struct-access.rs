//! What may be done to a struct of the kernel.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "kernel-struct-access",
    place: 1000,
    title: "a struct of the kernel is accessed otherwise than its type allows",
    cases: &[KERNEL_STRUCT_WRITTEN],
};

/// `r0` is the `tcp_sock` of the context's socket.
#[track_caller]
fn tcp_socket(a: &mut Asm, out: Label) {
    a.load(U64, R1, R1 + 168);
    a.goto_if(R1.eq(0), out);
    a.call(Helper::SkcToTcpSock);
    a.goto_if(R0.eq(0), out);
}

const KERNEL_STRUCT_WRITTEN: Case = Case::new("kernel-struct-written", CgroupSkb)
    .unmodelled()
    .teaches(
        "bpf_skc_to_tcp_sock gives a pointer to the kernel's own struct tcp_sock, by \
        its BTF type. Its members may be read, each as a whole, and none written.",
    )
    .program(|a| {
        let out = a.label("out");
        tcp_socket(a, out);
        a.store(U64, R0 + 0, 0);
        a.bind(out);
        a.mov(R0, 1);
        a.exit();
    })
    .expect(reject(EACCES, 4, "only read is supported", 5))
    .twin(
        Twin::new("it is read", |a| {
            let out = a.label("out");
            tcp_socket(a, out);
            a.load(U64, R1, R0 + 0);
            a.bind(out);
            a.mov(R0, 1);
            a.exit();
        })
        .expect(accept(10)),
    );
