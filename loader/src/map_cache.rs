//! Maps of earlier programs for later ones that define the same.
//!
//! Verifying a program neither changes nor freezes its maps, so programs that are only verified can share them. The
//! name is a part of the definition, because logs show it.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::os::fd::BorrowedFd;
use std::sync::Arc;

use knockwright_asm::{MapDef, MapType};
use knockwright_btf::MapTypes;

use crate::map::{Map, MapError};

/// The types of a map, in BTF that the kernel has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Types<'a> {
    pub(crate) btf: BorrowedFd<'a>,
    /// Which BTF that is: no other one of the loader has the number.
    pub(crate) number: u64,
    pub(crate) types: &'a MapTypes,
}

impl<'a> Types<'a> {
    /// As [`Map::create_typed`] takes them.
    pub(crate) fn parts(self) -> (BorrowedFd<'a>, &'a MapTypes) {
        (self.btf, self.types)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    name: String,
    map_type: MapType,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    flags: u32,
    data: Option<Vec<u8>>,
    extra: u64,
    types: Option<(u64, MapTypes)>,
}

/// A bounded store of maps by definition; the oldest goes first.
#[derive(Debug)]
pub(crate) struct MapCache {
    maps: HashMap<Key, Arc<Map>>,
    order: VecDeque<Key>,
    capacity: NonZeroUsize,
}

impl MapCache {
    pub(crate) fn new(capacity: NonZeroUsize) -> Self {
        Self { maps: HashMap::new(), order: VecDeque::new(), capacity }
    }

    /// The map of that definition, created if need be.
    pub(crate) fn get(&mut self, def: &MapDef, types: Option<Types<'_>>) -> Result<Arc<Map>, MapError> {
        // Some types bind the map to the first program that uses it (`kernel/bpf/core.c`,
        // `__bpf_prog_map_compatible`; `kernel/bpf/local_storage.c`), so each program gets its own. Maps of maps are
        // rare.
        let create = || Map::create_typed(def, types.map(Types::parts)).map(Arc::new);
        if def.map_type.facts().bound || def.inner.is_some() {
            return create();
        }
        let key = Key {
            name: def.name.clone(),
            map_type: def.map_type,
            key_size: def.key.size(),
            value_size: def.value.size(),
            max_entries: def.max_entries,
            flags: def.flags,
            data: def.data.clone(),
            extra: def.extra,
            types: types.map(|types| (types.number, types.types.clone())),
        };
        if let Some(map) = self.maps.get(&key) {
            return Ok(Arc::clone(map));
        }
        let map = create()?;
        if self.order.len() >= self.capacity.get()
            && let Some(oldest) = self.order.pop_front()
        {
            self.maps.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.maps.insert(key, Arc::clone(&map));
        Ok(map)
    }
}
