//! Making a program smaller while it still shows the same mismatch.

use std::time::{Duration, Instant};

use knockwright_loader::kernel::KernelVerifier;
use knockwright_loader::raw_program::RawProgram;

/// How long a program is made smaller at most.
const LONGEST: Duration = Duration::from_secs(4);

use crate::compare::{Agreement, compare};

/// Takes slots away, one or a few at a time, as long as the agreement stays what it is. Jumps over what is gone are kept
/// in step.
pub fn shrink(
    kernel: &mut KernelVerifier,
    program: &RawProgram,
    level: u8,
    agreement: Agreement,
) -> RawProgram {
    let mut best = program.clone();
    let begin = Instant::now();
    while begin.elapsed() < LONGEST {
        let mut smaller = None;
        let slots = best.insns.len() / 8;
        'search: for length in [8, 4, 2, 1] {
            for at in 0..slots.saturating_sub(length - 1) {
                if begin.elapsed() > LONGEST {
                    return best;
                }
                let mut candidate = best.clone();
                candidate.insns = without(&best.insns, at, length);
                if compare(kernel, &candidate, level).agreement == agreement {
                    smaller = Some(candidate);
                    break 'search;
                }
            }
        }
        match smaller {
            Some(candidate) => best = candidate,
            None => return best,
        }
    }
    best
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
        let class = slot[0] & 7;
        let operation = slot[0] & 0xf0;
        let here = index as i64;
        if slot[0] == 0x85 && slot[1] >> 4 == 1 || slot[0] == 0x06 {
            let distance = i64::from(i32::from_le_bytes([slot[4], slot[5], slot[6], slot[7]]));
            let moved = place(here + 1 + distance) - place(here) - 1;
            slot[4..8].copy_from_slice(&(moved as i32).to_le_bytes());
        } else if matches!(class, 5 | 6) && !matches!(operation, 0x80 | 0x90) {
            let distance = i64::from(i16::from_le_bytes([slot[2], slot[3]]));
            let moved = place(here + 1 + distance) - place(here) - 1;
            slot[2..4].copy_from_slice(&(moved as i16).to_le_bytes());
        }
        out.extend_from_slice(&slot);
    }
    out
}
