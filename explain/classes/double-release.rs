use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "something is given back twice",
    why: "Submitting, discarding or releasing ends the life of what was acquired: every register and slot that held it becomes a plain number.",
    fix: "Use it before it is given back, and give it back once on every path.",
    lesson: lesson("references", 20),
    docs: pages::MESSAGES,
    when: |e| {
        let number = matches!(e.text("held"), Some("scalar" | "inv"));
        let argument =
            e.is(&[Kind::ArgumentType]) && number && e.fault.step.is_some_and(|step| releases(e.fault, step));
        argument || e.held() == Some(Held::Released)
    },
    loses_pointer: true,
    turn: |fault, last| {
        let (step, name) = call_before(fault, last, releases)?;
        let reg = fault.register_name();
        Some((step, format!("{name} gives it back: {reg} is a plain number from here on")))
    },
    remedy: |fault| {
        let name = fault
            .step
            .and_then(|last| call_before(fault, last, releases))
            .map(|(_, name)| name)
            .unwrap_or_default();
        Some(if name.starts_with("bpf_ringbuf_") {
            Remedy {
                c: "bpf_ringbuf_submit(e, 0); as the last use of e: copy before what is needed after it",
                rust: "entry.submit(0) takes the entry away, and rustc refuses a second use; a raw pointer from as_mut_ptr() it doesn't see",
                asm: "what is needed later into r6 to r9 before call bpf_ringbuf_submit#132",
            }
        } else if name.starts_with("bpf_sk_") {
            Remedy {
                c: "bpf_sk_release(sk); as the last use of sk and of all that came from it (bpf_tcp_sock(sk), bpf_sk_fullsock(sk))",
                rust: "bpf_sk_release(sk) as the last use of it; a type with Drop gives it back once",
                asm: "no use of r0's copies after call bpf_sk_release#86",
            }
        } else {
            Remedy {
                c: "the release as the last statement before return, in one place that all paths goto",
                rust: "a type of your own whose Drop releases, so that it happens once",
                asm: "one label with the release and exit, and jumps to it",
            }
        })
    },
    ..PLAIN
};
