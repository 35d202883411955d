//! What loads from the context give.

use knockwright_asm::linux::context::{Access, Holds};

use crate::machine::Machine;
use crate::message::Message;
use crate::state::{Reg, RegType};
use crate::stop::{Checked, EACCES, Stop, refuse};

impl<E> Machine<'_, E> {
    /// What a load from the context puts into a register; of a store, it says nothing.
    pub(crate) fn access_context(&mut self, access: Access, is_kept: bool) -> Checked<Reg> {
        let prog_type = self.subject.prog_type;
        let field =
            prog_type.context().and_then(|context| context.allows(access, prog_type, self.rules.version));
        let Some(field) = field else {
            let (off, size) = (access.offset.into(), access.size.into());
            return refuse(EACCES, Message::ContextAccess { off, size });
        };
        let or_null = |machine: &mut Self, kind| {
            let id = is_kept.then(|| machine.new_id());
            Reg { nullable: true, id, ..Reg::pointer(kind) }
        };
        Ok(match field.holds {
            Holds::Number => Reg::UNKNOWN,
            Holds::PacketStart => Reg::pointer(RegType::Packet),
            Holds::PacketEnd => Reg::pointer(RegType::PacketEnd),
            Holds::PacketMeta => Reg::pointer(RegType::PacketMeta),
            Holds::SockCommonOrNull => or_null(self, RegType::SockCommon),
            Holds::SockOrNull => or_null(self, RegType::Sock),
            other @ (Holds::Sock
            | Holds::FlowKeys
            | Holds::TracepointBuffer
            | Holds::HookState
            | Holds::KernelSkBuff) => return Err(Stop::unsupported(other.words())),
        })
    }
}
