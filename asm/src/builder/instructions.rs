//! The methods of [`Asm`] that emit one instruction each.

use std::panic::Location;

use super::{Asm, AsmError, Condition, FnRef, Label, MapRef, Mem, Target, here};
use crate::insn::{
    AbsSize, AluOp, AtomicOp, AtomicSize, Cast, Endianness, Imm64, Insn, SignExtend, Source, SwapBits, SxSize,
};
use crate::program::{Code, Place};
use crate::reg::{Reg, Size, Width};
use crate::types::{Extern, ExternKind};
use knockwright_linux::HelperId;

macro_rules! arithmetic {
    ($($wide:ident $narrow:ident $op:ident $text:literal;)*) => {
        /// # Arithmetic
        ///
        /// The second operand is a register or a constant. The methods that end in `32` work on the lower half and clear
        /// the upper one.
        impl Asm {
            $(
                #[doc = concat!("`dst ", $text, " src`, 64 bits.")]
                #[track_caller]
                pub fn $wide(&mut self, dst: Reg, src: impl Into<Source>) {
                    self.emit(Insn::Alu { width: Width::W64, op: AluOp::$op, dst, src: src.into() });
                }

                #[doc = concat!("`dst ", $text, " src`, 32 bits.")]
                #[track_caller]
                pub fn $narrow(&mut self, dst: Reg, src: impl Into<Source>) {
                    self.emit(Insn::Alu { width: Width::W32, op: AluOp::$op, dst, src: src.into() });
                }
            )*
        }
    };
}

arithmetic! {
    add add32 Add "+=";
    sub sub32 Sub "-=";
    mul mul32 Mul "*=";
    div div32 Div "/=";
    sdiv sdiv32 Sdiv "s/=";
    or or32 Or "|=";
    and and32 And "&=";
    lsh lsh32 Lsh "<<=";
    rsh rsh32 Rsh ">>=";
    rem rem32 Mod "%=";
    srem srem32 Smod "s%=";
    xor xor32 Xor "^=";
    mov mov32 Mov "=";
    arsh arsh32 Arsh "s>>=";
}

/// # Negation, sign extension and byte order
impl Asm {
    /// `dst = -dst`, 64 bits.
    #[track_caller]
    pub fn neg(&mut self, dst: Reg) {
        self.emit(Insn::Neg { width: Width::W64, dst });
    }

    /// `dst = -dst`, 32 bits.
    #[track_caller]
    pub fn neg32(&mut self, dst: Reg) {
        self.emit(Insn::Neg { width: Width::W32, dst });
    }

    /// `dst = (s8)src` and its siblings.
    #[track_caller]
    pub fn movsx(&mut self, from: SignExtend, dst: Reg, src: Reg) {
        self.emit(Insn::MovSx { from, dst, src });
    }

    /// `dst = be16 dst` and its siblings: to or from the network's byte order.
    #[track_caller]
    pub fn be(&mut self, bits: SwapBits, dst: Reg) {
        self.emit(Insn::ToEndian { order: Endianness::Be, bits, dst });
    }

    /// `dst = le16 dst` and its siblings.
    #[track_caller]
    pub fn le(&mut self, bits: SwapBits, dst: Reg) {
        self.emit(Insn::ToEndian { order: Endianness::Le, bits, dst });
    }

    /// `dst = bswap16 dst` and its siblings.
    #[track_caller]
    pub fn bswap(&mut self, bits: SwapBits, dst: Reg) {
        self.emit(Insn::Bswap { bits, dst });
    }

    /// `dst = addr_space_cast(src, …)`.
    #[track_caller]
    pub fn addr_space_cast(&mut self, cast: Cast, dst: Reg, src: Reg) {
        self.emit(Insn::AddrSpaceCast { cast, dst, src });
    }
}

/// # Loads and stores
impl Asm {
    /// The base and offset of a memory operand; an offset beyond 16 bits is kept as an error.
    fn address(&mut self, mem: Mem, place: &Place) -> (Reg, i16) {
        let off = i16::try_from(mem.off).unwrap_or_else(|_| {
            self.errors.push(AsmError::OffsetOutOfRange { place: place.clone(), off: mem.off });
            0
        });
        (mem.base, off)
    }

    /// Emits an instruction with a memory operand.
    fn memory(&mut self, mem: Mem, place: Place, insn: impl FnOnce(Reg, i16) -> Insn) {
        let (base, off) = self.address(mem, &place);
        self.push(Code::Insn(insn(base, off)), Target::None, place);
    }

    /// `dst = *(size *)(base + off)`.
    #[track_caller]
    pub fn load(&mut self, size: Size, dst: Reg, from: impl Into<Mem>) {
        let place = here(Location::caller());
        self.memory(from.into(), place, |base, off| Insn::Load { size, dst, base, off });
    }

    /// `dst = *(s8 *)(base + off)` and its siblings, sign-extended.
    #[track_caller]
    pub fn load_sx(&mut self, size: SxSize, dst: Reg, from: impl Into<Mem>) {
        let place = here(Location::caller());
        self.memory(from.into(), place, |base, off| Insn::LoadSx { size, dst, base, off });
    }

    /// `*(size *)(base + off) = src`, a register or a constant.
    #[track_caller]
    pub fn store(&mut self, size: Size, to: impl Into<Mem>, src: impl Into<Source>) {
        let (place, src) = (here(Location::caller()), src.into());
        self.memory(to.into(), place, |base, off| match src {
            Source::Reg(src) => Insn::Store { size, base, off, src },
            Source::Imm(imm) => Insn::StoreImm { size, base, off, imm },
        });
    }

    /// `dst = load_acquire((size *)(base + off))`.
    #[track_caller]
    pub fn load_acquire(&mut self, size: Size, dst: Reg, from: impl Into<Mem>) {
        let place = here(Location::caller());
        self.memory(from.into(), place, |base, off| Insn::LoadAcquire { size, dst, base, off });
    }

    /// `store_release((size *)(base + off), src)`.
    #[track_caller]
    pub fn store_release(&mut self, size: Size, to: impl Into<Mem>, src: Reg) {
        let place = here(Location::caller());
        self.memory(to.into(), place, |base, off| Insn::StoreRelease { size, base, off, src });
    }

    /// `r0 = *(size *)skb[imm]`, a classic packet load.
    #[track_caller]
    pub fn load_abs(&mut self, size: AbsSize, imm: i32) {
        self.emit(Insn::LoadAbs { size, imm });
    }

    /// `r0 = *(size *)skb[src + imm]`, a classic packet load.
    #[track_caller]
    pub fn load_ind(&mut self, size: AbsSize, src: Reg, imm: i32) {
        self.emit(Insn::LoadInd { size, src, imm });
    }
}

/// # Constants and addresses of 64 bits
impl Asm {
    /// `dst = value`, two slots.
    #[track_caller]
    pub fn load_imm64(&mut self, dst: Reg, value: u64) {
        self.emit(Insn::LoadImm64 { dst, value: Imm64::Const(value) });
    }

    /// `dst = map[name]`, the address that helpers take.
    #[track_caller]
    pub fn load_map(&mut self, dst: Reg, map: MapRef) {
        self.emit(Insn::LoadImm64 { dst, value: Imm64::MapIdx(map.0 as i32) });
    }

    /// `dst = map[name][0]+off`, an address inside the only value of an array map.
    #[track_caller]
    pub fn load_map_value(&mut self, dst: Reg, map: MapRef, off: i32) {
        self.emit(Insn::LoadImm64 { dst, value: Imm64::MapIdxValue { idx: map.0 as i32, off } });
    }

    /// `dst = func[name]`, the address of a function for a callback.
    #[track_caller]
    pub fn load_function(&mut self, dst: Reg, function: FnRef) {
        let insn = Insn::LoadImm64 { dst, value: Imm64::Func(0) };
        self.push(Code::Insn(insn), Target::Function(function), here(Location::caller()));
    }
}

/// # Atomics
impl Asm {
    /// An atomic read-modify-write by its operation.
    #[track_caller]
    pub fn atomic(&mut self, size: AtomicSize, op: AtomicOp, at: impl Into<Mem>, src: Reg) {
        let place = here(Location::caller());
        self.memory(at.into(), place, |base, off| Insn::Atomic { size, op, base, off, src });
    }

    /// `lock *(size *)(base + off) += src`.
    #[track_caller]
    pub fn atomic_add(&mut self, size: AtomicSize, at: impl Into<Mem>, src: Reg) {
        self.atomic(size, AtomicOp::Add, at, src);
    }

    /// `src = atomic_fetch_add((size *)(base + off), src)`.
    #[track_caller]
    pub fn fetch_add(&mut self, size: AtomicSize, at: impl Into<Mem>, src: Reg) {
        self.atomic(size, AtomicOp::FetchAdd, at, src);
    }

    /// `src = atomic_xchg((size *)(base + off), src)`.
    #[track_caller]
    pub fn xchg(&mut self, size: AtomicSize, at: impl Into<Mem>, src: Reg) {
        self.atomic(size, AtomicOp::Xchg, at, src);
    }

    /// `r0 = atomic_cmpxchg((size *)(base + off), r0, src)`.
    #[track_caller]
    pub fn cmpxchg(&mut self, size: AtomicSize, at: impl Into<Mem>, src: Reg) {
        self.atomic(size, AtomicOp::Cmpxchg, at, src);
    }
}

/// # Jumps, calls and exit
impl Asm {
    #[track_caller]
    fn jump(&mut self, insn: Insn, to: Label) {
        let place = here(Location::caller());
        if self.label_state(to).is_none() {
            self.errors.push(AsmError::ForeignLabel { used: place.clone() });
        }
        self.push(Code::Insn(insn), Target::Label(to), place);
    }

    /// `goto label`.
    #[track_caller]
    pub fn goto(&mut self, to: Label) {
        self.jump(Insn::Goto { off: 0 }, to);
    }

    /// `gotol label`.
    #[track_caller]
    pub fn goto_long(&mut self, to: Label) {
        self.jump(Insn::GotoLong { off: 0 }, to);
    }

    /// `may_goto label`: leaves a loop that has run too often.
    #[track_caller]
    pub fn may_goto(&mut self, to: Label) {
        self.jump(Insn::MayGoto { off: 0 }, to);
    }

    /// `if condition goto label`.
    #[track_caller]
    pub fn goto_if(&mut self, condition: Condition, to: Label) {
        let Condition { width, cond, dst, src } = condition;
        self.jump(Insn::JumpIf { width, cond, dst, src, off: 0 }, to);
    }

    /// `call helper#number`: arguments in `r1`–`r5`, the result in `r0`.
    #[track_caller]
    pub fn call(&mut self, helper: impl Into<HelperId>) {
        self.emit(Insn::CallHelper { helper: helper.into() });
    }

    /// `call function`: arguments in `r1`–`r5`, the result in `r0`.
    #[track_caller]
    pub fn call_function(&mut self, function: FnRef) {
        let place = here(Location::caller());
        self.push(Code::Insn(Insn::CallLocal { off: 0 }), Target::Function(function), place);
    }

    /// `call kfunc#id`: a kernel function by its BTF id.
    #[track_caller]
    pub fn call_kfunc(&mut self, btf_id: i32, module: i16) {
        self.emit(Insn::CallKfunc { btf_id, module });
    }

    /// `call name#extern`: a function that the kernel gives to programs, by its name. The engine or the loader looks its BTF id
    /// up; until then it's 0.
    #[track_caller]
    pub fn call_kernel(&mut self, name: &str) {
        let place = here(Location::caller());
        let known = self.externs.iter().position(|known| known.name == name);
        let number = known.unwrap_or_else(|| {
            self.externs.push(Extern::new(name, ExternKind::Unknown));
            self.externs.len() - 1
        });
        self.push(Code::Insn(Insn::CallKfunc { btf_id: 0, module: 0 }), Target::Kernel(number), place);
    }

    /// `exit`.
    #[track_caller]
    pub fn exit(&mut self) {
        self.emit(Insn::Exit);
    }
}
