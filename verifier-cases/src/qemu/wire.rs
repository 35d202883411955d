//! Loads in the format of the guest.

use knockwright_asm::Endian;
use knockwright_codegen::KernelRecords;
use knockwright_loader::raw_program::usual_attach_type;
use knockwright_loader::sys::short_name;

use crate::case::Privilege;
use crate::engine::Load;

#[allow(dead_code)] // the guest's half of the format
#[allow(unreachable_pub)]
#[path = "../../guest/wire.rs"]
mod format;

use format::{GuestLoad, GuestMap};

/// The file that the guest reads.
pub(super) fn encode(loads: &[Load]) -> Vec<u8> {
    let loads: Vec<GuestLoad> = loads.iter().map(guest_load).collect();
    format::encode(&loads)
}

fn guest_load(load: &Load) -> GuestLoad {
    let program = &load.program;
    let (btf, func_info, line_info) = match load.btf.clone() {
        Some(KernelRecords { btf, func_info, line_info }) => (btf, func_info, line_info),
        None => Default::default(),
    };
    GuestLoad {
        prog_type: program.prog_type.number(),
        attach_type: usual_attach_type(program.prog_type),
        flags: load.flags,
        without_perfmon: u32::from(load.privilege == Privilege::WithoutPerfmon),
        levels: load.levels.iter().fold(0, |levels, level| levels | 1 << level),
        name: short_name(&program.name).into_bytes(),
        license: program.license.clone().into_bytes(),
        insns: program.bytes(Endian::Little),
        btf,
        func_info,
        line_info,
        maps: program
            .maps
            .iter()
            .map(|map| GuestMap {
                map_type: map.map_type.number(),
                key_size: map.key.size(),
                value_size: map.value.size(),
                max_entries: map.max_entries,
                flags: map.flags,
                name: short_name(&map.name).into_bytes(),
                data: map.data.clone().unwrap_or_default(),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use knockwright_programs::article;

    use super::*;

    fn file() -> Vec<u8> {
        let load = Load {
            name: "article".to_owned(),
            program: article::null(),
            btf: None,
            flags: 1,
            privilege: Privilege::WithoutPerfmon,
            levels: vec![1, 2],
        };
        encode(&[load.clone(), load])
    }

    #[test]
    fn the_guest_reads_what_the_library_writes() {
        let loads = format::decode(&file()).unwrap();
        assert_eq!(loads.len(), 2);
        assert_eq!((loads[1].levels, loads[1].without_perfmon, loads[1].maps.len()), (6, 1, 3));
        assert_eq!(loads[1].insns.len(), 163 * 8);
    }

    #[test]
    fn a_cut_file_is_refused() {
        let file = file();
        for end in (0..file.len()).step_by(7) {
            assert_eq!(format::decode(&file[..end]), None);
        }
    }
}
