//! Calls of helpers.

use knockwright_asm::helper::{Access, Argument, Caller, CallsBack, Returns, Signature};
use knockwright_asm::linux::map_type::Lookup;
use knockwright_asm::{Helper, HelperId, MapType};

use super::memory::MAX_VARIABLE;
use super::stack_memory::{StackAccess, position};
use crate::explore::walker::{Next, Walker};
use crate::message::Message;
use crate::scalar::Span;
use crate::state::{Byte, Kind, Reference, Reg};
use crate::stop::{Checked, EACCES, EINVAL, Stop, refuse};

/// What the arguments have said so far.
#[derive(Debug, Default)]
struct Call {
    map: Option<u16>,
    /// The key of a lookup in an array, if it's known.
    key: Option<u64>,
    /// The register and the size of memory that the helper fills.
    fills: Option<(u8, u32)>,
    /// The size of memory that the helper gives.
    size: u32,
    /// The reference among the arguments.
    reference: u32,
    /// The register whose reference is given up.
    gives_up: Option<u8>,
    reads_packet: bool,
    /// The function that is called back.
    callback: Option<u16>,
}

/// Where a program may end, so that nothing may be left to give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The entry's `exit`.
    Exit,
    /// A tail call that succeeds.
    TailCall,
    /// A classic packet load outside of the packet.
    PacketLoad,
}

/// The types that an argument accepts, as the message lists them.
const MEMORY: &str = "fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_";

impl Walker<'_> {
    pub(crate) fn call_helper(&mut self, id: HelperId) -> Checked<Next> {
        let Some(helper) = id.helper() else {
            let name = "unknown".into();
            return refuse(EINVAL, Message::UnknownHelper { name, number: id.number().into() });
        };
        let caller = Caller {
            prog_type: self.subject.prog_type,
            perfmon: self.options.perfmon,
            kernel: self.rules.version,
        };
        let prototype = match helper.access(caller) {
            Access::Here(prototype) => prototype,
            Access::Elsewhere => {
                return refuse(EINVAL, Message::HelperNotForType { helper: id });
            }
            Access::NotRecorded => return Err(Stop::unsupported(helper.name())),
        };
        let Signature::Known { arguments, returns } = prototype.signature else {
            return Err(Stop::unsupported(helper.name()));
        };
        if prototype.gpl_only && !is_gpl_compatible(&self.subject.license) {
            return refuse(EINVAL, Message::GplOnly {});
        }
        let mut call = Call { reads_packet: prototype.reads_packet, ..Call::default() };
        for (index, &argument) in arguments.iter().enumerate() {
            let previous = index.checked_sub(1).map(|previous| arguments[previous]);
            self.check_argument(index as u8 + 1, argument, previous, &mut call)?;
        }
        let map = call.map.map(|map| &self.subject.maps[usize::from(map)]);
        if let Some(map) = map
            && map.is_read_only()
            && prototype.writes_map
        {
            return refuse(EACCES, Message::MapChangeForbidden {});
        }
        if helper == Helper::TailCall {
            match map {
                Some(map) if map.map_type == MapType::ProgArray => {
                    let entries = u64::from(map.max_entries);
                    if self.reg(3).constant().is_some_and(|key| key < entries) {
                        self.mark_precise(3)?;
                    }
                }
                _ => return refuse(EINVAL, Message::TailCallMap {}),
            }
        }
        if let Some((reg, size)) = call.fills {
            self.helper_wrote(reg, size)?;
        }
        if let Some(reg) = call.gives_up {
            let reference = call.reference;
            let given_up = reference != 0 && self.release(reference);
            if !given_up && !self.reg(reg).is_zero() {
                return refuse(EINVAL, Message::NotAcquired { helper: id });
            }
        }
        if helper == Helper::TailCall {
            self.check_no_references(End::TailCall)?;
        }
        match (prototype.calls_back, call.callback) {
            (Some(CallsBack::Rounds), Some(function)) => self.call_back_in_loop(function)?,
            (Some(CallsBack::Elements), Some(function)) => {
                self.call_back_for_each(function, call.map.unwrap_or_default())?;
            }
            _ => {}
        }
        for number in 0..6 {
            *self.reg_mut(number) = Reg::NOT_INIT;
            self.show_reg(number);
            self.note_write(number);
        }
        let mut result = match returns {
            Returns::Integer | Returns::Processor => Reg::UNKNOWN,
            Returns::Void => Reg::NOT_INIT,
            Returns::MapValueOrNull => {
                let map = call.map.unwrap_or_default();
                let info = &self.subject.maps[usize::from(map)];
                if info.map_type.facts().lookup == Lookup::Object {
                    return Err(Stop::unsupported(format!("lookup in a {}", info.map_type)));
                }
                let found = self.rules.constant_keys
                    && helper == Helper::MapLookupElem
                    && call.key.is_some_and(|key| key < u64::from(info.max_entries));
                Reg { nullable: !found, ..Reg::pointer(Kind::MapValue(map)) }
            }
            Returns::RecordOrNull => {
                Reg { nullable: true, ringbuf: true, extent: call.size as i32, ..Reg::pointer(Kind::Mem) }
            }
            Returns::SocketOrNull => Reg { nullable: true, ..Reg::pointer(Kind::Sock) },
            Returns::SockCommonOrNull => Reg { nullable: true, ..Reg::pointer(Kind::SockCommon) },
        };
        if result.nullable {
            result.id = self.new_id();
        }
        if returns.is_acquired() {
            let id = self.new_id();
            let callback = Some(self.state.depth()).filter(|_| self.state.frame().in_callback);
            self.state.references.push(Reference { id, insn: self.insn, callback });
            result.id = id;
            result.ref_id = id;
        }
        if returns == Returns::Processor {
            let last = self.options.cpus.saturating_sub(1);
            result.num.u64 = Span::new(0, u64::from(last));
            result.num.u32 = Span::new(0, last);
            result.num.s64 = Span::new(0, i64::from(last));
            result.num.s32 = Span::new(0, last as i32);
            let rules = self.rules;
            result.num.sync(rules);
        }
        *self.reg_mut(0) = result;
        if let Some(map) = map
            && map.holds_sockets()
            && helper == Helper::MapDeleteElem
        {
            return Err(Stop::unsupported(format!("{} in a {}", helper.name(), map.map_type)));
        }
        if let Some(map) = map
            && !prototype.maps.contains(map.map_type)
        {
            let map_type = map.map_type.number().into();
            return refuse(EINVAL, Message::MapType { map_type, helper: id });
        }
        if helper == Helper::TailCall && self.rules.tail_calls_return && self.state.frames.len() > 1 {
            return self.tail_call_returns();
        }
        let tail_call = helper == Helper::TailCall && self.rules.tail_calls_move_packets;
        if prototype.moves_packet || tail_call {
            self.forget_packet();
        }
        Ok(Next::Follow)
    }

    /// Packet pointers are numbers from here on.
    pub(crate) fn forget_packet(&mut self) {
        let perfmon = self.options.perfmon;
        for reg in self.state.all_regs_mut() {
            if reg.kind.is_packet() || reg.kind == Kind::PacketEnd {
                *reg = if perfmon { Reg::UNKNOWN } else { Reg::NOT_INIT };
            }
        }
    }

    /// Gives a reference up; every register that stood for it is a number from here on.
    fn release(&mut self, id: u32) -> bool {
        let before = self.state.references.len();
        self.state.references.retain(|reference| reference.id != id);
        if self.state.references.len() == before {
            return false;
        }
        let perfmon = self.options.perfmon;
        for reg in self.state.all_regs_mut() {
            if reg.ref_id == id {
                *reg = if perfmon { Reg::UNKNOWN } else { Reg::NOT_INIT };
            }
        }
        true
    }

    /// Whether everything has been given back that the entry must give back, or a callback on kernels that keep it by frame.
    /// Functions leave it to their callers.
    pub(crate) fn check_no_references(&self, end_of_path: End) -> Checked {
        let depth = self.state.depth();
        let by_frame = self.rules.references_by_frame && self.state.frame().in_callback;
        let must = |reference: &&Reference| depth == 0 || (by_frame && reference.callback == Some(depth));
        let mut left = self.state.references.iter().filter(must).peekable();
        if left.peek().is_none() {
            return Ok(());
        }
        let stop = left.fold(Stop::silent(EINVAL), |stop, reference| {
            let (id, insn) = (reference.id.into(), reference.insn.into());
            stop.then(Message::ReferenceLeak { id, insn })
        });
        let end = |what: &'static str| Message::LeakingEnd { what: what.into() };
        Err(match (end_of_path, self.rules.names_leaking_end) {
            (End::Exit, false) => stop,
            (End::Exit, true) => stop.then(end("BPF_EXIT instruction in main prog")),
            (End::TailCall, _) => stop.then(end("tail_call")),
            (End::PacketLoad, false) => stop.then(Message::LeakingLoad {}),
            (End::PacketLoad, true) => stop.then(end("BPF_LD_[ABS|IND]")),
        })
    }

    fn check_argument(
        &mut self,
        number: u8,
        argument: Argument,
        previous: Option<Argument>,
        call: &mut Call,
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
        if reg.kind.is_packet() && !self.may_access_packet(false, Some(call.reads_packet)) {
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
        if reg.ref_id != 0 {
            call.reference = reg.ref_id;
        }
        match argument {
            Argument::Anything | Argument::Rounds | Argument::Ctx | Argument::StackOrNull => {}
            Argument::Callback => {
                if let Kind::Func(function) = reg.kind {
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
                self.check_helper_memory(number, size, false, false, None)?;
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
                self.check_helper_memory(number, size, out, false, raw)?;
            }
            Argument::MemIn | Argument::MemInOrNull | Argument::MemOut | Argument::MemInOut => {}
            Argument::FixedInOut(size) | Argument::FixedOut(size) => {
                let raw = matches!(argument, Argument::FixedOut(_)).then_some(&mut call.fills);
                self.check_helper_memory(number, size, true, false, raw)?;
                self.check_alignment(number, 0, size, true)?;
            }
            Argument::Size | Argument::SizeOrZero => {
                let write = matches!(previous, Some(Argument::MemOut | Argument::MemInOut));
                let raw = previous == Some(Argument::MemOut) && reg.num.is_const();
                let zero_is_fine = argument == Argument::SizeOrZero;
                if reg.num.s64.min < 0 {
                    return refuse(EACCES, Message::NegativeSize { reg: number });
                }
                if reg.num.u64.min == 0 && !zero_is_fine {
                    let Span { min, max } = reg.num.u64;
                    let (low, high) = (min.into(), max.into());
                    return refuse(EACCES, Message::ZeroSize { reg: number, low, high });
                }
                if reg.num.u64.max >= MAX_VARIABLE as u64 {
                    return refuse(EACCES, Message::UnboundedSize { reg: number });
                }
                let size = reg.num.u64.max as u32;
                let raw = raw.then_some(&mut call.fills);
                self.check_helper_memory(number - 1, size, write, zero_is_fine, raw)?;
                self.mark_precise(number)?;
            }
            Argument::AllocSize => {
                let Some(size) = reg.num.as_const() else {
                    return refuse(EACCES, Message::NotConstant { reg: number });
                };
                call.size = size as u32;
                self.mark_precise(number)?;
            }
            Argument::RingbufRecord | Argument::SocketGivenUp => call.gives_up = Some(number),
        }
        Ok(())
    }

    fn check_type(&self, number: u8, argument: Argument) -> Checked {
        let reg = *self.reg(number);
        let memory = |reg: &Reg| {
            matches!(
                reg.kind,
                Kind::Stack
                    | Kind::Packet
                    | Kind::PacketMeta
                    | Kind::MapValue(_)
                    | Kind::MapKey(_)
                    | Kind::Mem
            )
        };
        let reads = matches!(argument, Argument::MemIn | Argument::MemInOrNull);
        let (fine, expected) = match argument {
            Argument::Anything => (true, ""),
            Argument::Ctx => (reg.kind == Kind::Ctx, "ctx"),
            Argument::Map => (matches!(reg.kind, Kind::MapPtr(_)), "map_ptr"),
            Argument::Key | Argument::MapValue | Argument::ValueOut => {
                (memory(&reg) && !reg.read_only, MEMORY)
            }
            Argument::MemIn
            | Argument::MemInOrNull
            | Argument::MemOut
            | Argument::MemInOut
            | Argument::FixedInOut(_)
            | Argument::FixedOut(_) => (memory(&reg) && (reads || !reg.read_only), MEMORY),
            Argument::Size | Argument::SizeOrZero | Argument::AllocSize | Argument::Rounds => {
                (reg.is_scalar(), "scalar")
            }
            Argument::RingbufRecord => (reg.kind == Kind::Mem && reg.ringbuf, "ringbuf_mem"),
            Argument::Callback => (matches!(reg.kind, Kind::Func(_)), "func"),
            Argument::StackOrNull => (reg.kind == Kind::Stack, "fp"),
            Argument::SpinLock => (matches!(reg.kind, Kind::MapValue(_)), "map_value, ptr_"),
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
            return self.check_fixed_offset(number, false);
        }
        match reg.kind {
            Kind::Stack
            | Kind::Packet
            | Kind::PacketMeta
            | Kind::MapValue(_)
            | Kind::MapKey(_)
            | Kind::Mem
            | Kind::Scalar => Ok(()),
            _ => self.check_fixed_offset(number, false),
        }
    }

    /// Memory that a helper reads or writes.
    fn check_helper_memory(
        &mut self,
        number: u8,
        size: u32,
        write: bool,
        zero_is_fine: bool,
        raw: Option<&mut Option<(u8, u32)>>,
    ) -> Checked {
        let reg = *self.reg(number);
        match reg.kind {
            Kind::Packet | Kind::PacketMeta => self.check_packet(number, reg.off, size, zero_is_fine),
            Kind::MapValue(map) => {
                self.check_map_access_allowed(number, reg.off, size, write)?;
                let limit = self.subject.maps[usize::from(map)].value_size;
                self.check_region(number, reg.off, size, limit, zero_is_fine)
            }
            Kind::MapKey(map) => {
                if write {
                    let held = reg.type_name().into();
                    return refuse(EACCES, Message::ReadOnly { reg: number, held });
                }
                let limit = self.subject.maps[usize::from(map)].key_size;
                self.check_region(number, reg.off, size, limit, zero_is_fine)
            }
            Kind::Mem => {
                if write && reg.read_only {
                    let held = reg.type_name().into();
                    return refuse(EACCES, Message::ReadOnly { reg: number, held });
                }
                self.check_region(number, reg.off, size, reg.extent as u32, zero_is_fine)
            }
            Kind::Stack => {
                let access = StackAccess { size, zero_is_fine, write, by_helper: true };
                self.check_stack_initialised(number, reg.off, access, raw)
            }
            _ => {
                if zero_is_fine && size == 0 && reg.is_zero() {
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
        let (Kind::Stack, Some(variable)) = (reg.kind, reg.num.as_const()) else {
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

/// Licences that the kernel takes as compatible with the GPL, `include/linux/license.h`.
pub(crate) fn is_gpl_compatible(license: &str) -> bool {
    matches!(
        license,
        "GPL" | "GPL v2" | "GPL and additional rights" | "Dual BSD/GPL" | "Dual MIT/GPL" | "Dual MPL/GPL"
    )
}

/// The number of a helper's arguments, for the registers that a call reads.
pub(crate) fn argument_count(id: HelperId, caller: Caller) -> Option<u8> {
    match id.helper()?.access(caller) {
        Access::Here(prototype) => prototype.argument_count(),
        Access::Elsewhere | Access::NotRecorded => None,
    }
}
