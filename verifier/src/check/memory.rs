//! Loads and stores by what their address points to.

use std::fmt;

use knockwright_asm::linux::context::{self, Way};
use knockwright_asm::{AtomicOp, Reg as Register, Size};

use crate::explore::execute::Destination;
use crate::explore::walker::Walker;
use crate::log::number::push_unsigned;
use crate::log::state_line::push_hex_prefixed;
use crate::program::{BPF_F_WRONLY_PROG, flag};
use crate::scalar::Tnum;
use crate::state::{Kind, Reg};
use crate::stop::{Checked, EACCES, EINVAL, EPERM, Stop};

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

/// A tnum as messages print it.
pub(crate) struct Shown(pub(crate) Tnum);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        if self.0.is_const() {
            push_unsigned(&mut text, self.0.value);
        } else {
            text.push('(');
            push_hex_prefixed(&mut text, self.0.value);
            text.push_str("; ");
            push_hex_prefixed(&mut text, self.0.mask);
            text.push(')');
        }
        f.write_str(&text)
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
                    return self
                        .reject(EINVAL, format_args!("same insn cannot be used with different pointers"));
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
                return self.reject(EACCES, format_args!("R0 leaks addr into mem"));
            }
        }
        if self.is_secret_pointer(src) {
            return self.reject(EACCES, format_args!("R{src} leaks addr into mem"));
        }
        self.refuse_atomic_place(base, "stores into")?;
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

    fn refuse_atomic_place(&mut self, base: u8, what: &str) -> Checked {
        let reg = *self.reg(base);
        let refused = reg.kind == Kind::Ctx || reg.kind.is_packet() || reg.kind.is_socket();
        if refused {
            return self.reject(
                EACCES,
                format_args!("BPF_ATOMIC {what} R{base} {} is not allowed", reg.type_name()),
            );
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
        self.refuse_atomic_place(base, "loads from")
    }

    pub(crate) fn store_release(&mut self, size: Size, base: Register, off: i16, src: Register) -> Checked {
        let (base, src) = (base.number(), src.number());
        self.read_reg(src)?;
        self.read_reg(base)?;
        let (kind, nullable) = (self.reg(base).kind, self.reg(base).nullable);
        self.access_aligned(base, i32::from(off), size.bytes(), Access::Write(Some(src)))?;
        self.same_pointer_kind(kind, nullable)?;
        self.refuse_atomic_place(base, "stores into")
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
                return self.reject(EACCES, format_args!("R{src} leaks addr into {place}"));
            }
        }
        let target = if let Access::Read(dst, _) = access { dst } else { None };
        if reg.nullable && reg.kind != Kind::Stack {
            return self.reject(EACCES, format_args!("R{base} invalid mem access '{}'", reg.type_name()));
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
                    return self
                        .reject(EACCES, format_args!("R{base} cannot write into {}", reg.type_name()));
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
                    return self.reject(EACCES, format_args!("cannot write into packet"));
                }
                self.check_packet(base, off, size, false)?;
                self.loaded(target, Reg::UNKNOWN);
            }
            kind if kind.is_socket() => {
                if access.is_write() {
                    return self
                        .reject(EACCES, format_args!("R{base} cannot write into {}", reg.type_name()));
                }
                return Err(Stop::unsupported("field of a socket"));
            }
            Kind::MapKey(map) => {
                if access.is_write() {
                    return self.reject(EACCES, format_args!("write to change key R{base} not allowed"));
                }
                let limit = self.subject.maps[usize::from(map)].key_size;
                self.check_region(base, off, size, limit, false)?;
                self.loaded(target, Reg::UNKNOWN);
            }
            Kind::MapPtr(map) => return self.access_map_struct(base, map, off, access),
            _ => {
                return self.reject(EACCES, format_args!("R{base} invalid mem access '{}'", reg.type_name()));
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
    fn access_map_struct(&mut self, base: u8, map: u16, off: i32, access: Access) -> Checked {
        let Some(name) = self.subject.maps[usize::from(map)].map_type.facts().kernel_struct else {
            return Err(Stop::unsupported("access through a map pointer"));
        };
        if !self.options.perfmon {
            return self.reject(
                EPERM,
                format_args!("'struct {name}' access is allowed only to CAP_PERFMON and CAP_SYS_ADMIN"),
            );
        }
        if off < 0 {
            return self.reject(EACCES, format_args!("R{base} is {name} invalid negative access: off={off}"));
        }
        if access.is_write() {
            return self.reject(EACCES, format_args!("only read from {name} is supported"));
        }
        Err(Stop::unsupported(format!("read of the kernel's struct {name}")))
    }

    fn loaded(&mut self, dst: Option<u8>, value: Reg) {
        if let Some(dst) = dst {
            *self.reg_mut(dst) = value;
        }
    }

    pub(crate) fn check_alignment(&mut self, base: u8, off: i32, size: u32, once: bool) -> Checked {
        let reg = *self.reg(base);
        let flags = self.subject.flags & (flag::STRICT_ALIGNMENT | flag::ANY_ALIGNMENT);
        let strict = once || flags == flag::STRICT_ALIGNMENT;
        let (name, strict) = match reg.kind {
            Kind::Packet | Kind::PacketMeta => {
                const IP_ALIGN: i32 = 2;
                if !strict || size == 1 {
                    return Ok(());
                }
                let place = IP_ALIGN.wrapping_add(reg.off).wrapping_add(off);
                if !reg.num.bits.sum(Tnum::known(place as i64 as u64)).is_aligned(u64::from(size)) {
                    return self.reject(
                        EACCES,
                        format_args!(
                            "misaligned packet access off {IP_ALIGN}+{}+{}+{off} size {size}",
                            Shown(reg.num.bits),
                            reg.off
                        ),
                    );
                }
                return Ok(());
            }
            // What may be NULL has no name of its own here.
            _ if reg.nullable => ("", strict),
            Kind::MapValue(_) => ("value ", strict),
            Kind::MapKey(_) => ("key ", strict),
            Kind::Ctx => ("context ", strict),
            Kind::Stack => ("stack ", true),
            Kind::Sock => ("sock ", strict),
            Kind::SockCommon => ("sock_common ", strict),
            _ => ("", strict),
        };
        if !strict || size == 1 {
            return Ok(());
        }
        let place = reg.off.wrapping_add(off) as i64 as u64;
        if !reg.num.bits.sum(Tnum::known(place)).is_aligned(u64::from(size)) {
            return self.reject(
                EACCES,
                format_args!(
                    "misaligned {name}access off {}+{}+{off} size {size}",
                    Shown(reg.num.bits),
                    reg.off
                ),
            );
        }
        Ok(())
    }

    /// A pointer that must not have an offset, at least none that varies.
    pub(crate) fn check_fixed_offset(&mut self, number: u8, fixed_is_fine: bool) -> Checked {
        let reg = *self.reg(number);
        let name = reg.type_name();
        if reg.off < 0 {
            return self.reject(
                EACCES,
                format_args!("negative offset {name} ptr R{number} off={} disallowed", reg.off),
            );
        }
        if !fixed_is_fine && reg.off != 0 {
            return self.reject(
                EACCES,
                format_args!("dereference of modified {name} ptr R{number} off={} disallowed", reg.off),
            );
        }
        if reg.num.as_const() != Some(0) {
            return self.reject(
                EACCES,
                format_args!("variable {name} access var_off={} disallowed", Shown(reg.num.bits)),
            );
        }
        Ok(())
    }

    /// Whether the map's flags allow the access.
    pub(crate) fn check_map_access_allowed(
        &mut self,
        number: u8,
        off: i32,
        size: u32,
        write: bool,
    ) -> Checked {
        let Some(map) = self.reg(number).kind.map() else {
            return Ok(());
        };
        let map = &self.subject.maps[usize::from(map)];
        let value_size = map.value_size;
        if write && map.is_read_only() {
            return self.reject(
                EACCES,
                format_args!("write into map forbidden, value_size={value_size} off={off} size={size}"),
            );
        }
        if !write && map.flags & BPF_F_WRONLY_PROG != 0 {
            return self.reject(
                EACCES,
                format_args!("read from map forbidden, value_size={value_size} off={off} size={size}"),
            );
        }
        Ok(())
    }

    /// One place in memory of a size.
    fn check_place(&mut self, number: u8, off: i64, size: u32, limit: u32, zero_is_fine: bool) -> Checked {
        let off = off as i32;
        let size_is_fine = size > 0 || zero_is_fine;
        if off >= 0 && size_is_fine && off as u64 + u64::from(size) <= u64::from(limit) {
            return Ok(());
        }
        let reg = *self.reg(number);
        match reg.kind {
            Kind::MapValue(_) => self.reject(
                EACCES,
                format_args!("invalid access to map value, value_size={limit} off={off} size={size}"),
            ),
            Kind::MapKey(_) => self.reject(
                EACCES,
                format_args!("invalid access to map key, key_size={limit} off={off} size={size}"),
            ),
            Kind::Packet | Kind::PacketMeta => self.reject(
                EACCES,
                format_args!(
                    "invalid access to packet, off={off} size={size}, R{number}(id={},off={off},r={limit})",
                    reg.id
                ),
            ),
            _ => self.reject(
                EACCES,
                format_args!("invalid access to memory, mem_size={limit} off={off} size={size}"),
            ),
        }
    }

    /// A place that varies with the register's offset.
    pub(crate) fn check_region(
        &mut self,
        number: u8,
        off: i32,
        size: u32,
        limit: u32,
        zero_is_fine: bool,
    ) -> Checked {
        let num = self.reg(number).num;
        let low = num.s64.min.wrapping_add(i64::from(off));
        if num.s64.min < 0 && (num.s64.min == i64::MIN || i32::try_from(low).is_err() || low < 0) {
            return self.reject(
                EACCES,
                format_args!(
                    "R{number} min value is negative, either use unsigned index or do a if (index >=0) check."
                ),
            );
        }
        if let Err(stop) = self.check_place(number, low, size, limit, zero_is_fine) {
            self.say(format_args!("R{number} min value is outside of the allowed memory range\n"));
            return Err(stop);
        }
        if num.u64.max >= MAX_VARIABLE as u64 {
            return self.reject(
                EACCES,
                format_args!("R{number} unbounded memory access, make sure to bounds check any such access"),
            );
        }
        let high = num.u64.max as i64 + i64::from(off);
        if let Err(stop) = self.check_place(number, high, size, limit, zero_is_fine) {
            self.say(format_args!("R{number} max value is outside of the allowed memory range\n"));
            return Err(stop);
        }
        Ok(())
    }

    /// A place in the packet.
    pub(crate) fn check_packet(&mut self, number: u8, off: i32, size: u32, zero_is_fine: bool) -> Checked {
        let reg = *self.reg(number);
        if reg.num.s64.min < 0 {
            return self.reject(
                EACCES,
                format_args!(
                    "R{number} min value is negative, either use unsigned index or do a if (index >=0) check."
                ),
            );
        }
        let checked = if reg.extent < 0 {
            Err(Stop::Reject(EINVAL))
        } else {
            self.check_place(number, i64::from(off), size, reg.extent as u32, zero_is_fine)
        };
        if let Err(stop) = checked {
            self.say(format_args!("R{number} offset is outside of the packet\n"));
            return Err(stop);
        }
        Ok(())
    }
}
