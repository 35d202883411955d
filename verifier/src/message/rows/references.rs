//! What is acquired and must be given back.

macro_rules! references {
    ($($then:tt)*) => { gather! { $($then)* {
        /// Something acquired isn't given back.
        ReferenceLeak("reference-leak") { id: number, insn: number } [
            .. => "Unreleased reference id={id} alloc_insn={insn}",
            read => "Unreleased reference id={id}, alloc_insn={insn}"
        ]
        /// Something acquired isn't given back where the program may end.
        LeakingEnd("reference-leak") { what: text } [ .. => "{what} would lead to reference leak" ]
        /// Something acquired isn't given back at a classic packet load, which may end the program, up to 6.12.
        LeakingLoad("legacy-packet-load") {} [
            .. => "BPF_LD_[ABS|IND] cannot be mixed with socket references"
        ]
        /// Something is released that isn't held.
        NotAcquired("double-release") { helper: helper } [
            .. => "func {helper} reference has not been acquired before",
            read => "reference has not been acquired before",
            read => "arg {reg} is an unacquired reference"
        ]
        /// Something is released that the program never acquired, such as a packet's own socket.
        NotReferenced("double-release") { reg: register } [
            .. => "R{reg} must be referenced when passed to release function",
            read => "release helper {helper} expects referenced PTR_TO_BTF_ID passed to R{reg}"
        ]
        /// Something is released by a pointer that was moved.
        ReleaseMoved("kfunc-argument") { reg: register } [
            .. => "R{reg} must have zero offset when passed to release func or trusted arg to kfunc"
        ]
    } } };
}
