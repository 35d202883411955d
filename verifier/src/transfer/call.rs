//! Calls of helpers.

use knockwright_asm::helper::{Access, Argument, Caller, CallsBack, Prototype, Returns, Signature};
use knockwright_asm::linux::map_type::Lookup;
use knockwright_asm::{Helper, HelperId, MapType};

use crate::check::{End, HelperCall};
use crate::machine::{Explore, Machine, Next};
use crate::message::Message;
use crate::program::MapInfo;
use crate::scalar::Span;
use crate::state::{Id, Reference, Reg, RegType};
use crate::stop::{Checked, EACCES, EINVAL, Stop, refuse};

/// A helper as the program may call it.
#[derive(Debug, Clone, Copy)]
struct Called {
    helper: Helper,
    prototype: &'static Prototype,
    arguments: &'static [Argument],
    returns: Returns,
}

impl<E: Explore> Machine<'_, E> {
    pub(crate) fn call_helper(&mut self, id: HelperId) -> Checked<Next> {
        let called = self.helper(id)?;
        let Called { helper, prototype, returns, .. } = called;
        let call = self.check_call(&called)?;
        if let Some((reg, size)) = call.fills {
            self.helper_wrote(reg, size)?;
        }
        if let Some(reg) = call.gives_up {
            let reference = call.reference;
            let given_up = reference.is_some_and(|reference| self.release(reference));
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
        self.forget_caller_saved();
        *self.reg_mut(0) = self.result(helper, returns, &call)?;
        if let Some(map) = call.map.map(|map| &self.subject.maps[usize::from(map)]) {
            if map.holds_sockets() && helper == Helper::MapDeleteElem {
                return Err(Stop::unsupported(format!("{} in a {}", helper.name(), map.map_type)));
            }
            if !prototype.maps.contains(map.map_type) {
                let map_type = map.map_type.number().into();
                return refuse(EINVAL, Message::MapType { map_type, helper: id });
            }
        }
        let tail_call = helper == Helper::TailCall;
        if tail_call && self.rules.tail_calls_return && self.state.frames.len() > 1 {
            return self.tail_call_returns();
        }
        if prototype.moves_packet || (tail_call && self.rules.tail_calls_move_packets) {
            self.forget_packet();
        }
        Ok(Next::Follow)
    }

    /// What is called, if the program may call it.
    fn helper(&self, id: HelperId) -> Checked<Called> {
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
        if prototype.gpl_only && !self.subject.is_gpl_compatible() {
            return refuse(EINVAL, Message::GplOnly {});
        }
        Ok(Called { helper, prototype, arguments, returns })
    }

    /// Whether the helper is given what it takes, and a map that it may use.
    fn check_call(&mut self, called: &Called) -> Checked<HelperCall> {
        let Called { helper, prototype, arguments, .. } = *called;
        let mut call = HelperCall { reads_packet: prototype.reads_packet, ..HelperCall::default() };
        for (index, &argument) in arguments.iter().enumerate() {
            let previous = index.checked_sub(1).map(|previous| arguments[previous]);
            self.check_argument(index as u8 + 1, argument, previous, &mut call)?;
        }
        let map = call.map.map(|map| &self.subject.maps[usize::from(map)]);
        if prototype.writes_map && map.is_some_and(MapInfo::is_read_only) {
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
        Ok(call)
    }

    /// What a helper gives.
    fn result(&mut self, helper: Helper, returns: Returns, call: &HelperCall) -> Checked<Reg> {
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
                Reg { nullable: !found, ..Reg::pointer(RegType::MapValue(map)) }
            }
            Returns::RecordOrNull => {
                Reg { nullable: true, ringbuf: true, extent: call.size as i32, ..Reg::pointer(RegType::Mem) }
            }
            Returns::SocketOrNull => Reg { nullable: true, ..Reg::pointer(RegType::Sock) },
            Returns::SockCommonOrNull => Reg { nullable: true, ..Reg::pointer(RegType::SockCommon) },
        };
        if result.nullable {
            result.id = Some(self.new_id());
        }
        if returns.is_acquired() {
            let id = self.new_id();
            let callback = Some(self.state.depth()).filter(|_| self.state.frame().in_callback);
            self.state.references.push(Reference { id, insn: self.insn, callback });
            result.id = Some(id);
            result.ref_id = Some(id);
        }
        if returns == Returns::Processor {
            let last = self.options.cpus.saturating_sub(1);
            result.num.u64 = Span::new(0, u64::from(last));
            result.num.u32 = Span::new(0, last);
            result.num.s64 = Span::new(0, i64::from(last));
            result.num.s32 = Span::new(0, last as i32);
            result.num.sync(self.rules);
        }
        Ok(result)
    }

    /// Packet pointers are numbers from here on.
    pub(crate) fn forget_packet(&mut self) {
        let perfmon = self.options.perfmon;
        for reg in self.state.all_regs_mut() {
            if reg.kind.is_packet() || reg.kind == RegType::PacketEnd {
                *reg = if perfmon { Reg::UNKNOWN } else { Reg::NOT_INIT };
            }
        }
    }

    /// Gives a reference up; every register that stood for it is a number from here on.
    fn release(&mut self, id: Id) -> bool {
        let before = self.state.references.len();
        self.state.references.retain(|reference| reference.id != id);
        if self.state.references.len() == before {
            return false;
        }
        let perfmon = self.options.perfmon;
        for reg in self.state.all_regs_mut() {
            if reg.ref_id == Some(id) {
                *reg = if perfmon { Reg::UNKNOWN } else { Reg::NOT_INIT };
            }
        }
        true
    }
}
