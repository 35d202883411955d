//! Maps of the running kernel.

mod support;

use knockwright_asm::{MapDef, MapType, bpf_struct};
use knockwright_loader::map::{Map, MapError, possible_cpus};
use knockwright_loader::sys::Update;
use support::may_load;

bpf_struct! {
    struct State as "state" {
        step: u8,
        time: u64,
        complete: bool,
    }
}

fn state(step: u8) -> State {
    State { step, time: u64::from(step) << 32, complete: step > 2 }
}

#[test]
fn hashes() {
    if !may_load() {
        return;
    }
    for map_type in [MapType::Hash, MapType::LruHash] {
        let map = Map::create(&MapDef::new::<u32, State>("states", map_type, 1000)).unwrap();
        let states = map.into_hash::<u32, State>().unwrap();
        assert_eq!(states.get(&1).unwrap(), None);
        for n in 0..100_u8 {
            states.set(&u32::from(n), &state(n), Update::Create).unwrap();
        }
        let again = states.set(&1, &state(1), Update::Create).unwrap_err();
        assert_eq!(again.errno().unwrap().0, libc::EEXIST);
        let missing = states.set(&1000, &state(1), Update::Replace).unwrap_err();
        assert_eq!(missing.errno().unwrap().0, libc::ENOENT);
        assert_eq!(states.get(&7).unwrap(), Some(state(7)));
        assert!(states.delete(&7).unwrap());
        assert!(!states.delete(&7).unwrap());
        let mut entries = states.entries().unwrap();
        entries.sort_by_key(|(key, _)| *key);
        assert_eq!(entries.len(), 99);
        assert_eq!(entries[98], (99, state(99)));
    }
}

#[test]
fn a_full_hash_says_so() {
    if !may_load() {
        return;
    }
    let map = Map::create(&MapDef::new::<u32, u64>("small", MapType::Hash, 2)).unwrap();
    let small = map.into_hash::<u32, u64>().unwrap();
    small.set(&1, &1, Update::Any).unwrap();
    small.set(&2, &2, Update::Any).unwrap();
    let full = small.set(&3, &3, Update::Any).unwrap_err();
    assert_eq!(full.errno().unwrap().0, libc::E2BIG);
    assert!(full.to_string().starts_with("map `small`: BPF_MAP_UPDATE_ELEM failed: E2BIG"), "{full}");
}

#[test]
fn arrays() {
    if !may_load() {
        return;
    }
    let array = Map::create(&MapDef::new::<u32, u16>("ports", MapType::Array, 4)).unwrap();
    let array = array.into_array::<u16>().unwrap();
    array.set(3, &443).unwrap();
    assert_eq!((array.len(), array.get(3).unwrap(), array.get(4).unwrap()), (4, Some(443), None));
    assert!(array.set(4, &1).is_err());
    let error = array.map().delete(&0_u32.to_ne_bytes()).unwrap_err();
    assert_eq!(error.errno().unwrap().0, libc::EINVAL);
}

#[test]
fn values_for_each_cpu() {
    if !may_load() {
        return;
    }
    let counters = Map::create(&MapDef::new::<u32, u32>("counters", MapType::PercpuArray, 2)).unwrap();
    let counters = counters.into_per_cpu_array::<u32>().unwrap();
    counters.set_all(1, &7).unwrap();
    assert_eq!(counters.get(1).unwrap().unwrap(), vec![7; possible_cpus()]);
    assert_eq!(counters.get(0).unwrap().unwrap(), vec![0; possible_cpus()]);
    assert_eq!(counters.get(2).unwrap(), None);
}

#[test]
fn wrong_types_and_sizes() {
    if !may_load() {
        return;
    }
    let def = MapDef::of_bytes("m", MapType::Hash, 4, 12, 1);
    let error = Map::create(&def).unwrap().into_array::<u32>().unwrap_err();
    assert_eq!(error.to_string(), "map `m` is a hash map, not an array");
    let error = Map::create(&def).unwrap().into_hash::<u32, u64>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "map `m` has values of 12 bytes, `u64` has 8; was it made by another version?"
    );
    let map = Map::create(&def).unwrap();
    assert_eq!(map.lookup(&[0; 5]).unwrap_err().errno().unwrap().0, libc::EINVAL);
    assert!(map.update(&[0; 4], &[0; 11], Update::Any).is_err());
    let stdin = std::os::fd::AsFd::as_fd(&std::io::stdin()).try_clone_to_owned().unwrap();
    assert!(matches!(Map::from_fd(stdin), Err(MapError::NoMap(_))));
}

#[test]
fn constants_are_written_and_frozen() {
    if !may_load() {
        return;
    }
    let map = Map::create(&MapDef::constants("text", b"knock\0\0\0".to_vec())).unwrap();
    assert_eq!(map.lookup(&[0; 4]).unwrap().unwrap(), b"knock\0\0\0");
    let error = map.update(&[0; 4], &[0; 8], Update::Any).unwrap_err();
    assert_eq!(error.errno().unwrap().0, libc::EPERM);
}
