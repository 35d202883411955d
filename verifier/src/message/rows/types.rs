//! The functions and source lines that BTF tells of.

macro_rules! types {
    ($($then:tt)*) => { gather! { $($then)* {
        /// The first function doesn't begin the program.
        FirstFunction("function-info") { insn: number } [
            .. => "nonzero insn_off {insn} for the first func info record{unended}"
        ]
        /// Functions don't stand in order.
        FunctionOrder("function-info") { here: number, before: number } [
            .. => "same or smaller insn offset ({here}) than previous func info record ({before}){unended}"
        ]
        /// There are more or fewer functions than the code has.
        FunctionCount("callback-without-func-info") {} [
            .. => "number of funcs in func_info doesn't match number of subprogs"
        ]
        /// Functions begin elsewhere than in the code.
        FunctionLayout("function-info") {} [ .. => "func_info BTF section doesn't match subprog layout in BPF program" ]
        /// Source lines don't stand in order.
        LineOrder("function-info") { index: number, insn: number, before: number, count: number } [
            .. => "Invalid line_info[{index}].insn_off:{insn} (prev_offset:{before} prog->len:{count})"
        ]
        /// A source line begins in the middle of an instruction.
        LineInsideInsn("function-info") { index: number } [ .. => "Invalid insn code at line_info[{index}].insn_off" ]
        /// A function doesn't begin with a source line.
        LineMissing("function-info") { func: number } [ .. => "missing bpf_line_info for func#{func}" ]
        /// The last functions have no source lines.
        LinesMissing("function-info") { count: number, func: number } [
            .. => "missing bpf_line_info for {count} funcs starting from func#{func}"
        ]
        /// What the context's argument is, on the way.
        ArgumentOfContext(note) { func: text } [
            read => "func '{func}' arg{number} has btf_id {number} type {rest}",
            read => "Cannot find btf of tracepoint template, fall back to {rest}",
            read => "Note, {rest}",
            read => "marking pointer arg{number} as scalar as it may encode error"
        ]
        /// Advice on a line of its own, after the reason.
        Advice(note) {} [
            read => "use static function instead",
            read => "i.e., in a RCU/IRQ/preempt-disabled section, or in",
            read => "a non-sleepable BPF program context"
        ]
    } } };
}
