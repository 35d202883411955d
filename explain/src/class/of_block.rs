//! The class of a rejection of which the log has nothing but the block that Linux 7.3 adds: by the block's title, and by what its
//! reason says where a title stands for several messages. Where that leaves more than one class, it's the most general of them.

use super::Class;
use crate::reading::KernelWords;

/// A title, what the reason must say beside it, and the class. The first that fits counts.
type Row = (&'static str, &'static [&'static str], Class);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("32-bit pointer arithmetic", &[], Class::PointerOperator),
    ("Access outside bounds", &["is map_value", "a negative value"], Class::MapValueNegativeIndex),
    ("Access outside bounds", &["is map_value", "offset is variable", "exceeds maximum allowed"], Class::MapValueUnbounded),
    ("Access outside bounds", &["is map_value", "offset is variable"], Class::MapValueMax),
    ("Access outside bounds", &["is map_value", "offset is constant"], Class::MapValueOffset),
    ("Access outside bounds", &["is pkt", "object_size is 0."], Class::PacketUnchecked),
    ("Access outside bounds", &["is pkt", "offset is constant"], Class::PacketCheckTooShort),
    ("Access outside bounds", &["_mem;"], Class::MemoryBounds),
    ("Access outside bounds", &["is mem;"], Class::MemoryBounds),
    ("Access outside bounds", &[], Class::OutsideMemory),
    ("Bitwise operation on pointer", &[], Class::PointerOperator),
    ("Invalid call argument", &["_or_null, but this argument accepts"], Class::OrNullArgument),
    ("Invalid call argument", &["may be NULL, but"], Class::NullableArgument),
    ("Invalid call argument", &["has type scalar, but", "accepts map_ptr"], Class::RelocationMissing),
    ("Invalid call argument", &["the dynptr is"], Class::DynptrArgument),
    ("Invalid call argument", &["kfunc"], Class::KfuncArgument),
    ("Invalid call argument", &[], Class::ArgumentType),
    ("Invalid dereference", &["a nullable map value"], Class::MapValueOrNull),
    ("Invalid dereference", &["has type pkt_end"], Class::PacketEndAccess),
    ("Invalid dereference", &[], Class::NotMemory),
    ("Invalid pointer arithmetic operator", &[], Class::PointerOperator),
    ("IRQ flag restore out of order", &[], Class::IrqFlag),
    ("Iterator is already initialized", &[], Class::IteratorState),
    ("Jump into ldimm64 immediate", &[], Class::JumpOutOfRange),
    ("Jump out of range", &["the same subprogram"], Class::JumpBetweenFunctions),
    ("Jump out of range", &[], Class::JumpOutOfRange),
    ("Missing jump table", &[], Class::IndirectJump),
    ("Operation is not allowed", &["restricted to GPL-compatible"], Class::GplOnly),
    ("Operation is not allowed", &["program type does not allow the helper"], Class::HelperNotForType),
    ("Operation is not allowed in this context", &["sleepable"], Class::SleepingCall),
    ("Operation is not allowed in this context", &["RCU read lock region"], Class::RcuSection),
    ("Operation is not allowed in this context", &["non-preemptible region"], Class::PreemptionSection),
    ("Operation is not allowed in this context", &["IRQ"], Class::IrqFlag),
    ("Operation is not allowed in this context", &[], Class::LockRegion),
    ("Pointer arithmetic before NULL check", &[], Class::OrNullArithmetic),
    ("Pointer arithmetic is not allowed", &["holds map_ptr"], Class::MapPointerArithmetic),
    ("Pointer arithmetic is not allowed", &["holds pkt_end"], Class::PacketEndAccess),
    ("Pointer arithmetic is not allowed", &[], Class::PointerOperator),
    ("Pointer offset is not safe", &[], Class::MapValueUnbounded),
    ("Pointer subtracted from scalar", &[], Class::ScalarMinusPointer),
    ("Recursive subprogram call", &[], Class::Recursion),
    ("Referenced dynptr overwrite", &[], Class::DynptrOverwritten),
    ("Stack spill corruption", &[], Class::SpilledPointer),
    ("Subprogram can fall through", &[], Class::FallsOffTheEnd),
    ("Uninitialized dynptr use", &[], Class::UninitialisedDynptr),
    ("Uninitialized IRQ flag restore", &[], Class::IrqFlag),
    ("Uninitialized iterator use", &[], Class::IteratorState),
    ("Uninitialized stack read", &[], Class::UninitialisedStack),
    ("Unlock without lock", &[], Class::LockRegion),
    ("Unmatched context exit", &["RCU read lock region"], Class::RcuSection),
    ("Unmatched context exit", &["non-preemptible region"], Class::PreemptionSection),
    ("Unreachable instruction", &[], Class::UnreachableInstruction),
    ("Unreadable register", &[], Class::UninitialisedRegister),
    ("Unreleased resource", &[], Class::ReferenceLeak),
];

impl Class {
    /// The class of a block; none if its title and reason stand for too much, or for what nobody here knows.
    pub(crate) fn of_block(words: &KernelWords) -> Option<Self> {
        let fits = |(title, reason, _): &&Row| {
            *title == words.title && reason.iter().all(|part| words.reason.contains(part))
        };
        ROWS.iter().find(fits).map(|(.., class)| *class)
    }
}
