//! What instructions access, and which messages they can have.

use knockwright_asm::{AluOp, Insn, Reg, Source};
use knockwright_verifier::message::{Kind, Read};

/// The base register, the offset and the bytes of a load, a store or an atomic operation.
pub(crate) fn memory_operand(insn: &Insn) -> Option<(Reg, i16, u32)> {
    use knockwright_asm::{Size, SxSize};
    match *insn {
        Insn::Load { size, base, off, .. }
        | Insn::Store { size, base, off, .. }
        | Insn::StoreImm { size, base, off, .. }
        | Insn::LoadAcquire { size, base, off, .. }
        | Insn::StoreRelease { size, base, off, .. } => Some((base, off, size.bytes())),
        Insn::LoadSx { size, base, off, .. } => {
            let size = match size {
                SxSize::S8 => Size::U8,
                SxSize::S16 => Size::U16,
                SxSize::S32 => Size::U32,
            };
            Some((base, off, size.bytes()))
        }
        Insn::Atomic { size, base, off, .. } => Some((base, off, Size::from(size).bytes())),
        _ => None,
    }
}

/// Whether the verifier can say of an instruction what a message says, by the kind of the instruction and the register named.
#[expect(clippy::too_many_lines, reason = "an arm for each sort of message")]
pub(crate) fn fits(message: &Read<'_>, insn: &Insn) -> bool {
    let named = message.register();
    let is_call = matches!(insn, Insn::CallHelper { .. } | Insn::CallKfunc { .. });
    let accesses = || match memory_operand(insn) {
        Some((base, ..)) => named.is_none_or(|reg| reg == base),
        None => is_call,
    };
    let calculates = || {
        matches!(
            insn,
            Insn::Alu { .. }
                | Insn::Neg { .. }
                | Insn::ToEndian { .. }
                | Insn::Bswap { .. }
                | Insn::MovSx { .. }
        ) && named.is_none_or(|reg| insn.reads().contains(reg) || insn.writes().contains(reg))
    };
    match message.kind {
        Kind::NotReadable => {
            named.is_none_or(|reg| insn.reads().contains(reg) || is_argument_of_function(insn, reg))
        }
        Kind::MemAccess
        | Kind::MinOutside
        | Kind::MaxOutside
        | Kind::MinNegative
        | Kind::UnboundedAccess
        | Kind::OutsidePacket
        | Kind::PacketAccess
        | Kind::StackWrite
        | Kind::StackRead
        | Kind::StackByte
        | Kind::ArgumentByte
        | Kind::VaryingByte
        | Kind::PointerMoved
        | Kind::PointerMovedDown
        | Kind::PointerVaries
        | Kind::MapReadForbidden
        | Kind::MapWriteForbidden
        | Kind::MapChangeForbidden
        | Kind::ContextAccess => accesses(),
        // Of a number that varies: a constant has a message of its own.
        Kind::UnboundedMath | Kind::ValueOutOfBounds => {
            matches!(insn, Insn::Alu { op: AluOp::Add | AluOp::Sub, src: Source::Reg(_), .. })
        }
        Kind::OrNullArithmetic
        | Kind::TypeArithmetic
        | Kind::PointerOffset
        | Kind::MathConstant
        | Kind::PointerPlusPointer
        | Kind::PointerMinusPointer
        | Kind::StackSubtraction
        | Kind::ScalarMinusPointer
        | Kind::PointerOperator
        | Kind::PointerBits
        | Kind::PointerHalf
        | Kind::PointerPart
        | Kind::PointerExtended
        | Kind::SpeculativeKind
        | Kind::SpeculativeSigns
        | Kind::SpeculativePaths
        | Kind::SpeculativeBounds
        | Kind::SpeculativeValue
        | Kind::SpeculativeStack
        | Kind::SpeculativePath => calculates(),
        Kind::NegativeSize
        | Kind::ZeroSize
        | Kind::UnboundedSize
        | Kind::NotConstant
        | Kind::MapType
        | Kind::EmptyStackRead => is_call,
        Kind::ArgumentType | Kind::NotAcquired | Kind::NotReferenced => {
            is_call || matches!(insn, Insn::CallLocal { .. })
        }
        Kind::FramePointer => insn.writes().contains(Reg::R10),
        Kind::AddressReturned | Kind::ResultRange | Kind::ResultPointer | Kind::CallbackResult => {
            matches!(insn, Insn::Exit)
        }
        Kind::PointerComparison => matches!(insn, Insn::JumpIf { .. }),
        Kind::AtomicTarget | Kind::AtomicSource => {
            matches!(insn, Insn::Atomic { .. } | Insn::LoadAcquire { .. } | Insn::StoreRelease { .. })
        }
        Kind::DivisionByZero => matches!(insn, Insn::Alu { src: Source::Imm(0), .. }),
        _ => true,
    }
}

/// Functions of the program are given r1 to r5.
fn is_argument_of_function(insn: &Insn, reg: Reg) -> bool {
    matches!(insn, Insn::CallLocal { .. }) && (1..=5).contains(&reg.number())
}
