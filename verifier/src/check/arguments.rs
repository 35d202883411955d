//! Whether a helper is given what it takes.

use knockwright_asm::MapType;
use knockwright_asm::helper::Argument;
use knockwright_asm::linux::prog_type::PacketRights;

use super::memory::{Alignment, Empty, MAX_VARIABLE};
use super::stack_memory::{StackAccess, position};
use crate::machine::{Explore, Machine};
use crate::message::Message;
use crate::scalar::Span;
use crate::state::{Byte, Id, RegType};
use crate::stop::{Checked, EACCES, EINVAL, Stop, refuse};

/// What the arguments have said so far.
#[derive(Debug, Default)]
pub(crate) struct HelperCall {
    /// The map among them.
    pub(crate) map: Option<u16>,
    /// The key of a lookup in an array, if it's known.
    pub(crate) key: Option<u64>,
    /// The register and the size of memory that the helper fills.
    pub(crate) fills: Option<(u8, u32)>,
    /// The size of memory that the helper gives.
    pub(crate) size: u32,
    /// The reference among the arguments.
    pub(crate) reference: Option<Id>,
    /// The register whose reference is given up.
    pub(crate) gives_up: Option<u8>,
    pub(crate) reads_packet: bool,
    /// The function that is called back.
    pub(crate) callback: Option<u16>,
}

/// Memory that a helper is given, and what it does with it.
#[derive(Debug, Clone, Copy)]
struct Lent {
    size: u32,
    /// It writes there; else it reads alone.
    writes: bool,
    empty: Empty,
}

/// The types that an argument accepts, as the message lists them.
const MEMORY: &str = "fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_";

impl<E: Explore> Machine<'_, E> {
    pub(crate) fn check_argument(
        &mut self,
        number: u8,
        argument: Argument,
        previous: Option<Argument>,
        call: &mut HelperCall,
    ) -> Checked {
        self.read_reg(number)?;
        let any_rounds = argument == Argument::Rounds && !self.rules.rounds_are_numbers;
        if argument == Argument::Anything || any_rounds {
            if self.is_secret_pointer(number) {
                return refuse(EACCES, Message::AddressGiven { reg: number });
            }
            return Ok(());
        }
        let reg = *self.reg(number);
        if let Some(map) = call.map.map(|map| &self.subject.maps[usize::from(map)])
            && map.holds_sockets()
            && matches!(argument, Argument::MapValue | Argument::ValueOut)
        {
            // The value is a socket there, and which programs may pass one depends on the kernel.
            return Err(Stop::unsupported(format!("a value of a {}", map.map_type)));
        }
        let rights = self.packet_rights();
        let readable = call.reads_packet && matches!(rights, PacketRights::Read | PacketRights::Write);
        if reg.kind.is_packet() && !readable {
            return refuse(EACCES, Message::PacketArgument {});
        }
        let null_is_fine = matches!(argument, Argument::MemInOrNull | Argument::StackOrNull);
        if null_is_fine && reg.is_zero() {
            if self.rules.precise_null_arguments {
                self.mark_precise(number)?;
            }
        } else {
            self.check_type(number, argument)?;
            self.check_argument_offset(number, argument)?;
        }
        call.reference = reg.ref_id.or(call.reference);
        self.take_argument(number, argument, previous, call)
    }

    /// What an argument of the right type says of the call, and whether the memory that it names is there.
    fn take_argument(
        &mut self,
        number: u8,
        argument: Argument,
        previous: Option<Argument>,
        call: &mut HelperCall,
    ) -> Checked {
        let reg = *self.reg(number);
        match argument {
            Argument::Anything | Argument::Rounds | Argument::Ctx | Argument::StackOrNull => {}
            Argument::Callback => {
                if let RegType::Func(function) = reg.kind {
                    call.callback = Some(function);
                }
            }
            Argument::SpinLock => return self.check_spin_lock(number),
            Argument::Map => call.map = reg.kind.map(),
            Argument::Key => {
                let Some(map) = call.map else {
                    return refuse(EACCES, Message::KeyWithoutMap {});
                };
                let map = &self.subject.maps[usize::from(map)];
                let size = map.key_size;
                let lent = Lent { size, writes: false, empty: Empty::Refused };
                self.check_helper_memory(number, lent, None)?;
                if self.rules.constant_keys && map.map_type.facts().is_array {
                    call.key = self.constant_key(number, size)?;
                }
            }
            Argument::MapValue | Argument::ValueOut => {
                let Some(map) = call.map else {
                    return refuse(EACCES, Message::ValueWithoutMap {});
                };
                let map = &self.subject.maps[usize::from(map)];
                let size = map.value_size;
                // A bloom filter is asked for a value, and gives none.
                let out = argument == Argument::ValueOut && map.map_type != MapType::BloomFilter;
                let raw = out.then_some(&mut call.fills);
                let lent = Lent { size, writes: out, empty: Empty::Refused };
                self.check_helper_memory(number, lent, raw)?;
            }
            Argument::MemIn | Argument::MemInOrNull | Argument::MemOut | Argument::MemInOut => {}
            Argument::FixedInOut(size) | Argument::FixedOut(size) => {
                let raw = matches!(argument, Argument::FixedOut(_)).then_some(&mut call.fills);
                let lent = Lent { size, writes: true, empty: Empty::Refused };
                self.check_helper_memory(number, lent, raw)?;
                self.check_alignment(number, 0, size, Alignment::Always)?;
            }
            Argument::Size | Argument::SizeOrZero => self.check_size(number, argument, previous, call)?,
            Argument::AllocSize => {
                let Some(size) = reg.num.as_const() else {
                    return refuse(EACCES, Message::NotConstant { reg: number });
                };
                call.size = size as u32;
                self.mark_precise(number)?;
            }
            Argument::RingbufRecord | Argument::SocketGivenUp => {
                if reg.ref_id.is_none() {
                    return refuse(EINVAL, Message::NotReferenced { reg: number });
                }
                call.gives_up = Some(number);
            }
        }
        Ok(())
    }

    /// The size of the memory that the argument before it points to.
    fn check_size(
        &mut self,
        number: u8,
        argument: Argument,
        previous: Option<Argument>,
        call: &mut HelperCall,
    ) -> Checked {
        let reg = *self.reg(number);
        let writes = matches!(previous, Some(Argument::MemOut | Argument::MemInOut));
        let raw = previous == Some(Argument::MemOut) && reg.num.is_const();
        let empty = if argument == Argument::SizeOrZero { Empty::Allowed } else { Empty::Refused };
        if reg.num.s64.min < 0 {
            return refuse(EACCES, Message::NegativeSize { reg: number });
        }
        if reg.num.u64.min == 0 && empty == Empty::Refused {
            let Span { min, max } = reg.num.u64;
            let (low, high) = (min.into(), max.into());
            return refuse(EACCES, Message::ZeroSize { reg: number, low, high });
        }
        if reg.num.u64.max >= MAX_VARIABLE as u64 {
            return refuse(EACCES, Message::UnboundedSize { reg: number });
        }
        let size = reg.num.u64.max as u32;
        let raw = raw.then_some(&mut call.fills);
        self.check_helper_memory(number - 1, Lent { size, writes, empty }, raw)?;
        self.mark_precise(number)
    }

    fn check_type(&self, number: u8, argument: Argument) -> Checked {
        let reg = *self.reg(number);
        let reads = matches!(argument, Argument::MemIn | Argument::MemInOrNull);
        let (fine, expected) = match argument {
            Argument::Anything => (true, ""),
            Argument::Ctx => (reg.kind == RegType::Ctx, "ctx"),
            Argument::Map => (matches!(reg.kind, RegType::MapPtr(_)), "map_ptr"),
            Argument::Key | Argument::MapValue | Argument::ValueOut => {
                (reg.kind.is_memory() && !reg.read_only, MEMORY)
            }
            Argument::MemIn
            | Argument::MemInOrNull
            | Argument::MemOut
            | Argument::MemInOut
            | Argument::FixedInOut(_)
            | Argument::FixedOut(_) => (reg.kind.is_memory() && (reads || !reg.read_only), MEMORY),
            Argument::Size | Argument::SizeOrZero | Argument::AllocSize | Argument::Rounds => {
                (reg.is_scalar(), "scalar")
            }
            Argument::RingbufRecord => (reg.kind == RegType::Mem && reg.ringbuf, "ringbuf_mem"),
            Argument::Callback => (matches!(reg.kind, RegType::Func(_)), "func"),
            Argument::StackOrNull => (reg.kind == RegType::Stack, "fp"),
            Argument::SpinLock => (matches!(reg.kind, RegType::MapValue(_)), "map_value, ptr_"),
            Argument::SocketGivenUp => {
                (reg.kind.is_socket(), "sock_common, sock, tcp_sock, xdp_sock, ptr_, trusted_ptr_")
            }
        };
        let nullable_is_fine = matches!(argument, Argument::MemInOrNull | Argument::StackOrNull);
        if !fine || (reg.nullable && !nullable_is_fine) {
            let (held, expected) = (reg.type_name().into(), expected.into());
            return refuse(EACCES, Message::ArgumentType { reg: number, held, expected });
        }
        Ok(())
    }

    fn check_argument_offset(&mut self, number: u8, argument: Argument) -> Checked {
        let reg = *self.reg(number);
        if matches!(argument, Argument::RingbufRecord | Argument::SocketGivenUp) {
            if reg.off != 0 {
                return refuse(EINVAL, Message::ReleaseMoved { reg: number });
            }
            return self.check_no_offset(number);
        }
        if reg.kind.is_memory() || reg.is_scalar() { Ok(()) } else { self.check_no_offset(number) }
    }

    /// Whether the memory that a helper is given is there; `raw` takes note of what needn't be initialised.
    fn check_helper_memory(
        &mut self,
        number: u8,
        lent: Lent,
        raw: Option<&mut Option<(u8, u32)>>,
    ) -> Checked {
        let Lent { size, writes, empty } = lent;
        let reg = *self.reg(number);
        match reg.kind {
            RegType::Packet | RegType::PacketMeta => self.check_packet(number, reg.off, size, empty),
            RegType::MapValue(map) => {
                self.check_map_access_allowed(number, reg.off, size, writes)?;
                let limit = self.subject.maps[usize::from(map)].value_size;
                self.check_region(number, reg.off, size, limit, empty)
            }
            RegType::MapKey(map) => {
                if writes {
                    let held = reg.type_name().into();
                    return refuse(EACCES, Message::ReadOnly { reg: number, held });
                }
                let limit = self.subject.maps[usize::from(map)].key_size;
                self.check_region(number, reg.off, size, limit, empty)
            }
            RegType::Mem => {
                if writes && reg.read_only {
                    let held = reg.type_name().into();
                    return refuse(EACCES, Message::ReadOnly { reg: number, held });
                }
                self.check_region(number, reg.off, size, reg.extent as u32, empty)
            }
            RegType::Stack => {
                let access = StackAccess { size, empty, write: writes, by_helper: true };
                self.check_stack_initialised(number, reg.off, access, raw)
            }
            _ => {
                if empty == Empty::Allowed && size == 0 && reg.is_zero() {
                    return Ok(());
                }
                let (held, expected) = (reg.type_name().into(), "fp".into());
                refuse(EACCES, Message::ArgumentType { reg: number, held, expected })
            }
        }
    }

    /// Maps of this format have no BTF, so that none of their values holds a lock.
    fn check_spin_lock(&self, number: u8) -> Checked {
        let reg = *self.reg(number);
        if !reg.num.is_const() {
            return refuse(EINVAL, Message::SpinLockVaries { reg: number });
        }
        let name = reg.kind.map().map_or("", |map| self.subject.maps[usize::from(map)].name.as_str());
        refuse(EINVAL, Message::SpinLockBtf { map: name.to_owned().into() })
    }

    /// The key of an array on the stack, if it's known.
    fn constant_key(&mut self, number: u8, size: u32) -> Checked<Option<u64>> {
        let reg = *self.reg(number);
        let (RegType::Stack, Some(variable)) = (reg.kind, reg.num.as_const()) else {
            return Ok(None);
        };
        let (slot, byte) = position(i64::from(reg.off) + variable as i64);
        let frame = usize::from(reg.frame);
        let Some(held) = self.state.frames[frame].stack.get(slot).copied() else {
            return Ok(None);
        };
        let run = |kind: Byte| held.bytes[..=byte].iter().rev().take_while(|&&at| at == kind).count() as u32;
        if run(Byte::Zero) >= size {
            return Ok(Some(0));
        }
        if !held.is_scalar_spill() || run(Byte::Spill) != size {
            return Ok(None);
        }
        let Some(value) = held.spilled.num.as_const() else {
            return Ok(None);
        };
        self.mark_slot_precise(frame, slot)?;
        Ok(Some(value))
    }
}
