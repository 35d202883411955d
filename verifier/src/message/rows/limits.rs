//! Limits of the verifier.

macro_rules! limits {
    ($($then:tt)*) => { gather! { $($then)* {
        /// The verifier gave up.
        TooManyInstructions("too-many-instructions") { processed: number } [
            .. => "BPF program is too large. Processed {processed} insn"
        ]
        /// Too many branches wait.
        TooManyJumps("too-many-jumps") { jumps: number } [
            .. => "The sequence of {jumps} jumps is too complex.",
            read => "The sequence of {jumps} jumps is too complex for async cb."
        ]
        /// More functions than a program may have.
        TooManyFunctions("program-limits") {} [ .. => "too many subprograms", read => "too many subprogs" ]
        /// Instructions that the verifier puts in take a jump too far.
        PatchRange("jump-patch-range") { insn: number } [
            .. => "insn {insn} cannot be patched due to 16-bit range"
        ]
    } } };
}
