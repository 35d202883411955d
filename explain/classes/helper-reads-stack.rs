use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a helper would read stack beyond what the program owns or wrote",
    why: "A helper reads as many bytes as its argument says: all of them must be in the frame, and, without CAP_PERFMON, written before.",
    fix: "Write the whole area before the call, padding included, and pass its true size.",
    lesson: lesson("stack", 60),
    when: |e| e.is(STACK_READS) && e.fault.is_call(),
    words: |fault, plain| {
        if !fault.says("invalid indirect access") {
            return plain;
        }
        Words {
            title: "a helper would use stack beyond the frame",
            why: "A helper uses as many bytes as its argument says, and all of them must be in the frame.",
            fix: "Pass a size that ends within the frame.",
        }
    },
    ..PLAIN
};
