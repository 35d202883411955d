//! Making a program smaller while it still shows the same mismatch.

use std::time::{Duration, Instant};

use knockwright_asm::Endian;
use knockwright_asm::opcode::{self, pseudo};
use knockwright_verifier::{Attempt, Engine, EngineError, Verifier};

use crate::compare::{Agreement, compare};

/// How a program is made smaller.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Effort {
    /// No further round begins after this time.
    pub time: Duration,
    /// How many candidates are asked about at once: few for the running kernel, many for one that has to boot.
    pub batch: usize,
    /// Candidates of which more instructions are walked than this aren't asked about.
    pub longest: Option<u64>,
}

/// Takes slots away, some or one at a time, as long as the agreement stays what it is. Jumps over what is gone are kept in
/// step.
///
/// # Errors
/// What keeps the kernel from answering.
pub fn shrink(
    kernel: &mut dyn Engine,
    own: &Verifier,
    attempt: &Attempt,
    agreement: Agreement,
    effort: Effort,
) -> Result<Attempt, EngineError> {
    let mut best = attempt.clone();
    let begin = Instant::now();
    'rounds: while begin.elapsed() < effort.time {
        let candidates = smaller(&best);
        for chunk in candidates.chunks(effort.batch) {
            if begin.elapsed() > effort.time {
                break 'rounds;
            }
            let answers = compare(kernel, own, chunk, effort.longest)?;
            if let Some(at) = answers.iter().position(|answer| answer.agreement == agreement) {
                best = chunk[at].clone();
                continue 'rounds;
            }
        }
        break;
    }
    Ok(best)
}

/// The same attempt with slots taken away, some first, then one at a time.
pub fn smaller(attempt: &Attempt) -> Vec<Attempt> {
    let code = attempt.code(Endian::Little);
    let slots = code.len() / 8;
    [8, 4, 2, 1]
        .into_iter()
        .flat_map(|length| (0..slots.saturating_sub(length - 1)).map(move |at| (at, length)))
        .filter(|&(_, length)| length < slots)
        .map(|(at, length)| {
            let mut candidate = attempt.clone();
            candidate.set_code(&without(&code, at, length), Endian::Little);
            if let Some(btf) = &mut candidate.btf {
                records_without::<8>(&mut btf.func_info, at, length);
                records_without::<16>(&mut btf.line_info, at, length);
            }
            candidate
        })
        .chain(without_types(attempt))
        .collect()
}

/// The same program without its source lines, and without BTF.
fn without_types(attempt: &Attempt) -> Vec<Attempt> {
    let Some(btf) = &attempt.btf else {
        return Vec::new();
    };
    let plain = attempt.clone().with_btf(None);
    let mut lineless = attempt.clone();
    if let Some(btf) = &mut lineless.btf {
        btf.line_info.clear();
    }
    if btf.line_info.is_empty() { vec![plain] } else { vec![plain, lineless] }
}

/// The records of the slots that are left, whose first field is the slot; of several for one slot the last.
fn records_without<const SIZE: usize>(records: &mut Vec<u8>, at: usize, length: usize) {
    let slot_of = |record: &[u8; SIZE]| u32::from_ne_bytes([record[0], record[1], record[2], record[3]]);
    let mut left: Vec<[u8; SIZE]> = Vec::new();
    for mut record in records.as_chunks::<SIZE>().0.iter().copied() {
        let slot = slot_of(&record) as usize;
        let moved = if slot <= at { slot } else { at.max(slot.saturating_sub(length)) } as u32;
        record[..4].copy_from_slice(&moved.to_ne_bytes());
        if left.last().is_some_and(|last| slot_of(last) == moved) {
            left.pop();
        }
        left.push(record);
    }
    *records = left.concat();
}

/// The code without some slots, jump distances adjusted.
fn without(code: &[u8], at: usize, length: usize) -> Vec<u8> {
    let (slots, _) = code.as_chunks::<8>();
    let place = |slot: i64| -> i64 {
        let (at, length) = (at as i64, length as i64);
        if slot <= at {
            slot
        } else if slot <= at + length {
            at
        } else {
            slot - length
        }
    };
    let mut out = Vec::with_capacity(code.len());
    for (index, slot) in slots.iter().enumerate() {
        if (at..at + length).contains(&index) {
            continue;
        }
        let mut slot = *slot;
        let (opcode, source) = (slot[0], slot[1] >> 4);
        let here = index as i64;
        let names_function =
            matches!((opcode, source), (opcode::CALL, pseudo::CALL) | (opcode::LD_IMM64, pseudo::FUNC));
        if names_function || opcode == opcode::JA32 {
            let distance = i64::from(i32::from_le_bytes([slot[4], slot[5], slot[6], slot[7]]));
            let moved = place(here + 1 + distance) - place(here) - 1;
            slot[4..8].copy_from_slice(&(moved as i32).to_le_bytes());
        } else if opcode::is_jump(opcode) {
            let distance = i64::from(i16::from_le_bytes([slot[2], slot[3]]));
            let moved = place(here + 1 + distance) - place(here) - 1;
            slot[2..4].copy_from_slice(&(moved as i16).to_le_bytes());
        }
        out.extend_from_slice(&slot);
    }
    out
}
