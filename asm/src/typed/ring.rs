//! Records of a ring buffer: reserved ones are submitted or discarded, once.

use std::marker::PhantomData;

use super::flow::{Reference, Use};
use super::memory::{Address, Pointer, PointerMut};
use super::{At, Label, Typed, Writer, here};
use crate::builder::MapRef;
use crate::insn::{Cond, Source};
use crate::layout::BpfType;
use crate::program::MapDef;
use crate::reg::Reg;
use knockwright_linux::Helper;

/// A ring buffer.
#[derive(Debug, Clone, Copy)]
pub struct RingBuffer {
    pub(super) map: MapRef,
}

/// A reserved record of type `T`, in `r0`. [`Writer::submit`] and [`Writer::discard`] take it.
#[derive(Debug)]
#[must_use = "a reserved record has to be submitted or discarded"]
pub struct Record<T> {
    used: Use,
    reference: Reference,
    types: PhantomData<T>,
}

impl<T> Pointer for Record<T> {
    type Target = T;

    fn address(&self) -> Address {
        Address { base: self.used.reg(), off: 0, used: self.used }
    }
}

impl<T> PointerMut for Record<T> {}

/// The proof that a record was submitted or discarded. Only those two make one.
#[derive(Debug)]
pub struct Finished(());

/// # Ring buffers
impl<K> Typed<K> {
    /// `r0 = bpf_ringbuf_reserve(…); if r0 == 0 goto full`: the closure gets the record, and must give back the proof that it
    /// was submitted or discarded.
    #[track_caller]
    pub fn reserve<T: BpfType>(
        &mut self,
        ring: RingBuffer,
        full: Label,
        write: impl FnOnce(&mut Self, Record<T>) -> Finished,
    ) {
        let record = self.reserved(ring, full, here());
        let Finished(()) = write(self, record);
    }
}

/// # Ring buffers
impl Writer {
    /// Declares a ring buffer by its definition.
    #[track_caller]
    pub fn ring_buffer(&self, def: MapDef) -> RingBuffer {
        RingBuffer { map: self.declare_map(def) }
    }

    /// As [`Typed::reserve`].
    #[track_caller]
    pub fn reserve<T: BpfType>(
        &mut self,
        ring: RingBuffer,
        full: Label,
        write: impl FnOnce(&mut Self, Record<T>) -> Finished,
    ) {
        let record = self.reserved(ring, full, here());
        let Finished(()) = write(self, record);
    }

    fn reserved<T: BpfType>(&mut self, ring: RingBuffer, full: Label, at: At) -> Record<T> {
        self.load_map(Reg::R1, ring.map, at);
        self.mov(Reg::R2, Source::Imm(T::TYPE.size() as i32), at);
        self.mov(Reg::R3, Source::Imm(0), at);
        let reserved = self.call_helper(Helper::RingbufReserve, at);
        self.null_check(reserved, Cond::Eq, full, at);
        let reference = self.flow.borrow_mut().acquire("record", at);
        Record { used: self.proved(reserved), reference, types: PhantomData }
    }

    /// `bpf_ringbuf_submit(record, 0)`: user space sees it.
    #[track_caller]
    pub fn submit<T>(&mut self, record: Record<T>) -> Finished {
        self.finish_record(record, Helper::RingbufSubmit)
    }

    /// `bpf_ringbuf_discard(record, 0)`: as if it had never been reserved.
    #[track_caller]
    pub fn discard<T>(&mut self, record: Record<T>) -> Finished {
        self.finish_record(record, Helper::RingbufDiscard)
    }

    #[track_caller]
    fn finish_record<T>(&mut self, record: Record<T>, helper: Helper) -> Finished {
        let at = here();
        self.check(record.used, at);
        self.mov(Reg::R1, Source::Reg(record.used.reg()), at);
        self.mov(Reg::R2, Source::Imm(0), at);
        self.flow.borrow_mut().give_back(record.reference);
        self.call_helper(helper, at);
        Finished(())
    }
}
