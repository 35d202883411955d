//! Maps: a lookup's result may be NULL until a guard has looked at it.

use std::marker::PhantomData;

use super::calls::KEYED;
use super::flow::Use;
use super::memory::{Address, Pointer, PointerMut};
use super::register::{Kept, SavedRegister, Scratch};
use super::scalar::{Scalar, Word};
use super::stack::Init;
use super::{At, Label, Update, Writer, here};
use crate::builder::MapRef;
use crate::insn::{AluOp, Cond, Imm64, Insn, Source};
use crate::layout::BpfType;
use crate::program::MapDef;
use crate::reg::{Reg, Width};
use crate::types::Extent;
use knockwright_linux::Helper;
use knockwright_linux::MapType;

/// A map from `K` to `V`.
#[derive(Debug)]
pub struct Map<K, V> {
    map: MapRef,
    types: PhantomData<fn(K) -> V>,
}

copies! { [K, V] Map<K, V>; }

impl<K, V> Map<K, V> {
    pub(super) fn reference(self) -> MapRef {
        self.map
    }
}

/// What a lookup gives: a pointer to a value, or NULL, in `r0`.
///
/// It has no load and no store. [`Writer::not_null`] is the guard that makes a [`Value`] of it.
#[derive(Debug)]
#[must_use = "it may be NULL: `not_null` is the guard"]
pub struct MaybeNull<V> {
    used: Use,
    types: PhantomData<V>,
}

impl<V> MaybeNull<V> {
    pub(super) fn at(used: Use) -> Self {
        Self { used, types: PhantomData }
    }
}

/// A pointer to a map's value of type `V`.
#[derive(Debug)]
#[must_use]
pub struct Value<H, V> {
    pub(super) used: Use,
    types: PhantomData<(H, V)>,
}

copies! { [H, V] Value<H, V>; }

impl<H, V> Value<H, V> {
    pub(super) fn at(used: Use) -> Self {
        Self { used, types: PhantomData }
    }
}

impl<H, V> Pointer for Value<H, V> {
    type Target = V;

    fn address(&self) -> Address {
        Address { base: self.used.reg(), off: 0, used: self.used }
    }
}

impl<H, V> PointerMut for Value<H, V> {}

/// What a call that changes a map gives: 0, or a negative error number, in `r0`.
#[derive(Debug)]
#[must_use = "`succeeded` is the guard; `ignore` says that it doesn't matter"]
pub struct Outcome {
    used: Use,
}

impl Outcome {
    pub(super) fn at(used: Use) -> Self {
        Self { used }
    }

    /// The call may have failed, and the program goes on all the same.
    pub fn ignore(self) {}
}

/// A clock of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// `bpf_ktime_get_ns`: monotonic, stops in suspend.
    Monotonic,
    /// `bpf_ktime_get_boot_ns`: monotonic, counts suspend.
    Boot,
    /// `bpf_ktime_get_coarse_ns`: as [`Monotonic`](Self::Monotonic), exact to a tick of 1 to 10 ms, and cheap (Linux 5.11).
    Coarse,
}

impl Clock {
    fn helper(self) -> Helper {
        match self {
            Self::Monotonic => Helper::KtimeGetNs,
            Self::Boot => Helper::KtimeGetBootNs,
            Self::Coarse => Helper::KtimeGetCoarseNs,
        }
    }
}

/// # Maps
impl Writer {
    /// Declares a map.
    ///
    /// # Panics
    /// If programs don't look keys up in maps of the kind and change them: those have methods of their own.
    #[track_caller]
    pub fn map<K: BpfType, V: BpfType>(&self, name: &str, map_type: MapType, max_entries: u32) -> Map<K, V> {
        self.map_of(MapDef::new::<K, V>(name, map_type, max_entries))
    }

    /// Declares a map by its definition, whose key and value must be `K` and `V`.
    ///
    /// # Panics
    /// If they aren't, or if programs don't look keys up in maps of the kind and change them: those have methods of their own.
    #[track_caller]
    pub fn map_of<K: BpfType, V: BpfType>(&self, def: MapDef) -> Map<K, V> {
        assert!(
            def.key == Extent::of::<K>() && def.value == Extent::of::<V>(),
            "map `{}` has other types of keys and values",
            def.name
        );
        assert!(
            KEYED.contains(def.map_type),
            "map `{}`: programs don't look keys up and change them in a {} map, which has a type of its own",
            def.name,
            def.map_type
        );
        Map { map: self.declare_map(def), types: PhantomData }
    }

    pub(super) fn mov(&self, dst: Reg, src: Source, at: At) {
        self.emit(Insn::Alu { width: Width::W64, op: AluOp::Mov, dst, src }, at);
    }

    pub(super) fn load_map(&self, dst: Reg, map: MapRef, at: At) {
        let idx = map.index() as i32;
        self.emit(Insn::LoadImm64 { dst, value: Imm64::MapIdx(idx) }, at);
    }

    /// `dst = r10; dst += offset`: the address of a stack object as an argument.
    pub(super) fn stack_argument<T>(&self, dst: Reg, object: &Init<T>, at: At) {
        self.check(object.used, at);
        self.mov(dst, Source::Reg(Reg::R10), at);
        self.emit(Insn::Alu { width: Width::W64, op: AluOp::Add, dst, src: Source::Imm(object.offset) }, at);
    }

    /// A call that gives nothing: scratch registers are gone, `r0` too.
    pub(super) fn call_nothing(&self, helper: Helper, at: At) {
        self.emit(Insn::CallHelper { helper: helper.into() }, at);
        self.flow.borrow_mut().call(at);
    }

    /// The call itself: scratch registers are gone, `r0` holds the result.
    pub(super) fn call_helper(&self, helper: Helper, at: At) -> Use {
        self.call_nothing(helper, at);
        self.written(Reg::R0, at)
    }

    /// `r0 = bpf_map_lookup_elem(map, key)`.
    #[track_caller]
    pub fn lookup<K, V>(&mut self, map: Map<K, V>, key: &Init<K>) -> MaybeNull<V> {
        let at = here();
        self.stack_argument(Reg::R2, key, at);
        self.load_map(Reg::R1, map.map, at);
        MaybeNull { used: self.call_helper(Helper::MapLookupElem, at), types: PhantomData }
    }

    /// The guard `if r0 == 0 goto otherwise`: a pointer to a value from here on.
    #[track_caller]
    pub fn not_null<V>(&self, found: MaybeNull<V>, otherwise: Label) -> Value<Scratch<'_>, V> {
        let at = here();
        self.null_check(found.used, Cond::Eq, otherwise, at);
        Value::at(self.proved(found.used))
    }

    /// The guard the other way round, `if r0 != 0 goto found`: there it is a value, here it is NULL. [`Writer::bind_found`]
    /// takes it up there.
    #[track_caller]
    pub fn goto_if_found<V>(&self, found: MaybeNull<V>, label: Label) -> Found<V> {
        let at = here();
        self.check(found.used, at);
        let id = self.flow.borrow_mut().new_id();
        let insn =
            Insn::JumpIf { width: Width::W64, cond: Cond::Ne, dst: Reg::R0, src: Source::Imm(0), off: 0 };
        self.jump_insn(insn, label, &[(found.used, id)], at);
        Found { used: Use { id, ..found.used }, label, types: PhantomData }
    }

    /// Puts the label of [`Writer::goto_if_found`] here, with the value in `r0`.
    #[track_caller]
    pub fn bind_found<V>(&self, found: Found<V>) -> Value<Scratch<'_>, V> {
        self.bind_at(found.label, here());
        Value::at(found.used)
    }

    /// A map of the program, declared where the method is called that has `#[track_caller]` too.
    #[track_caller]
    pub(super) fn declare_map(&self, def: MapDef) -> MapRef {
        self.asm.borrow_mut().map(def)
    }

    pub(super) fn null_check(&self, used: Use, cond: Cond, to: Label, at: At) {
        self.check(used, at);
        let insn = Insn::JumpIf { width: Width::W64, cond, dst: used.reg(), src: Source::Imm(0), off: 0 };
        self.jump_insn(insn, to, &[], at);
    }

    /// `dst = value`: keeps a pointer in a register that survives calls.
    #[track_caller]
    pub fn keep<R: SavedRegister, H, V>(&self, _: R, value: Value<H, V>) -> Value<Kept, V> {
        let at = here();
        self.check(value.used, at);
        self.mov(R::REG, Source::Reg(value.used.reg()), at);
        Value::at(self.written(R::REG, at))
    }

    /// `r0 = bpf_map_update_elem(map, key, value, flags)`, the flags as a word.
    #[track_caller]
    pub fn update<K, V>(&mut self, map: Map<K, V>, key: &Init<K>, value: &Init<V>, how: Update) -> Outcome {
        let at = here();
        self.load_map(Reg::R1, map.map, at);
        self.stack_argument(Reg::R2, key, at);
        self.stack_argument(Reg::R3, value, at);
        self.mov(Reg::R4, Source::Imm(how as i32), at);
        Outcome { used: self.call_helper(Helper::MapUpdateElem, at) }
    }

    /// `r0 = bpf_map_delete_elem(map, key)`.
    #[track_caller]
    pub fn delete<K, V>(&mut self, map: Map<K, V>, key: &Init<K>) -> Outcome {
        let at = here();
        self.load_map(Reg::R1, map.map, at);
        self.stack_argument(Reg::R2, key, at);
        Outcome { used: self.call_helper(Helper::MapDeleteElem, at) }
    }

    /// The guard `if r0 != 0 goto otherwise`: the call has done what it should from here on.
    #[track_caller]
    pub fn succeeded(&self, outcome: Outcome, otherwise: Label) {
        self.null_check(outcome.used, Cond::Ne, otherwise, here());
    }

    /// `r0 = now; dst = r0`: the time in nanoseconds.
    #[track_caller]
    pub fn now<R: SavedRegister>(&mut self, _: R, clock: Clock) -> Word<Kept> {
        let at = here();
        self.call_helper(clock.helper(), at);
        self.mov(R::REG, Source::Reg(Reg::R0), at);
        Scalar::at(self.written(R::REG, at))
    }
}

/// A lookup that found something, at the label that it jumped to; see [`Writer::goto_if_found`].
#[derive(Debug)]
#[must_use = "`bind_found` puts its label"]
pub struct Found<V> {
    used: Use,
    label: Label,
    types: PhantomData<V>,
}
