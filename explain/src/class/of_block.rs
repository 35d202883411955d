//! The class of a rejection of which the log has nothing but the block that Linux 7.3 adds: by the block's title, which stands for
//! several messages. So does the class: the most general one of them.

use super::Class;

const TITLES: &[(&str, Class)] = &[
    ("32-bit pointer arithmetic", Class::PointerOperator),
    ("Access outside bounds", Class::OutsideMemory),
    ("Bitwise operation on pointer", Class::PointerOperator),
    ("Invalid call argument", Class::ArgumentType),
    ("Invalid dereference", Class::NotMemory),
    ("Invalid pointer arithmetic operator", Class::PointerOperator),
    ("IRQ flag restore out of order", Class::IrqFlag),
    ("Iterator is already initialized", Class::IteratorState),
    ("Jump into ldimm64 immediate", Class::JumpOutOfRange),
    ("Jump out of range", Class::JumpOutOfRange),
    ("Operation is not allowed in this context", Class::LockRegion),
    ("Pointer arithmetic before NULL check", Class::OrNullArithmetic),
    ("Pointer arithmetic is not allowed", Class::PointerOperator),
    ("Pointer offset is not safe", Class::MapValueUnbounded),
    ("Pointer subtracted from scalar", Class::ScalarMinusPointer),
    ("Recursive subprogram call", Class::Recursion),
    ("Referenced dynptr overwrite", Class::DynptrOverwritten),
    ("Stack spill corruption", Class::SpilledPointer),
    ("Subprogram can fall through", Class::FallsOffTheEnd),
    ("Uninitialized dynptr use", Class::UninitialisedDynptr),
    ("Uninitialized IRQ flag restore", Class::IrqFlag),
    ("Uninitialized iterator use", Class::IteratorState),
    ("Uninitialized stack read", Class::UninitialisedStack),
    ("Unlock without lock", Class::LockRegion),
    ("Unreachable instruction", Class::UnreachableInstruction),
    ("Unreadable register", Class::UninitialisedRegister),
    ("Unreleased resource", Class::ReferenceLeak),
];

impl Class {
    /// The class of a block's title; none of one that stands for too much, or that nobody here knows.
    pub(crate) fn of_block(title: &str) -> Option<Self> {
        TITLES.iter().find(|(known, _)| *known == title).map(|(_, class)| *class)
    }
}
