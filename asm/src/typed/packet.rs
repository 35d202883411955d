//! The packet: headers come from a guard against its end, and end when the packet's place changes.

use std::marker::PhantomData;

use super::context::{Context, PacketContext};
use super::flow::Use;
use super::kind::Xdp;
use super::memory::{Address, Pointer, PointerMut};
use super::register::Register;
use super::scalar::Scalar;
use super::{Label, Typed, Writer, here};
use crate::insn::{AluOp, Cond, Insn, Source};
use crate::reg::{Reg, Width};
use knockwright_linux::Helper;

/// A packet: a cursor in one register, its end in another.
///
/// It has no bytes to read. [`Typed::header`] is the guard that hands out a [`Header`] at the cursor.
#[derive(Debug)]
pub struct Packet<W = Writable> {
    pub(super) cursor: Use,
    pub(super) end: Use,
    rights: PhantomData<W>,
}

impl<W> Packet<W> {
    pub(super) fn new(cursor: Use, end: Use) -> Self {
        Self { cursor, end, rights: PhantomData }
    }
}

/// The rights to a packet: it may be read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writable {}

/// The rights to a packet: it may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOnly {}

/// A header of a packet, as it is on the wire.
///
/// # Safety
/// The type is `repr(C, packed)` and consists of integers only: every run of bytes is a value of it.
pub unsafe trait PacketHeader: Copy {}

/// Declares headers: packed structs of integers, in the network's byte order.
///
/// ```
/// knockwright_asm::packet_header! {
///     /// The ports of TCP and UDP.
///     pub struct Ports {
///         /// Where it comes from.
///         pub source: u16,
///         /// Where it goes.
///         pub destination: u16,
///     }
/// }
/// assert_eq!(size_of::<Ports>(), 4);
/// ```
#[macro_export]
macro_rules! packet_header {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$member_meta:meta])* $member_vis:vis $member:ident : $ty:ty),* $(,)?
    })*) => {
        $($(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        #[repr(C, packed)]
        $vis struct $name {
            $($(#[$member_meta])* $member_vis $member: $ty,)*
        }

        // SAFETY: packed, and every member is loadable or an array of such: an integer.
        unsafe impl $crate::typed::PacketHeader for $name {})*
    };
}

/// A header that the packet holds as a whole, until the packet's cursor moves.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Header<'k, T, W = Writable> {
    used: Use,
    types: PhantomData<(&'k (), T, W)>,
}

impl<T, W> Pointer for Header<'_, T, W> {
    type Target = T;

    fn address(&self) -> Address {
        Address { base: self.used.reg(), off: 0, used: self.used }
    }
}

impl<T> PointerMut for Header<'_, T> {}

/// # Packets
impl<K: PacketContext> Typed<K> {
    /// The guard `scratch = cursor + size; if scratch > end goto otherwise`: the packet holds a whole `T` at the cursor.
    #[track_caller]
    pub fn header<'k, T: PacketHeader>(
        &self,
        packet: &'k Packet<K::Rights>,
        scratch: impl Register,
        otherwise: Label,
    ) -> Header<'k, T, K::Rights> {
        let at = here();
        let proof = self.proof(packet, size_of::<T>(), register(scratch), otherwise, at);
        Header { used: proof, types: PhantomData }
    }
}

/// # The cursor
impl Writer {
    fn proof<W>(
        &self,
        packet: &Packet<W>,
        bytes: usize,
        scratch: Reg,
        otherwise: Label,
        at: super::At,
    ) -> Use {
        self.check(packet.cursor, at);
        self.check(packet.end, at);
        assert!(
            scratch != packet.cursor.reg() && scratch != packet.end.reg(),
            "the guard needs a register besides the packet's"
        );
        self.mov(scratch, Source::Reg(packet.cursor.reg()), at);
        let size = Source::Imm(i32::try_from(bytes).unwrap_or(i32::MAX));
        self.emit(Insn::Alu { width: Width::W64, op: AluOp::Add, dst: scratch, src: size }, at);
        self.written(scratch, at);
        let src = Source::Reg(packet.end.reg());
        let insn = Insn::JumpIf { width: Width::W64, cond: Cond::Gt, dst: scratch, src, off: 0 };
        self.jump_insn(insn, otherwise, &[], at);
        self.proved(packet.cursor)
    }

    /// `cursor += bytes`: all headers end here.
    #[track_caller]
    pub fn advance<W>(&self, packet: &mut Packet<W>, bytes: u16) {
        self.move_cursor(packet, Source::Imm(bytes.into()), here());
    }

    /// `cursor += number`: all headers end here. The verifier follows offsets up to 65535, and a chain of such moves adds up.
    #[track_caller]
    pub fn advance_by<H, W, const MAX: u64>(&self, packet: &mut Packet<W>, number: Scalar<H, MAX>) {
        const {
            assert!(
                MAX <= 0x7fff,
                "the verifier follows a packet's cursor over 65535 bytes in all: bound the step"
            )
        };
        let at = here();
        self.check(number.used, at);
        self.move_cursor(packet, Source::Reg(number.used.reg()), at);
    }

    fn move_cursor<W>(&self, packet: &mut Packet<W>, src: Source, at: super::At) {
        self.check(packet.cursor, at);
        let dst = packet.cursor.reg();
        self.emit(Insn::Alu { width: Width::W64, op: AluOp::Add, dst, src }, at);
        packet.cursor = self.written(dst, at);
    }
}

/// # Moving a packet's start
impl Typed<Xdp> {
    /// `r0 = bpf_xdp_adjust_head(context, by); if r0 != 0 goto failed`: moves the packet's start, to the front for a negative
    /// number. The packet and all its headers end here; [`Typed::packet`] takes it up again.
    #[track_caller]
    pub fn adjust_head(&mut self, context: &Context<Xdp>, packet: Packet, by: i32, failed: Label) {
        let at = here();
        self.check(context.used(), at);
        self.mov(Reg::R1, Source::Reg(context.used().reg()), at);
        self.mov(Reg::R2, Source::Imm(by), at);
        let outcome = self.call_helper(Helper::XdpAdjustHead, at);
        for used in [packet.cursor, packet.end] {
            self.written(used.reg(), at);
        }
        self.null_check(outcome, Cond::Ne, failed, at);
    }
}

fn register<R: Register>(_: R) -> Reg {
    R::REG
}
