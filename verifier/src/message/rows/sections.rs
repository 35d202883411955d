//! Sections of code in which rules hold: locks, read sections, preemption, interrupts.

macro_rules! sections {
    ($($then:tt)*) => { gather! { $($then)* {
        /// Something isn't allowed while a lock is held, or the lock isn't given back.
        LockRegion("lock-region") {} [
            read => "{what} cannot be used inside bpf_spin_lock-ed region",
            read => "{what}_unlock cannot be out of order",
            read => "{what}_unlock of different lock",
            read => "{what}_unlock without taking a lock",
            read => "Acquiring the same lock again, AA deadlock detected",
            read => "bpf_throw cannot be used inside bpf_spin_lock-ed region",
            read => "global function calls are not allowed while holding a lock,",
            read => "tail_call cannot be used inside bpf_spin_lock-ed region"
        ]
        /// A map has no lock, by its types.
        LockField("spin-lock-without-btf") {} [
            read => "{what} '{what}' has no valid {what}_lock",
            read => "{what} '{what}' has no valid bpf_spin_lock",
            read => "map '{what}' doesn't have 'struct bpf_spin_lock'",
            read => "map '{what}' has more than one 'struct bpf_spin_lock'",
            read => "map '{what}' is not a struct type or bpf_spin_lock is mangled"
        ]
        /// A pointer to a lock points elsewhere.
        LockPlace("lock-place") {} [
            read => "R{reg} doesn't have constant offset. {what}_lock has to be at the constant offset",
            read => "off {number} doesn't point to 'struct {what}_lock' that is at {number}",
            read => "off {number} doesn't point to 'struct bpf_spin_lock' that is at {number}",
            read => "off {number} doesn't point to 'struct bpf_spin_lock'"
        ]
        /// A read section is needed, or begun and ended unevenly.
        RcuSection("rcu-section") {} [
            read => "{what} cannot be used inside bpf_rcu_read_lock-ed region",
            read => "Calling bpf_rcu_read_{what} in unnecessary rbtree callback",
            read => "bpf_rcu_read_unlock is missing",
            read => "bpf_throw cannot be used inside bpf_rcu_read_lock-ed region",
            read => "expected an RCU CS when using {what}",
            read => "kernel func {what} requires RCU critical section protection",
            read => "nested rcu read lock (kernel function {what})",
            read => "tail_call cannot be used inside bpf_rcu_read_lock-ed region",
            read => "unmatched rcu read unlock (kernel function {what})"
        ]
        /// Preemption is disabled and enabled unevenly.
        PreemptionSection("preemption-section") {} [
            read => "{what} cannot be used inside bpf_preempt_disable-ed region",
            read => "{number} bpf_preempt_enable{what} missing",
            read => "bpf_throw cannot be used inside bpf_preempt_disable-ed region",
            read => "global function calls are not allowed with preemption disabled,",
            read => "tail_call cannot be used inside bpf_preempt_disable-ed region",
            read => "unmatched attempt to enable preemption (kernel function {what})"
        ]
        /// Something may sleep where nothing may.
        SleepingCall("sleeping-call") {} [
            read => "global functions that may sleep are not allowed in non-sleepable context,",
            read => "helper call might sleep in a non-sleepable prog",
            read => "kernel func {what} is sleepable within {what}",
            read => "kernel func {what} is sleepable within IRQ-disabled region",
            read => "kernel func {what} is sleepable within non-preemptible region",
            read => "kernel func {what} is sleepable within rcu_read_lock region",
            read => "kernel function {what} is sleepable but the program is not",
            read => "program must be sleepable to call sleepable kfunc {what}",
            read => "sleepable global function {what}() called in {what}",
            read => "sleepable helper {what}#{number} in {what}",
            read => "sleepable helper {what}#{number} in IRQ-disabled region",
            read => "sleepable helper {what}#{number} in non-preemptible region",
            read => "sleepable helper {what}#{number} in rcu_read_lock region"
        ]
    } } };
}
