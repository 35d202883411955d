//! Pointers into an arena.

use super::vocabulary::*;

pub(super) const CLASS: Class =
    Class { slug: "arena", place: 1160, title: "a rule of arenas is broken", cases: &[CAST_WITHOUT_ARENA] };

const CAST_WITHOUT_ARENA: Case = Case::new("cast-without-arena", Xdp)
    .teaches(
        "An arena is memory that a program shares with user space, and its pointers \
        are in an address space of their own (Linux 6.9). A program that casts one \
        has to use an arena: the map belongs to the program.",
    )
    .program(|a| {
        a.mov(R1, 0);
        a.addr_space_cast(Cast::ToKernel, R0, R1);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        1,
        "addr_space_cast insn can only be used in a program that has an associated arena",
        2,
    ))
    .except(&[(until(6, 1), Message("BPF_MOV uses reserved fields"))])
    .fault(&[(until(6, 1), "reserved-field")])
    .twin(
        Twin::new("without the cast", |a| {
            a.mov(R1, 0);
            a.mov(R0, R1);
            a.exit();
        })
        .expect(accept(3)),
    );
