//! What Linux asks of a filter before it takes it.

use knockwright_asm::linux::uapi::classic::{BPF_MAXINSNS, BPF_MEMWORDS, SKF_AD_OFF};

use super::insn::{Insn, Op, Operand, Raw};
use super::{ClassicError, beside};

/// Decodes and checks a filter.
pub(super) fn check(raw: &[Raw]) -> Result<Vec<Insn>, ClassicError> {
    if raw.is_empty() || raw.len() > BPF_MAXINSNS as usize {
        return Err(ClassicError::Length(raw.len()));
    }
    let insns = raw.iter().enumerate();
    let insns = insns.map(|(at, &raw)| Insn::decode(raw).ok_or(ClassicError::Unknown { at, raw }));
    let insns = insns.collect::<Result<Vec<_>, _>>()?;
    for (at, insn) in insns.iter().enumerate() {
        check_numbers(at, *insn)?;
        check_fact(at, *insn)?;
        if targets(at, *insn).into_iter().flatten().any(|to| to >= insns.len() as u64) {
            return Err(match insn {
                Insn::Jump(_) | Insn::JumpIf { .. } => ClassicError::JumpBeyond { at },
                _ => ClassicError::NoReturn,
            });
        }
    }
    check_memory(&insns)?;
    Ok(insns)
}

/// Where an instruction goes on.
pub(super) fn targets(at: usize, insn: Insn) -> [Option<u64>; 2] {
    let next = at as u64 + 1;
    match insn {
        Insn::Return(_) | Insn::ReturnA => [None, None],
        Insn::Jump(k) => [Some(next + u64::from(k)), None],
        Insn::JumpIf { jt, jf, .. } => [Some(next + u64::from(jt)), Some(next + u64::from(jf))],
        _ => [Some(next), None],
    }
}

fn check_numbers(at: usize, insn: Insn) -> Result<(), ClassicError> {
    match insn {
        Insn::Alu(Op::Div | Op::Mod, Operand::K(0)) => Err(ClassicError::Number { at }),
        Insn::Alu(Op::Lsh | Op::Rsh, Operand::K(32..)) => Err(ClassicError::Number { at }),
        _ => Ok(()),
    }
}

/// Linux knows the fact beside the packet that a load at a fixed offset is for.
fn check_fact(at: usize, insn: Insn) -> Result<(), ClassicError> {
    match insn {
        Insn::LoadAbs(_, k) if k >= SKF_AD_OFF.cast_unsigned() => {
            let number = k.wrapping_sub(SKF_AD_OFF.cast_unsigned()).cast_signed();
            if beside::is_fact(number) { Ok(()) } else { Err(ClassicError::Fact { at, number }) }
        }
        _ => Ok(()),
    }
}

/// Words of the memory are there, and written on each way before they are read. Jumps go forward, so once through is enough.
/// As Linux has it (`check_load_and_stores` in `net/core/filter.c`), an answer goes on to the next instruction with its words, as
/// if it didn't end there: what is written on fewer ways than that is refused, however good it were.
fn check_memory(insns: &[Insn]) -> Result<(), ClassicError> {
    let mut written = vec![u16::MAX; insns.len()];
    let mut words = 0;
    for (at, insn) in insns.iter().enumerate() {
        words &= written[at];
        if let Insn::LoadMem(_, word) | Insn::Store(_, word) = *insn {
            let bit = if i32::from(word) < BPF_MEMWORDS { 1 << word } else { 0 };
            let is_store = matches!(insn, Insn::Store(..));
            if bit == 0 || !is_store && words & bit == 0 {
                return Err(ClassicError::Memory { at, word });
            }
            words |= bit;
        }
        if matches!(insn, Insn::Jump(_) | Insn::JumpIf { .. }) {
            for to in targets(at, *insn).into_iter().flatten() {
                written[to as usize] &= words;
            }
            // Only jumps lead to what comes after one.
            words = u16::MAX;
        }
    }
    Ok(())
}
