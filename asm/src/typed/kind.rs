//! What kinds of programs there are, as types: what each finds in its context, and what it may return.

use std::marker::PhantomData;

use super::context::{
    BpfCgroupDevCtx, BpfNfCtx, BpfRawTracepointArgs, BpfSkLookup, BpfSock, BpfSockAddr, BpfSockOps,
    BpfSockopt, BpfSysctl, ContextStruct, SkBuff, SkMsgMd, SkReuseportMd, XdpMd,
};
use super::flow::Use;
use super::register::Register;
use super::scalar::{Operand, Operands, Scalar};
use super::{Typed, here};
use crate::insn::Source;
pub use knockwright_linux::uapi::{LwtResult, SkAction, TcAction, XdpAction};
use knockwright_linux::{AttachType, ProgType};

pub(super) mod sealed {
    pub trait Sealed {}
}

/// A kind of programs: one program type, where it's attached to one sort of hook.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no kind of programs",
    note = "the kinds are types of `typed`: `Xdp`, `Tc`, `SocketFilter`, …"
)]
pub trait Kind: sealed::Sealed + Sized + 'static {
    /// The program type.
    const PROG_TYPE: ProgType;
    /// What its load names as attach type, where that decides what it may do.
    const ATTACH: Option<AttachType>;
    /// The section that loaders know it by; what it's for comes after it, see [`Kind::section`].
    const SECTION: &'static str;
    /// What of the kernel it's for, as sections name it: an event, a function, a hook.
    const TARGET: Option<&'static str> = None;
    /// What `r1` points to when the program starts.
    type Context: ContextStruct;
    /// What the program returns.
    type Action: Action + Returns<Self>;

    /// The whole name of the section: `tc`, `fentry/vfs_read`.
    fn section() -> String {
        match Self::TARGET {
            None => Self::SECTION.to_owned(),
            Some(target) => format!("{}/{target}", Self::SECTION),
        }
    }
}

/// What programs of a kind return.
pub trait Action {
    /// The largest of them, where a number in a register stands for one.
    const MOST: u64;
    /// Whether 0 is one of them.
    const HAS_ZERO: bool = true;
    #[doc(hidden)]
    fn number(self) -> i32;
}

/// What a program of the kind `K` may return: its action, or a number in a register that can't be anything else.
#[diagnostic::on_unimplemented(
    message = "a program of the kind `{K}` doesn't return `{Self}`",
    label = "not what such programs return",
    note = "`XdpAction` is that of `Xdp`, `TcAction` that of `Tc`, `Allow` that of the cgroup kinds, `ProbeAction` that of probes; a number in a register is one if its \
            bound says so"
)]
pub trait Returns<K> {
    #[doc(hidden)]
    fn operand(&self) -> Operands;
}

impl<K: Kind, H, const MAX: u64> Returns<K> for Scalar<H, MAX> {
    fn operand(&self) -> Operands {
        const {
            assert!(K::Action::HAS_ZERO, "a number may be 0, which is no action of such programs");
            assert!(
                MAX <= K::Action::MOST,
                "the number may be larger than every action of such programs: bound it"
            );
        }
        Operand::operand(self)
    }
}

/// An action of the kind `K` in a register.
#[derive(Debug)]
#[must_use = "`exit` returns it"]
pub struct Answer<H, K = Xdp> {
    pub(super) used: Use,
    types: PhantomData<(H, K)>,
}

copies! { [H, K] Answer<H, K>; }

impl<H, K> Answer<H, K> {
    pub(super) fn at(used: Use) -> Self {
        Self { used, types: PhantomData }
    }
}

impl<H, K> Returns<K> for Answer<H, K> {
    fn operand(&self) -> Operands {
        Operands { source: Source::Reg(self.used.reg()), used: Some(self.used) }
    }
}

/// # Actions
impl<K: Kind> Typed<K> {
    /// `dst = action`: for an [`exit`](Typed::exit) that several ways lead to.
    #[track_caller]
    pub fn action<R: Register>(&self, _: R, action: K::Action) -> Answer<R::Held<'_>, K> {
        let at = here();
        self.mov(R::REG, Source::Imm(action.number()), at);
        Answer::at(self.written(R::REG, at))
    }
}

impl Action for i32 {
    const MOST: u64 = u64::MAX;

    fn number(self) -> i32 {
        self
    }
}

/// Whether a program of a control group or of `netfilter` lets something happen. The verifier refuses anything but 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Allow {
    /// It's refused: a system call gives `EPERM`, a packet is gone.
    No,
    /// It happens.
    Yes,
}

/// What a program returns that only looks, or changes an address: 1. The verifier refuses anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    /// It goes on.
    GoOn = 1,
}

/// What a program on a probe or an event returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProbeAction {
    /// Nothing more is to be done.
    Done = 0,
    /// The performance event that it's attached to takes its sample too.
    Sample = 1,
}

/// What a program returns that sees a function of the kernel begin or end: 0. The verifier refuses anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Watched {
    /// It goes on.
    Done = 0,
}

/// What a program of an iterator returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Walk {
    /// The next element.
    Next = 0,
    /// The same element again, where what was written is larger than the reader's room.
    Again = 1,
}

/// What a program at a security hook, or in front of a function of the kernel, returns: 0, or a negative error number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hook {
    /// It goes on.
    Allow,
    /// It's refused with this error, one of [`errno`](knockwright_linux::errno) from 1 to 4095.
    Deny(Refusal),
}

/// An error number from 1 to 4095; see [`refuse`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Refusal(i32);

/// A refusal with an error number, which is checked when the program is compiled.
///
/// ```
/// use knockwright_asm::linux::errno::EPERM;
/// use knockwright_asm::typed::{Hook, refuse};
///
/// assert!(matches!(refuse::<EPERM>(), Hook::Deny(_)));
/// ```
pub const fn refuse<const ERRNO: i32>() -> Hook {
    const { assert!(ERRNO >= 1 && ERRNO <= 4095, "an error number is from 1 to 4095: `EPERM`, `EACCES`, …") };
    Hook::Deny(Refusal(ERRNO))
}

impl Action for Hook {
    // A number in a register that may be something else than 0 is no error number.
    const MOST: u64 = 0;

    fn number(self) -> i32 {
        match self {
            Self::Allow => 0,
            Self::Deny(Refusal(errno)) => -errno,
        }
    }
}

/// Actions that the kernel's interface has names for, with the last of them.
macro_rules! actions {
    ($($name:ident up to $most:ident;)*) => {
        $(impl Action for $name {
            const MOST: u64 = Self::$most as u64;

            fn number(self) -> i32 {
                self as i32
            }
        })*
    };
}

actions! {
    XdpAction up to Redirect;
    TcAction up to Trap;
    SkAction up to Pass;
    LwtResult up to DissectorContinue;
    Allow up to Yes;
    ProbeAction up to Sample;
    Watched up to Done;
    Walk up to Again;
}

impl Action for Seen {
    const MOST: u64 = Self::GoOn as u64;
    const HAS_ZERO: bool = false;

    fn number(self) -> i32 {
        self as i32
    }
}

/// Declares kinds.
macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident: $prog_type:ident $(at $attach:ident)? in $section:literal, $context:ident, $action:ident;)*) => {
        $($(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {}

        impl sealed::Sealed for $name {}
        impl Kind for $name {
            const PROG_TYPE: ProgType = ProgType::$prog_type;
            const ATTACH: Option<AttachType> = attach!($($attach)?);
            const SECTION: &'static str = $section;
            type Context = $context;
            type Action = $action;
        }
        impl Returns<$name> for $action {
            fn operand(&self) -> Operands {
                Operand::operand(&Action::number(*self))
            }
        })*

        #[cfg(test)]
        const KINDS: &[(&str, ProgType, Option<AttachType>, &str, u64)] = &[$((
            stringify!($name),
            $name::PROG_TYPE,
            $name::ATTACH,
            $name::SECTION,
            <$name as Kind>::Action::MOST,
        )),*];
    };
}

macro_rules! attach {
    () => {
        None
    };
    ($attach:ident) => {
        Some(AttachType::$attach)
    };
}

kinds! {
    /// Packets of an interface, before anything else has seen them.
    Xdp: Xdp in "xdp", XdpMd, XdpAction;
    /// Packets at traffic control: `tc`, `tcx` and `netkit`, in and out.
    Tc: SchedCls in "tc", SkBuff, TcAction;
    /// Packets that a socket gets: how many of their bytes, from the start. 0 is none.
    SocketFilter: SocketFilter in "socket", SkBuff, i32;
    /// Packets that a control group's sockets get.
    CgroupSkb: CgroupSkb in "cgroup_skb/ingress", SkBuff, Allow;
    /// Packets that a control group's sockets send.
    CgroupSkbEgress: CgroupSkb at CgroupInetEgress in "cgroup_skb/egress", SkBuff, Allow;
    /// A control group makes a socket.
    SockCreate: CgroupSock at CgroupInetSockCreate in "cgroup/sock_create", BpfSock, Allow;
    /// A control group's socket goes.
    SockRelease: CgroupSock at CgroupInetSockRelease in "cgroup/sock_release", BpfSock, Allow;
    /// An IPv4 socket was bound.
    PostBind4: CgroupSock at CgroupInet4PostBind in "cgroup/post_bind4", BpfSock, Allow;
    /// An IPv6 socket was bound.
    PostBind6: CgroupSock at CgroupInet6PostBind in "cgroup/post_bind6", BpfSock, Allow;
    /// `bind` of an IPv4 socket.
    Bind4: CgroupSockAddr at CgroupInet4Bind in "cgroup/bind4", BpfSockAddr, Allow;
    /// `bind` of an IPv6 socket.
    Bind6: CgroupSockAddr at CgroupInet6Bind in "cgroup/bind6", BpfSockAddr, Allow;
    /// `connect` to an IPv4 address.
    Connect4: CgroupSockAddr at CgroupInet4Connect in "cgroup/connect4", BpfSockAddr, Allow;
    /// `connect` to an IPv6 address.
    Connect6: CgroupSockAddr at CgroupInet6Connect in "cgroup/connect6", BpfSockAddr, Allow;
    /// `sendmsg` of UDP to an IPv4 address.
    Sendmsg4: CgroupSockAddr at CgroupUdp4Sendmsg in "cgroup/sendmsg4", BpfSockAddr, Allow;
    /// `sendmsg` of UDP to an IPv6 address.
    Sendmsg6: CgroupSockAddr at CgroupUdp6Sendmsg in "cgroup/sendmsg6", BpfSockAddr, Allow;
    /// `recvmsg` of UDP from an IPv4 address.
    Recvmsg4: CgroupSockAddr at CgroupUdp4Recvmsg in "cgroup/recvmsg4", BpfSockAddr, Seen;
    /// `recvmsg` of UDP from an IPv6 address.
    Recvmsg6: CgroupSockAddr at CgroupUdp6Recvmsg in "cgroup/recvmsg6", BpfSockAddr, Seen;
    /// `getpeername` of an IPv4 socket.
    Getpeername4: CgroupSockAddr at CgroupInet4Getpeername in "cgroup/getpeername4", BpfSockAddr, Seen;
    /// `getpeername` of an IPv6 socket.
    Getpeername6: CgroupSockAddr at CgroupInet6Getpeername in "cgroup/getpeername6", BpfSockAddr, Seen;
    /// `getsockname` of an IPv4 socket.
    Getsockname4: CgroupSockAddr at CgroupInet4Getsockname in "cgroup/getsockname4", BpfSockAddr, Seen;
    /// `getsockname` of an IPv6 socket.
    Getsockname6: CgroupSockAddr at CgroupInet6Getsockname in "cgroup/getsockname6", BpfSockAddr, Seen;
    /// `getsockopt`, after the kernel's own.
    Getsockopt: CgroupSockopt at CgroupGetsockopt in "cgroup/getsockopt", BpfSockopt, Allow;
    /// `setsockopt`, before the kernel's own.
    Setsockopt: CgroupSockopt at CgroupSetsockopt in "cgroup/setsockopt", BpfSockopt, Allow;
    /// A control group opens a device.
    CgroupDevice: CgroupDevice in "cgroup/dev", BpfCgroupDevCtx, Allow;
    /// A control group reads or writes a kernel parameter.
    CgroupSysctl: CgroupSysctl in "cgroup/sysctl", BpfSysctl, Allow;
    /// A packet looks for its socket.
    SkLookup: SkLookup in "sk_lookup", BpfSkLookup, SkAction;
    /// A socket of a map sends a message.
    SkMsg: SkMsg in "sk_msg", SkMsgMd, SkAction;
    /// A packet for one of several sockets on one port.
    SkReuseport: SkReuseport in "sk_reuseport", SkReuseportMd, SkAction;
    /// Something happens to a TCP connection of a control group.
    SockOps: SockOps in "sockops", BpfSockOps, Allow;
    /// A packet that comes in by a light-weight tunnel's route.
    LwtIn: LwtIn in "lwt_in", SkBuff, LwtResult;
    /// A packet that goes out by a light-weight tunnel's route.
    LwtOut: LwtOut in "lwt_out", SkBuff, LwtResult;
    /// A packet that is sent by a light-weight tunnel's route.
    LwtXmit: LwtXmit in "lwt_xmit", SkBuff, LwtResult;
    /// A packet whose flow the kernel wants to know.
    FlowDissector: FlowDissector in "flow_dissector", SkBuff, LwtResult;
    /// Where the next message ends in what a socket of a map gets: its length, or 0 if more has to come.
    StreamParser: SkSkb at SkSkbStreamParser in "sk_skb/stream_parser", SkBuff, i32;
    /// A message that a socket of a map gets.
    StreamVerdict: SkSkb at SkSkbStreamVerdict in "sk_skb/stream_verdict", SkBuff, SkAction;
    /// Any packet that a socket of a map gets.
    SkSkbVerdict: SkSkb at SkSkbVerdict in "sk_skb/verdict", SkBuff, SkAction;
    /// A packet at a hook of `netfilter`.
    Netfilter: Netfilter in "netfilter", BpfNfCtx, Allow;
    /// `connect` to a path.
    ConnectUnix: CgroupSockAddr at CgroupUnixConnect in "cgroup/connect_unix", BpfSockAddr, Allow;
    /// `sendmsg` to a path.
    SendmsgUnix: CgroupSockAddr at CgroupUnixSendmsg in "cgroup/sendmsg_unix", BpfSockAddr, Allow;
    /// `recvmsg` from a path.
    RecvmsgUnix: CgroupSockAddr at CgroupUnixRecvmsg in "cgroup/recvmsg_unix", BpfSockAddr, Seen;
    /// `getpeername` of a socket with a path.
    GetpeernameUnix: CgroupSockAddr at CgroupUnixGetpeername in "cgroup/getpeername_unix", BpfSockAddr, Seen;
    /// `getsockname` of a socket with a path.
    GetsocknameUnix: CgroupSockAddr at CgroupUnixGetsockname in "cgroup/getsockname_unix", BpfSockAddr, Seen;
    /// A trace point of the kernel, with the arguments as its caller gives them.
    RawTracepoint: RawTracepoint in "raw_tp", BpfRawTracepointArgs, ProbeAction;
}

#[cfg(test)]
mod tests {
    use super::*;
    use knockwright_linux::KernelVersion;
    use knockwright_linux::prog_type::Results;

    /// The newest kernel that rows speak of.
    const NEWEST: KernelVersion = KernelVersion::new(7, 3);

    #[test]
    fn actions_are_what_the_kernel_takes() {
        for (name, prog_type, attach, section, most) in KINDS {
            let facts = prog_type.facts();
            let known = facts.sections.iter().find(|known| known.name == *section);
            assert!(known.is_some() || facts.section == Some(section), "{name}: no section {section}");
            let most = i32::try_from(*most).unwrap_or(i32::MAX);
            match prog_type.results(*attach, NEWEST) {
                Some(Results::Within(_, high)) => assert!(most <= high, "{name}"),
                Some(Results::Any) => {}
                None => panic!("{name}: the rows don't say what it returns"),
            }
        }
    }
}
