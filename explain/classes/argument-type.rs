use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an argument of a helper has the wrong type",
    why: "Each helper states which kinds of pointers and numbers it takes in r1 to r5, and the verifier compares the kind in the register with that list.",
    fix: "Pass what the helper's documentation names: a map as the first argument, memory of the stack, of a map value or of a checked packet for data.",
    lesson: lesson("helpers", 10),
    docs: pages::HELPERS,
    note: |fault| {
        let (message, _) = fault.message.as_ref()?;
        let expected = message.fields.text("expected").filter(|expected| !expected.is_empty())?;
        let reg = fault.register?;
        Some(format!("{reg} may be {} ({expected})", kinds::list(expected)))
    },
    remedy: |fault| {
        let expected = fault
            .message
            .as_ref()
            .and_then(|(message, _)| message.fields.text("expected"))
            .unwrap_or_default();
        Some(if expected.starts_with("map_ptr") {
            Remedy {
                c: "the map itself, by its name: bpf_map_lookup_elem(&counts, &key), not its descriptor or a pointer that went through memory",
                rust: "the map's method: COUNTS.get(&key); for a raw helper core::ptr::addr_of!(COUNTS) as *mut c_void",
                asm: "r1 = map[NAME] by ld_imm64, after the last call before this one",
            }
        } else if expected.starts_with("ctx") {
            Remedy {
                c: "the program's own ctx, unmoved; a function that calls the helper takes it as an argument",
                rust: "ctx.as_ptr() of the trait EbpfContext, also in functions that get &ctx",
                asm: "r6 = r1 at the start of the program, and r1 = r6 before the call",
            }
        } else if expected.starts_with("sock") || expected.starts_with("tcp_sock") {
            Remedy {
                c: "what bpf_sk_lookup_tcp() or ctx->sk gives, after `if (!sk) return …;`; bpf_sk_fullsock(sk) where a full socket is wanted",
                rust: "the pointer that bpf_sk_lookup_tcp or (*ctx.skb.skb).sk gives, after is_null()",
                asm: "r1 as bpf_sk_lookup_tcp#84 gave it in r0, after the comparison with 0",
            }
        } else if expected.starts_with("scalar") {
            Remedy {
                c: "a number: what the pointer leads to (*p), or the size of it, not the pointer",
                rust: "a number: *value, not value; size_of::<T>() as u32 for sizes",
                asm: "a constant, or a value that was loaded",
            }
        } else {
            Remedy {
                c: "a local variable that the data is copied to, and its address: __u32 key = p->id; …(&map, &key)",
                rust: "a reference to a local: let key = id; MAP.get(&key)",
                asm: "the data stored to r10-8, then r2 = r10; r2 += -8",
            }
        })
    },
    ..PLAIN
};
