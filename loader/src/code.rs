//! Machine code as the kernel takes it: with descriptors where a program has indexes.

use std::collections::HashMap;
use std::os::fd::{AsRawFd, BorrowedFd};

use knockwright_asm::linux::AttachType;
use knockwright_asm::opcode::{self, pseudo};
use knockwright_asm::{MapDef, ProgType};
use knockwright_btf::KernelRecords;

/// Refuses BTF records of another size than the kernel's.
pub(crate) fn check_records(records: Option<&KernelRecords>) -> Result<(), ProgramError> {
    let Some(records) = records else { return Ok(()) };
    for (what, bytes, size) in [
        ("func_info", records.func_info.len(), KernelRecords::FUNC_INFO_SIZE),
        ("line_info", records.line_info.len(), KernelRecords::LINE_INFO_SIZE),
    ] {
        if !bytes.is_multiple_of(size) {
            return Err(ProgramError::PartialRecord { what, bytes, size });
        }
    }
    Ok(())
}

/// Puts the descriptors of maps into the machine code in the place of their indexes.
pub(crate) fn put_map_fds(code: &mut [u8], fds: &[BorrowedFd<'_>]) -> Result<(), ProgramError> {
    for_each_map_index(code, |slot, bytes, index, pseudo_fd| {
        let fd = usize::try_from(index).ok().and_then(|index| fds.get(index));
        let fd = fd.ok_or(ProgramError::NoSuchMap { slot, index, maps: fds.len() })?;
        set_source_nibble(&mut bytes[1], pseudo_fd);
        bytes[4..8].copy_from_slice(&fd.as_raw_fd().to_ne_bytes());
        Ok(())
    })
}

/// The `enum bpf_attach_type` that a program is loaded with if it names none: for types with one only, that one; for types
/// that the kernel refuses without, their first. 0 for all others.
pub fn usual_attach_type(prog_type: ProgType) -> u32 {
    prog_type.facts().usual_attach.map_or(0, AttachType::number)
}

/// A program that can't be given to the kernel as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// BTF records of the wrong size.
    #[error("{bytes} bytes of {what} are not a whole number of {size}-byte records")]
    PartialRecord {
        /// `func_info` or `line_info`.
        what: &'static str,
        /// The number of bytes.
        bytes: usize,
        /// The size of a record in bytes.
        size: usize,
    },
    /// The licence has a NUL inside.
    #[error("the licence has a NUL at byte {at}; it ends without one")]
    LicenseNul {
        /// Where.
        at: usize,
    },
    /// The code names a map that isn't defined.
    #[error("slot {slot} names map {index}, but the program defines {maps} maps, counted from 0")]
    NoSuchMap {
        /// The slot of the `ld_imm64`.
        slot: usize,
        /// The index in it.
        index: i32,
        /// How many maps there are.
        maps: usize,
    },
    /// A map of a program that was loaded before has the name, and was made from another definition.
    #[error("the map `{name}` that is to be shared was made from another definition")]
    MapDiffers {
        /// The name.
        name: String,
    },
    /// Two maps of one name.
    #[error("two maps are called `{name}`; give each its own name")]
    DuplicateMap {
        /// The name.
        name: String,
    },
}

/// Refuses two maps of one name, which no caller could tell apart.
pub(crate) fn check_map_names(maps: &[MapDef]) -> Result<(), ProgramError> {
    let mut seen = HashMap::new();
    for map in maps {
        if seen.insert(map.name.as_str(), ()).is_some() {
            return Err(ProgramError::DuplicateMap { name: map.name.clone() });
        }
    }
    Ok(())
}

fn source_nibble(registers: u8) -> u8 {
    if cfg!(target_endian = "big") { registers & 0x0f } else { registers >> 4 }
}

fn set_source_nibble(registers: &mut u8, source: u8) {
    *registers = if cfg!(target_endian = "big") {
        *registers & 0xf0 | source
    } else {
        *registers & 0x0f | source << 4
    };
}

/// Calls `f` with the slot, its bytes, the index and the pseudo register to put there, for each `ld_imm64` of a map index.
fn for_each_map_index(
    code: &mut [u8],
    mut f: impl FnMut(usize, &mut [u8; 8], i32, u8) -> Result<(), ProgramError>,
) -> Result<(), ProgramError> {
    let (slots, _) = code.as_chunks_mut::<8>();
    let mut slot = 0;
    while let Some(bytes) = slots.get_mut(slot) {
        if bytes[0] != opcode::LD_IMM64 {
            slot += 1;
            continue;
        }
        let pseudo_fd = match source_nibble(bytes[1]) {
            pseudo::MAP_IDX => Some(pseudo::MAP_FD),
            pseudo::MAP_IDX_VALUE => Some(pseudo::MAP_VALUE),
            _ => None,
        };
        if let Some(pseudo_fd) = pseudo_fd {
            let index = i32::from_ne_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
            f(slot, bytes, index, pseudo_fd)?;
        }
        slot += 2;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;

    #[cfg(target_endian = "little")]
    #[test]
    fn map_indexes_become_descriptors() {
        // r1 = map 0; r2 = 0x1800000000000000 (a second slot that looks like nothing); r3 = value of map 0 at 8
        let code = hex::decode(
            "185100000000000000000000000000001802000000000000000000000000001818630000000000000000000008000000",
        )
        .unwrap();
        let stdin = std::io::stdin();
        let fd = stdin.as_fd();
        let mut out = code.clone();
        put_map_fds(&mut out, &[fd]).unwrap();
        let mut expected = code;
        expected[1] = 0x11;
        expected[4] = fd.as_raw_fd() as u8;
        expected[33] = 0x23;
        expected[36] = fd.as_raw_fd() as u8;
        assert_eq!(hex::encode(out), hex::encode(expected));
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn undefined_maps_and_cut_records_are_errors() {
        let mut code = hex::decode("b7000000000000001851000002000000").unwrap();
        let error = put_map_fds(&mut code, &[]).unwrap_err();
        assert_eq!(error, ProgramError::NoSuchMap { slot: 1, index: 2, maps: 0 });
        let records = KernelRecords { line_info: vec![0; 15], ..KernelRecords::default() };
        let error = ProgramError::PartialRecord { what: "line_info", bytes: 15, size: 16 };
        assert_eq!(check_records(Some(&records)), Err(error));
    }
}
