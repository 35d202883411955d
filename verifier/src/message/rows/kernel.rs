//! What the kernel is asked for beyond the program: its structs, symbols, compiler and limits.

macro_rules! kernel {
    ($($then:tt)*) => { gather! { $($then)* {
        /// A struct of the kernel is accessed otherwise than by its type.
        KernelStructAccess("kernel-struct-access") {} [
            read => "Cannot access kernel 'struct {what}' from non-GPL compatible program",
            read => "R{reg} is a pointer to in-kernel struct with non-zero offset",
            read => "R{reg} is ptr_{what} invalid variable offset: off={number}, var_off={what}",
            read => "Writes through BTF pointers are not allowed",
            read => "access beyond struct {what} at off {number} size {number}",
            read => "access beyond the end of member {what} (mend:{number}) in struct {what} with off {number} size {number}",
            read => "cannot access ptr member {what} with moff {number} in struct {what} with off {number} size {number}",
            read => "direct access to {what} is disallowed",
            read => "field {what} doesn't have size",
            read => "max struct nesting depth exceeded",
            read => "no write support to {what} at off {number}",
            read => "no write support to tcp_sock at off {number}",
            read => "only read is supported",
            read => "struct {what} doesn't have field at offset {number}",
            read => "write access at off {number} with size {number} beyond the member of {what} ended at {number}",
            read => "write access at off {number} with size {number} beyond the member of tcp_sock ended at {number}",
            read => "write access at off {number} with size {number}"
        ]
        /// A symbol or type of the kernel isn't there.
        KernelSymbol("kernel-symbol") {} [
            read => "Helper has invalid btf/btf_id in R1",
            read => "Helper has invalid btf_id in R{reg}",
            read => "kernel is missing BTF, make sure CONFIG_DEBUG_INFO_BTF=y is specified in Kconfig.",
            read => "ldimm64 failed to find the address for kernel symbol '{what}'.",
            read => "ldimm64 insn specifies invalid btf_id {number}.",
            read => "ldimm64 unable to resolve the size of type '{what}': {number}",
            read => "pseudo btf_id {number} in ldimm64 isn't KIND_VAR or KIND_FUNC",
            read => "pseudo btf_id {number} in ldimm64 isn't KIND_VAR.",
            read => "reserved field (insn[1].imm) is used in pseudo_btf_id ldimm64 insn.",
            read => "unable to resolve the size of type '{what}': {number}"
        ]
        /// A kernel function can't be called, or isn't there.
        KfuncUnavailable("unknown-kfunc") {} [
            read => "BTF fd for kfunc is not a module BTF",
            read => "acquire kernel function does not return PTR_TO_BTF_ID",
            read => "address of kernel func_id {number} is out of range",
            read => "address of kernel function {what} is out of range",
            read => "calling kernel function is not supported without CONFIG_DEBUG_INFO_BTF",
            read => "cannot call kernel function from non-GPL compatible program",
            read => "failed to find BTF for kernel function",
            read => "fd_array has too many entries ({number}, max {number})",
            read => "fd_array_cnt {number} without fd_array is invalid",
            read => "fd_array_cnt is too big ({number})",
            read => "fd_idx {number} is not a map",
            read => "fd_idx {number} out of bounds, fd_array_cnt {number}",
            read => "fd_idx without fd_array is invalid",
            read => "invalid kernel function btf_id {number}",
            read => "invalid module BTF fd specified",
            read => "invalid module BTF object FD specified.",
            read => "kernel function {what} returns pointer type {what} {what} is not supported",
            read => "kernel function btf_id {number} does not have a valid func_proto",
            read => "kfunc fd_idx {number} is not a module BTF",
            read => "kfunc fd_idx {number} out of bounds, fd_array_cnt {number}",
            read => "kfunc offset > 0 without fd_array is invalid",
            read => "negative offset disallowed for kernel module function call"
        ]
        /// The kernel itself relocates the program, and finds no type or field for it.
        KernelRelocation("kernel-relocation") {} [
            read => "Invalid core_relo[{number}].insn_off:{number} prog->len:{number}",
            read => "nonzero tailing record in core_relo",
            read => "relo #{number}: bad type id {number}",
            read => "target candidate search failed for {number}",
            read => "unexpected kind {what} relocated, local [{number}], target [{number}]",
            read => "prog '{what}': relo {rest}"
        ]
        /// The kernel lacks what the program needs.
        KernelResources("kernel-resources") {} [
            read => "adding tail call poke descriptor failed",
            read => "cannot find address for kernel function {what}",
            read => "cannot get callchain buffer for func {what}#{number}",
            read => "tracking tail call prog failed"
        ]
        /// The type of a map is not known.
        MapTypeUnknown("map-internals") {} [
            read => "invalid map_ptr to access map->type"
        ]
        /// No map and no types behind a descriptor.
        FdUnknown("map-descriptor") {} [
            read => "fd {number} is not pointing to valid bpf_map or btf"
        ]
        /// A signed program breaks a rule.
        SignedProgram("signed-program") {} [
            read => "cannot resolve signing keyring with keyring_id {number}",
            read => "failed to read signed metadata map '{what}': {number}",
            read => "signature verification failed: {number}",
            read => "signed payload too large: {number} bytes",
            read => "signed program cannot bind any BTF",
            read => "signed program cannot bind map '{what}' not covered by the signature",
            read => "signed program cannot reference a map by fd, only via fd_array index",
            read => "signed program metadata map '{what}' has active writers",
            read => "signed program metadata map '{what}' must be an array",
            read => "signed program metadata map '{what}' must be exclusive",
            read => "signed program metadata map '{what}' must be frozen",
            read => "signed program must bind maps via a continuous fd_array (fd_array_cnt)"
        ]
        /// A field is accessed that is not there.
        FieldStore("context-access") {} [
            read => "{what} invalid variable offset to flow keys: off={number}, var_off={what}",
            read => "BPF_ST stores into R{reg} {what} is not allowed",
            read => "invalid access to context, ctx_size={number} off={number} size={number}",
            read => "invalid access to flow keys off={number} size={number}"
        ]
        /// An access beyond a buffer of the kernel.
        BufferBounds("buffer-bounds") {} [
            read => "R{reg} invalid {what} access off={number} size={number}",
            read => "R{reg} invalid {what} buffer access: off={number}, size={number}",
            read => "R{reg} invalid negative {what} buffer offset: off={number}, var_off={number}",
            read => "R{reg} invalid variable buffer offset: off={number}, var_off={what}"
        ]
        /// No such operation.
        UnknownOperation("unknown-opcode") {} [
            read => "invalid BPF_ALU opcode {number}",
            read => "invalid BPF_JMP/JMP32 opcode {number}"
        ]
        /// The verifier finds that it contradicts itself.
        VerifierBug("verifier-bug") {} [
            read => "verifier bug: {rest}",
            read => "verifier internal error: {rest}",
            read => "verifier internal error:{rest}",
            read => "BUG {rest}",
            read => "BUG: {rest}",
            read => "Failed to acquire lock state",
            read => "Please fix kernel include/linux/bpf_types.h",
            read => "R{reg} has non-overwritten BPF_PTR_POISON type",
            read => "Unhandled enum type for reference state: {number}",
            read => "Unknown conditional jump {number}",
            read => "Verifier bug in function {what}()",
            read => "Verifier bug",
            read => "allocated_stack too small",
            read => "bpf verifier is misconfigured",
            read => "bpf verifier narrow ctx access misconfigured",
            read => "bpf verifier narrow ctx load misconfigured",
            read => "btf_vmlinux is malformed",
            read => "bug: bad parent state for iter next call",
            read => "failed to mark s32 range for retval in forked state for lock",
            read => "failed to push state for failed lock acquisition",
            read => "failed to push state for global subprog exception path",
            read => "func {what} has non-overwritten BPF_PTR_POISON return type",
            read => "in-kernel BTF is malformed",
            read => "insn state internal bug",
            read => "invalid arg_type for sockmap/sockhash",
            read => "invalid insn idx {number} insn_cnt {number}",
            read => "invalid return type {number} of func {what}#{number}",
            read => "kernel function {what} unhandled dynamic return type",
            read => "kernel subsystem misconfigured func {what}#{number}: r1 != ctx",
            read => "kernel subsystem misconfigured func {what}#{number}",
            read => "kfunc {what} has inconsistent KF_IMPLICIT_ARGS",
            read => "map type {number} is misconfigured",
            read => "mark_reg_known_zero(regs, {number})",
            read => "mark_reg_not_init(regs, {number})",
            read => "mark_reg_unknown(regs, {number})",
            read => "more than one arg with ref_obj_id R{reg} {number} {number}",
            read => "pop stack internal bug",
            read => "reading from stack {what} off {number}+{number} size {number}, slot poisoned by dead code elimination",
            read => "reading from stack R{reg} off {number}+{number} size {number}, slot poisoned by dead code elimination",
            read => "reading from stack off {number}+{number} size {number}, slot poisoned by dead code elimination",
            read => "unknown return type {number} of func {what}#{number}",
            read => "unknown stack slot type {number}",
            read => "verifier BUG type {what} var_off {number} off {number}",
            read => "verifier bug. Frame {number} already allocated",
            read => "verifier bug. No program starts at insn {number}",
            read => "verifier bug. Two map pointers in a timer helper",
            read => "verifier bug. subprog has tail_call and async cb",
            read => "verifier bug. zext_dst is set, but no reg is defined",
            read => "verifier bug",
            read => "verifier insn history bug: insn_idx {number} cur flags {number} new flags {number}",
            read => "verifier insn history bug: insn_idx {number} linked_regs != 0: {number}",
            read => "verifier internal error:",
            read => "verifier internal error",
            read => "visit_insn internal bug"
        ]
        /// The compiler left a trap where it saw what is undefined.
        CompilerTrap("compiler-trap") {} [
            read => "unexpected __bpf_trap() due to uninitialized variable?"
        ]
        /// The compiler in the kernel can't do it, or isn't there.
        JitRefusal("jit-refusal") {} [
            read => "JIT does not support calling kfunc {what}#{number}",
            read => "JIT does not support fsession",
            read => "JIT does not support function {what}() with {number} args",
            read => "JIT does not support kfunc {what}() with {number} args",
            read => "JIT doesn't support bpf-to-bpf calls",
            read => "JIT is required for calling kernel function",
            read => "Private stack not supported by jit",
            read => "callbacks are not allowed in non-JITed programs",
            read => "calling kernel functions are not allowed in non-JITed programs",
            read => "program requires BPF JIT compiler but it is not available",
            read => "stack depth {number} exceeds interpreter stack depth limit",
            read => "tail_calls are not allowed in non-JITed programs with bpf-to-bpf calls"
        ]
        /// A rule of arenas.
        Arena("arena") {} [
            read => "{what} arena pointer cannot be a stack argument",
            read => "{what} arena pointer requires a program with an associated arena",
            read => "{what} is not a pointer to arena or scalar",
            read => "CAP_BPF and CAP_PERFMON are required to use arena",
            read => "JIT does not support arena arguments",
            read => "JIT does not support kfunc {what}() with arena pointer arguments",
            read => "JIT doesn't support arena",
            read => "JIT is required to use arena",
            read => "Only one arena per program",
            read => "R{reg} is not a pointer to arena or scalar.",
            read => "arena argument of {what} requires a program with an associated arena",
            read => "arena's user address must be set via map_extra or mmap()",
            read => "arg#{argument} arena cannot be combined with any other tags",
            read => "same insn cannot be used with and without arena pointer",
            read => "sign extending loads from arena are not supported yet"
        ]
        /// Something is too many.
        ProgramLimits("program-limits") {} [
            read => "{what}: too many iterations",
            read => "The total number of btfs per program has reached the limit of {number}",
            read => "The total number of maps per program has reached the limit of {number}",
            read => "liveness analysis exceeded complexity limit ({number} calls)",
            read => "stack size {number}(extra {number}) is too large",
            read => "stack size of subprog {number} is {number}. Too large",
            read => "too many different kernel function calls",
            read => "too many different module BTFs"
        ]
        /// A jump by a table that leads elsewhere.
        IndirectJump("indirect-jump") {} [
            read => "Failed to properly initialize insn array",
            read => "Invalid read of {number} bytes from insn_array",
            read => "R{reg} has type {what}, expected PTR_TO_INSN",
            read => "R{reg} points to outside of jump table: [{number},{number}] max_entries {number}",
            read => "indirect jump out of range from insn {number} to {number}",
            read => "jump table for insn {number} points outside of the subprog [{number},{number}]",
            read => "no jump tables found for subprog starting at {number}",
            read => "register R{reg} doesn't point to any offset in map id={number}",
            read => "the sum of R{reg} umax_value {number} and off {number} is too big",
            read => "the sum of R{reg} umax_value {number} is too big",
            read => "the sum of R{reg} umin_value {number} and off {number} is too big",
            read => "the sum of R{reg} umin_value {number} is too big"
        ]
    } } };
}
