use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an access to the context that its type does not have",
    why: "The context is no memory: each program type allows certain fields, each with its width, some to read and few to write.",
    fix: "Read a field of the program type's context with its whole width; see its struct in linux/bpf.h.",
    lesson: lesson("pointers", 10),
    docs: pages::VERIFIER,
    words: |fault, plain| {
        // Said of the hook's own types, before the access is refused.
        if fault.detail(Kind::AttachTarget).is_none() {
            return plain;
        }
        Words {
            title: "the hook has no such argument",
            why: "The context of a program with types is the list of the hook's arguments, 8 bytes each.",
            fix: "Read one of the arguments that the hook's prototype has: see it in vmlinux.h, made from the types that CO-RE uses too \
                  (bpftool btf dump file /sys/kernel/btf/vmlinux format c).",
        }
    },
    remedy: |fault| {
        let size = fault.message.as_ref().and_then(|(message, _)| message.fields.number("size"));
        Some(if fault.detail(Kind::AttachTarget).is_some() {
            Remedy {
                c: "int BPF_PROG(name, struct file *file, …) with the arguments of the hook's prototype in vmlinux.h",
                rust: "ctx.arg::<*const file>(n) with n below the number of the hook's arguments; after them fexit has the result",
                asm: "r2 = *(u64 *)(r1 +8*n)",
            }
        } else if size == Some(8) && carrier(fault).is_some() {
            Remedy {
                c: "(void *)(long)ctx->data: the fields of xdp_md and __sk_buff have 4 bytes, as pointers too; skb->sk has 8",
                rust: "ctx.data(), ctx.data_end(); other fields as the u32 that they are: (*ctx.skb.skb).len",
                asm: "r2 = *(u32 *)(r1 +0): 4 bytes",
            }
        } else {
            Remedy {
                c: "ctx->field by its own type, where the program type has it and lets it be written; a tracepoint's fields are in /sys/kernel/tracing/events/…/format",
                rust: "the context's methods, or the whole field through its raw pointer: (*ctx.skb.skb).mark; ctx.read_at::<T>(offset)? for tracepoints",
                asm: "offset and width of one field that this program type has (docs/contexts.md lists them)",
            }
        })
    },
    ..PLAIN
};
