use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a loop that makes no progress",
    why: "The verifier came back to an instruction with a state that it had seen before on the same path: the loop would go on for ever as far as it can tell.",
    fix: "Count towards a constant limit with a register that the loop changes, or use `bpf_loop` or `may_goto`.",
    lesson: lesson("loops", 20),
    words: |fault, plain| {
        if fault.kind() != Some(Kind::BackEdge) {
            return plain;
        }
        Words {
            title: "a jump back, where loops aren't allowed",
            why: "The verifier looks for jumps back before it walks the program, and refuses any: loops need Linux 5.3, and \
                  CAP_BPF (up to 5.7 CAP_SYS_ADMIN).",
            fix: "Load the program with the capability, or unroll the loop.",
        }
    },
    ..PLAIN
};
