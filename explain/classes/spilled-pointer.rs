use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a spilled pointer is read or overwritten in part",
    why: "A pointer on the stack stays one only as a whole: 8 bytes, stored and loaded at once.",
    fix: "Load all 8 bytes, and use another slot for other data.",
    lesson: lesson("stack", 50),
    docs: pages::VERIFIER,
    when: |e| e.held() == Some(Held::SpillInPart),
    remedy: |_| {
        Some(Remedy {
            c: "no union and no cast that writes half of a pointer variable; copies of structs with pointers as a whole",
            rust: "no transmute and no byte copy of a struct that holds references",
            asm: "*(u64 *)(r10 -8) = r1 and r1 = *(u64 *)(r10 -8), with no store to r10-8 to r10-1 between",
        })
    },
    ..PLAIN
};
