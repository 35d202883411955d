//! Limits of the verifier.

macro_rules! limits {
    ($($then:tt)*) => { gather! { $($then)* {
        /// The verifier gave up.
        TooManyInstructions("too-many-instructions") { processed: number } [
            .. => "BPF program is too large. Processed {processed} insn"
        ]
        /// Too many branches wait.
        TooManyJumps("too-many-jumps") { jumps: number } [
            .. => "The sequence of {jumps} jumps is too complex."
        ]
        /// More functions than a program may have.
        TooManyFunctions() {} [ .. => "too many subprograms", read => "too many subprogs" ]
        /// Something else is too large.
        TooLarge() { insn: number } [
            read => "The sequence of {rest}",
            read => "insn {insn} cannot be patched due to 16-bit range"
        ]
    } } };
}
