//! Where else a packet, or the processor, goes: other programs, other interfaces.

use super::calls::UntilCall;
use super::context::Context;
use super::kind::{Answer, Kind, Tc, Xdp, XdpAction};
use super::scalar::Operand;
use super::{Typed, Writer, here};
use crate::builder::MapRef;
use crate::insn::Source;
use crate::program::MapDef;
use crate::reg::Reg;
use knockwright_linux::{Helper, MapType};

/// An array of programs, to go on in.
#[derive(Debug, Clone, Copy)]
pub struct Programs {
    map: MapRef,
}

/// A map of where packets may go: network interfaces, processors or sockets of `AF_XDP`.
#[derive(Debug, Clone, Copy)]
pub struct Targets {
    map: MapRef,
}

/// What a [`Targets`] map holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Interfaces, by a number of the map's own: `BPF_MAP_TYPE_DEVMAP`.
    Interfaces,
    /// Interfaces, by any number: `BPF_MAP_TYPE_DEVMAP_HASH`.
    InterfacesByHash,
    /// Processors: `BPF_MAP_TYPE_CPUMAP`.
    Processors,
    /// Sockets of `AF_XDP`, by the queue: `BPF_MAP_TYPE_XSKMAP`.
    Sockets,
}

impl Target {
    const fn map_type(self) -> MapType {
        match self {
            Self::Interfaces => MapType::Devmap,
            Self::InterfacesByHash => MapType::DevmapHash,
            Self::Processors => MapType::Cpumap,
            Self::Sockets => MapType::Xskmap,
        }
    }
}

/// # Going on in another program
impl Writer {
    /// Declares an array of programs.
    #[track_caller]
    pub fn programs(&self, name: &str, max_entries: u32) -> Programs {
        let def = MapDef::of_bytes(name, MapType::ProgArray, 4, 4, max_entries);
        Programs { map: self.asm.borrow_mut().map(def) }
    }
}

impl<K: Kind> Typed<K> {
    /// `bpf_tail_call(context, programs, index)`: goes on in the program at an index, and doesn't come back. What follows runs
    /// where there is none, or where 33 programs have followed one another.
    ///
    /// The context must be kept in `r6` to `r9` to be used afterwards.
    #[track_caller]
    pub fn tail_call(&mut self, context: &Context<K>, programs: Programs, index: impl Operand) {
        let at = here();
        self.check(context.used(), at);
        let index = index.operand();
        if let Some(used) = index.used {
            self.check(used, at);
        }
        // The index first: it may be where the others go.
        if index.source != Source::Reg(Reg::R3) {
            assert!(context.used().reg() != Reg::R3, "the context is in r3: keep it elsewhere");
            self.mov(Reg::R3, index.source, at);
        }
        if context.used().reg() != Reg::R1 {
            self.mov(Reg::R1, Source::Reg(context.used().reg()), at);
        }
        self.load_map(Reg::R2, programs.map, at);
        self.call_helper(Helper::TailCall, at);
        self.forget_result(at);
    }
}

/// # Redirecting
impl Typed<Xdp> {
    /// Declares a map of targets.
    #[track_caller]
    pub fn targets(&self, name: &str, target: Target, max_entries: u32) -> Targets {
        let def = MapDef::of_bytes(name, target.map_type(), 4, 4, max_entries);
        Targets { map: self.asm.borrow_mut().map(def) }
    }

    /// `r0 = bpf_redirect_map(targets, key, otherwise)`: the packet goes to the target of the key, once the program returns this
    /// answer; where there is none, the answer is `otherwise`.
    #[track_caller]
    pub fn redirect_map(
        &mut self,
        targets: Targets,
        key: impl Operand,
        otherwise: XdpAction,
    ) -> Answer<UntilCall, Xdp> {
        let at = here();
        let key = key.operand();
        if let Some(used) = key.used {
            self.check(used, at);
        }
        if key.source != Source::Reg(Reg::R2) {
            self.mov(Reg::R2, key.source, at);
        }
        self.load_map(Reg::R1, targets.map, at);
        self.mov(Reg::R3, Source::Imm(otherwise as i32), at);
        Answer::at(self.call_helper(Helper::RedirectMap, at))
    }

    /// `r0 = bpf_redirect(interface, 0)`: the packet leaves through the interface, once the program returns this answer.
    #[track_caller]
    pub fn redirect(&mut self, interface: impl Operand) -> Answer<UntilCall, Xdp> {
        Answer::at(self.redirect_to(interface, 0))
    }
}

/// On which side of an interface a packet comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It's sent.
    Egress,
    /// It's received (`BPF_F_INGRESS`).
    Ingress,
}

impl Typed<Tc> {
    /// `r0 = bpf_redirect(interface, side)`: the packet goes to the interface, once the program returns this answer.
    #[track_caller]
    pub fn redirect(&mut self, interface: impl Operand, side: Side) -> Answer<UntilCall, Tc> {
        let flags = match side {
            Side::Egress => 0,
            Side::Ingress => 1,
        };
        Answer::at(self.redirect_to(interface, flags))
    }
}

impl Writer {
    #[track_caller]
    fn redirect_to(&mut self, interface: impl Operand, flags: i32) -> super::flow::Use {
        let at = here();
        let interface = interface.operand();
        if let Some(used) = interface.used {
            self.check(used, at);
        }
        if interface.source != Source::Reg(Reg::R1) {
            self.mov(Reg::R1, interface.source, at);
        }
        self.mov(Reg::R2, Source::Imm(flags), at);
        self.call_helper(Helper::Redirect, at)
    }

    /// A call that gives nothing: r0 holds no value.
    fn forget_result(&self, at: super::At) {
        self.flow.borrow_mut().clear(usize::from(Reg::R0.number()), at);
    }
}
