use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a helper would read stack beyond what the program owns or wrote",
    why: "A helper reads as many bytes as its argument says: all of them must be in the frame, and, without CAP_PERFMON, written before.",
    fix: "Write the whole area before the call, padding included, and pass its true size.",
    lesson: lesson("stack", 60),
    docs: pages::MESSAGES,
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
    remedy: |fault| {
        Some(if fault.says("invalid indirect access") {
            Remedy {
                c: "sizeof(buffer) as the size of buffer, and no pointer into its middle with the whole size",
                rust: "size_of_val(&buffer) as u32 with buffer.as_mut_ptr()",
                asm: "r2 = r10; r2 += -N with a size of at most N",
            }
        } else {
            Remedy {
                c: "__builtin_memset(&key, 0, sizeof(key)): = {} leaves padding; and sizeof(key) as its size",
                rust: "a #[repr(C)] struct whose padding is a member (pad: [u8; 3]), so that all bytes are written",
                asm: "*(u64 *)(r10 -8) = 0 for each slot of it before the call",
            }
        })
    },
    ..PLAIN
};
