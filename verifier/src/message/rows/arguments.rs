//! Arguments and results of kernel functions and of global functions.

macro_rules! arguments {
    ($($then:tt)*) => { gather! { $($then)* {
        /// An argument isn't what the kernel function takes.
        KfuncArgument("kfunc-argument") {} [
            read => "{what} allocation size exceeds u32 max",
            read => "{what} expected pointer to func",
            read => "{what} memory, len pair leads to invalid memory access",
            read => "R{reg} pointer type {what} must point to {rest}",
            read => "2 or more rdonly/rdwr_buf_size parameters for kfunc",
            read => "Only 1 prog->aux argument supported per-kfunc",
            read => "R{reg} memory size {number} is too large",
            read => "R{reg} must be a known constant",
            read => "R{reg} must have zero offset when passed to release func",
            read => "R{reg} rdonly/rdwr_buf_size exceeds u32 max",
            read => "Unknown type ID {number} passed to kfunc bpf_rdonly_cast",
            read => "Unrecognized {what} type {what}",
            read => "Unrecognized arg#{argument} type {what}",
            read => "arg#{argument} arg#{argument} memory, len pair leads to invalid memory access",
            read => "R{reg} doesn't point to a map value",
            read => "arg#{argument} doesn't point to a map value",
            read => "arg#{argument} pointer type {what} {what} must be valid and initialized",
            read => "arg#{argument} pointer type {what} must point to {rest}",
            read => "arg#{argument} pointer type {what} {what} not to stack",
            read => "arg#{argument} should be void pointer",
            read => "arg#0 BTF type must be a double pointer",
            read => "arg#0 must have constant offset",
            read => "arg{number} expected pointer to func",
            read => "kernel function {what} {what} expected pointer to {what} {what} but {what} has a pointer to {what} {what}",
            read => "kernel function {what} {what} pointer type {what} {what} is not supported",
            read => "kernel function {what} args#{number} expected pointer to {what} {what} but R{reg} has a pointer to {what} {what}",
            read => "kernel function {what} args#{number} expected pointer to {what} {what}",
            read => "kernel function {what} args#{number} pointer type {what} {what} is not supported",
            read => "kfunc {what}#{number} failed callback verification",
            read => "kfunc bpf_rdonly_cast type ID argument must be of a struct or void",
            read => "kfunc bpf_rdonly_cast type ID argument must be of a struct",
            read => "reg type unsupported for arg#{argument} {what}function {what}#{number}",
            read => "release kernel function {what} expects refcounted PTR_TO_BTF_ID",
            read => "release kfunc {what} expects referenced PTR_TO_BTF_ID passed to R{reg}"
        ]
        /// An argument may be NULL.
        NullableArgument("nullable-argument") {} [
            read => "Possibly NULL pointer passed to helper R{reg}",
            read => "Possibly NULL pointer passed to helper arg{number}",
            read => "Possibly NULL pointer passed to trusted R{reg}",
            read => "Possibly NULL pointer passed to trusted arg{argument}",
            read => "R{reg} is expected to be non-NULL",
            read => "arg#{argument} is expected to be non-NULL"
        ]
        /// A pointer's object may be gone, or lies in memory of another kind.
        UntrustedPointer("untrusted-pointer") {} [
            read => "R{reg} is ptr_{what} access percpu memory: off={number}",
            read => "R{reg} is ptr_{what} access user memory: off={number}",
            read => "R{reg} must be referenced or trusted",
            read => "R{reg} must be a rcu pointer",
            read => "R{reg} must be referenced",
            read => "R{reg} must point to kernel BTF",
            read => "invalid bpf_context access off={number}. Reference may already be released"
        ]
        /// An argument isn't what a global function takes, by its type.
        GlobalFunctionArgument("global-function-argument") {} [
            read => "{what} is a packet pointer, but func#{number} may change packet data",
            read => "{what}() may write into memory pointed by {what} type={what}",
            read => "{what}() may write into memory pointed by R{reg} type={what}",
            read => "R{reg} is not a pointer",
            read => "R{reg} is of type {what} but {what} is expected",
            read => "R{reg} expected pointer to ctx, but got {what}",
            read => "arg#{argument} expected pointer to ctx, but got {what}",
            read => "arg#{argument} has invalid combination of tags",
            read => "arg#{argument} has pointer tag, but is not a pointer type",
            read => "arg#{argument} has type {what} '{what}', but only struct or primitive types are allowed",
            read => "arg#{argument} has unsupported set of tags",
            read => "arg#{argument} is {what} expected {rest}",
            read => "R{reg} is {what} expected {rest}",
            read => "arg#{argument} reference type('{what} {what}') {what}",
            read => "arg#{argument} reference type('{what} {what}') candidate matching error: {number}",
            read => "arg#{argument} reference type('{what} {what}') points to kernel module type (unsupported)",
            read => "R{reg} reference type('{what} {what}') size cannot be determined: {number}",
            read => "arg#{argument} reference type('{what} {what}') size cannot be determined: {number}",
            read => "arg#{argument} should be `struct {what} *`",
            read => "arg#{argument} struct doesn't have a name",
            read => "arg#{argument} type doesn't have a name",
            read => "arg#{argument} type is not a struct",
            read => "arg#{argument} type isn't a pointer",
            read => "arg#{argument} type tag fetching failure: {number}",
            read => "arg#{argument} untrusted cannot be combined with any other tags"
        ]
        /// A global function has a type that is not verified.
        GlobalFunctionSignature("global-function-signature") {} [
            read => "Arg#{number} type {what} in {what}() is not supported yet.",
            read => "Function {what} has {number} > {number} args",
            read => "Function {what} has {number} > 5 args",
            read => "Global function {what}() doesn't return scalar. Only those are supported.",
            read => "Global function {what}() return value not void or scalar. Only those are supported.",
            read => "Global function {what}() with {number} > {number} args. Buggy compiler.",
            read => "Global function {what}() with {number} > 5 args. Buggy compiler.",
            read => "Global functions need valid BTF",
            read => "Invalid BTF of func {what}",
            read => "kernel supports at most {number} parameters, function {what} has {number}"
        ]
        /// A function's result is no number.
        SubprogramResult("subprogram-result") {} [
            read => "At subprogram exit the register R{reg} is not a scalar value ({what})",
            read => "In async callback the register R{reg} is not a known value ({what})"
        ]
        /// Arguments on the stack break a rule.
        StackArguments("stack-arguments") {} [
            read => "{what} prog->aux cannot be a stack argument",
            read => "callee expects {number} args, stack arg{number} is not initialized",
            read => "func#{number} writes {number} stack arg slots, but calls only require {number}",
            read => "global function {what} has {number} > {number} args, stack args not supported",
            read => "r11 load must be before any r11 store or call insn",
            read => "stack arg write offset {number} exceeds max {number} stack args",
            read => "stack args are not supported in non-JITed programs",
            read => "tail_calls are not allowed in programs with stack args"
        ]
        /// Something is released that a kernel function has not given.
        KfuncNotAcquired("double-release") {} [
            read => "kfunc {what}#{number} reference has not been acquired before"
        ]
        /// Something acquired would be lost.
        LeakingReplaced("reference-leak") {} [
            read => "Leaking reference id={number} alloc_insn={number}. Release it first."
        ]
        /// A tail call stands where it may not.
        TailCallInFunction("tail-call-in-function") {} [
            read => "cannot tail call within callback",
            read => "cannot tail call within exception cb",
            read => "mixing of tail_calls and bpf-to-bpf calls is not supported",
            read => "program with __ref argument cannot tail call"
        ]
        /// A tail call by a register that may be several maps.
        TailCallManyMaps("tail-call-map") {} [
            read => "tail_call abusing map_ptr"
        ]
        /// The program itself would be called back.
        CallbackMain("call-target") {} [
            read => "callback function cannot be the main program"
        ]
    } } };
}
