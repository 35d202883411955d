//! What the removal of dead code leaves of the addresses of functions.
//!
//! Once all paths are walked, slots that no path came by are taken out, block by block from the front. Distances to
//! functions are kept in step as those of jumps are, but for a function that goes itself: an address of it stays as it was
//! and names what has moved there. The kernel then finds no function to compile, and fails.

use super::is_function_address;
use crate::program::Subject;
use crate::stop::{Checked, Stop};

/// An address of a function: its slot and its distance, as both change.
struct Address {
    slot: i64,
    distance: i64,
}

/// Whether every address of a function that is loaded somewhere still is one. What the kernel says else depends on how it
/// rewrites the code, which isn't modelled.
pub(crate) fn check_addresses(subject: &Subject, starts: &[usize], seen: &[bool]) -> Checked {
    let is_address = |at: &usize| seen[*at] && is_function_address(&subject.slots[*at]);
    let mut addresses: Vec<Address> = (0..seen.len())
        .filter(is_address)
        .map(|at| Address { slot: at as i64, distance: i64::from(subject.slots[at].imm) })
        .collect();
    if addresses.is_empty() || seen.iter().all(|&seen| seen) {
        return Ok(());
    }
    let mut removed = 0;
    let mut at = 0;
    while at < seen.len() {
        let length = seen[at..].iter().take_while(|&&seen| !seen).count();
        if length > 0 {
            remove(&mut addresses, (at - removed) as i64, length as i64);
            removed += length;
        }
        at += length.max(1);
    }
    let left = |start: usize| start as i64 - seen[..start].iter().filter(|&&seen| !seen).count() as i64;
    let functions = &starts[..starts.len() - 1];
    let functions: Vec<i64> =
        functions.iter().filter(|&&start| seen[start]).map(|&start| left(start)).collect();
    // Where the entry alone is left, nothing is looked for.
    if functions.len() == 1
        || addresses.iter().all(|address| functions.contains(&(address.slot + address.distance + 1)))
    {
        return Ok(());
    }
    Err(Stop::unsupported("the address of a function that nothing calls"))
}

/// Takes a block of slots away.
fn remove(addresses: &mut [Address], start: i64, length: i64) {
    for Address { slot, distance } in addresses {
        let before = *slot < start;
        if !before {
            *slot -= length;
        }
        let target = *slot + *distance + 1;
        if before && target >= start + length {
            *distance -= length;
        } else if !before && target < start {
            *distance += length;
        }
    }
}
