use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a comparison of the packet's length proves nothing",
    why: "The verifier learns from comparisons of packet pointers, not from their difference: data_end - data is just a number.",
    fix: "Compare data + size with data_end.",
    lesson: lesson("packets", 50),
    docs: pages::PACKETS,
    when: |e| e.outside() == Some(Outside::Length),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    remedy: |_| {
        Some(Remedy {
            c: "if (data + n > data_end), with void *: casts to long and data_end - data < n make a number of it",
            rust: "if ctx.data() + n > ctx.data_end(), not ctx.data_end() - ctx.data() < n",
            asm: "r4 = r2; r4 += n; if r4 > r3 goto out",
        })
    },
    ..PLAIN
};
