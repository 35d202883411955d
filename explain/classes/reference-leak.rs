use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "something acquired is never given back",
    why: "Every reserved record and every looked-up socket must be submitted, discarded or released on every path to the exit.",
    fix: "Give it back before the exit on this path too.",
    lesson: lesson("references", 10),
    docs: pages::MESSAGES,
    turn: |fault, _| {
        let leaks = fault.detail(Kind::ReferenceLeak).into_iter();
        let mut said = leaks.chain(fault.said.iter().cloned());
        let slot = said.find_map(|message| usize::try_from(message.fields.number("insn")?).ok())?;
        let step = fault.path.steps().iter().rposition(|step| step.slot == slot)?;
        Some((step, "what is never given back is acquired here".to_owned()))
    },
    remedy: |fault| {
        let name = acquired(fault).unwrap_or_default();
        Some(if name.starts_with("bpf_ringbuf_") {
            Remedy {
                c: "bpf_ringbuf_discard(e, 0); before each return between bpf_ringbuf_reserve() and bpf_ringbuf_submit(): goto discard; for all of them",
                rust: "entry.discard(0) before each `return` and each `?` after reserve(): the entry has no Drop",
                asm: "call bpf_ringbuf_discard#133 with the record's pointer on each way out",
            }
        } else if name.starts_with("bpf_sk") {
            Remedy {
                c: "bpf_sk_release(sk); before each return after if (!sk); none where it is NULL",
                rust: "bpf_sk_release(sk) before each `return` and each `?`, unless it is null",
                asm: "call bpf_sk_release#86 with the socket on each way out; none where it is 0",
            }
        } else if name.contains("_acquire") || name.contains("_from_") {
            Remedy {
                c: "the kernel function that gives it back (bpf_task_release(), bpf_cgroup_release(), …) before each return, unless it is NULL",
                rust: "the kernel function that gives it back before each `return` and each `?`",
                asm: "call of the releasing function on each way out; none where it is 0",
            }
        } else {
            Remedy {
                c: "one label before return, with the release, that all paths goto",
                rust: "a type of your own with Drop: `?` and early returns run it",
                asm: "one label with the release and exit, and jumps to it",
            }
        })
    },
    ..PLAIN
};
