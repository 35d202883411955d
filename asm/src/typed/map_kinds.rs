//! Kinds of maps with what only they do: values by processor, prefixes, sets of values, maps of maps, sockets.

use std::marker::PhantomData;

use super::calls::{KEYED, Passed, UntilCall};
use super::context::Context;
use super::flow::Use;
use super::kind::{Answer, SkMsg, SockOps};
use super::map::{Map, MaybeNull, Outcome};
use super::redirect::Side;
use super::register::SavedRegister;
use super::scalar::Operand;
use super::stack::Init;
use super::{Label, Typed, Update, Writer, here};
use crate::builder::MapRef;
use crate::insn::{Cond, Source};
use crate::layout::{BpfType, Type};
use crate::program::MapDef;
use crate::types::Extent;
use knockwright_linux::{Helper, MapType};

/// What keys a map with a value for each processor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PerCpu {
    /// Numbers below its length: `BPF_MAP_TYPE_PERCPU_ARRAY`.
    Array,
    /// Any: `BPF_MAP_TYPE_PERCPU_HASH`.
    Hash,
    /// Any; what wasn't used for the longest time makes room: `BPF_MAP_TYPE_LRU_PERCPU_HASH`.
    LruHash,
}

/// A map with a value for each processor. [`PerCpuMap::here`] is it as a [`Map`], with the values of this processor.
#[derive(Debug)]
pub struct PerCpuMap<K, V> {
    map: Map<K, V>,
}

copies! { [K, V] PerCpuMap<K, V>; }

impl<K, V> PerCpuMap<K, V> {
    /// The values of this processor.
    pub fn here(self) -> Map<K, V> {
        self.map
    }
}

/// A key of a tree of prefixes: how many bits count, and then the bits, the first first.
pub trait PrefixKey: BpfType {
    #[doc(hidden)]
    const CHECKED: () = assert!(begins_with_length(&Self::TYPE), "a prefix begins with its length, a `u32`");
}

const fn begins_with_length(ty: &Type) -> bool {
    match ty {
        Type::Struct(whole) => {
            let first = &whole.members[0];
            first.offset == 0 && matches!(first.ty, Type::Int(int) if int.size == 4)
        }
        Type::Int(_) | Type::Array { .. } => false,
    }
}

crate::bpf_struct! {
    /// A prefix of IPv4 addresses.
    pub struct Ipv4Prefix as "ipv4_prefix" {
        /// How many bits of the address count, at most 32.
        pub length: u32,
        /// The address, in the network's byte order.
        pub address: u32,
    }
    /// A prefix of IPv6 addresses.
    pub struct Ipv6Prefix as "ipv6_prefix" {
        /// How many bits of the address count, at most 128.
        pub length: u32,
        /// The address, in the network's byte order.
        pub address: [u32; 4],
    }
}

impl PrefixKey for Ipv4Prefix {}
impl PrefixKey for Ipv6Prefix {}

/// A set of `V` that may take what isn't in it for what is: `BPF_MAP_TYPE_BLOOM_FILTER`.
#[derive(Debug)]
pub struct BloomFilter<V> {
    map: MapRef,
    types: PhantomData<fn() -> V>,
}

copies! { [V] BloomFilter<V>; }

/// A map from `K` to maps from `IK` to `IV`, which user space puts there.
#[derive(Debug)]
pub struct MapOfMaps<K, IK, IV> {
    map: MapRef,
    types: PhantomData<fn(K, IK) -> IV>,
}

copies! { [K, IK, IV] MapOfMaps<K, IK, IV>; }

/// What a lookup of a map gives: a map from `IK` to `IV`, or NULL. [`Writer::not_null_map`] is the guard.
#[derive(Debug)]
#[must_use = "it may be NULL: `not_null_map` is the guard"]
pub struct InnerOrNull<IK, IV> {
    used: Use,
    types: PhantomData<fn(IK) -> IV>,
}

/// A map that was looked up, kept in a register.
#[derive(Debug)]
#[must_use]
pub struct InnerMap<IK, IV> {
    used: Use,
    types: PhantomData<fn(IK) -> IV>,
}

/// Sockets by their number: `BPF_MAP_TYPE_SOCKMAP`.
#[derive(Debug, Clone, Copy)]
pub struct SocketMap {
    map: MapRef,
}

/// # Kinds of maps
impl Writer {
    /// Declares a map with a value for each processor.
    #[track_caller]
    pub fn per_cpu_map<K: BpfType, V: BpfType>(
        &self,
        name: &str,
        keys: PerCpu,
        max_entries: u32,
    ) -> PerCpuMap<K, V> {
        let map_type = match keys {
            PerCpu::Array => MapType::PercpuArray,
            PerCpu::Hash => MapType::PercpuHash,
            PerCpu::LruHash => MapType::LruPercpuHash,
        };
        PerCpuMap { map: self.map(name, map_type, max_entries) }
    }

    /// `r0 = bpf_map_lookup_percpu_elem(map, key, processor)`: the value of another processor. Linux 5.19.
    #[track_caller]
    pub fn lookup_percpu<K, V>(
        &mut self,
        map: PerCpuMap<K, V>,
        key: &Init<K>,
        processor: impl Operand,
    ) -> MaybeNull<V> {
        let at = here();
        let arguments =
            vec![Passed::map(map.map.reference()), Passed::init(key), Passed::operand(processor.operand())];
        self.set_arguments(arguments, at);
        MaybeNull::at(self.call_helper(Helper::MapLookupPercpuElem, at))
    }

    /// Declares a tree of prefixes: a lookup finds the longest that the key begins with.
    ///
    /// ```
    /// use knockwright_asm::field;
    /// use knockwright_asm::typed::{Ipv4Prefix, Typed, XdpAction};
    ///
    /// let (mut p, _context) = Typed::xdp("routes");
    /// let routes = p.prefixes::<Ipv4Prefix, u32>("routes", 1000);
    /// let key = p.fill().set(field!(Ipv4Prefix, length), 32).set(field!(Ipv4Prefix, address), 0x0100_007f).done();
    /// let out = p.label("out");
    /// let found = p.lookup(routes, &key);
    /// let _route = p.not_null(found, out);
    /// p.bind(out);
    /// p.exit(XdpAction::Pass);
    /// assert_eq!(p.finish()?.slot_count(), 10);
    /// # Ok::<(), knockwright_asm::typed::TypedErrors>(())
    /// ```
    #[track_caller]
    pub fn prefixes<K: PrefixKey, V: BpfType>(&self, name: &str, max_entries: u32) -> Map<K, V> {
        const { K::CHECKED };
        self.map(name, MapType::LpmTrie, max_entries)
    }

    /// Declares a set of about so many values, which looks at so many bits for each, from 1 to 15. Linux 5.16.
    #[track_caller]
    pub fn bloom_filter<V: BpfType>(&self, name: &str, max_entries: u32, hashes: u8) -> BloomFilter<V> {
        assert!((1..=15).contains(&hashes), "a bloom filter has 1 to 15 hashes");
        let mut def =
            MapDef::of(name, MapType::BloomFilter, Extent::Bytes(0), Extent::of::<V>(), max_entries);
        def.extra = hashes.into();
        BloomFilter { map: self.declare_map(def), types: PhantomData }
    }

    /// `r0 = bpf_map_push_elem(filter, value, BPF_ANY)`: adds a value to the set.
    #[track_caller]
    pub fn add_to<V>(&mut self, filter: BloomFilter<V>, value: &Init<V>) -> Outcome {
        let at = here();
        let value = Passed::init(value);
        self.set_arguments(vec![Passed::map(filter.map), value, Passed::number(Update::Any as i32)], at);
        Outcome::at(self.call_helper(Helper::MapPushElem, at))
    }

    /// `r0 = bpf_map_peek_elem(filter, value)`: succeeds if the value may be in the set, and fails if it isn't.
    #[track_caller]
    pub fn may_hold<V>(&mut self, filter: BloomFilter<V>, value: &Init<V>) -> Outcome {
        let at = here();
        let value = Passed::init(value);
        self.set_arguments(vec![Passed::map(filter.map), value], at);
        Outcome::at(self.call_helper(Helper::MapPeekElem, at))
    }

    /// Declares an array of maps, each like `inner`, whose key and value must be `IK` and `IV`.
    ///
    /// # Panics
    /// If they aren't, or if programs don't look keys up in such maps.
    #[track_caller]
    pub fn array_of_maps<IK: BpfType, IV: BpfType>(
        &self,
        name: &str,
        max_entries: u32,
        inner: MapDef,
    ) -> MapOfMaps<u32, IK, IV> {
        self.map_of_maps(name, MapType::ArrayOfMaps, max_entries, inner)
    }

    /// Declares a hash of maps, as [`Writer::array_of_maps`].
    ///
    /// # Panics
    /// As that does.
    #[track_caller]
    pub fn hash_of_maps<K: BpfType, IK: BpfType, IV: BpfType>(
        &self,
        name: &str,
        max_entries: u32,
        inner: MapDef,
    ) -> MapOfMaps<K, IK, IV> {
        self.map_of_maps(name, MapType::HashOfMaps, max_entries, inner)
    }

    #[track_caller]
    fn map_of_maps<K: BpfType, IK: BpfType, IV: BpfType>(
        &self,
        name: &str,
        map_type: MapType,
        max_entries: u32,
        inner: MapDef,
    ) -> MapOfMaps<K, IK, IV> {
        assert!(
            inner.key == Extent::of::<IK>() && inner.value == Extent::of::<IV>(),
            "the maps in `{name}` have other types of keys and values"
        );
        assert!(
            KEYED.contains(inner.map_type),
            "programs don't look keys up in a map of kind {}",
            inner.map_type
        );
        let mut def = MapDef::of(name, map_type, Extent::of::<K>(), Extent::Bytes(4), max_entries);
        def.inner = Some(Box::new(inner));
        MapOfMaps { map: self.declare_map(def), types: PhantomData }
    }

    /// `r0 = bpf_map_lookup_elem(maps, key)`: a map.
    #[track_caller]
    pub fn lookup_map<K, IK, IV>(
        &mut self,
        maps: MapOfMaps<K, IK, IV>,
        key: &Init<K>,
    ) -> InnerOrNull<IK, IV> {
        let at = here();
        self.set_arguments(vec![Passed::map(maps.map), Passed::init(key)], at);
        InnerOrNull { used: self.call_helper(Helper::MapLookupElem, at), types: PhantomData }
    }

    /// The guard `if r0 == 0 goto otherwise; dst = r0`: a map from here on, kept in a register that survives calls.
    #[track_caller]
    pub fn not_null_map<R: SavedRegister, IK, IV>(
        &self,
        _: R,
        found: InnerOrNull<IK, IV>,
        otherwise: Label,
    ) -> InnerMap<IK, IV> {
        let at = here();
        self.null_check(found.used, Cond::Eq, otherwise, at);
        self.mov(R::REG, Source::Reg(found.used.reg()), at);
        InnerMap { used: self.written(R::REG, at), types: PhantomData }
    }

    /// `r0 = bpf_map_lookup_elem(map, key)`, in a map that was looked up.
    #[track_caller]
    pub fn lookup_in<IK, IV>(&mut self, map: &InnerMap<IK, IV>, key: &Init<IK>) -> MaybeNull<IV> {
        let at = here();
        self.set_arguments(vec![Passed::register(map.used), Passed::init(key)], at);
        MaybeNull::at(self.call_helper(Helper::MapLookupElem, at))
    }

    /// Declares a map of sockets.
    #[track_caller]
    pub fn socket_map(&self, name: &str, max_entries: u32) -> SocketMap {
        SocketMap { map: self.declare_map(MapDef::of_bytes(name, MapType::Sockmap, 4, 4, max_entries)) }
    }
}

/// # Maps of sockets
impl Typed<SkMsg> {
    /// `r0 = bpf_msg_redirect_map(context, sockets, key, side)`: the message goes to the socket of the key, once the program
    /// returns this answer; where there is none, it's dropped.
    #[track_caller]
    pub fn redirect_message(
        &mut self,
        context: &Context<SkMsg>,
        sockets: SocketMap,
        key: impl Operand,
        side: Side,
    ) -> Answer<UntilCall, SkMsg> {
        let at = here();
        let arguments = vec![
            Passed::register(context.used()),
            Passed::map(sockets.map),
            Passed::operand(key.operand()),
            Passed::number(side.flags()),
        ];
        self.set_arguments(arguments, at);
        Answer::at(self.call_helper(Helper::MsgRedirectMap, at))
    }
}

/// # Maps of sockets
impl Typed<SockOps> {
    /// `r0 = bpf_sock_map_update(context, sockets, key, flags)`: puts the connection's socket there.
    #[track_caller]
    pub fn keep_socket_in(
        &mut self,
        context: &Context<SockOps>,
        sockets: SocketMap,
        key: &Init<u32>,
        how: Update,
    ) -> Outcome {
        let at = here();
        let arguments = vec![
            Passed::register(context.used()),
            Passed::map(sockets.map),
            Passed::init(key),
            Passed::number(how as i32),
        ];
        self.set_arguments(arguments, at);
        Outcome::at(self.call_helper(Helper::SockMapUpdate, at))
    }
}
