//! Loads in the format of the guest.

use std::collections::HashMap;

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
use format::{GuestFile, GuestLoad, GuestMap};

/// The file that the guest reads, and how many of the attempts are in it: as many as a number of bytes holds, but one at
/// least. Of a log no more than `most_log` bytes are told.
pub(super) fn encode(attempts: &[Attempt], bytes: usize, most_log: usize) -> (Vec<u8>, usize) {
    let mut file = GuestFile { most_log, ..GuestFile::default() };
    let mut numbers = HashMap::new();
    let mut size = 0;
    for attempt in attempts {
        let records = attempt.btf.as_ref();
        let btf = records.map(|records| records.btf.as_slice()).filter(|btf| !btf.is_empty());
        let load = guest_load(attempt);
        size += size_of_load(&load);
        size += btf.filter(|btf| !numbers.contains_key(btf)).map_or(0, <[u8]>::len);
        if size > bytes && !file.loads.is_empty() {
            break;
        }
        let number = btf.map(|btf| {
            *numbers.entry(btf).or_insert_with(|| {
                file.btf.push(btf.to_vec());
                file.btf.len() - 1
            })
        });
        file.loads.push(GuestLoad { btf: number, ..load });
    }
    let count = file.loads.len();
    (format::encode(&file), count)
}

/// About how many bytes a load takes beside its BTF.
fn size_of_load(load: &GuestLoad) -> usize {
    fn size_of_maps(maps: &[GuestMap]) -> usize {
        maps.iter().map(|map| size_of::<GuestMap>() + map.data.len() + size_of_maps(&map.inner)).sum()
    }
    let parts = [&load.insns, &load.func_info, &load.line_info];
    size_of::<GuestLoad>() + parts.map(Vec::len).iter().sum::<usize>() + size_of_maps(&load.maps)
}

/// A load without its BTF.
fn guest_load(attempt: &Attempt) -> GuestLoad {
    let program = &attempt.program;
    let (func_info, line_info) = match &attempt.btf {
        Some(records) => (records.func_info.clone(), records.line_info.clone()),
        None => (Vec::new(), Vec::new()),
    };
    GuestLoad {
        prog_type: program.prog_type.number(),
        attach_type: attempt.attach_type.unwrap_or_else(|| usual_attach_type(program.prog_type)),
        target: attempt.target.unwrap_or(0),
        flags: attempt.flags,
        without_perfmon: attempt.privilege == Privilege::WithoutPerfmon,
        level: attempt.level,
        btf: None,
        name: short_name(&program.name).into_bytes(),
        license: program.license.clone().into_bytes(),
        insns: program.bytes(Endian::Little),
        func_info,
        line_info,
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
    use knockwright_btf::KernelRecords;
    use knockwright_linux::AttachType;
    use knockwright_programs::article;

    use super::*;

    const ATTACH_TYPE: u32 = AttachType::TcxIngress.number();

    fn file() -> Vec<u8> {
        let attempt = Attempt::new(article::null()).with_flags(1).by(Privilege::WithoutPerfmon);
        let attached = attempt.clone().at_level(1).attached_as(ATTACH_TYPE);
        encode(&[attempt, attached], usize::MAX, 5).0
    }

    #[test]
    fn the_guest_reads_what_the_library_writes() {
        let file = format::decode(&file()).unwrap();
        assert_eq!(file.most_log, 5);
        let loads = file.loads;
        assert_eq!(loads.len(), 2);
        assert_eq!((loads[1].level, loads[1].without_perfmon, loads[1].maps.len()), (1, true, 3));
        assert_eq!((loads[0].level, loads[0].attach_type, loads[1].attach_type), (2, 0, ATTACH_TYPE));
        assert_eq!(loads[1].insns.len(), 163 * Slot::LEN);
    }

    #[test]
    fn an_object_s_btf_goes_once_and_a_boot_has_its_bounds() {
        let typed = |name: &str, btf: &[u8]| {
            let records = KernelRecords { btf: btf.to_vec(), ..KernelRecords::default() };
            let mut attempt = Attempt::new(article::null()).with_btf(records);
            name.clone_into(&mut attempt.program.name);
            attempt
        };
        let attempts =
            [typed("a", b"one"), typed("b", b"one"), Attempt::new(article::null()), typed("c", b"two")];
        let (file, count) = encode(&attempts, usize::MAX, 1);
        let file = format::decode(&file).unwrap();
        let numbers: Vec<_> = file.loads.iter().map(|load| load.btf).collect();
        assert_eq!((file.btf.len(), count), (2, 4));
        assert_eq!(numbers, [Some(0), Some(0), None, Some(1)]);
        assert_eq!(encode(&attempts, 0, 1).1, 1, "a program that is too large alone goes alone");
        let one = size_of_load(&guest_load(&attempts[0]));
        assert_eq!(encode(&attempts, 2 * one + 3, 1).1, 2);
    }

    #[test]
    fn a_cut_file_is_refused() {
        let file = file();
        for end in (0..file.len()).step_by(7) {
            assert_eq!(format::decode(&file[..end]), None);
        }
    }
}
