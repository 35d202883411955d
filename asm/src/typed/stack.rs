//! Objects on the stack: helpers read them only once they are written.

use std::marker::PhantomData;

use super::flow::{FIRST_OBJECT, FlowError, Holder, Use};
use super::memory::{Address, Field, Loadable, Pointer, PointerMut, whole};
use super::register::Register;
use super::scalar::Operand;
use super::{At, Writer, here};
use crate::layout::BpfType;
use crate::reg::{Reg, Size};

/// Room for a `T` on the stack that nothing is written to yet.
#[derive(Debug)]
#[must_use]
pub struct Uninit<T> {
    pub(super) holder: Holder,
    pub(super) offset: i32,
    types: PhantomData<T>,
}

/// A `T` on the stack, written as a whole.
#[derive(Debug)]
pub struct Init<T> {
    pub(super) used: Use,
    pub(super) offset: i32,
    types: PhantomData<T>,
}

copies! { [T] Init<T>; }

impl<T> Pointer for Init<T> {
    type Target = T;

    fn address(&self) -> Address {
        Address { base: Reg::R10, off: self.offset, used: self.used }
    }
}

impl<T> PointerMut for Init<T> {}

/// A struct on the stack that is being written field by field; see [`Writer::fill`].
#[derive(Debug)]
#[must_use = "`done` gives the struct to helpers"]
pub struct Filling<'p, T> {
    p: &'p Writer,
    uninit: Uninit<T>,
    written: Vec<bool>,
}

/// # The stack
impl Writer {
    /// Room for a `T`, at the next place of the stack frame.
    #[track_caller]
    pub fn uninit<T: BpfType>(&self) -> Uninit<T> {
        let (holder, offset) = self.flow.borrow_mut().object(T::TYPE.size(), T::TYPE.align(), here());
        Uninit { holder, offset, types: PhantomData }
    }

    /// `*(size *)(r10 + offset) = number`: writes it.
    #[track_caller]
    pub fn init<T: Loadable>(&self, place: Uninit<T>, number: impl Operand) -> Init<T> {
        let at = here();
        let off = i16::try_from(place.offset).unwrap_or(0);
        self.store_at(Reg::R10, off, T::SIZE, &number, at);
        self.initialised(place, at)
    }

    /// `dst = *(size *)(r10 + offset)`: the number again.
    #[track_caller]
    pub fn reload<R: Register, T: Loadable>(&self, dst: R, number: &Init<T>) -> T::Number<R::Held<'_>> {
        self.load(dst, number, whole())
    }

    /// What something else has written there, if it still is there.
    pub(super) fn taken<T>(&self, place: Uninit<T>) -> Init<T> {
        let used = self.flow.borrow().latest(place.holder);
        Init { used, offset: place.offset, types: PhantomData }
    }

    pub(super) fn initialised<T>(&self, place: Uninit<T>, at: At) -> Init<T> {
        debug_assert!(place.holder >= FIRST_OBJECT);
        let used = self.flow.borrow_mut().write(place.holder, at);
        Init { used, offset: place.offset, types: PhantomData }
    }

    /// A number on the stack: room for it, and the store.
    #[track_caller]
    pub fn spill<T: Loadable + BpfType>(&self, number: impl Operand) -> Init<T> {
        let place = self.uninit::<T>();
        self.init(place, number)
    }

    /// A struct on the stack: room for it, to be written field by field.
    #[track_caller]
    pub fn fill<T: BpfType>(&self) -> Filling<'_, T> {
        let uninit = self.uninit::<T>();
        Filling { p: self, uninit, written: vec![false; T::TYPE.size() as usize] }
    }
}

impl<T: BpfType> Filling<'_, T> {
    /// `*(size *)(r10 + offset) = number`: writes a field.
    #[track_caller]
    pub fn set<F: Loadable>(mut self, field: Field<T, F>, number: impl Operand) -> Self {
        let at = here();
        let off = i16::try_from(self.uninit.offset + field.offset() as i32).unwrap_or(0);
        self.p.store_at(Reg::R10, off, F::SIZE, &number, at);
        let start = field.offset() as usize;
        self.written[start..start + F::SIZE.bytes() as usize].fill(true);
        self
    }

    /// Writes zeros over all of it, eight bytes at a time where that is aligned.
    #[track_caller]
    pub fn zeroed(mut self) -> Self {
        let at = here();
        let mut start = 0_usize;
        while start < self.written.len() {
            let place = self.uninit.offset + i32::try_from(start).unwrap_or(0);
            let is_aligned = |bytes: usize| place.unsigned_abs() as usize % bytes == 0;
            let (bytes, size) = [(8, Size::U64), (4, Size::U32), (2, Size::U16), (1, Size::U8)]
                .into_iter()
                .find(|(bytes, _)| start + bytes <= self.written.len() && is_aligned(*bytes))
                .unwrap_or((1, Size::U8));
            let off = i16::try_from(place).unwrap_or(0);
            self.p.store_at(Reg::R10, off, size, &0, at);
            start += bytes;
        }
        self.written.fill(true);
        self
    }

    /// The whole struct. Bytes that were never written are an error of the program, padding too.
    #[track_caller]
    pub fn done(self) -> Init<T> {
        let at = here();
        if let Some(first) = self.written.iter().position(|written| !written) {
            let gap = self.written[first..].iter().take_while(|written| !**written).count();
            let last = first + gap - 1;
            let error = FlowError::NotFilled { at: at.into(), first: first as u32, last: last as u32 };
            self.p.flow.borrow_mut().errors.push(error);
        }
        self.p.initialised(self.uninit, at)
    }
}
