//! Fields behind pointers: named, of a known type, and inside the object.

use std::marker::PhantomData;

use super::flow::Use;
use super::register::Register;
use super::scalar::{Below, Operand, Scalar};
use super::{Label, Writer, here};
use crate::insn::{AluOp, AtomicOp, AtomicSize, Cond, Insn, Source};
use crate::reg::{Reg, Size, Width};

/// A field of a struct `S`: its offset, and its type `F`. Made by [`field!`](crate::field), or looked up by its name.
#[derive(Debug)]
pub struct Field<S, F> {
    offset: u32,
    types: PhantomData<fn(S) -> F>,
}

copies! { [S, F] Field<S, F>; }

impl<S, F> Field<S, F> {
    #[doc(hidden)]
    pub const fn new(_: fn(S) -> F, offset: usize) -> Self {
        assert!(offset + size_of::<F>() <= size_of::<S>() && offset <= i16::MAX as usize);
        Self { offset: offset as u32, types: PhantomData }
    }

    /// The distance in bytes from the start of the struct.
    pub const fn offset(self) -> u32 {
        self.offset
    }
}

/// The object itself, where it is a number and no struct: the "field" of a `Map<u32, u64>`'s value, for atomics.
///
/// Loads and stores have [`Writer::get`] and [`Writer::set`].
pub const fn whole<T: Loadable>() -> Field<T, T> {
    Field { offset: 0, types: PhantomData }
}

/// A field of a struct by its name: `field!(KnockConfig, seq.length)`. A name that isn't there does not compile.
#[macro_export]
macro_rules! field {
    ($struct:ty, $($path:ident).+ [$index:literal]) => {
        $crate::typed::Field::first($crate::field!($struct, $($path).+), $index)
    };
    ($struct:ty, $($path:ident).+) => {
        $crate::typed::Field::new(|it: $struct| it.$($path).+, ::core::mem::offset_of!($struct, $($path).+))
    };
}

impl<S, F> Field<S, F> {
    /// A member that was looked up, at an offset that a load reaches.
    pub(super) const fn found(offset: u32) -> Self {
        Self { offset, types: PhantomData }
    }
}

impl<S, F, const N: usize> Field<S, [F; N]> {
    #[doc(hidden)]
    pub const fn first(self, index: usize) -> Field<S, F> {
        assert!(index < N);
        Field { offset: self.offset + (index * size_of::<F>()) as u32, types: PhantomData }
    }
}

/// A type that one load or store moves.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit one load",
    note = "one load moves a `u8`, `u16`, `u32`, `u64` or `bool`; name a field of the struct, or an element of the array"
)]
pub trait Loadable: Copy {
    /// The width of the access.
    const SIZE: Size;
    /// The number that a load gives, with the bound of its width.
    type Number<H>;
    #[doc(hidden)]
    fn number<H>(used: Loaded) -> Self::Number<H>;
}

/// What a load gives, for [`Loadable`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Loaded(Use);

macro_rules! loadable {
    ($($ty:ty: $size:ident, $max:expr;)*) => {
        $(impl Loadable for $ty {
            const SIZE: Size = Size::$size;
            type Number<H> = Scalar<H, { $max }>;

            fn number<H>(loaded: Loaded) -> Self::Number<H> {
                Scalar::at(loaded.0)
            }
        })*
    };
}

loadable! {
    u8: U8, 0xff;
    bool: U8, 0xff;
    u16: U16, 0xffff;
    u32: U32, 0xffff_ffff;
    u64: U64, u64::MAX;
}

/// An address in a register, as the emitter wants it.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Address {
    pub(super) base: Reg,
    pub(super) off: i32,
    pub(super) used: Use,
}

/// What has fields that may be loaded: a value, a header, a record, a struct on the stack.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no fields to load or store yet",
    label = "not known to point to anything",
    note = "what a lookup gives may be NULL: `let value = p.not_null(found, label)` is the guard",
    note = "a packet may end anywhere: `let header = p.header::<T>(&packet, register, label)` is the guard",
    note = "what the stack holds is initialised by `spill`, `init` or `fill`"
)]
pub trait Pointer {
    /// The struct that it points to.
    type Target;
    #[doc(hidden)]
    fn address(&self) -> Address;
}

/// What has fields that may be stored to.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be written",
    note = "map values, records and packet headers can; so can initialised structs on the stack"
)]
pub trait PointerMut: Pointer {}

/// A field of 32 or 64 bits, for atomics.
#[diagnostic::on_unimplemented(message = "atomics work on `u32` and `u64`, not on `{Self}`")]
pub trait AtomicField: Loadable {
    /// The width.
    const ATOMIC: AtomicSize;
}

impl AtomicField for u32 {
    const ATOMIC: AtomicSize = AtomicSize::U32;
}

impl AtomicField for u64 {
    const ATOMIC: AtomicSize = AtomicSize::U64;
}

/// The address of an element of an array field, with the array's offset still to be added.
#[derive(Debug)]
#[must_use]
pub struct Element<H, F> {
    base: Reg,
    used: Use,
    offset: i32,
    types: PhantomData<(H, F)>,
}

fn at_offset(address: Address, offset: u32) -> i16 {
    // A field's offset fits by its construction, and objects on the stack lie within 512 bytes.
    i16::try_from(address.off + offset as i32).unwrap_or(0)
}

/// # Loads and stores
impl Writer {
    pub(super) fn loaded(&self, dst: Reg, at: super::At) -> Loaded {
        Loaded(self.written(dst, at))
    }

    /// `dst = *(size *)(pointer + field)`.
    #[track_caller]
    pub fn load<R: Register, P: Pointer, F: Loadable>(
        &self,
        _: R,
        pointer: &P,
        field: Field<P::Target, F>,
    ) -> F::Number<R::Held<'_>> {
        let at = here();
        let address = pointer.address();
        self.check(address.used, at);
        let off = at_offset(address, field.offset);
        self.emit(Insn::Load { size: F::SIZE, dst: R::REG, base: address.base, off }, at);
        F::number(self.loaded(R::REG, at))
    }

    /// `dst = *(size *)pointer`: the number that it points to, where that is no struct.
    ///
    /// ```
    /// # use knockwright_asm::MapType;
    /// # use knockwright_asm::typed::{R1, Typed, XdpAction};
    /// # let (mut p, _context) = Typed::xdp("count");
    /// let packets = p.map::<u32, u64>("packets", MapType::PercpuArray, 1);
    /// let out = p.label("out");
    /// let key = p.spill::<u32>(0);
    /// let count = p.lookup(packets, &key);
    /// let count = p.not_null(count, out);
    /// let number = p.get(R1, &count);
    /// let number = p.add(number, 1);
    /// p.set(&count, number);
    /// p.bind(out);
    /// # p.exit(XdpAction::Pass);
    /// # assert_eq!(p.finish()?.slot_count(), 12);
    /// # Ok::<(), knockwright_asm::typed::TypedErrors>(())
    /// ```
    #[track_caller]
    pub fn get<R: Register, P: Pointer<Target: Loadable>>(
        &self,
        register: R,
        pointer: &P,
    ) -> <P::Target as Loadable>::Number<R::Held<'_>> {
        self.load(register, pointer, whole())
    }

    /// `*(size *)pointer = number`: sets the number that it points to, where that is no struct.
    #[track_caller]
    pub fn set<P: PointerMut<Target: Loadable>>(&self, pointer: &P, number: impl Operand) {
        self.store(pointer, whole(), number);
    }

    /// `*(size *)(pointer + field) = number`.
    #[track_caller]
    pub fn store<P: PointerMut, F: Loadable>(
        &self,
        pointer: &P,
        field: Field<P::Target, F>,
        number: impl Operand,
    ) {
        let at = here();
        let address = pointer.address();
        self.check(address.used, at);
        self.store_at(address.base, at_offset(address, field.offset), F::SIZE, &number, at);
    }

    pub(super) fn store_at(&self, base: Reg, off: i16, size: Size, number: &impl Operand, at: super::At) {
        let number = number.operand();
        if let Some(used) = number.used {
            self.check(used, at);
        }
        let insn = match number.source {
            Source::Reg(src) => Insn::Store { size, base, off, src },
            Source::Imm(imm) => Insn::StoreImm { size, base, off, imm },
        };
        self.emit(insn, at);
    }

    /// `dst = index * size + pointer`: the address of an element of an array field.
    #[track_caller]
    pub fn element<R: Register, P: Pointer, F: Loadable, const N: usize>(
        &self,
        _: R,
        pointer: &P,
        field: Field<P::Target, [F; N]>,
        index: impl Below<N>,
    ) -> Element<R::Held<'_>, F> {
        let at = here();
        let address = pointer.address();
        self.check(address.used, at);
        let index = index.operand();
        if let Some(used) = index.used {
            self.check(used, at);
        }
        assert!(R::REG != address.base, "the element's address needs a register of its own");
        let alu = |op, src| self.emit(Insn::Alu { width: Width::W64, op, dst: R::REG, src }, at);
        alu(AluOp::Mov, index.source);
        match F::SIZE.bytes().trailing_zeros() {
            0 => {}
            bits => alu(AluOp::Lsh, Source::Imm(bits as i32)),
        }
        alu(AluOp::Add, Source::Reg(address.base));
        let offset = i32::from(at_offset(address, field.offset));
        Element { base: R::REG, used: self.written(R::REG, at), offset, types: PhantomData }
    }

    /// `dst = *(size *)(element)`.
    #[track_caller]
    pub fn load_element<R: Register, H, F: Loadable>(
        &self,
        _: R,
        element: &Element<H, F>,
    ) -> F::Number<R::Held<'_>> {
        self.load_beside(R::REG, element, 0)
    }

    /// `dst = *(size *)(element - 1)`: the element before. Before the first lies what the struct has there, or the struct's
    /// start doesn't allow it and the program has an error.
    #[track_caller]
    pub fn load_before<R: Register, H, F: Loadable>(
        &self,
        _: R,
        element: &Element<H, F>,
    ) -> F::Number<R::Held<'_>> {
        let size = F::SIZE.bytes() as i32;
        assert!(element.offset >= size, "before the array's first element the struct has no {size} bytes");
        self.load_beside(R::REG, element, -size)
    }

    #[track_caller]
    fn load_beside<H, I, F: Loadable>(&self, dst: Reg, element: &Element<I, F>, by: i32) -> F::Number<H> {
        let at = here();
        self.check(element.used, at);
        let off = i16::try_from(element.offset + by).unwrap_or(0);
        self.emit(Insn::Load { size: F::SIZE, dst, base: element.base, off }, at);
        F::number(self.loaded(dst, at))
    }

    /// `*(size *)(element) = number`.
    #[track_caller]
    pub fn store_element<H, F: Loadable>(&self, element: &Element<H, F>, number: impl Operand) {
        let at = here();
        self.check(element.used, at);
        let off = i16::try_from(element.offset).unwrap_or(0);
        self.store_at(element.base, off, F::SIZE, &number, at);
    }
}

macro_rules! atomics {
    ($($name:ident $op:ident $text:literal, $fetch:ident $fetch_op:ident $fetch_text:literal;)*) => {
        /// # Atomics
        ///
        /// Those that give the old number came with Linux 5.12, as did `or`, `and` and `xor`: [`IsaLevel::V3`] allows them.
        ///
        /// [`IsaLevel::V3`]: crate::isa::IsaLevel::V3
        impl Writer {
            $(#[doc = $text]
            #[track_caller]
            pub fn $name<P: PointerMut, F: AtomicField, H, const MAX: u64>(
                &self,
                pointer: &P,
                field: Field<P::Target, F>,
                number: Scalar<H, MAX>,
            ) {
                self.atomic(AtomicOp::$op, pointer, field, number.used, here());
            }

            #[doc = $fetch_text]
            #[track_caller]
            pub fn $fetch<P: PointerMut, F: AtomicField, H, const MAX: u64>(
                &self,
                pointer: &P,
                field: Field<P::Target, F>,
                number: Scalar<H, MAX>,
            ) -> F::Number<H> {
                let at = here();
                self.atomic(AtomicOp::$fetch_op, pointer, field, number.used, at);
                F::number(self.loaded(number.used.reg(), at))
            }
            )*
        }
    };
}

atomics! {
    atomic_add Add "`lock *(size *)(pointer + field) += number`.",
    fetch_add FetchAdd "`number = atomic_fetch_add(pointer + field, number)`: the number's register holds what was there before.";
    atomic_or Or "`lock *(size *)(pointer + field) |= number`.",
    fetch_or FetchOr "`number = atomic_fetch_or(pointer + field, number)`: the number's register holds what was there before.";
    atomic_and And "`lock *(size *)(pointer + field) &= number`.",
    fetch_and FetchAnd "`number = atomic_fetch_and(pointer + field, number)`: the number's register holds what was there before.";
    atomic_xor Xor "`lock *(size *)(pointer + field) ^= number`.",
    fetch_xor FetchXor "`number = atomic_fetch_xor(pointer + field, number)`: the number's register holds what was there before.";
}

/// # Exchanges
impl Writer {
    fn atomic<P: PointerMut, F: AtomicField>(
        &self,
        op: AtomicOp,
        pointer: &P,
        field: Field<P::Target, F>,
        number: Use,
        at: super::At,
    ) {
        let address = pointer.address();
        self.check(address.used, at);
        self.check(number, at);
        let off = at_offset(address, field.offset);
        let src = number.reg();
        self.emit(Insn::Atomic { size: F::ATOMIC, op, base: address.base, off, src }, at);
    }

    /// `number = xchg(pointer + field, number)`: the field becomes the number, whose register holds what was there before.
    #[track_caller]
    pub fn exchange<P: PointerMut, F: AtomicField, H, const MAX: u64>(
        &self,
        pointer: &P,
        field: Field<P::Target, F>,
        number: Scalar<H, MAX>,
    ) -> F::Number<H> {
        let at = here();
        self.atomic(AtomicOp::Xchg, pointer, field, number.used, at);
        F::number(self.loaded(number.used.reg(), at))
    }

    /// `r0 = old; r0 = cmpxchg(pointer + field, r0, new); if r0 != old goto lost`: the field becomes `new` if it still is
    /// `old`; else another CPU was faster.
    #[track_caller]
    pub fn compare_exchange<P: PointerMut, F: AtomicField, H, I, const MAX: u64, const NEW: u64>(
        &self,
        pointer: &P,
        field: Field<P::Target, F>,
        old: Scalar<H, MAX>,
        new: Scalar<I, NEW>,
        lost: Label,
    ) {
        let at = here();
        let address = pointer.address();
        for used in [address.used, old.used, new.used] {
            self.check(used, at);
        }
        let (off, src) = (at_offset(address, field.offset), new.used.reg());
        assert!(
            ![address.base, old.used.reg(), src].contains(&Reg::R0),
            "the exchange needs r0 for itself: keep the pointer and the numbers elsewhere"
        );
        let old = Source::Reg(old.used.reg());
        self.emit(Insn::Alu { width: Width::W64, op: AluOp::Mov, dst: Reg::R0, src: old }, at);
        self.emit(Insn::Atomic { size: F::ATOMIC, op: AtomicOp::Cmpxchg, base: address.base, off, src }, at);
        self.written(Reg::R0, at);
        let insn = Insn::JumpIf { width: Width::W64, cond: Cond::Ne, dst: Reg::R0, src: old, off: 0 };
        self.jump_insn(insn, lost, &[], at);
    }
}
