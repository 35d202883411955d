//! Calls of helpers.

use knockwright_asm::helper::{Access, Argument, Caller, CallsBack, Returns, Signature};
use knockwright_asm::linux::map_type::Lookup;
use knockwright_asm::{Helper, HelperId, MapType};

use super::memory::MAX_VARIABLE;
use super::stack_memory::{StackAccess, position};
use crate::explore::walker::{Next, Walker};
use crate::scalar::Span;
use crate::state::{Byte, Kind, Reference, Reg};
use crate::stop::{Checked, EACCES, EINVAL, Stop};

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
            return self.reject(EINVAL, format_args!("invalid func {id}"));
        };
        let caller = Caller {
            prog_type: self.subject.prog_type,
            perfmon: self.options.perfmon,
            kernel: self.rules.version,
        };
        let prototype = match helper.access(caller) {
            Access::Here(prototype) => prototype,
            Access::Elsewhere => {
                return self.reject(EINVAL, format_args!("program of this type cannot use helper {id}"));
            }
            Access::NotRecorded => return Err(Stop::unsupported(helper.name())),
        };
        let Signature::Known { arguments, returns } = prototype.signature else {
            return Err(Stop::unsupported(helper.name()));
        };
        if prototype.gpl_only && !is_gpl_compatible(&self.subject.license) {
            return self.reject(
                EINVAL,
                format_args!("cannot call GPL-restricted function from non-GPL compatible program"),
            );
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
            return self.reject(EACCES, format_args!("write into map forbidden"));
        }
        if helper == Helper::TailCall {
            match map {
                Some(map) if map.map_type == MapType::ProgArray => {
                    let entries = u64::from(map.max_entries);
                    if self.reg(3).constant().is_some_and(|key| key < entries) {
                        self.mark_precise(3)?;
                    }
                }
                _ => {
                    self.say(format_args!("{}", self.rules.no_prog_array));
                    return Err(Stop::Reject(EINVAL));
                }
            }
        }
        if let Some((reg, size)) = call.fills {
            self.helper_wrote(reg, size)?;
        }
        if let Some(reg) = call.gives_up {
            let reference = call.reference;
            let given_up = reference != 0 && self.release(reference);
            if !given_up && !self.reg(reg).is_zero() {
                return self.reject(EINVAL, format_args!("func {id} reference has not been acquired before"));
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
            return self.reject(
                EINVAL,
                format_args!("cannot pass map_type {} into func {id}", map.map_type.number()),
            );
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
    pub(crate) fn check_no_references(&mut self, end: End) -> Checked {
        let depth = self.state.depth();
        let by_frame = self.rules.references_by_frame && self.state.frame().in_callback;
        let mut left = self.state.references.clone();
        left.retain(|reference| depth == 0 || (by_frame && reference.callback == Some(depth)));
        if left.is_empty() {
            return Ok(());
        }
        for reference in left {
            self.say(format_args!(
                "Unreleased reference id={} alloc_insn={}\n",
                reference.id, reference.insn
            ));
        }
        let words = match (end, self.rules.names_leaking_end) {
            (End::Exit, false) => return Err(Stop::Reject(EINVAL)),
            (End::Exit, true) => "BPF_EXIT instruction in main prog would lead to reference leak",
            (End::TailCall, _) => "tail_call would lead to reference leak",
            (End::PacketLoad, false) => "BPF_LD_[ABS|IND] cannot be mixed with socket references",
            (End::PacketLoad, true) => "BPF_LD_[ABS|IND] would lead to reference leak",
        };
        self.reject(EINVAL, format_args!("{words}"))
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
                return self.reject(EACCES, format_args!("R{number} leaks addr into helper function"));
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
            return self.reject(EACCES, format_args!("helper access to the packet is not allowed"));
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
                    return self.reject(EACCES, format_args!("invalid map_ptr to access map->key"));
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
                    return self.reject(EACCES, format_args!("invalid map_ptr to access map->value"));
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
                    return self.reject(
                        EACCES,
                        format_args!(
                            "R{number} min value is negative, either use unsigned or 'var &= const'"
                        ),
                    );
                }
                if reg.num.u64.min == 0 && !zero_is_fine {
                    let Span { min, max } = reg.num.u64;
                    return self.reject(
                        EACCES,
                        format_args!("R{number} invalid zero-sized read: u64=[{min},{max}]"),
                    );
                }
                if reg.num.u64.max >= MAX_VARIABLE as u64 {
                    return self.reject(
                        EACCES,
                        format_args!(
                            "R{number} unbounded memory access, use 'var &= const' or 'if (var < const)'"
                        ),
                    );
                }
                let size = reg.num.u64.max as u32;
                let raw = raw.then_some(&mut call.fills);
                self.check_helper_memory(number - 1, size, write, zero_is_fine, raw)?;
                self.mark_precise(number)?;
            }
            Argument::AllocSize => {
                let Some(size) = reg.num.as_const() else {
                    return self.reject(EACCES, format_args!("R{number} is not a known constant'"));
                };
                call.size = size as u32;
                self.mark_precise(number)?;
            }
            Argument::RingbufRecord | Argument::SocketGivenUp => call.gives_up = Some(number),
        }
        Ok(())
    }

    fn check_type(&mut self, number: u8, argument: Argument) -> Checked {
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
            let name = reg.type_name();
            return self.reject(EACCES, format_args!("R{number} type={name} expected={expected}"));
        }
        Ok(())
    }

    fn check_argument_offset(&mut self, number: u8, argument: Argument) -> Checked {
        let reg = *self.reg(number);
        if matches!(argument, Argument::RingbufRecord | Argument::SocketGivenUp) {
            if reg.off != 0 {
                return self.reject(
                    EINVAL,
                    format_args!(
                        "R{number} must have zero offset when passed to release func or trusted arg to kfunc"
                    ),
                );
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
                    return self.reject(EACCES, format_args!("R{number} cannot write into map_key"));
                }
                let limit = self.subject.maps[usize::from(map)].key_size;
                self.check_region(number, reg.off, size, limit, zero_is_fine)
            }
            Kind::Mem => {
                if write && reg.read_only {
                    let name = reg.type_name();
                    return self.reject(EACCES, format_args!("R{number} cannot write into {name}"));
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
                let name = reg.type_name();
                self.reject(EACCES, format_args!("R{number} type={name} expected=fp"))
            }
        }
    }

    /// Maps of this format have no BTF, so that none of their values holds a lock.
    fn check_spin_lock(&mut self, number: u8) -> Checked {
        let reg = *self.reg(number);
        if !reg.num.is_const() {
            return self.reject(
                EINVAL,
                format_args!(
                    "R{number} doesn't have constant offset. bpf_spin_lock has to be at the constant offset"
                ),
            );
        }
        let name = reg.kind.map().map_or("", |map| self.subject.maps[usize::from(map)].name.as_str());
        self.reject(EINVAL, format_args!("map '{name}' has to have BTF in order to use bpf_spin_lock"))
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
