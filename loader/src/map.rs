//! Maps of the running kernel: as bytes, and typed as hash and array.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;

use knockwright_asm::linux::map_type::{RDONLY_PROG, Values};
use knockwright_asm::{BpfType, MapDef, MapType};
use knockwright_btf::MapTypes;

use crate::errno::Errno;
use crate::sys::{
    CreateTypes, MapCreate, MapInfo, SysError, Update, map_create, map_delete, map_freeze, map_info,
    map_lookup, map_next_key, map_once, map_update,
};
use crate::value::{LayoutMismatch, check_layout, from_bytes, to_bytes};

/// A map that can't be created, opened or used as wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// The kernel didn't create the map.
    #[error(
        "map `{name}` was not created: {error}; {map_type} map with key size {key_size}, value size {value_size}, \
         {max_entries} {}, flags {flags:#x}", if *max_entries == 1 { "entry" } else { "entries" }
    )]
    Create {
        /// The map's name.
        name: String,
        /// Its type.
        map_type: MapType,
        /// The key's size in bytes.
        key_size: u32,
        /// The value's size in bytes.
        value_size: u32,
        /// The number of entries.
        max_entries: u32,
        /// Creation flags.
        flags: u32,
        /// What the kernel said.
        error: SysError,
    },
    /// An operation on the map failed.
    #[error("map `{name}`: {error}")]
    Operation {
        /// The map's name.
        name: String,
        /// What the kernel said.
        error: SysError,
    },
    /// The object isn't a map.
    #[error("this is no map: {0}")]
    NoMap(SysError),
    /// The map has another type than the handle wants.
    #[error("map `{name}` is a {}, not {wanted}", map_type_name(*.map_type))]
    WrongType {
        /// The map's name.
        name: String,
        /// The number of its type.
        map_type: u32,
        /// What would do.
        wanted: &'static str,
    },
    /// The map's keys or values have another size than the handle's type.
    #[error(
        "map `{name}` has {what}s of {actual} bytes, `{type_name}` has {wanted}; was it made by another version?"
    )]
    WrongSize {
        /// The map's name.
        name: String,
        /// `key` or `value`.
        what: &'static str,
        /// The Rust type.
        type_name: &'static str,
        /// The type's size in bytes.
        wanted: usize,
        /// The map's size in bytes.
        actual: usize,
    },
    /// The program has no such map.
    #[error("there is no map `{name}`; there are: {known}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A type's layout doesn't describe it.
    #[error(transparent)]
    Layout(#[from] LayoutMismatch),
    /// The ring buffer couldn't be mapped or waited for.
    #[error("ring buffer `{name}`: {reason}")]
    RingBuffer {
        /// The map's name.
        name: String,
        /// What went wrong.
        reason: String,
    },
}

impl MapError {
    /// The error number of the system call that failed, if one did.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Self::Create { error, .. } | Self::Operation { error, .. } | Self::NoMap(error) => {
                Some(error.errno)
            }
            _ => None,
        }
    }
}

fn map_type_name(number: u32) -> String {
    MapType::from_number(number).map_or_else(|| format!("map of type {number}"), |ty| format!("{ty} map"))
}

/// A map of the kernel. Closing it leaves the map alive as long as a program or a pin refers to it.
#[derive(Debug)]
pub struct Map {
    fd: OwnedFd,
    info: MapInfo,
}

impl Map {
    /// Creates the map of a definition, without BTF and not pinned. Data of the definition is written into it, and it's
    /// frozen then if programs can't write it. For the maps in it, one like them is created.
    ///
    /// # Errors
    /// [`MapError::Create`] with the definition and the kernel's reason, [`MapError::Operation`] if the data doesn't fit.
    pub fn create(def: &MapDef) -> Result<Self, MapError> {
        Self::create_typed(def, None)
    }

    /// The same with types of the program's BTF. As libbpf does, kinds of maps that take none go without, and so does a map
    /// that the kernel doesn't make with them.
    ///
    /// # Errors
    /// As [`Map::create`].
    pub fn create_typed(def: &MapDef, types: Option<(BorrowedFd<'_>, &MapTypes)>) -> Result<Self, MapError> {
        let inner = match &def.inner {
            None => None,
            Some(inner) => {
                let types = types.and_then(|(btf, types)| Some((btf, types.inner.as_deref()?)));
                Some(Self::create_typed(inner, types)?)
            }
        };
        let mut create = MapCreate {
            map_type: def.map_type.number(),
            key_size: def.key.size(),
            value_size: def.value.size(),
            max_entries: def.entries(u32::try_from(possible_cpus()).unwrap_or(u32::MAX)),
            flags: def.flags,
            name: &def.name,
            extra: def.extra,
            inner: inner.as_ref().map(Self::as_fd),
            types: types
                .filter(|(_, types)| def.map_type.facts().takes_types && types.is_typed())
                .map(|(btf, types)| CreateTypes { btf, key: types.key.0, value: types.value.0 }),
        };
        let mut created = map_create(&create);
        if created.is_err() && create.types.take().is_some() {
            created = map_create(&create);
        }
        let fd = created.map_err(|error| MapError::Create {
            name: def.name.clone(),
            map_type: def.map_type,
            key_size: create.key_size,
            value_size: create.value_size,
            max_entries: create.max_entries,
            flags: create.flags,
            error,
        })?;
        let map = Self::from_fd(fd)?;
        if def.map_type == MapType::Arena {
            let pages = create.max_entries as usize;
            map_once(map.as_fd(), pages, def.extra).map_err(|error| map.failed(error))?;
        }
        if let Some(data) = &def.data {
            map.update(&0_u32.to_ne_bytes(), data, Update::Any)?;
            if def.flags & RDONLY_PROG != 0 {
                map_freeze(map.as_fd()).map_err(|error| map.failed(error))?;
            }
        }
        Ok(map)
    }

    /// Takes over the descriptor of a map.
    ///
    /// # Errors
    /// [`MapError::NoMap`] if it isn't one.
    pub fn from_fd(fd: OwnedFd) -> Result<Self, MapError> {
        let info = map_info(fd.as_fd()).map_err(MapError::NoMap)?;
        Ok(Self { fd, info })
    }

    /// A second handle of the same map.
    ///
    /// # Errors
    /// [`MapError::Operation`] if no more files may be opened.
    pub fn try_clone(&self) -> Result<Self, MapError> {
        let fd = self
            .fd
            .try_clone()
            .map_err(|error| self.failed(SysError { command: "dup", errno: Errno::of(&error) }))?;
        Ok(Self { fd, info: self.info.clone() })
    }

    /// What the kernel says of it.
    pub fn info(&self) -> &MapInfo {
        &self.info
    }

    /// The name, as far as the kernel keeps it: at most 15 bytes.
    pub fn name(&self) -> &str {
        &self.info.name
    }

    /// The type, if this crate knows it.
    pub fn map_type(&self) -> Option<MapType> {
        MapType::from_number(self.info.map_type)
    }

    fn failed(&self, error: SysError) -> MapError {
        MapError::Operation { name: self.info.name.clone(), error }
    }

    /// What user space copies as a value; of a type that this crate doesn't know, the value.
    fn values(&self) -> Values {
        self.map_type().map_or(Values::One, |map_type| map_type.facts().values)
    }

    /// The sizes in bytes of a key and of what an access from user space copies as value.
    ///
    /// Source: `kernel/bpf/syscall.c`, `bpf_map_value_size`.
    fn sizes(&self) -> (usize, usize) {
        let value = self.info.value_size as usize;
        let value = match self.values() {
            Values::PerCpu => value.next_multiple_of(8) * possible_cpus(),
            Values::Descriptors => size_of::<u32>(),
            Values::One => value,
        };
        (self.info.key_size as usize, value)
    }

    /// The bytes of an element. Per-CPU maps give the values of all possible CPUs, each rounded up to 8 bytes.
    ///
    /// # Errors
    /// [`MapError::Operation`], with `EINVAL` if the key's size is wrong.
    pub fn lookup(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MapError> {
        let sizes = self.sizes();
        let mut value = vec![0; sizes.1];
        // SAFETY: the sizes are what the kernel gave for this map.
        let found = unsafe { map_lookup(self.fd.as_fd(), sizes, key, &mut value) };
        Ok(found.map_err(|error| self.failed(error))?.then_some(value))
    }

    /// Writes the bytes of an element. Per-CPU maps take values as [`Map::lookup`] gives them.
    ///
    /// # Errors
    /// [`MapError::Operation`], with `EINVAL` if a size is wrong, else as [`map_update`].
    pub fn update(&self, key: &[u8], value: &[u8], update: Update) -> Result<(), MapError> {
        // SAFETY: the sizes are what the kernel gave for this map.
        unsafe { map_update(self.fd.as_fd(), self.sizes(), key, value, update) }
            .map_err(|error| self.failed(error))
    }

    /// Deletes an element; `false` if there was none.
    ///
    /// # Errors
    /// [`MapError::Operation`], with `EINVAL` for arrays, whose elements can't be deleted.
    pub fn delete(&self, key: &[u8]) -> Result<bool, MapError> {
        // SAFETY: the size is what the kernel gave for this map.
        unsafe { map_delete(self.fd.as_fd(), self.sizes().0, key) }.map_err(|error| self.failed(error))
    }

    /// The keys at this time. Keys that come or go meanwhile may be in it or not, none is in it twice.
    ///
    /// # Errors
    /// [`MapError::Operation`].
    pub fn keys(&self) -> Result<Vec<Vec<u8>>, MapError> {
        let key_size = self.sizes().0;
        let mut keys = Vec::new();
        let mut seen = HashSet::new();
        let mut previous: Option<Vec<u8>> = None;
        // A hash map starts again when the key that the walk stands on is deleted: hence the check for keys seen, and an
        // end to the walk when that happens all the time.
        let steps = (self.info.max_entries as usize).saturating_mul(4).saturating_add(16);
        for _ in 0..steps {
            let mut next = vec![0; key_size];
            // SAFETY: the size is what the kernel gave for this map.
            let found = unsafe { map_next_key(self.fd.as_fd(), key_size, previous.as_deref(), &mut next) };
            if !found.map_err(|error| self.failed(error))? {
                break;
            }
            if seen.insert(next.clone()) {
                keys.push(next.clone());
            }
            previous = Some(next);
        }
        Ok(keys)
    }

    /// This map as a hash with typed keys and values.
    ///
    /// # Errors
    /// [`MapError::WrongType`], [`MapError::WrongSize`] or [`MapError::Layout`].
    pub fn into_hash<K: BpfType, V: BpfType>(self) -> Result<Hash<K, V>, MapError> {
        self.want(
            &[MapType::Hash, MapType::LruHash, MapType::LpmTrie],
            "a hash, an lru_hash or an lpm_trie",
        )?;
        self.want_size::<K>("key", self.info.key_size)?;
        self.want_size::<V>("value", self.info.value_size)?;
        Ok(Hash { map: self, types: PhantomData })
    }

    /// This map as an array with typed values.
    ///
    /// # Errors
    /// As [`Map::into_hash`].
    pub fn into_array<V: BpfType>(self) -> Result<Array<V>, MapError> {
        self.want(&[MapType::Array], "an array")?;
        self.want_size::<V>("value", self.info.value_size)?;
        Ok(Array { map: self, types: PhantomData })
    }

    /// This map as an array with typed values, one for each CPU.
    ///
    /// # Errors
    /// As [`Map::into_hash`].
    pub fn into_per_cpu_array<V: BpfType>(self) -> Result<PerCpuArray<V>, MapError> {
        self.want(&[MapType::PercpuArray], "a percpu_array")?;
        self.want_size::<V>("value", self.info.value_size)?;
        Ok(PerCpuArray { map: self, types: PhantomData })
    }

    pub(crate) fn want(&self, types: &[MapType], wanted: &'static str) -> Result<(), MapError> {
        if types.iter().any(|ty| ty.number() == self.info.map_type) {
            return Ok(());
        }
        Err(MapError::WrongType { name: self.info.name.clone(), map_type: self.info.map_type, wanted })
    }

    fn want_size<T: BpfType>(&self, what: &'static str, actual: u32) -> Result<(), MapError> {
        check_layout::<T>()?;
        if size_of::<T>() == actual as usize {
            return Ok(());
        }
        Err(MapError::WrongSize {
            name: self.info.name.clone(),
            what,
            type_name: std::any::type_name::<T>(),
            wanted: size_of::<T>(),
            actual: actual as usize,
        })
    }
}

impl AsFd for Map {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// How many CPUs the kernel may ever have, which is how many values a per-CPU element has.
///
/// Source: `/sys/devices/system/cpu/possible`, a list of ranges such as `0-3,8`. At least 1; if the file can't be read,
/// the C library's count of configured CPUs.
pub fn possible_cpus() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| {
        std::fs::read_to_string("/sys/devices/system/cpu/possible")
            .ok()
            .and_then(|text| count_cpus(text.trim()))
            .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
            .unwrap_or(1)
    })
}

/// The number of CPUs in a list of ranges.
fn count_cpus(ranges: &str) -> Option<usize> {
    let mut count = 0;
    for range in ranges.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        count += last.checked_sub(first)? + 1;
    }
    (count > 0).then_some(count)
}

/// A hash, LRU hash or LPM trie with typed keys and values.
#[derive(Debug)]
pub struct Hash<K, V> {
    map: Map,
    types: PhantomData<fn() -> (K, V)>,
}

impl<K: BpfType, V: BpfType> Hash<K, V> {
    /// The value of a key.
    ///
    /// # Errors
    /// [`MapError::Operation`].
    pub fn get(&self, key: &K) -> Result<Option<V>, MapError> {
        match self.map.lookup(&to_bytes(key)?)? {
            Some(bytes) => Ok(Some(from_bytes(&bytes)?)),
            None => Ok(None),
        }
    }

    /// Writes a key's value.
    ///
    /// # Errors
    /// [`MapError::Operation`]: `E2BIG` if the map is full, `EEXIST` and `ENOENT` as [`Update`] says.
    pub fn set(&self, key: &K, value: &V, update: Update) -> Result<(), MapError> {
        self.map.update(&to_bytes(key)?, &to_bytes(value)?, update)
    }

    /// Deletes a key; `false` if it wasn't there.
    ///
    /// # Errors
    /// [`MapError::Operation`].
    pub fn delete(&self, key: &K) -> Result<bool, MapError> {
        self.map.delete(&to_bytes(key)?)
    }

    /// All elements at this time, without those that vanish during the walk.
    ///
    /// # Errors
    /// [`MapError::Operation`].
    pub fn entries(&self) -> Result<Vec<(K, V)>, MapError> {
        let mut entries = Vec::new();
        for key in self.map.keys()? {
            if let Some(value) = self.map.lookup(&key)? {
                entries.push((from_bytes(&key)?, from_bytes(&value)?));
            }
        }
        Ok(entries)
    }

    /// The map itself.
    pub fn map(&self) -> &Map {
        &self.map
    }
}

/// An array with typed values.
#[derive(Debug)]
pub struct Array<V> {
    map: Map,
    types: PhantomData<fn() -> V>,
}

impl<V: BpfType> Array<V> {
    /// The number of elements.
    pub fn len(&self) -> u32 {
        self.map.info.max_entries
    }

    /// Whether there is no element; the kernel makes no such array.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An element; `None` beyond the end.
    ///
    /// # Errors
    /// [`MapError::Operation`].
    pub fn get(&self, index: u32) -> Result<Option<V>, MapError> {
        match self.map.lookup(&index.to_ne_bytes())? {
            Some(bytes) => Ok(Some(from_bytes(&bytes)?)),
            None => Ok(None),
        }
    }

    /// Writes an element.
    ///
    /// # Errors
    /// [`MapError::Operation`], with `E2BIG` beyond the end.
    pub fn set(&self, index: u32, value: &V) -> Result<(), MapError> {
        self.map.update(&index.to_ne_bytes(), &to_bytes(value)?, Update::Any)
    }

    /// The map itself.
    pub fn map(&self) -> &Map {
        &self.map
    }
}

/// An array with one typed value for each CPU.
#[derive(Debug)]
pub struct PerCpuArray<V> {
    map: Map,
    types: PhantomData<fn() -> V>,
}

impl<V: BpfType> PerCpuArray<V> {
    /// The values of an element, in the order of the CPUs; `None` beyond the end.
    ///
    /// # Errors
    /// [`MapError::Operation`].
    pub fn get(&self, index: u32) -> Result<Option<Vec<V>>, MapError> {
        let Some(bytes) = self.map.lookup(&index.to_ne_bytes())? else {
            return Ok(None);
        };
        bytes
            .chunks_exact(size_of::<V>().next_multiple_of(8).max(1))
            .map(|value| from_bytes(&value[..size_of::<V>()]).map_err(MapError::from))
            .collect::<Result<Vec<V>, _>>()
            .map(Some)
    }

    /// Writes one value for all CPUs, such as zero.
    ///
    /// # Errors
    /// [`MapError::Operation`], with `E2BIG` beyond the end.
    pub fn set_all(&self, index: u32, value: &V) -> Result<(), MapError> {
        let mut one = to_bytes(value)?;
        one.resize(one.len().next_multiple_of(8), 0);
        self.map.update(&index.to_ne_bytes(), &one.repeat(possible_cpus()), Update::Any)
    }

    /// The map itself.
    pub fn map(&self) -> &Map {
        &self.map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_lists() {
        assert_eq!(count_cpus("0"), Some(1));
        assert_eq!(count_cpus("0-3"), Some(4));
        assert_eq!(count_cpus("0-3,8"), Some(5));
        assert_eq!(count_cpus(""), None);
        assert_eq!(count_cpus("3-1"), None);
    }
}
