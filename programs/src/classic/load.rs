//! Bytes of the packet, each load with its bounds.

use knockwright_asm::linux::context::sk_buff;
use knockwright_asm::linux::uapi::classic::{SKF_AD_OFF, SKF_LL_OFF, SKF_NET_OFF};
use knockwright_asm::linux::uapi::helper_flags::{BPF_HDR_START_MAC, BPF_HDR_START_NET};
use knockwright_asm::{AbsSize, Helper, Reg, Reg::*, Size, SwapBits};

use super::insn::Width;
use super::translate::{A, CONTEXT, COPY, PACKET, Translation, X};
use super::{ClassicError, Hook};
use crate::net::xdp_md;

/// How far into a packet the verifier follows a pointer (`MAX_PACKET_OFF` in `kernel/bpf/verifier.c`). No packet that a
/// program sees in one piece is longer.
const FARTHEST: u32 = 0xffff;

/// What an offset counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    /// The packet's start.
    Start,
    /// The link layer's header.
    LinkLayer,
    /// The network header.
    Network,
}

/// Takes an offset of an instruction apart; none for one that leads nowhere.
fn place(k: u32) -> Option<(From, u32)> {
    let signed = k.cast_signed();
    let beyond = |base: i32| k.wrapping_sub(base.cast_unsigned());
    match signed {
        0.. => Some((From::Start, k)),
        SKF_NET_OFF.. => Some((From::Network, beyond(SKF_NET_OFF))),
        SKF_LL_OFF.. => Some((From::LinkLayer, beyond(SKF_LL_OFF))),
        _ => None,
    }
}

fn size(width: Width) -> Size {
    match width {
        Width::Byte => Size::U8,
        Width::Half => Size::U16,
        Width::Word => Size::U32,
    }
}

fn abs_size(width: Width) -> AbsSize {
    match width {
        Width::Byte => AbsSize::U8,
        Width::Half => AbsSize::U16,
        Width::Word => AbsSize::U32,
    }
}

impl Translation {
    pub(super) fn packet_start(&mut self) {
        self.a.load(Size::U32, PACKET, CONTEXT + xdp_md::DATA);
    }

    pub(super) fn length(&mut self, to: Reg) {
        if matches!(self.hook, Hook::Xdp(_)) {
            self.a.load(Size::U32, to, CONTEXT + xdp_md::DATA_END);
            self.a.sub(to, PACKET);
        } else {
            self.a.load(Size::U32, to, CONTEXT + sk_buff::LEN.offset as i32);
        }
    }

    pub(super) fn load_abs(&mut self, width: Width, k: u32) -> Result<(), ClassicError> {
        if k >= SKF_AD_OFF.cast_unsigned() {
            return self.load_beside(k.wrapping_sub(SKF_AD_OFF.cast_unsigned()).cast_signed());
        }
        self.load_at(A, width, k)
    }

    /// `X = 4 * (byte & 0xf)`, and A stays.
    pub(super) fn load_msh(&mut self, k: u32) -> Result<(), ClassicError> {
        self.load_at(X, Width::Byte, k)?;
        self.a.and32(X, 0xf);
        self.a.lsh32(X, 2);
        Ok(())
    }

    /// Loads from a place that the instruction tells.
    fn load_at(&mut self, to: Reg, width: Width, k: u32) -> Result<(), ClassicError> {
        match (self.hook, place(k)) {
            (Hook::SocketFilter, _) => {
                self.a.load_abs(abs_size(width), k.cast_signed());
                self.a.mov32(to, R0);
            }
            (_, None) => self.a.goto(self.miss),
            (Hook::Xdp(_), Some((From::Network, _))) => {
                let what = "an offset from the network header";
                return Err(ClassicError::NotHere { at: self.at, what, hook: "xdp" });
            }
            (Hook::Xdp(_), Some((_, offset))) => {
                self.a.mov(R1, PACKET);
                self.load_within(to, width, u64::from(offset));
            }
            (Hook::Tc(_), Some((from, offset))) => {
                self.a.mov32(R2, offset.cast_signed());
                self.copy(to, width, from);
            }
        }
        Ok(())
    }

    pub(super) fn load_ind(&mut self, width: Width, k: u32) {
        match self.hook {
            Hook::SocketFilter => {
                self.a.load_ind(abs_size(width), X, k.cast_signed());
                self.a.mov32(A, R0);
            }
            Hook::Xdp(_) => {
                self.a.mov32(R1, X);
                self.a.add32(R1, k.cast_signed());
                // The verifier follows no farther, and a negative sum is a large number.
                self.a.goto_if(R1.gt((FARTHEST - 4).cast_signed()), self.miss);
                self.a.add(R1, PACKET);
                self.load_within(A, width, 0);
            }
            Hook::Tc(_) => {
                self.a.mov32(R2, X);
                self.a.add32(R2, k.cast_signed());
                self.copy(A, width, From::Start);
            }
        }
    }

    /// Loads at a distance from r1, which points into the packet, if the packet reaches so far.
    fn load_within(&mut self, to: Reg, width: Width, offset: u64) {
        let Ok(end) = i32::try_from(offset + u64::from(width.bytes())) else {
            return self.a.goto(self.miss);
        };
        if end.cast_unsigned() > FARTHEST {
            return self.a.goto(self.miss);
        }
        self.a.add(R1, end);
        self.a.load(Size::U32, R2, CONTEXT + xdp_md::DATA_END);
        self.a.goto_if(R1.gt(R2), self.miss);
        self.a.load(size(width), to, R1 - width.bytes().cast_signed());
        self.swap(to, width);
    }

    /// Copies what is at the offset in r2 to the stack, if the packet reaches so far, and loads it.
    fn copy(&mut self, to: Reg, width: Width, from: From) {
        let a = &mut self.a;
        a.mov(R1, CONTEXT);
        a.mov(R3, R10);
        a.add(R3, COPY);
        a.mov(R4, width.bytes().cast_signed());
        match from {
            From::Start => a.call(Helper::SkbLoadBytes),
            From::LinkLayer | From::Network => {
                let start = if from == From::Network { BPF_HDR_START_NET } else { BPF_HDR_START_MAC };
                a.mov(R5, start);
                a.call(Helper::SkbLoadBytesRelative);
            }
        }
        a.goto_if(R0.ne(0), self.miss);
        a.load(size(width), to, R10 + COPY);
        self.swap(to, width);
    }

    /// From the network's order.
    fn swap(&mut self, to: Reg, width: Width) {
        match width {
            Width::Byte => {}
            Width::Half => self.a.be(SwapBits::B16, to),
            Width::Word => self.a.be(SwapBits::B32, to),
        }
    }
}
