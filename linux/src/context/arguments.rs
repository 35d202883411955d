//! Contexts that no struct of the kernel's interface has a name for: what a trace point records, what the user of a `syscall`
//! program gives, and the arguments of the function, hook or iterator that a program is for.

use super::{Context, Field, Sizes, context};
use crate::{KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

/// The first byte of a record that programs read: a number of 8 bytes stands before it.
const FIRST: u32 = 8;
/// The longest record, in bytes: `PERF_MAX_TRACE_SIZE`.
const LONGEST: u32 = 8192;
/// The most bytes that a `syscall` program is given.
const GIVEN: u32 = 0xffff;
/// The most arguments, with the result.
const MOST: u32 = 12;

const fn bytes(name: &'static str, offset: u32, prog_type: ProgType, since: KernelVersion) -> Field {
    Field::number(name, offset, since).sized(1, Sizes::Any).read_by(ProgTypes::of(&[prog_type]))
}

const fn argument(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    let targeted = ProgTypes::of(&[ProgType::Tracing, ProgType::Lsm, ProgType::StructOps]);
    Field::number(name, offset, since).sized(8, Sizes::Any).read_by(targeted)
}

context! {
    /// What a `tracepoint` program is given: fields as the file `format` of the event says, from its offset 8 on.
    ///
    /// The kernel looks at the size of the event when the program is attached.
    RECORD_OF_AN_EVENT = Context::frame("record of an event") => {
        /// The fields of the event.
        RECORD = bytes("record", 8, ProgType::Tracepoint, v(4, 7)).array(LONGEST - FIRST);
    }
}

context! {
    /// What a `syscall` program is given: any bytes, which its user may get back.
    GIVEN_BYTES = Context::frame("bytes that the user gives") => {
        /// The bytes.
        BYTES = bytes("bytes", 0, ProgType::Syscall, v(5, 14)).array(GIVEN).written_by(ProgTypes::of(&[ProgType::Syscall]));
    }
}

context! {
    /// What a program for a function, hook, iterator or struct is given: the arguments, 8 bytes each, and after them the
    /// result where there is one. How many there are, and what each points to, stands in the kernel's BTF.
    ARGUMENTS = Context::frame("arguments of the target") => {
        /// The arguments.
        ARGS = argument("args", 0, v(5, 5)).array(MOST);
    }
}
