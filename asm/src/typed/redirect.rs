//! Where else a packet, or the processor, goes: other programs, other interfaces.

use super::calls::{Passed, UntilCall};
use super::context::Context;
use super::kind::{Answer, Kind, Tc, Xdp, XdpAction};
use super::scalar::Operand;
use super::{Typed, Writer, here};
use crate::builder::MapRef;
use crate::program::MapDef;
use knockwright_linux::uapi::helper_flags::BPF_F_INGRESS;
use knockwright_linux::{Helper, MapType};

/// An array of programs, to go on in.
#[derive(Debug, Clone, Copy)]
pub struct Programs {
    pub(super) map: MapRef,
}

/// A map of where packets may go: network interfaces, processors or sockets of `AF_XDP`.
#[derive(Debug, Clone, Copy)]
pub struct Targets {
    pub(super) map: MapRef,
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
        Programs { map: self.declare_map(def) }
    }
}

impl<K: Kind> Typed<K> {
    /// `bpf_tail_call(context, programs, index)`: goes on in the program at an index, and doesn't come back. What follows runs
    /// where there is none, or where 33 programs have followed one another.
    ///
    /// The context must be kept in `r6` to `r9` to be used afterwards. What is taken has to be given back before, since the program
    /// may end here.
    #[track_caller]
    pub fn tail_call(&mut self, context: &Context<K>, programs: Programs, index: impl Operand) {
        let at = here();
        let index = Passed::operand(index.operand());
        self.set_arguments(vec![Passed::register(context.used()), Passed::map(programs.map), index], at);
        self.flow.borrow_mut().may_leave(at);
        self.call_nothing(Helper::TailCall, at);
    }
}

/// # Redirecting
impl Typed<Xdp> {
    /// Declares a map of targets.
    #[track_caller]
    pub fn targets(&self, name: &str, target: Target, max_entries: u32) -> Targets {
        let def = MapDef::of_bytes(name, target.map_type(), 4, 4, max_entries);
        Targets { map: self.declare_map(def) }
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
        let otherwise = Passed::number(otherwise as i32);
        self.set_arguments(vec![Passed::map(targets.map), Passed::operand(key.operand()), otherwise], at);
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

impl Side {
    pub(super) const fn flags(self) -> i32 {
        match self {
            Self::Egress => 0,
            Self::Ingress => BPF_F_INGRESS,
        }
    }
}

impl Typed<Tc> {
    /// `r0 = bpf_redirect(interface, side)`: the packet goes to the interface, once the program returns this answer.
    #[track_caller]
    pub fn redirect(&mut self, interface: impl Operand, side: Side) -> Answer<UntilCall, Tc> {
        Answer::at(self.redirect_to(interface, side.flags()))
    }
}

impl Writer {
    #[track_caller]
    fn redirect_to(&mut self, interface: impl Operand, flags: i32) -> super::flow::Use {
        let at = here();
        self.set_arguments(vec![Passed::operand(interface.operand()), Passed::number(flags)], at);
        self.call_helper(Helper::Redirect, at)
    }
}
