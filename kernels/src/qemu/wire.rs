//! Loads in the format of the guest.

use knockwright_asm::{Endian, MapDef};
use knockwright_btf::MapTypes;
use knockwright_loader::code::usual_attach_type;
use knockwright_loader::sys::short_name;
use knockwright_verifier::{Attempt, Privilege};

#[allow(dead_code)] // the guest's half of the format
#[allow(unreachable_pub)]
#[path = "../../guest/wire.rs"]
mod format;

use super::CPUS;
use format::{GuestLoad, GuestMap};

/// The file that the guest reads.
pub(super) fn encode(attempts: &[Attempt]) -> Vec<u8> {
    let loads: Vec<GuestLoad> = attempts.iter().map(guest_load).collect();
    format::encode(&loads)
}

fn guest_load(attempt: &Attempt) -> GuestLoad {
    let program = &attempt.program;
    let records = attempt.btf.clone().unwrap_or_default();
    GuestLoad {
        prog_type: program.prog_type.number(),
        attach_type: attempt.attach_type.unwrap_or_else(|| usual_attach_type(program.prog_type)),
        target: attempt.target.unwrap_or(0),
        flags: attempt.flags,
        without_perfmon: attempt.privilege == Privilege::WithoutPerfmon,
        level: attempt.level,
        name: short_name(&program.name).into_bytes(),
        license: program.license.clone().into_bytes(),
        insns: program.bytes(Endian::Little),
        btf: records.btf,
        func_info: records.func_info,
        line_info: records.line_info,
        maps: program
            .maps
            .iter()
            .enumerate()
            .map(|(index, map)| guest_map(map, attempt.map_types.get(index).and_then(Option::as_ref)))
            .collect(),
    }
}

fn guest_map(map: &MapDef, types: Option<&MapTypes>) -> GuestMap {
    let inner_types = types.and_then(|types| types.inner.as_deref());
    let types = types.filter(|_| map.map_type.facts().takes_types);
    GuestMap {
        map_type: map.map_type.number(),
        key_size: map.key.size(),
        value_size: map.value.size(),
        max_entries: map.entries(CPUS),
        flags: map.flags,
        extra: map.extra,
        key_type: types.map_or(0, |types| types.key.0),
        value_type: types.map_or(0, |types| types.value.0),
        name: short_name(&map.name).into_bytes(),
        data: map.data.clone().unwrap_or_default(),
        inner: map.inner.iter().map(|inner| guest_map(inner, inner_types)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use knockwright_asm::Slot;
    use knockwright_linux::AttachType;
    use knockwright_programs::article;

    use super::*;

    const ATTACH_TYPE: u32 = AttachType::TcxIngress.number();

    fn file() -> Vec<u8> {
        let attempt = Attempt::new(article::null()).with_flags(1).by(Privilege::WithoutPerfmon);
        let attached = attempt.clone().at_level(1).attached_as(ATTACH_TYPE);
        encode(&[attempt, attached])
    }

    #[test]
    fn the_guest_reads_what_the_library_writes() {
        let loads = format::decode(&file()).unwrap();
        assert_eq!(loads.len(), 2);
        assert_eq!((loads[1].level, loads[1].without_perfmon, loads[1].maps.len()), (1, true, 3));
        assert_eq!((loads[0].level, loads[0].attach_type, loads[1].attach_type), (2, 0, ATTACH_TYPE));
        assert_eq!(loads[1].insns.len(), 163 * Slot::LEN);
    }

    #[test]
    fn a_cut_file_is_refused() {
        let file = file();
        for end in (0..file.len()).step_by(7) {
            assert_eq!(format::decode(&file[..end]), None);
        }
    }
}
