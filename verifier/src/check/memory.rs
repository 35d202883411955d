//! Loads and stores by what their address points to.

use knockwright_asm::linux::context::{self, Way};
use knockwright_asm::{AtomicOp, Reg as Register, Size};

use crate::explore::execute::Destination;
use crate::explore::walker::Walker;
use crate::message::{Bits, Message};

use crate::program::{BPF_F_WRONLY_PROG, flag};
use crate::scalar::Tnum;
use crate::state::{Kind, Reg};
use crate::stop::{Checked, EACCES, EINVAL, EPERM, Stop, refuse};

/// Offsets and sizes that depend on a register stay below this.
pub(crate) const MAX_VARIABLE: i64 = 1 << 29;

/// A load into a register or a store of one; `None` is a load that is thrown away or a store of a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// A load; the second part says whether it extends the sign.
    Read(Option<u8>, bool),
    /// A store.
    Write(Option<u8>),
}

impl Access {
    pub(crate) fn is_write(self) -> bool {
        matches!(self, Self::Write(_))
    }
}

impl Walker<'_> {
    pub(crate) fn load(
        &mut self,
        size: Size,
        dst: Register,
        base: Register,
        off: i16,
        signed: bool,
    ) -> Checked {
        let (dst, base) = (dst.number(), base.number());
        self.read_reg(base)?;
        self.write_reg(dst, Destination::Later)?;
        let (kind, nullable) = (self.reg(base).kind, self.reg(base).nullable);
        self.access_memory(base, i32::from(off), size.bytes(), Access::Read(Some(dst), signed))?;
        self.same_pointer_kind(kind, nullable)
    }

    pub(crate) fn store(&mut self, size: Size, base: Register, off: i16, src: Register) -> Checked {
        let (base, src) = (base.number(), src.number());
        self.read_reg(src)?;
        self.read_reg(base)?;
        let (kind, nullable) = (self.reg(base).kind, self.reg(base).nullable);
        self.access_memory(base, i32::from(off), size.bytes(), Access::Write(Some(src)))?;
        self.same_pointer_kind(kind, nullable)
    }

    /// An instruction must meet the same kind of pointer on every path where the kernel rewrites the access.
    pub(crate) fn same_pointer_kind(&mut self, kind: Kind, nullable: bool) -> Checked {
        let rewritten = |kind: Kind| kind == Kind::Ctx || kind.is_socket();
        match self.access_kinds[self.insn] {
            None => self.access_kinds[self.insn] = Some((kind, nullable)),
            Some((seen, seen_nullable)) => {
                let same = seen.same_sort(kind) && seen_nullable == nullable;
                if !same && (rewritten(seen) || rewritten(kind)) {
                    return refuse(EINVAL, Message::DifferentPointers {});
                }
            }
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
        self.access_aligned(base, off, size.bytes(), Access::Read(None, false))?;
        if let Some(loaded) = loaded {
            self.access_aligned(base, off, size.bytes(), Access::Read(Some(loaded), false))?;
        }
        self.access_aligned(base, off, size.bytes(), Access::Write(None))
    }

    fn refuse_atomic_place(
        &self,
        base: u8,
        message: fn(u8, std::borrow::Cow<'static, str>) -> Message,
    ) -> Checked {
        let reg = *self.reg(base);
        let refused = reg.kind == Kind::Ctx || reg.kind.is_packet() || reg.kind.is_socket();
        if refused {
            return refuse(EACCES, message(base, reg.type_name().into()));
        }
        Ok(())
    }

    pub(crate) fn load_acquire(&mut self, size: Size, dst: Register, base: Register, off: i16) -> Checked {
        let (dst, base) = (dst.number(), base.number());
        self.read_reg(base)?;
        self.write_reg(dst, Destination::Later)?;
        let (kind, nullable) = (self.reg(base).kind, self.reg(base).nullable);
        self.access_aligned(base, i32::from(off), size.bytes(), Access::Read(Some(dst), false))?;
        self.same_pointer_kind(kind, nullable)?;
        // A load over its own address is judged by what it has loaded.
        self.refuse_atomic_place(base, |reg, held| Message::AtomicSource { reg, held })
    }

    pub(crate) fn store_release(&mut self, size: Size, base: Register, off: i16, src: Register) -> Checked {
        let (base, src) = (base.number(), src.number());
        self.read_reg(src)?;
        self.read_reg(base)?;
        let (kind, nullable) = (self.reg(base).kind, self.reg(base).nullable);
        self.access_aligned(base, i32::from(off), size.bytes(), Access::Write(Some(src)))?;
        self.same_pointer_kind(kind, nullable)?;
        self.refuse_atomic_place(base, |reg, held| Message::AtomicTarget { reg, held })
    }

    /// An access that must be aligned whatever the flags say.
    fn access_aligned(&mut self, base: u8, off: i32, size: u32, access: Access) -> Checked {
        self.check_alignment(base, off, size, true)?;
        self.access(base, off, size, access)
    }

    /// One load or store through a register.
    pub(crate) fn access_memory(&mut self, base: u8, off: i32, size: u32, access: Access) -> Checked {
        self.check_alignment(base, off, size, false)?;
        self.access(base, off, size, access)
    }

    fn access(&mut self, base: u8, off: i32, size: u32, access: Access) -> Checked {
        let reg = *self.reg(base);
        let off = off.wrapping_add(reg.off);
        if let Access::Write(Some(src)) = access
            && self.is_secret_pointer(src)
        {
            let place = match reg.kind {
                Kind::MapValue(_) => Some("map"),
                Kind::Mem => Some("mem"),
                Kind::Ctx => Some("ctx"),
                Kind::Packet | Kind::PacketMeta => Some("packet"),
                _ => None,
            };
            if let Some(place) = place
                && !reg.nullable
            {
                return refuse(EACCES, Message::AddressLeak { reg: src, place: place.into() });
            }
        }
        let target = if let Access::Read(dst, _) = access { dst } else { None };
        if reg.nullable && reg.kind != Kind::Stack {
            return refuse(EACCES, Message::MemAccess { reg: base, held: reg.type_name().into() });
        }
        match reg.kind {
            Kind::MapValue(map) => {
                let map = &self.subject.maps[usize::from(map)];
                self.check_map_access_allowed(base, off, size, access.is_write())?;
                self.check_region(base, off, size, map.value_size, false)?;
                if let Some(constants) = &map.constants
                    && let Some(variable) = reg.num.as_const()
                    && let Access::Read(Some(_), signed) = access
                {
                    let at = (i64::from(off) + variable as i64) as usize;
                    let mut bytes = [0; 8];
                    let value = constants.get(at..at + size as usize).map(|content| {
                        bytes[..content.len()].copy_from_slice(content);
                        u64::from_le_bytes(bytes)
                    });
                    let value = value.unwrap_or(0);
                    let shift = 64 - size * 8;
                    let value = if signed { ((value << shift) as i64 >> shift) as u64 } else { value };
                    self.loaded(target, Reg::known(value));
                } else {
                    self.loaded(target, Reg::UNKNOWN);
                }
            }
            Kind::Mem => {
                if access.is_write() && reg.read_only {
                    return refuse(EACCES, Message::ReadOnly { reg: base, held: reg.type_name().into() });
                }
                self.check_region(base, off, size, reg.extent as u32, false)?;
                self.loaded(target, Reg::UNKNOWN);
            }
            Kind::Ctx => {
                self.check_fixed_offset(base, false)?;
                let way = match access {
                    Access::Read(_, false) => Way::Read,
                    Access::Read(_, true) => Way::ReadSigned,
                    Access::Write(_) => Way::Write,
                };
                let field = context::Access { offset: off, size, way };
                let loaded = self.access_context(field, target.is_some())?;
                self.loaded(target, loaded);
            }
            Kind::Stack => {
                self.check_stack_bounds(base, off, i64::from(size), access.is_write())?;
                match access {
                    Access::Read(dst, signed) => self.read_stack(base, off, size, dst, signed)?,
                    Access::Write(src) => self.write_stack(base, off, size, src)?,
                }
            }
            Kind::Packet | Kind::PacketMeta => {
                if access.is_write() && !self.may_access_packet(true, None) {
                    return refuse(EACCES, Message::PacketWrite {});
                }
                self.check_packet(base, off, size, false)?;
                self.loaded(target, Reg::UNKNOWN);
            }
            kind if kind.is_socket() => {
                if access.is_write() {
                    return refuse(EACCES, Message::ReadOnly { reg: base, held: reg.type_name().into() });
                }
                return Err(Stop::unsupported("field of a socket"));
            }
            Kind::MapKey(map) => {
                if access.is_write() {
                    return refuse(EACCES, Message::KeyChanged { reg: base });
                }
                let limit = self.subject.maps[usize::from(map)].key_size;
                self.check_region(base, off, size, limit, false)?;
                self.loaded(target, Reg::UNKNOWN);
            }
            Kind::MapPtr(map) => return self.access_map_struct(base, map, off, access),
            _ => {
                return refuse(EACCES, Message::MemAccess { reg: base, held: reg.type_name().into() });
            }
        }
        if let Access::Read(Some(dst), signed) = access
            && size < 8
            && self.reg(dst).is_scalar()
        {
            let rules = self.rules;
            let num = &mut self.reg_mut(dst).num;
            if signed {
                num.sign_extend_64(size);
            } else {
                num.truncate(size, rules);
            }
        }
        Ok(())
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

    fn loaded(&mut self, dst: Option<u8>, value: Reg) {
        if let Some(dst) = dst {
            *self.reg_mut(dst) = value;
        }
    }

    pub(crate) fn check_alignment(&self, base: u8, off: i32, size: u32, once: bool) -> Checked {
        let reg = *self.reg(base);
        let flags = self.subject.flags & (flag::STRICT_ALIGNMENT | flag::ANY_ALIGNMENT);
        let strict = once || flags == flag::STRICT_ALIGNMENT;
        let (object, strict) = match reg.kind {
            Kind::Packet | Kind::PacketMeta => {
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
            Kind::MapValue(_) => ("value", strict),
            Kind::MapKey(_) => ("key", strict),
            Kind::Ctx => ("context", strict),
            Kind::Stack => ("stack", true),
            Kind::Sock => ("sock", strict),
            Kind::SockCommon => ("sock_common", strict),
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

    /// A pointer that must not have an offset, at least none that varies.
    pub(crate) fn check_fixed_offset(&self, number: u8, fixed_is_fine: bool) -> Checked {
        let reg = self.reg(number);
        let held = || reg.type_name().into();
        let off = reg.off.into();
        if reg.off < 0 {
            return refuse(EACCES, Message::PointerMovedDown { held: held(), reg: number, off });
        }
        if !fixed_is_fine && reg.off != 0 {
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

    /// One place in memory of a size.
    fn check_place(&self, number: u8, off: i64, size: u32, limit: u32, zero_is_fine: bool) -> Checked {
        let off = off as i32;
        let size_is_fine = size > 0 || zero_is_fine;
        if off >= 0 && size_is_fine && off as u64 + u64::from(size) <= u64::from(limit) {
            return Ok(());
        }
        let reg = self.reg(number);
        let (off, size, limit) = (off.into(), size.into(), limit.into());
        let message = match reg.kind {
            Kind::MapValue(_) => Message::ValueAccess { value_size: limit, off, size },
            Kind::MapKey(_) => Message::KeyAccess { key_size: limit, off, size },
            Kind::Packet | Kind::PacketMeta => {
                let id = reg.id.into();
                Message::PacketAccess { off, size, reg: number, id, base: off, range: limit }
            }
            _ => Message::MemoryAccess { mem_size: limit, off, size },
        };
        refuse(EACCES, message)
    }

    /// A place that varies with the register's offset.
    pub(crate) fn check_region(
        &self,
        number: u8,
        off: i32,
        size: u32,
        limit: u32,
        zero_is_fine: bool,
    ) -> Checked {
        let num = self.reg(number).num;
        let low = num.s64.min.wrapping_add(i64::from(off));
        if num.s64.min < 0 && (num.s64.min == i64::MIN || i32::try_from(low).is_err() || low < 0) {
            return refuse(EACCES, Message::MinNegative { reg: number });
        }
        self.check_place(number, low, size, limit, zero_is_fine)
            .map_err(|stop| stop.then(Message::MinOutside { reg: number }))?;
        if num.u64.max >= MAX_VARIABLE as u64 {
            return refuse(EACCES, Message::UnboundedAccess { reg: number });
        }
        let high = num.u64.max as i64 + i64::from(off);
        self.check_place(number, high, size, limit, zero_is_fine)
            .map_err(|stop| stop.then(Message::MaxOutside { reg: number }))
    }

    /// A place in the packet.
    pub(crate) fn check_packet(&self, number: u8, off: i32, size: u32, zero_is_fine: bool) -> Checked {
        let reg = *self.reg(number);
        if reg.num.s64.min < 0 {
            return refuse(EACCES, Message::MinNegative { reg: number });
        }
        let checked = if reg.extent < 0 {
            Err(Stop::silent(EINVAL))
        } else {
            self.check_place(number, i64::from(off), size, reg.extent as u32, zero_is_fine)
        };
        checked.map_err(|stop| stop.then(Message::OutsidePacket { reg: number }))
    }
}
