//! Loads and stores by what their address points to.
//!
//! The rules are those of `docs/verifier-rules.md`, "Memory".

use knockwright_asm::linux::context::{self, Way};
use knockwright_asm::linux::prog_type::PacketRights;
use knockwright_asm::linux::uapi::map_flags::BPF_F_WRONLY_PROG;
use knockwright_asm::{AtomicOp, Reg as Register, Size};

use crate::machine::{Destination, Explore, Machine, PointerType};
use crate::message::{Bits, Message};
use crate::program::flag;
use crate::scalar::Tnum;
use crate::state::{Id, Reg, RegType};
use crate::stop::{Checked, EACCES, EINVAL, EPERM, Stop, refuse};

/// Offsets and sizes that depend on a register stay below this.
pub(crate) const MAX_VARIABLE: i64 = 1 << 29;

/// How a load fills the bytes of the register that it doesn't load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extend {
    /// With zeros.
    Zeros,
    /// With copies of the sign.
    Sign,
}

/// Whether an access of no bytes at all is one that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Empty {
    Allowed,
    Refused,
}

/// Which accesses must be aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alignment {
    /// This one, whatever the flags say.
    Always,
    /// Those on the stack, and with `BPF_F_STRICT_ALIGNMENT` all.
    ByFlags,
}

/// A load into a register or a store of one; `None` is a load that is thrown away or a store of a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read(Option<u8>, Extend),
    Write(Option<u8>),
}

impl Access {
    pub(crate) fn is_write(self) -> bool {
        matches!(self, Self::Write(_))
    }

    /// The register that is loaded.
    fn target(self) -> Option<u8> {
        match self {
            Self::Read(dst, _) => dst,
            Self::Write(_) => None,
        }
    }

    /// How a context sees it.
    fn way(self) -> Way {
        match self {
            Self::Read(_, Extend::Zeros) => Way::Read,
            Self::Read(_, Extend::Sign) => Way::ReadSigned,
            Self::Write(_) => Way::Write,
        }
    }
}

impl<E: Explore> Machine<'_, E> {
    pub(crate) fn load(
        &mut self,
        size: Size,
        dst: Register,
        base: Register,
        off: i16,
        extend: Extend,
    ) -> Checked {
        let (dst, base) = (dst.number(), base.number());
        self.read_reg(base)?;
        self.write_reg(dst, Destination::Later)?;
        let pointer = PointerType::of(self.reg(base));
        self.access_memory(base, i32::from(off), size.bytes(), Access::Read(Some(dst), extend))?;
        self.same_pointer_type(pointer)
    }

    pub(crate) fn store(&mut self, size: Size, base: Register, off: i16, src: Register) -> Checked {
        let (base, src) = (base.number(), src.number());
        self.read_reg(src)?;
        self.read_reg(base)?;
        let pointer = PointerType::of(self.reg(base));
        self.access_memory(base, i32::from(off), size.bytes(), Access::Write(Some(src)))?;
        self.same_pointer_type(pointer)
    }

    /// An instruction must meet the same type of pointer on every path where the kernel rewrites the access.
    pub(crate) fn same_pointer_type(&mut self, pointer: PointerType) -> Checked {
        let rewritten = |kind: RegType| kind == RegType::Ctx || kind.is_socket();
        let seen = self.found.first_pointer(self.insn, pointer);
        let same = seen.kind.same_sort(pointer.kind) && seen.nullable == pointer.nullable;
        if !same && (rewritten(seen.kind) || rewritten(pointer.kind)) {
            return refuse(EINVAL, Message::DifferentPointers {});
        }
        Ok(())
    }

    pub(crate) fn atomic(
        &mut self,
        size: Size,
        op: AtomicOp,
        base: Register,
        off: i16,
        src: Register,
    ) -> Checked {
        let (base, src) = (base.number(), src.number());
        self.read_reg(src)?;
        self.read_reg(base)?;
        if op == AtomicOp::Cmpxchg {
            self.read_reg(0)?;
            if self.is_secret_pointer(0) {
                return refuse(EACCES, Message::AddressLeak { reg: 0, place: "mem".into() });
            }
        }
        if self.is_secret_pointer(src) {
            return refuse(EACCES, Message::AddressLeak { reg: src, place: "mem".into() });
        }
        self.refuse_atomic_place(base, |reg, held| Message::AtomicTarget { reg, held })?;
        let fetches = !matches!(op, AtomicOp::Add | AtomicOp::Or | AtomicOp::And | AtomicOp::Xor);
        let loaded = match op {
            AtomicOp::Cmpxchg => Some(0),
            _ if fetches => Some(src),
            _ => None,
        };
        if let Some(loaded) = loaded {
            self.write_reg(loaded, Destination::Unknown)?;
        }
        let off = i32::from(off);
        self.access_aligned(base, off, size.bytes(), Access::Read(None, Extend::Zeros))?;
        if let Some(loaded) = loaded {
            self.access_aligned(base, off, size.bytes(), Access::Read(Some(loaded), Extend::Zeros))?;
        }
        self.access_aligned(base, off, size.bytes(), Access::Write(None))
    }

    fn refuse_atomic_place(
        &self,
        base: u8,
        message: fn(u8, std::borrow::Cow<'static, str>) -> Message,
    ) -> Checked {
        let reg = *self.reg(base);
        let refused = reg.kind == RegType::Ctx || reg.kind.is_packet() || reg.kind.is_socket();
        if refused {
            return refuse(EACCES, message(base, reg.type_name().into()));
        }
        Ok(())
    }

    pub(crate) fn load_acquire(&mut self, size: Size, dst: Register, base: Register, off: i16) -> Checked {
        let (dst, base) = (dst.number(), base.number());
        self.read_reg(base)?;
        self.write_reg(dst, Destination::Later)?;
        let pointer = PointerType::of(self.reg(base));
        self.access_aligned(base, i32::from(off), size.bytes(), Access::Read(Some(dst), Extend::Zeros))?;
        self.same_pointer_type(pointer)?;
        // A load over its own address is judged by what it has loaded.
        self.refuse_atomic_place(base, |reg, held| Message::AtomicSource { reg, held })
    }

    pub(crate) fn store_release(&mut self, size: Size, base: Register, off: i16, src: Register) -> Checked {
        let (base, src) = (base.number(), src.number());
        self.read_reg(src)?;
        self.read_reg(base)?;
        let pointer = PointerType::of(self.reg(base));
        self.access_aligned(base, i32::from(off), size.bytes(), Access::Write(Some(src)))?;
        self.same_pointer_type(pointer)?;
        self.refuse_atomic_place(base, |reg, held| Message::AtomicTarget { reg, held })
    }

    /// An access that must be aligned whatever the flags say.
    fn access_aligned(&mut self, base: u8, off: i32, size: u32, access: Access) -> Checked {
        self.check_alignment(base, off, size, Alignment::Always)?;
        self.access(base, off, size, access)
    }

    /// One load or store through a register.
    pub(crate) fn access_memory(&mut self, base: u8, off: i32, size: u32, access: Access) -> Checked {
        self.check_alignment(base, off, size, Alignment::ByFlags)?;
        self.access(base, off, size, access)
    }

    fn access(&mut self, base: u8, off: i32, size: u32, access: Access) -> Checked {
        let reg = *self.reg(base);
        let off = off.wrapping_add(reg.off);
        if reg.nullable && reg.kind != RegType::Stack {
            return refuse(EACCES, Message::MemAccess { reg: base, held: reg.type_name().into() });
        }
        self.check_leak(&reg, access)?;
        self.check_rights(base, off, size, access)?;
        let loaded = match reg.kind {
            RegType::MapValue(map) => {
                let limit = self.subject.maps[usize::from(map)].value_size;
                self.check_region(base, off, size, limit, Empty::Refused)?;
                self.constant_in(map, &reg, off, size, access)
            }
            RegType::MapKey(map) => {
                let limit = self.subject.maps[usize::from(map)].key_size;
                self.check_region(base, off, size, limit, Empty::Refused)?;
                Reg::UNKNOWN
            }
            RegType::Mem => {
                self.check_region(base, off, size, reg.extent as u32, Empty::Refused)?;
                Reg::UNKNOWN
            }
            RegType::Packet | RegType::PacketMeta => {
                self.check_packet(base, off, size, Empty::Refused)?;
                Reg::UNKNOWN
            }
            RegType::Ctx => {
                self.check_no_offset(base)?;
                let field = context::Access { offset: off, size, way: access.way() };
                self.access_context(field, access.target().is_some())?
            }
            RegType::Stack => {
                self.check_stack_bounds(base, off, size, access)?;
                match access {
                    Access::Read(dst, _) => self.read_stack(base, off, size, dst)?,
                    Access::Write(src) => self.write_stack(base, off, size, src)?,
                }
                access.target().map_or(Reg::UNKNOWN, |dst| *self.reg(dst))
            }
            RegType::MapPtr(map) => return self.access_map_struct(base, map, off, access),
            kind if kind.is_socket() => return Err(Stop::unsupported("field of a socket")),
            _ => return refuse(EACCES, Message::MemAccess { reg: base, held: reg.type_name().into() }),
        };
        if let Access::Read(Some(dst), extend) = access {
            *self.reg_mut(dst) = self.narrowed(loaded, size, extend);
        }
        Ok(())
    }

    /// Whether a store shows a pointer to whoever sees what it's stored to.
    fn check_leak(&self, reg: &Reg, access: Access) -> Checked {
        let place = match reg.kind {
            RegType::MapValue(_) => "map",
            RegType::Mem => "mem",
            RegType::Ctx => "ctx",
            RegType::Packet | RegType::PacketMeta => "packet",
            _ => return Ok(()),
        };
        match access {
            Access::Write(Some(src)) if self.is_secret_pointer(src) => {
                refuse(EACCES, Message::AddressLeak { reg: src, place: place.into() })
            }
            _ => Ok(()),
        }
    }

    /// Whether what a pointer points to may be read, or written.
    fn check_rights(&self, base: u8, off: i32, size: u32, access: Access) -> Checked {
        let reg = self.reg(base);
        let write = access.is_write();
        match reg.kind {
            RegType::MapValue(_) => self.check_map_access_allowed(base, off, size, write),
            RegType::Packet | RegType::PacketMeta if write && self.packet_rights() != PacketRights::Write => {
                refuse(EACCES, Message::PacketWrite {})
            }
            RegType::MapKey(_) if write => refuse(EACCES, Message::KeyChanged { reg: base }),
            kind if write && (kind.is_socket() || kind == RegType::Mem && reg.read_only) => {
                refuse(EACCES, Message::ReadOnly { reg: base, held: reg.type_name().into() })
            }
            _ => Ok(()),
        }
    }

    /// What a load from a map's value gives: a known number if the map is one of constants.
    fn constant_in(&self, map: u16, reg: &Reg, off: i32, size: u32, access: Access) -> Reg {
        let constants = self.subject.maps[usize::from(map)].constants.as_ref();
        let (Some(constants), Some(variable), Some(_)) = (constants, reg.num.as_const(), access.target())
        else {
            return Reg::UNKNOWN;
        };
        let at = (i64::from(off) + variable as i64) as usize;
        let mut bytes = [0; 8];
        if let Some(content) = constants.get(at..at + size as usize) {
            bytes[..content.len()].copy_from_slice(content);
        }
        Reg::known(u64::from_le_bytes(bytes))
    }

    /// A loaded number of a size.
    fn narrowed(&self, mut loaded: Reg, size: u32, extend: Extend) -> Reg {
        if size < 8 && loaded.is_scalar() {
            match extend {
                Extend::Sign => loaded.num.sign_extend_64(size),
                Extend::Zeros => loaded.num.truncate(size, self.rules),
            }
        }
        loaded
    }

    /// The kernel's own struct behind a map pointer.
    fn access_map_struct(&self, base: u8, map: u16, off: i32, access: Access) -> Checked {
        let Some(name) = self.subject.maps[usize::from(map)].map_type.facts().kernel_struct else {
            return Err(Stop::unsupported("access through a map pointer"));
        };
        if !self.options.perfmon {
            return refuse(EPERM, Message::MapStructRead { name: name.into() });
        }
        if off < 0 {
            let (name, off) = (name.into(), off.into());
            return refuse(EACCES, Message::MapStructBefore { reg: base, name, off });
        }
        if access.is_write() {
            return refuse(EACCES, Message::MapStructWrite { name: name.into() });
        }
        Err(Stop::unsupported(format!("read of the kernel's struct {name}")))
    }

    pub(crate) fn check_alignment(&self, base: u8, off: i32, size: u32, alignment: Alignment) -> Checked {
        let reg = *self.reg(base);
        let flags = self.subject.flags & (flag::STRICT_ALIGNMENT | flag::ANY_ALIGNMENT);
        let strict = alignment == Alignment::Always || flags == flag::STRICT_ALIGNMENT;
        let (object, strict) = match reg.kind {
            RegType::Packet | RegType::PacketMeta => {
                const IP_ALIGN: i32 = 2;
                if !strict || size == 1 {
                    return Ok(());
                }
                let place = IP_ALIGN.wrapping_add(reg.off).wrapping_add(off);
                if !reg.num.bits.sum(Tnum::known(place as i64 as u64)).is_aligned(u64::from(size)) {
                    let (align, var_off) = (IP_ALIGN.into(), Bits(reg.num.bits));
                    let (base, off, size) = (reg.off.into(), off.into(), size.into());
                    return refuse(EACCES, Message::PacketAlignment { align, var_off, base, off, size });
                }
                return Ok(());
            }
            // What may be NULL has no name of its own here.
            _ if reg.nullable => ("", strict),
            RegType::MapValue(_) => ("value", strict),
            RegType::MapKey(_) => ("key", strict),
            RegType::Ctx => ("context", strict),
            RegType::Stack => ("stack", true),
            RegType::Sock => ("sock", strict),
            RegType::SockCommon => ("sock_common", strict),
            _ => ("", strict),
        };
        if !strict || size == 1 {
            return Ok(());
        }
        let place = reg.off.wrapping_add(off) as i64 as u64;
        if !reg.num.bits.sum(Tnum::known(place)).is_aligned(u64::from(size)) {
            let (var_off, base) = (Bits(reg.num.bits), reg.off.into());
            let (off, size) = (off.into(), size.into());
            let message = match object {
                "stack" => Message::StackAlignment { var_off, base, off, size },
                "value" => Message::ValueAlignment { var_off, base, off, size },
                "" => Message::NamelessAlignment { var_off, base, off, size },
                object => Message::Alignment { object: object.into(), var_off, base, off, size },
            };
            return refuse(EACCES, message);
        }
        Ok(())
    }

    /// A pointer that must not have an offset, of whatever kind.
    pub(crate) fn check_no_offset(&self, number: u8) -> Checked {
        let reg = self.reg(number);
        let held = || reg.type_name().into();
        let off = reg.off.into();
        if reg.off < 0 {
            return refuse(EACCES, Message::PointerMovedDown { held: held(), reg: number, off });
        }
        if reg.off != 0 {
            return refuse(EACCES, Message::PointerMoved { held: held(), reg: number, off });
        }
        if reg.num.as_const() != Some(0) {
            return refuse(EACCES, Message::PointerVaries { held: held(), var_off: Bits(reg.num.bits) });
        }
        Ok(())
    }

    /// Whether the map's flags allow the access.
    pub(crate) fn check_map_access_allowed(&self, number: u8, off: i32, size: u32, write: bool) -> Checked {
        let Some(map) = self.reg(number).kind.map() else {
            return Ok(());
        };
        let map = &self.subject.maps[usize::from(map)];
        let (value_size, off, size) = (map.value_size.into(), off.into(), size.into());
        if write && map.is_read_only() {
            return refuse(EACCES, Message::MapWriteForbidden { value_size, off, size });
        }
        if !write && map.flags & BPF_F_WRONLY_PROG != 0 {
            return refuse(EACCES, Message::MapReadForbidden { value_size, off, size });
        }
        Ok(())
    }

    /// Whether an access stays inside an object of `limit` bytes, wherever the register's number lets it begin.
    pub(crate) fn check_region(&self, number: u8, off: i32, size: u32, limit: u32, empty: Empty) -> Checked {
        check_region_of((number, self.reg(number)), off, size, limit, empty)
    }

    /// Whether an access stays inside the part of a packet that is proved to be there, which the register's number moves along.
    pub(crate) fn check_packet(&self, number: u8, off: i32, size: u32, empty: Empty) -> Checked {
        let reg = self.reg(number);
        if reg.num.s64.min < 0 {
            return refuse(EACCES, Message::MinNegative { reg: number });
        }
        // At the packet's end or beyond it nothing is proved.
        u32::try_from(reg.extent)
            .map_err(|_| Stop::silent(EINVAL))
            .and_then(|proved| check_place((number, reg), off.into(), size, proved, empty))
            .map_err(|stop| stop.then(Message::OutsidePacket { reg: number }))
    }

    /// What programs of this type may do with packet data directly.
    pub(crate) fn packet_rights(&self) -> PacketRights {
        self.subject.prog_type.rules().map_or(PacketRights::None, |rules| rules.packet)
    }
}

/// Whether an access through a register stays inside an object of `limit` bytes, at both ends of where it may begin.
pub(crate) fn check_region_of(base: (u8, &Reg), off: i32, size: u32, limit: u32, empty: Empty) -> Checked {
    let (reg, num) = (base.0, &base.1.num);
    let place = |moved: i64| moved.wrapping_add(i64::from(off));
    let inside = |place| check_place(base, place, size, limit, empty);
    let lowest = place(num.s64.min);
    if num.s64.min < 0 && !(0..=i64::from(i32::MAX)).contains(&lowest) {
        return refuse(EACCES, Message::MinNegative { reg });
    }
    inside(lowest).map_err(|stop| stop.then(Message::MinOutside { reg }))?;
    if num.u64.max >= MAX_VARIABLE as u64 {
        return refuse(EACCES, Message::UnboundedAccess { reg });
    }
    inside(place(num.u64.max as i64)).map_err(|stop| stop.then(Message::MaxOutside { reg }))
}

/// Whether an access that begins at a place in an object of `limit` bytes stays inside.
fn check_place((number, reg): (u8, &Reg), place: i64, size: u32, limit: u32, empty: Empty) -> Checked {
    // Kernels keep places in 32 bits.
    let off = place as i32;
    let inside = u32::try_from(off).is_ok_and(|off| u64::from(off) + u64::from(size) <= limit.into());
    if inside && (size > 0 || empty == Empty::Allowed) {
        return Ok(());
    }
    let (off, size, limit) = (off.into(), size.into(), limit.into());
    let message = match reg.kind {
        RegType::MapValue(_) => Message::ValueAccess { value_size: limit, off, size },
        RegType::MapKey(_) => Message::KeyAccess { key_size: limit, off, size },
        RegType::Packet | RegType::PacketMeta => {
            let id = reg.id.map_or(0, Id::get).into();
            Message::PacketAccess { off, size, reg: number, id, base: off, range: limit }
        }
        _ => Message::MemoryAccess { mem_size: limit, off, size },
    };
    refuse(EACCES, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Scalar, Span};

    #[test]
    fn a_region_is_left_by_no_place_that_is_allowed() {
        const LIMIT: i64 = 8;
        let kinds = [RegType::MapValue(0), RegType::MapKey(0), RegType::Mem];
        for (low, high) in (-4..12_i64).flat_map(|low| (low..12).map(move |high| (low, high))) {
            let mut num = Scalar { s64: Span::new(low, high), ..Scalar::UNKNOWN };
            num.sync(crate::Profile::NEWEST.rules());
            for (off, size) in (-4..12_i32).flat_map(|off| (0..5_u32).map(move |size| (off, size))) {
                let fits = |number: i64| (0..=LIMIT - i64::from(size)).contains(&(number + i64::from(off)));
                let ways = |kind| [(kind, Empty::Refused), (kind, Empty::Allowed)];
                for (kind, empty) in kinds.into_iter().flat_map(ways) {
                    let reg = Reg { num, ..Reg::pointer(kind) };
                    let checked = check_region_of((1, &reg), off, size, LIMIT as u32, empty);
                    // Read as unsigned, a number that may be negative has no bound.
                    let expected =
                        low >= 0 && (low..=high).all(fits) && (size > 0 || empty == Empty::Allowed);
                    assert_eq!(checked.is_ok(), expected, "{low} to {high}, {off}, {size}");
                }
            }
        }
    }
}
