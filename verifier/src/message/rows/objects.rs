//! Objects of the kernel that a program holds: dynptrs, iterators, kernel pointers, lists and trees, timers.

macro_rules! objects {
    ($($then:tt)*) => { gather! { $($then)* {
        /// A dynptr is given where another is wanted.
        DynptrArgument("dynptr-argument") {} [
            read => "Dynptr has to be an uninitialized dynptr",
            read => "Expected a dynptr of type {what} as R{reg}",
            read => "Expected a dynptr of type {what} as arg #{number}",
            read => "Unsupported reg type {what} for bpf_dynptr_from_mem data",
            read => "R{reg} expected pointer to stack or const struct bpf_dynptr",
            read => "arg#{argument} expected pointer to stack or const struct bpf_dynptr",
            read => "arg#{argument} pointer type {what} {what} points to unsupported dynamic pointer type",
            read => "cannot pass in {what} at an offset={number}",
            read => "cannot pass in dynptr at an offset",
            read => "cannot pass pointer to const bpf_dynptr, the helper mutates it"
        ]
        /// A dynptr is overwritten or released that may not be.
        DynptrOverwritten("dynptr-overwritten") {} [
            read => "CONST_PTR_TO_DYNPTR cannot be released",
            read => "cannot overwrite referenced dynptr",
            read => "cannot release unowned const bpf_dynptr",
            read => "potential write to dynptr at off={number} disallowed"
        ]
        /// An iterator is used out of order.
        IteratorState("iterator-state") {} [
            read => "R{reg} expected pointer to an iterator on stack",
            read => "arg#{argument} expected pointer to an iterator on stack",
            read => "expected an initialized iter_{what} as R{reg}",
            read => "expected an initialized iter_{what} as arg #{argument}",
            read => "expected uninitialized iter_{what} as R{reg}",
            read => "expected uninitialized iter_{what} as arg #{argument}",
            read => "expected valid iter pointer as R{reg}",
            read => "expected valid iter pointer as arg #{argument}"
        ]
        /// The saved state of interrupts is used out of order.
        IrqFlag("irq-flag") {} [
            read => "{what} cannot be used inside bpf_local_irq_save-ed region",
            read => "R{reg} doesn't point to an irq flag on stack",
            read => "arg#{argument} doesn't point to an irq flag on stack",
            read => "cannot restore irq state out of order, expected id={number} acquired at insn_idx={number}",
            read => "expected an initialized irq flag as R{reg}",
            read => "expected an initialized irq flag as arg#{argument}",
            read => "expected uninitialized irq flag as R{reg}",
            read => "expected uninitialized irq flag as arg#{argument}",
            read => "irq flag acquired by {what} kfuncs cannot be restored with {what} kfuncs"
        ]
        /// A kernel pointer in a map value is used otherwise than by its rules.
        Kptr("kptr") {} [
            read => "BPF_ST imm must be 0 when storing to kptr at off={number}",
            read => "R{reg} doesn't have constant offset. kptr has to be at the constant offset",
            read => "R{reg} has no valid kptr",
            read => "R{reg} doesn't point to a type with bpf_refcount field",
            read => "arg#{argument} doesn't point to a type with bpf_refcount field",
            read => "arg#0 no referenced kptr at map value offset={number}",
            read => "invalid kptr access, R{reg} type={what}",
            read => "kptr access cannot have variable offset",
            read => "kptr access misaligned expected={number} off={number}",
            read => "kptr access size must be BPF_DW",
            read => "kptr cannot be accessed indirectly by helper",
            read => "kptr in map can only be accessed using BPF_LDX/BPF_STX/BPF_ST",
            read => "kptr in map can only be accessed using BPF_MEM instruction mode",
            read => "map '{what}' has more than {number} kptr",
            read => "map '{what}' has no valid kptr",
            read => "map '{what}' has repeating kptr BTF tags",
            read => "off={number} doesn't point to kptr",
            read => "off={number} kptr isn't referenced kptr",
            read => "store to referenced kptr disallowed",
            read => "store to uptr disallowed"
        ]
        /// An object of the program, a list or a tree of them is used otherwise than by its rules.
        OwnedObject("owned-object") {} [
            read => "{what} can only take non-owning or refcounted bpf_rb_node pointer",
            read => "{what} not allowed in rbtree cb",
            read => "{what} not found at offset={number}",
            read => "allocated object must be referenced",
            read => "R{reg} doesn't point to map value or allocated object",
            read => "arg#{argument} doesn't point to map value or allocated object",
            read => "R{reg} expected for bpf_obj_drop()",
            read => "arg#{argument} expected for bpf_obj_drop()",
            read => "arg#{argument} expected for bpf_obj_drop_impl()",
            read => "R{reg} expected for bpf_percpu_obj_drop()",
            read => "arg#{argument} expected for bpf_percpu_obj_drop()",
            read => "arg#{argument} expected for bpf_percpu_obj_drop_impl()",
            read => "R{reg} expected pointer to allocated object",
            read => "arg#{argument} expected pointer to allocated object",
            read => "R{reg} expected pointer to map value or allocated object",
            read => "arg#{argument} expected pointer to map value or allocated object",
            read => "R{reg} is neither owning or non-owning ref",
            read => "arg#{argument} is neither owning or non-owning ref",
            read => "arg#1 offset={number}, but expected {what} at offset={number} in struct {what}",
            read => "bpf_obj_new/bpf_percpu_obj_new requires prog BTF",
            read => "bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a struct",
            read => "bpf_percpu_obj_new type ID argument must be of a struct of scalars",
            read => "bpf_percpu_obj_new type ID argument must not contain special fields",
            read => "bpf_percpu_obj_new type size ({number}) is greater than {number}",
            read => "bpf_spin_lock at off={number} must be held for {what}",
            read => "can't res_spin_{what} in rbtree cb",
            read => "can't spin_{what} in rbtree cb",
            read => "held lock and object are not in the same allocation",
            read => "kfunc {what}#{number} conversion of owning ref to non-owning failed",
            read => "local type ID argument must be in range [0, U32_MAX]",
            read => "operation on {what} expects arg#1 {what} at offset={number} in struct {what}, but arg is at offset={number} in struct {what}",
            read => "rbtree_remove node input must be non-owning ref",
            read => "rbtree_remove not allowed in rbtree cb"
        ]
        /// A timer, a lock or something else that the kernel keeps in a map value is used otherwise than by its rules.
        SpecialField("special-field") {} [
            read => "{what} access cannot have variable offset",
            read => "{what} access misaligned expected={number} off={number}",
            read => "{what} access size must be BPF_DW",
            read => "{what} cannot be accessed directly by load/store",
            read => "{what} cannot be accessed indirectly by helper",
            read => "{what} cannot be used in tracing programs on types with NMI unsafe fields",
            read => "{what} has to be at a constant offset",
            read => "{what} pointer in R{reg} map_uid={rest}",
            read => "R{reg} doesn't have constant offset. {what} has to be at the constant offset",
            read => "R{reg} doesn't have constant offset. bpf_timer has to be at the constant offset",
            read => "arg#0 expected pointer to map value",
            read => "bpf_spin_lock cannot be accessed directly by load/store",
            read => "bpf_task_work pointer in R{reg} map_uid={number} doesn't match map pointer in R3 map_uid={number}",
            read => "bpf_timer cannot be accessed directly by load/store",
            read => "doesn't match map pointer in {what} map_uid={number}",
            read => "map '{what}' doesn't have 'struct bpf_timer'",
            read => "map '{what}' has more than one 'struct bpf_timer'",
            read => "map '{what}' has no valid {what}",
            read => "map '{what}' has no valid bpf_timer",
            read => "map '{what}' is not a struct type or bpf_timer is mangled",
            read => "off {number} doesn't point to 'struct {what}' that is at {number}",
            read => "off {number} doesn't point to 'struct bpf_timer' that is at {number}",
            read => "off {number} doesn't point to 'struct bpf_wq' that is at {number}",
            read => "pointer in {what} isn't map pointer",
            read => "pointer in R{reg} isn't map pointer",
            read => "timer pointer in R{reg} map_uid={number} doesn't match map pointer in R2 map_uid={number}",
            read => "tracing progs cannot use bpf_timer yet",
            read => "workqueue pointer in R{reg} map_uid={number} doesn't match map pointer in R2 map_uid={number}"
        ]
        /// An argument isn't a string that never changes.
        ConstantString("constant-string") {} [
            read => "{what} points to percpu_array map which cannot be used as const string",
            read => "Invalid format string",
            read => "R{reg} does not point to a readonly map'",
            read => "R{reg} is not a constant address'",
            read => "R{reg} points to insn_array map which cannot be used as const string",
            read => "R{reg} doesn't point to a const string",
            read => "arg#{argument} doesn't point to a const string",
            read => "direct value access on string failed",
            read => "failed to retrieve map value address",
            read => "string is not zero-terminated"
        ]
        /// What is thrown, or its callback, breaks a rule.
        Exception("exception") {} [
            read => "{what} programs cannot attach to exception callback",
            read => "bpf_throw kfunc (insn {number}) cannot be called from callback subprog {number}",
            read => "exception callback '{what}' could not be found in BTF",
            read => "exception callback '{what}' must have global linkage",
            read => "exception callback type id not found in func_info",
            read => "exception cb cannot return void",
            read => "exception cb only supports single integer argument",
            read => "insn {number} cannot call exception cb directly",
            read => "invalid exception callback insn_off in func_info: 0",
            read => "multiple exception callback tags for main subprog"
        ]
    } } };
}
