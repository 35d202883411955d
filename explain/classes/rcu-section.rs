use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a read section (RCU) is needed, or is not ended evenly",
    why: "Pointers marked __rcu stay valid between bpf_rcu_read_lock and bpf_rcu_read_unlock only, and each begun section ends before the program does. Programs that can't sleep are inside one as a whole.",
    fix: "Put the access between bpf_rcu_read_lock and bpf_rcu_read_unlock, and end the section on every path.",
    lesson: lesson("kernel", 60),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "bpf_rcu_read_lock(); p = task->real_parent; … bpf_rcu_read_unlock();",
            rust: "call the kfuncs bpf_rcu_read_lock and bpf_rcu_read_unlock around the accesses, on every path",
            asm: "call lock before the load, unlock before each exit; nothing that sleeps between",
        })
    },
    ..PLAIN
};
