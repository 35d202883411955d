//! Opcodes and 64-bit immediates.

use knockwright_asm::KernelVersion;
use knockwright_asm::linux::map_type::Direct;
use knockwright_asm::opcode::{self, class, mode, pseudo};

use crate::message::{Message, Opcode};
use crate::profile::Rules;
use crate::program::Subject;
use crate::stop::{Checked, EBADF, EINVAL, ENOTSUPP, Stop, refuse};

/// Offsets into a map's value stay below this.
const MAX_VALUE_OFFSET: u32 = 1 << 29;

/// Checks opcodes and 64-bit immediates.
pub(crate) fn check_encoding(subject: &Subject, rules: &Rules) -> Checked {
    let slots = &subject.slots;
    let mut at = 0;
    while at < slots.len() {
        let slot = &slots[at];
        let loads = matches!(opcode::mode(slot.opcode), mode::MEM | mode::MEMSX) && slot.imm == 0;
        if opcode::class(slot.opcode) == class::LDX && !loads {
            return refuse(EINVAL, Message::ReservedFields { class: "BPF_LDX".into() });
        }
        if slot.opcode == opcode::LD_IMM64 {
            check_imm64(subject, at)?;
            at += opcode::slots(opcode::LD_IMM64);
            continue;
        }
        if !is_known_opcode(slot.opcode, rules.version) {
            return refuse(EINVAL, Message::UnknownOpcode { opcode: Opcode(slot.opcode.into()) });
        }
        at += 1;
    }
    Ok(())
}

fn check_imm64(subject: &Subject, at: usize) -> Checked {
    let slot = &subject.slots[at];
    let Some(next) = subject
        .slots
        .get(at + 1)
        .filter(|next| next.opcode == 0 && next.dst == 0 && next.src == 0 && next.off == 0)
    else {
        return refuse(EINVAL, Message::IncompleteLoad {});
    };
    match slot.src {
        0 | pseudo::FUNC => return Ok(()),
        pseudo::BTF_ID => return Err(Stop::unsupported("ld_imm64 of a kernel variable")),
        pseudo::MAP_VALUE | pseudo::MAP_IDX_VALUE => {}
        pseudo::MAP_FD | pseudo::MAP_IDX if next.imm == 0 => {}
        _ => {
            return refuse(EINVAL, Message::UnknownLoad {});
        }
    }
    if matches!(slot.src, pseudo::MAP_FD | pseudo::MAP_VALUE) {
        // Maps come by index here: nothing is open but the standard streams, which are no maps.
        let errno = if (0..3).contains(&slot.imm) { EINVAL } else { EBADF };
        return refuse(errno, Message::MapDescriptor { fd: slot.imm.into() });
    }
    let Some(map) = usize::try_from(slot.imm).ok().and_then(|index| subject.maps.get(index)) else {
        return Err(Stop::unsupported("ld_imm64 of a map that isn't defined"));
    };
    let direct = map.map_type.facts().direct;
    if direct == Direct::Other {
        return Err(Stop::unsupported(format!("a map of kind {}", map.map_type)));
    }
    if slot.src == pseudo::MAP_IDX_VALUE {
        let offset = next.imm as u32;
        if offset >= MAX_VALUE_OFFSET {
            return refuse(EINVAL, Message::DirectOffset { off: offset.into() });
        }
        if direct == Direct::Refused {
            return refuse(EINVAL, Message::NoDirectValue {});
        }
        let errno = match () {
            () if map.max_entries != 1 => ENOTSUPP,
            () if offset >= map.value_size => EINVAL,
            () => return Ok(()),
        };
        let (value_size, off) = (map.value_size.into(), offset.into());
        return refuse(errno, Message::DirectValue { value_size, off });
    }
    Ok(())
}

/// Whether a kernel's table of instructions has the opcode.
fn is_known_opcode(opcode: u8, kernel: KernelVersion) -> bool {
    use std::sync::LazyLock;
    static SINCE: LazyLock<[Option<KernelVersion>; 256]> = LazyLock::new(|| {
        let mut first = [None; 256];
        for row in knockwright_asm::isa::TABLE {
            let first: &mut Option<KernelVersion> = &mut first[usize::from(row.opcode)];
            *first = Some(first.map_or(row.since, |known| known.min(row.since)));
        }
        first
    });
    SINCE[usize::from(opcode)].is_some_and(|since| since <= kernel) && opcode != opcode::LD_IMM64
}
