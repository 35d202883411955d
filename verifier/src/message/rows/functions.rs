//! Functions of the program: their arguments, callbacks and results.

macro_rules! functions {
    ($($then:tt)*) => { gather! { $($then)* {
        /// An argument has a tag, which means something for global functions only.
        ArgumentTag(note) { arg: number } [ .. => "arg#{arg} type tag is not supported in static functions" ]
        /// An argument isn't the number that the function's BTF says.
        ArgumentNotNumber("global-function-argument") { reg: register } [ .. => "R{reg} is not a scalar" ]
        /// An argument isn't the context, as the function's BTF says.
        ArgumentNotContext("global-function-argument") { arg: number } [
            .. => "arg#{arg} expects pointer to ctx",
            read => "R{reg} expects pointer to ctx"
        ]
        /// A callback has been called as often as it's told to be.
        LoopLimit(note) { frame: number } [ .. => "frame{frame} bpf_loop iteration limit reached" ]
        /// A global function doesn't take these arguments.
        CallerArguments("global-function-argument") { func: number } [ read => "Caller passes invalid args into func#{func}{rest}" ]
        /// A function that is called back, in a program without BTF of its functions.
        NoFuncInfo("callback-without-func-info") {} [ .. => "missing btf func_info" ]
        /// A function that is called back is global.
        CallbackGlobal("callback-without-func-info") {} [ .. => "callback function not static" ]
        /// A map has no elements to call back with.
        CallbackMap("map-type") {} [ .. => "callback function not allowed for map" ]
        /// A callback's result is no number.
        CallbackPointer("callback-result") { reg: register } [ .. => "R{reg} not a scalar value" ]
        /// A callback's result is out of its range.
        CallbackResult("callback-result") { reg: register, value: text, range: text } [
            .. => "At callback return the register R{reg} has {value} should have been in {range}",
            read => "At callback return the register R{reg} {rest}",
            read => "At async callback the register R{reg} {rest}"
        ]
        /// The program's result is out of its range.
        ResultRange("result-range") { reg: register, value: text, range: text } [
            .. => "At program exit the register R{reg} has {value} should have been in {range}",
            read => "At program exit the register R{reg} {rest}"
        ]
        /// The program's result is no number.
        ResultPointer("result-range") { reg: register, held: text } [
            .. => "At program exit the register R{reg} is not a known value ({held})"
        ]
        /// An address would be returned.
        AddressReturned("returned-pointer") { reg: register } [ .. => "R{reg} leaks addr as return value" ]
        /// The program is a program's function that ends by itself, which needs BTF.
        EndNeedsBtf("tail-call-in-function") { what: text } [ .. => "{what} is not allowed in subprogs without BTF" ]
        /// A function with a classic packet load doesn't return a number.
        LoadNeedsNumber("tail-call-in-function") {} [ .. => "LD_ABS is only allowed in functions that return 'int'." ]
        /// A function with a tail call doesn't return a number.
        TailCallNeedsNumber("tail-call-in-function") {} [ .. => "tail_call is only allowed in functions that return 'int'." ]
        /// The walk back comes to the end of a function where there is none.
        BackIntoFunction("verifier-bug") { frame: number } [
            ..=6.15 => "BUG subprog enter from frame {frame}",
            6.16.. => "verifier bug: subprog enter from frame {frame}"
        ]
        /// The walk back comes to the call of the entry.
        BackOutOfEntry("verifier-bug") {} [
            ..=6.15 => "BUG subprog exit from frame 0",
            6.16.. => "verifier bug: subprog exit from frame 0"
        ]
        /// The walk back leaves a function, and slots of its stack are still wanted.
        BackWantsSlots("verifier-bug") { slots: hex } [
            ..=6.15 => "BUG stack slots {slots}",
            6.16.. => "verifier bug: static subprog leftover stack slots {slots}"
        ]
        /// The walk back comes to a call, and registers that it can't go on with are still wanted.
        BackWantsRegs("verifier-bug") { place: text, regs: hex } [
            ..=6.15 => "BUG regs {regs}",
            6.16.. => "verifier bug: {place} unexpected regs {regs}"
        ]
        /// The walk back is asked for a pointer; kernels before 6.16 say nothing.
        BackForPointer("verifier-bug") {} [ 6.16.. => "verifier bug: backtracking misuse" ]
    } } };
}
