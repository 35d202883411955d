//! The functions and source lines that BTF tells of.

macro_rules! types {
    ($($then:tt)*) => { gather! { $($then)* {
        /// The first function doesn't begin the program.
        FirstFunction() { insn: number } [
            .. => "nonzero insn_off {insn} for the first func info record{unended}"
        ]
        /// Functions don't stand in order.
        FunctionOrder() { here: number, before: number } [
            .. => "same or smaller insn offset ({here}) than previous func info record ({before}){unended}"
        ]
        /// There are more or fewer functions than the code has.
        FunctionCount("callback-without-func-info") {} [
            .. => "number of funcs in func_info doesn't match number of subprogs"
        ]
        /// Functions begin elsewhere than in the code.
        FunctionLayout() {} [ .. => "func_info BTF section doesn't match subprog layout in BPF program" ]
        /// Source lines don't stand in order.
        LineOrder() { index: number, insn: number, before: number, count: number } [
            .. => "Invalid line_info[{index}].insn_off:{insn} (prev_offset:{before} prog->len:{count})"
        ]
        /// A source line begins in the middle of an instruction.
        LineInsideInsn() { index: number } [ .. => "Invalid insn code at line_info[{index}].insn_off" ]
        /// A function doesn't begin with a source line.
        LineMissing() { func: number } [ .. => "missing bpf_line_info for func#{func}" ]
        /// The last functions have no source lines.
        LinesMissing() { count: number, func: number } [
            .. => "missing bpf_line_info for {count} funcs starting from func#{func}"
        ]
    } } };
}
