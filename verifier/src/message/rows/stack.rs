//! The stack: its bounds, what is in it, and how deep it gets.

macro_rules! stack {
    ($($then:tt)*) => { gather! { $($then)* {
        /// A store outside of the stack.
        StackWrite("stack-bounds") { reg: register, off: number, size: number } [
            .. => "invalid write to stack R{reg} off={off} size={size}"
        ]
        /// A load outside of the stack, or of bytes never written.
        StackRead("uninitialised-stack") { reg: register, off: number, size: number } [
            .. => "invalid read from stack R{reg} off={off} size={size}",
            read => "invalid stack off={off} size={size}"
        ]
        /// A load of a byte that was never written.
        StackByte("uninitialised-stack") { off: number, at: number, size: number } [
            .. => "invalid read from stack off {off}+{at} size {size}"
        ]
        /// A byte that was never written is read through an argument.
        ArgumentByte("uninitialised-stack") { reg: register, off: number, at: number, size: number } [
            .. => "invalid read from stack R{reg} off {off}+{at} size {size}"
        ]
        /// A byte at an offset that varies was perhaps never written.
        VaryingByte("uninitialised-stack") { reg: register, var_off: bits, at: number, size: number } [
            .. => "invalid read from stack R{reg} var_off {var_off}+{at} size {size}"
        ]
        /// A helper would read or write outside of the stack. Kernels up to 6.12 tell it from loads and stores.
        HelperStack("helper-reads-stack") { reg: register, off: number, size: number } [
            .. => "invalid indirect access to stack R{reg} off={off} size={size}",
            read => "invalid indirect read from stack off {off}+{at} size {size}",
            read => "invalid stack type R{reg} off={off} access_size={size}"
        ]
        /// A helper would read a byte that was never written, up to 6.12.
        HelperByte("helper-reads-stack") { reg: register, off: number, at: number, size: number } [
            .. => "invalid indirect read from stack R{reg} off {off}+{at} size {size}"
        ]
        /// A helper would read a byte at an offset that varies, which was perhaps never written, up to 6.12.
        HelperVaryingByte("helper-reads-stack") { reg: register, var_off: bits, at: number, size: number } [
            .. => "invalid indirect read from stack R{reg} var_off {var_off}+{at} size {size}"
        ]
        /// The stack is accessed at an offset that varies too much.
        StackVariable("stack-variable-offset") {
            access: text, reg: register, var_off: bits, off: number, size: number
        } [
            ..=6.1 => "invalid variable-offset {access} stack R{reg} var_off={var_off} size={size}",
            6.8.. => "invalid variable-offset {access} stack R{reg} var_off={var_off} off={off} size={size}",
            read => "invalid variable-offset {access} stack R{reg} var_off={rest}",
            read => "variable stack access var_off={rest}",
            read => "R{reg} unbounded indirect variable offset stack access"
        ]
        /// The stack is accessed at an offset that has no bounds.
        StackUnbounded("stack-variable-offset") { access: text, reg: register } [
            .. => "invalid unbounded variable-offset {access} stack R{reg}"
        ]
        /// A stack pointer varies, without the privilege.
        StackVariesUnprivileged("stack-variable-offset") { reg: register, var_off: bits, off: number } [
            .. => "R{reg} variable stack access prohibited for !root, var_off={var_off} off={off}",
            read => "R{reg} variable stack access prohibited for !root, var_off={rest}"
        ]
        /// An atomic operation on the stack at an offset that varies.
        StackVariesAtomic("stack-variable-offset") { var_off: bits, off: number, size: number } [
            .. => "variable offset stack pointer cannot be passed into helper function; var_off={var_off} off={off} size={size}"
        ]
        /// An access to the stack that isn't aligned.
        StackAlignment("stack-alignment") { var_off: bits, base: number, off: number, size: number } [
            ..=7.0 => "misaligned stack access off {var_off}+{base}+{off} size {size}",
            7.1.. => "misaligned stack access off {var_off}+{off} size {size}",
            read => "misaligned stack access off {rest}"
        ]
        /// An argument is read from the stack that no caller gives, since functions may have more than five.
        StackArgument("stack-arguments") { off: number, depth: number } [
            7.2.. => "invalid read from stack arg off {off} depth {depth}"
        ]
        /// Nothing is read from the stack.
        EmptyStackRead("map-type") {} [ .. => "invalid zero-sized read" ]
        /// A part of a spilled pointer is read.
        PartialFill("spilled-pointer") {} [
            .. => "invalid size of register fill",
            read => "corrupted spill memory"
        ]
        /// A pointer is spilled in part.
        PartialSpill("spilled-pointer") {} [ .. => "invalid size of register spill" ]
        /// A spilled pointer is overwritten.
        SpillCorrupted("spilled-pointer") {} [ .. => "attempt to corrupt spilled pointer on stack" ]
        /// A stack pointer is spilled to the stack of a caller.
        SpillToCaller("stack-bounds") {} [ .. => "cannot spill pointers to stack into stack frame of the caller" ]
        /// A write at an offset that varies may hit a spilled pointer, without the privilege.
        SpillInRange("spilled-pointer") { insn: number, off: number } [
            .. => "spilled ptr in range of var-offset stack write; insn {insn}, ptr off: {off}"
        ]
        /// A spilled pointer would be read as bytes, without the privilege.
        SpillLeaks("spilled-pointer") { off: number } [ .. => "leaking pointer from stack off {off}" ]
        /// Functions that call each other need too much stack.
        CombinedStack("combined-stack") { calls: number, size: number } [
            .. => "combined stack size of {calls} calls is {size}. Too large"
        ]
        /// Too much stack before a function with a tail call.
        TailCallStack("tail-call-in-function") { size: number } [
            .. => "tail_calls are not allowed when call stack of previous frames is {size} bytes. Too large"
        ]
        /// Too many frames.
        CallDepth("call-depth") { frames: number } [
            .. => "the call stack of {frames} frames is too deep",
            read => "the call stack of {frames} frames is too deep{rest}"
        ]
        /// Too many frames in a chain of calls that perhaps no path takes.
        ChainDepth("call-depth") { frames: number } [ .. => "the call stack of {frames} frames is too deep !" ]
        /// A function returns an address in its own stack.
        ReturnedStack("returned-stack-pointer") {} [ .. => "cannot return stack pointer to the caller" ]
    } } };
}
