//! Registers that are read and written.

macro_rules! registers {
    ($($then:tt)*) => { gather! { $($then)* {
        /// A register is read that this path hasn't written.
        NotReadable("uninitialised-register") { reg: register } [ .. => "R{reg} !read_ok" ]
        /// No such register.
        InvalidRegister("invalid-register") { reg: register } [ .. => "R{reg} is invalid" ]
        /// r10 is written.
        FramePointer("frame-pointer-write") {} [ .. => "frame pointer is read only" ]
    } } };
}
