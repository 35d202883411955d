//! The fault as the last instruction and the messages give it: which register, which access, which object.

use knockwright_asm::{AluOp, Insn, Reg, Source};
use knockwright_verifier::log::{PointerKind, PointerState, RegState};
use knockwright_verifier::message::{Kind, Read};

use super::findings::is_structural;
use super::helper;
use super::operand::{self, memory_operand};
use super::sizes::{self, SizeArgument};
use crate::numbers;
use crate::path::Path;
use crate::reading::Reading;

/// Memory that an access must stay in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Object {
    /// A value of a map, with the map's name where the log has it.
    MapValue {
        map: Option<String>,
    },
    /// Memory that a helper gave.
    Memory,
    Stack,
    Packet,
}

/// An access that isn't allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) object: Object,
    /// The register that points to the object.
    pub(crate) base: Reg,
    /// The constant offset in the instruction; 0 for a helper's argument.
    pub(crate) off: i128,
    /// The bytes accessed; unknown for an addition that is refused, and for a helper that the message gives none of.
    pub(crate) size: Option<i128>,
    /// The object's size in bytes; unknown for packets.
    pub(crate) object_size: Option<i128>,
    /// The argument that holds the size, for a helper's memory.
    pub(crate) size_argument: Option<SizeArgument>,
}

/// What the verifier itself says of an access that is outside of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Said {
    /// The offset that is wrong: the smallest or the largest.
    pub(crate) offset: i128,
    /// In bytes.
    pub(crate) size: i128,
    /// In bytes.
    pub(crate) object_size: i128,
}

/// A rejection, taken apart.
pub(crate) struct Fault<'a> {
    pub(crate) path: Path<'a>,
    /// The message that says why.
    pub(crate) message: Option<(Read<'a>, &'a str)>,
    /// The step of the instruction; none if the code was refused before it was walked.
    pub(crate) step: Option<usize>,
    /// The frame that the register belongs to.
    pub(crate) frame: u32,
    /// None if the log's text of it can't be read.
    pub(crate) insn: Option<Insn>,
    /// The register that the verifier speaks of, or that the instruction makes plain.
    pub(crate) register: Option<Reg>,
    /// All messages at the end of the log that are reasons of rejections.
    pub(crate) said: Vec<Read<'a>>,
}

/// The register of an argument, counted from 0.
fn argument_register(argument: i64) -> Option<Reg> {
    Reg::from_number(u8::try_from(argument.checked_add(1)?).ok()?)
}

impl<'a> Fault<'a> {
    pub(crate) fn new(reading: &'a Reading) -> Self {
        let path = Path::new(reading);
        let message = reading.verdict();
        let last = path.last().filter(|_| !reading.lacks_the_last_instruction());
        // A message that the last instruction can't have is of one that is missing.
        let step = last.filter(|step| {
            let insn = path.insn(*step);
            message.as_ref().is_none_or(|(message, _)| insn.is_none_or(|insn| operand::fits(message, &insn)))
        });
        let frame = step.map_or(0, |step| path.steps()[step].frame);
        let insn = step.and_then(|step| path.insn(step));
        let said = reading.known_messages().collect();
        let mut fault = Self { path, message, step, frame, insn, register: None, said };
        fault.register = fault.find_register();
        fault
    }

    /// What the message says.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.message.as_ref().map(|(message, _)| message.kind)
    }

    /// Whether the message starts so.
    pub(crate) fn says(&self, start: &str) -> bool {
        self.message.as_ref().is_some_and(|(_, text)| text.starts_with(start))
    }

    /// The name of the register; nothing if there is none.
    pub(crate) fn register_name(&self) -> String {
        self.register.map_or_else(String::new, |reg| reg.to_string())
    }

    /// The newest message of a kind among all at the end of the log.
    pub(crate) fn detail(&self, kind: Kind) -> Option<Read<'a>> {
        self.said.iter().rev().find(|message| message.kind == kind).cloned()
    }

    /// What a register holds before the last instruction; the bytes that the message calls proven are.
    pub(crate) fn state(&self, reg: Reg) -> Option<RegState<'a>> {
        let mut state = self.path.before(self.step?, self.frame, reg)?;
        if let RegState::Pointer(pointer) = &mut state
            && pointer.kind.is_packet()
            && let Some(message) = self.detail(Kind::PacketAccess)
            && message.register() == Some(reg)
        {
            pointer.range = message.fields.number("range").or(pointer.range);
        }
        Some(state)
    }

    /// Whether the last instruction is a call of a helper or a kernel function.
    pub(crate) fn is_call(&self) -> bool {
        matches!(self.insn, Some(Insn::CallHelper { .. } | Insn::CallKfunc { .. }))
    }

    /// The register that is accessed through, for loads, stores and atomics, with the offset and the bytes.
    pub(crate) fn memory_operand(&self) -> Option<(Reg, i16, u32)> {
        memory_operand(&self.insn?)
    }

    fn find_register(&self) -> Option<Reg> {
        let Some(kind) = self.kind() else {
            // Messages of all kernels start with the register that they are about.
            let digits = self.path.reading.messages.last()?.strip_prefix('R')?;
            return Reg::from_number(digits.split(' ').next()?.parse().ok()?);
        };
        // On the way to the last message the verifier may have named the register in one before it.
        let named = self.message.as_ref().and_then(|(message, _)| message.register());
        match kind {
            Kind::UnboundedMath | Kind::ValueOutOfBounds => return self.number_operand().or(named),
            Kind::CallerArguments => return self.named_on_the_way(),
            Kind::UnmadeDynptr if named.is_none() => return self.unmade_dynptr(),
            Kind::FramePointer => return Some(Reg::R10),
            Kind::ReturnedStack => return Some(Reg::R0),
            Kind::ReferenceLeak
            | Kind::LeakingEnd
            | Kind::InfiniteLoop
            | Kind::CallDepth
            | Kind::ChainDepth
            | Kind::Recursion => return None,
            // These are said before the instruction is shown.
            Kind::AtomicOpcode => return None,
            _ if is_structural(kind) => return None,
            _ => {}
        }
        named.or_else(|| {
            if self.is_call() {
                return match kind {
                    Kind::TailCallMap => Some(Reg::R2),
                    Kind::IrqFlag | Kind::LockPlace => Some(Reg::R1),
                    Kind::MapType
                    | Kind::EmptyStackRead
                    | Kind::MapReadForbidden
                    | Kind::MapWriteForbidden
                    | Kind::MapChangeForbidden
                    | Kind::SpinLockBtf => Some(Reg::R1),
                    _ => None,
                };
            }
            match self.insn? {
                Insn::Alu { dst, .. } => Some(dst),
                insn => memory_operand(&insn).map(|(base, ..)| base),
            }
        })
    }

    /// The register that the last of the messages before the verdict names.
    fn named_on_the_way(&self) -> Option<Reg> {
        let argument = |message: &Read<'_>| argument_register(message.fields.number("arg")?);
        self.said.iter().rev().find_map(|message| message.register().or_else(|| argument(message)))
    }

    /// The register of a dynptr that is counted among the arguments: 6.1 counts from 1, later kernels from 0, and the one that
    /// is meant points to the stack.
    fn unmade_dynptr(&self) -> Option<Reg> {
        let (message, _) = self.message.as_ref()?;
        let argument = message.fields.number("arg")?;
        let is_stack = |reg: &Reg| {
            self.state(*reg).is_some_and(|state| {
                state.pointer().is_some_and(|pointer| pointer.kind == PointerKind::Stack)
            })
        };
        let mut meant = [argument - 1, argument].into_iter().filter_map(argument_register).filter(is_stack);
        let found = meant.next()?;
        meant.next().is_none().then_some(found)
    }

    /// The number that the last instruction adds to a pointer; none where it isn't known which operand that is.
    fn number_operand(&self) -> Option<Reg> {
        let Some(Insn::Alu { op: AluOp::Add | AluOp::Sub, dst, src, .. }) = self.insn else { return None };
        let Source::Reg(src) = src else { return Some(dst) };
        let are_numbers = numbers::are_numbers(&self.path, self.step?, self.frame, dst, src)?;
        Some(if are_numbers.dst && !are_numbers.src { dst } else { src })
    }

    /// The access that isn't allowed, if the fault is one.
    pub(crate) fn access(&self) -> Option<Access> {
        let value = self.detail(Kind::ValueAccess);
        let memory = self.detail(Kind::MemoryAccess);
        let packet = self.detail(Kind::PacketAccess);
        let (base, off, size) = match self.memory_operand() {
            Some((base, off, size)) => (base, i128::from(off), Some(i128::from(size))),
            None if self.is_call() => (self.memory_argument()?, 0, self.message_size()),
            None => (self.pointer_operand()?, 0, None),
        };
        let pointer = self.state(base).and_then(|state| state.pointer().copied());
        let map = |pointer: Option<&PointerState<'_>>| {
            let pointer = pointer.filter(|pointer| pointer.kind == PointerKind::MapValue);
            Object::MapValue { map: pointer.and_then(|pointer| pointer.map?.name).map(str::to_owned) }
        };
        let number = |message: &Option<Read<'_>>, hole: &str| {
            message.as_ref().and_then(|message| message.fields.number(hole)).map(i128::from)
        };
        let (object, object_size) = match pointer.as_ref() {
            // What the message says stands above what a state may be mistaken for.
            _ if packet.is_some() => (Object::Packet, None),
            pointer if value.is_some() => (map(pointer), number(&value, "value_size")),
            _ if memory.is_some() => (Object::Memory, number(&memory, "mem_size")),
            Some(pointer) if pointer.kind == PointerKind::MapValue => {
                (map(Some(pointer)), pointer.map.map(|map| i128::from(map.value_size)))
            }
            Some(pointer) if pointer.kind.is_packet() => (Object::Packet, None),
            Some(pointer) if pointer.kind == PointerKind::Stack => (Object::Stack, Some(0)),
            Some(pointer) if pointer.kind == PointerKind::Mem => {
                (Object::Memory, pointer.size.map(i128::from))
            }
            None if base == Reg::R10 => (Object::Stack, Some(0)),
            _ => return None,
        };
        Some(Access { object, base, off, size, object_size, size_argument: self.size_argument(base) })
    }

    /// The size that goes with the memory that a register points to, if the last instruction is a call.
    pub(crate) fn size_argument(&self, memory: Reg) -> Option<SizeArgument> {
        self.is_call().then_some(())?;
        let known = helper(self, self.step?).and_then(|helper| sizes::beside(helper, memory));
        // Messages of sizes name the register, whatever is called.
        known.or_else(|| {
            let size = self.register.filter(|_| self.names_size())?;
            Some(SizeArgument { size, may_be_zero: None })
        })
    }

    /// The numbers of the message, where it has all of an access.
    pub(crate) fn said(&self) -> Option<Said> {
        [(Kind::ValueAccess, "value_size"), (Kind::MemoryAccess, "mem_size")].into_iter().find_map(
            |(kind, whole)| {
                let message = self.detail(kind)?;
                let number = |hole| message.fields.number(hole).map(i128::from);
                Some(Said { offset: number("off")?, size: number("size")?, object_size: number(whole)? })
            },
        )
    }

    fn message_size(&self) -> Option<i128> {
        [Kind::ValueAccess, Kind::MemoryAccess, Kind::PacketAccess]
            .into_iter()
            .find_map(|kind| self.detail(kind)?.fields.number("size"))
            .map(i128::from)
    }

    /// The argument that points to memory, of a call: the one named, or the one before the size that is named.
    fn memory_argument(&self) -> Option<Reg> {
        let named = self.register?;
        if self.names_size() { Reg::from_number(named.number().checked_sub(1)?) } else { Some(named) }
    }

    fn names_size(&self) -> bool {
        matches!(self.kind(), Some(Kind::NegativeSize | Kind::ZeroSize | Kind::UnboundedSize))
    }

    fn pointer_operand(&self) -> Option<Reg> {
        let Some(Insn::Alu { dst, src, .. }) = self.insn else { return None };
        let number = self.number_operand()?;
        if number == dst { if let Source::Reg(src) = src { Some(src) } else { Some(dst) } } else { Some(dst) }
    }
}
