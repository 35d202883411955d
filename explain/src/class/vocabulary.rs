//! The words that classes are written with.

pub(super) use knockwright_asm::{Code, Helper, Imm64, Insn, opcode};
pub(super) use knockwright_verifier::message::Kind;

pub(super) use super::{Blame, Facts, Place, Remedy, Words, pages};
pub(super) use crate::analysis::derive::Numbers;
pub(super) use crate::analysis::{
    Carrier, Evidence, Held, Outside, Reserved, Unwritten, acquired, bounds, call_before, called,
    called_before, carrier, comes_from_memory, kinds, missing, moves_packets, releases,
};
pub(super) use crate::guard::{Shape, SizeFault};

/// A fault of the program that no guard repairs.
pub(super) const PLAIN: Facts = Facts {
    title: "",
    why: "",
    fix: "",
    blame: Blame::Program,
    lesson: None,
    no_lesson: None,
    docs: None,
    when: |_| false,
    guard: Shape::None,
    derivation: Numbers::Offset,
    turn: |_, _| None,
    loses_pointer: false,
    remedy: |_| None,
    note: |_| None,
    words: |_, plain| plain,
};

/// The messages of loads from the stack.
pub(super) const STACK_READS: &[Kind] =
    &[Kind::StackRead, Kind::StackByte, Kind::ArgumentByte, Kind::VaryingByte];

/// A place in a chapter.
pub(super) const fn lesson(chapter: &'static str, number: u16) -> Option<Place> {
    Some(Place { chapter, number })
}
