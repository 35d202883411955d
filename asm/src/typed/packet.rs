//! The packet: headers come from a guard against its end, and end when the packet's place changes.

use std::marker::PhantomData;

use super::flow::Use;
use super::memory::{Address, Pointer, PointerMut};
use super::register::{Register, SavedRegister};
use super::scalar::Scalar;
use super::{Label, Typed, here};
use crate::insn::{AluOp, Cond, Insn, Source};
use crate::reg::{Reg, Size, Width};
use knockwright_linux::Helper;
use knockwright_linux::context::xdp_md;

/// The program's context, `struct xdp_md`, in a register.
#[derive(Debug)]
pub struct Context {
    used: Use,
}

impl Context {
    pub(super) fn new(used: Use) -> Self {
        Self { used }
    }
}

/// A packet: a cursor in one register, its end in another.
///
/// It has no bytes to read. [`Typed::header`] is the guard that hands out a [`Header`] at the cursor.
#[derive(Debug)]
pub struct Packet {
    pub(super) cursor: Use,
    pub(super) end: Use,
}

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
pub struct Header<'k, T> {
    used: Use,
    types: PhantomData<(&'k (), T)>,
}

impl<T> Pointer for Header<'_, T> {
    type Target = T;

    fn address(&self) -> Address {
        Address { base: self.used.reg(), off: 0, used: self.used }
    }
}

impl<T> PointerMut for Header<'_, T> {}

/// The members of `struct xdp_md` that hold the packet.
const DATA: i16 = xdp_md::DATA.offset as i16;
const DATA_END: i16 = xdp_md::DATA_END.offset as i16;

/// # Packets
impl Typed {
    /// `end = ctx->data_end; cursor = ctx->data`: the packet, with its cursor at the start.
    #[track_caller]
    pub fn packet<C: SavedRegister, E: SavedRegister>(&self, context: &Context, _: C, _: E) -> Packet {
        let at = here();
        self.check(context.used, at);
        let base = context.used.reg();
        let load = |dst, off| {
            self.emit(Insn::Load { size: Size::U32, dst, base, off }, at);
            self.written(dst, at)
        };
        let end = load(E::REG, DATA_END);
        Packet { cursor: load(C::REG, DATA), end }
    }

    /// `dst = context`: keeps the context in a register that survives calls.
    #[track_caller]
    pub fn keep_context<R: SavedRegister>(&self, _: R, context: Context) -> Context {
        let at = here();
        self.check(context.used, at);
        self.mov(R::REG, Source::Reg(context.used.reg()), at);
        Context::new(self.written(R::REG, at))
    }

    /// The guard `scratch = cursor + size; if scratch > end goto otherwise`: the packet holds a whole `T` at the cursor.
    #[track_caller]
    pub fn header<'k, T: PacketHeader>(
        &self,
        packet: &'k Packet,
        scratch: impl Register,
        otherwise: Label,
    ) -> Header<'k, T> {
        let at = here();
        let proof = self.proof(packet, size_of::<T>(), register(scratch), otherwise, at);
        Header { used: proof, types: PhantomData }
    }

    fn proof(&self, packet: &Packet, bytes: usize, scratch: Reg, otherwise: Label, at: super::At) -> Use {
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
    pub fn advance(&self, packet: &mut Packet, bytes: u16) {
        self.move_cursor(packet, Source::Imm(bytes.into()), here());
    }

    /// `cursor += number`: all headers end here. The verifier follows offsets up to 65535, and a chain of such moves adds up.
    #[track_caller]
    pub fn advance_by<H, const MAX: u64>(&self, packet: &mut Packet, number: Scalar<H, MAX>) {
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

    fn move_cursor(&self, packet: &mut Packet, src: Source, at: super::At) {
        self.check(packet.cursor, at);
        let dst = packet.cursor.reg();
        self.emit(Insn::Alu { width: Width::W64, op: AluOp::Add, dst, src }, at);
        packet.cursor = self.written(dst, at);
    }

    /// `r0 = bpf_xdp_adjust_head(context, by); if r0 != 0 goto failed`: moves the packet's start, to the front for a negative
    /// number. The packet and all its headers end here; [`Typed::packet`] takes it up again.
    #[track_caller]
    pub fn adjust_head(&mut self, context: &Context, packet: Packet, by: i32, failed: Label) {
        let at = here();
        self.check(context.used, at);
        self.mov(Reg::R1, Source::Reg(context.used.reg()), at);
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
