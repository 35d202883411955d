use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the comparison with data_end proves fewer bytes than are read",
    why: "The comparison proves a number of bytes from the pointer on (`r=` in the log), and the access goes beyond them.",
    fix: "Compare pointer + offset + size with data_end.",
    lesson: lesson("packets", 20),
    docs: pages::PACKETS,
    when: |e| e.outside() == Some(Outside::TooShort),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    remedy: |_| {
        Some(Remedy {
            c: "the header that is read in both: if ((void *)(tcp + 1) > data_end); options (ip->ihl * 4, tcp->doff * 4) need a comparison of their own",
            rust: "ptr_at::<TcpHdr>(&ctx, offset)?, whose size_of::<T>() is that of the read",
            asm: "the constant of the comparison = largest offset + size of its load",
        })
    },
    ..PLAIN
};
