use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an access beyond the 512 bytes of the stack",
    why: "A frame has 512 bytes below r10: offsets from -512 to -1.",
    fix: "Use less stack: a per-CPU array holds larger data.",
    lesson: lesson("stack", 10),
    docs: pages::MESSAGES,
    when: |e| {
        let number = |name, unsaid| e.number(name).unwrap_or(unsaid);
        let (off, size) = (number("off", -1), number("size", 1));
        let inside = (-512..0).contains(&off) && off + size <= 0;
        e.is(STACK_READS) && !e.fault.is_call() && !inside
    },
    words: |fault, plain| {
        // Bytes at r10 or above it.
        let number = |name| fault.message.as_ref().and_then(|(message, _)| message.fields.number(name));
        let above = number("off").is_some_and(|off| off.saturating_add(number("size").unwrap_or(1)) > 0);
        if !above {
            return plain;
        }
        Words {
            title: "an access above the stack's frame",
            fix: "Limit the offset, so that the access ends at r10 or before: the stack lies below it.",
            ..plain
        }
    },
    remedy: |fault| {
        let off = fault.message.as_ref().and_then(|(message, _)| message.fields.number("off"));
        Some(if off.is_some_and(|off| off >= 0) {
            Remedy {
                c: "an index below the array's length: the bytes above belong to the caller",
                rust: "array.get(i) in place of get_unchecked() and pointer arithmetic",
                asm: "offsets from -512 to -1",
            }
        } else {
            Remedy {
                c: "a map in place of the local: BPF_MAP_TYPE_PERCPU_ARRAY with one entry, looked up once",
                rust: "static BUFFER: PerCpuArray<Buffer> = PerCpuArray::with_max_entries(1, 0); and BUFFER.get_ptr_mut(0)",
                asm: "a map value's address in r6 in place of r10",
            }
        })
    },
    ..PLAIN
};
