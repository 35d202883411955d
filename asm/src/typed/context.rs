//! Contexts: members by name, with the types of programs that may read and write them.

use std::marker::PhantomData;

use super::flow::Use;
use super::kind::{
    CgroupSkb, CgroupSkbEgress, FlowDissector, Kind, LwtIn, LwtOut, LwtXmit, SkSkbVerdict, StreamParser,
    StreamVerdict, Tc, Xdp,
};
use super::memory::Loadable;
use super::packet::{Packet, ReadOnly, Writable};
use super::register::{Register, SavedRegister};
use super::scalar::Operand;
use super::{Typed, here};
use crate::insn::{Insn, Source};
use crate::reg::Size;
use knockwright_linux::context::{Context as Layout, Field as Row, Holds};

/// A struct that programs see as their context.
pub trait ContextStruct: 'static {
    /// Its members.
    const LAYOUT: &'static Layout;
}

/// A program's context, in a register.
#[derive(Debug)]
pub struct Context<K> {
    used: Use,
    kind: PhantomData<K>,
}

impl<K> Context<K> {
    pub(super) fn new(used: Use) -> Self {
        Self { used, kind: PhantomData }
    }

    pub(super) fn used(&self) -> Use {
        self.used
    }
}

/// A member of a context `S`, by its place among them, of the type `F`: those of `typed::xdp_md`, `typed::sk_buff` and so on.
#[derive(Debug, Clone, Copy)]
pub struct ContextField<S, const PLACE: usize, F> {
    types: PhantomData<fn(S) -> F>,
}

impl<S: ContextStruct, const PLACE: usize, F: Loadable> ContextField<S, PLACE, F> {
    const ROW: &'static Row = match S::LAYOUT.fields {
        Some(fields) => &fields[PLACE],
        None => panic!("the context has no members"),
    };

    /// Its name.
    pub(super) const NAME: &'static str = Self::ROW.name;

    /// Where it is, in bytes.
    pub(super) const OFFSET: i16 = Self::ROW.offset as i16;

    pub(super) const fn new() -> Self {
        assert!(Self::ROW.size == F::SIZE.bytes(), "the member has another size");
        Self { types: PhantomData }
    }
}

pub(super) const fn place(name: &str, layout: &Layout) -> usize {
    match layout.place_of(name) {
        Some(place) => place,
        None => panic!("the context has no such member"),
    }
}

/// The members of a context, as `NAME type`, where the row of that name says the rest.
macro_rules! context {
    ($(#[$meta:meta])* $struct:ident, $module:ident, $layout:ident: $($name:ident $ty:ty,)*) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy)]
        pub enum $struct {}

        impl ContextStruct for $struct {
            const LAYOUT: &'static Layout = &knockwright_linux::context::$module::$layout;
        }

        $(#[$meta])*
        pub mod $module {
            use super::{$struct, ContextField, place};
            use knockwright_linux::context::$module as rows;

            $(#[doc = concat!("See [`", stringify!($name), "`](rows::", stringify!($name), ").")]
            pub const $name: ContextField<$struct, { place(rows::$name.name, <$struct as super::ContextStruct>::LAYOUT) }, $ty> = ContextField::new();)*
        }
    };
}

context! {
    /// `struct xdp_md`.
    XdpMd, xdp_md, XDP_MD:
    INGRESS_IFINDEX u32,
    RX_QUEUE_INDEX u32,
}

context! {
    /// `struct __sk_buff`.
    SkBuff, sk_buff, SK_BUFF:
    LEN u32,
    PKT_TYPE u32,
    MARK u32,
    QUEUE_MAPPING u32,
    PROTOCOL u32,
    VLAN_PRESENT u32,
    VLAN_TCI u32,
    VLAN_PROTO u32,
    PRIORITY u32,
    INGRESS_IFINDEX u32,
    IFINDEX u32,
    TC_INDEX u32,
    HASH u32,
    TC_CLASSID u32,
    NAPI_ID u32,
    FAMILY u32,
    REMOTE_IP4 u32,
    LOCAL_IP4 u32,
    REMOTE_PORT u32,
    LOCAL_PORT u32,
    TSTAMP u64,
    WIRE_LEN u32,
    GSO_SEGS u32,
    GSO_SIZE u32,
    TSTAMP_TYPE u8,
    HWTSTAMP u64,
}

context! {
    /// `struct bpf_sock`: a socket that comes, goes or is bound.
    BpfSock, bpf_sock, BPF_SOCK:
    BOUND_DEV_IF u32,
    FAMILY u32,
    TYPE u32,
    PROTOCOL u32,
    MARK u32,
    PRIORITY u32,
    SRC_IP4 u32,
    SRC_PORT u32,
    DST_PORT u16,
    DST_IP4 u32,
    STATE u32,
    RX_QUEUE_MAPPING u32,
}

context! {
    /// `struct bpf_sock_addr`: an address that a system call names.
    BpfSockAddr, bpf_sock_addr, BPF_SOCK_ADDR:
    USER_FAMILY u32,
    USER_IP4 u32,
    USER_PORT u32,
    FAMILY u32,
    TYPE u32,
    PROTOCOL u32,
    MSG_SRC_IP4 u32,
}

context! {
    /// `struct bpf_sockopt`: an option of a socket.
    BpfSockopt, bpf_sockopt, BPF_SOCKOPT:
    LEVEL u32,
    OPTNAME u32,
    OPTLEN u32,
    RETVAL u32,
}

context! {
    /// `struct bpf_sk_lookup`: a packet that looks for its socket.
    BpfSkLookup, bpf_sk_lookup, BPF_SK_LOOKUP:
    FAMILY u32,
    PROTOCOL u32,
    REMOTE_IP4 u32,
    REMOTE_PORT u32,
    LOCAL_IP4 u32,
    LOCAL_PORT u32,
    INGRESS_IFINDEX u32,
}

context! {
    /// `struct sk_msg_md`: a message that a socket sends.
    SkMsgMd, sk_msg_md, SK_MSG_MD:
    FAMILY u32,
    REMOTE_IP4 u32,
    LOCAL_IP4 u32,
    REMOTE_PORT u32,
    LOCAL_PORT u32,
    SIZE u32,
}

context! {
    /// `struct bpf_sock_ops`: what happens to a TCP connection.
    BpfSockOps, bpf_sock_ops, BPF_SOCK_OPS:
    OP u32,
    REPLY u32,
    FAMILY u32,
    REMOTE_IP4 u32,
    LOCAL_IP4 u32,
    REMOTE_PORT u32,
    LOCAL_PORT u32,
    IS_FULLSOCK u32,
    SND_CWND u32,
    SRTT_US u32,
    BPF_SOCK_OPS_CB_FLAGS u32,
    STATE u32,
    RTT_MIN u32,
    SND_SSTHRESH u32,
    RCV_NXT u32,
    SND_NXT u32,
    SND_UNA u32,
    MSS_CACHE u32,
    ECN_FLAGS u32,
    RATE_DELIVERED u32,
    RATE_INTERVAL_US u32,
    PACKETS_OUT u32,
    RETRANS_OUT u32,
    TOTAL_RETRANS u32,
    SEGS_IN u32,
    DATA_SEGS_IN u32,
    SEGS_OUT u32,
    DATA_SEGS_OUT u32,
    LOST_OUT u32,
    SACKED_OUT u32,
    SK_TXHASH u32,
    BYTES_RECEIVED u64,
    BYTES_ACKED u64,
    SKB_LEN u32,
    SKB_TCP_FLAGS u32,
    SKB_HWTSTAMP u64,
}

context! {
    /// `struct bpf_cgroup_dev_ctx`: a device that is opened.
    BpfCgroupDevCtx, bpf_cgroup_dev_ctx, BPF_CGROUP_DEV_CTX:
    ACCESS_TYPE u32,
    MAJOR u32,
    MINOR u32,
}

context! {
    /// `struct bpf_sysctl`: a kernel parameter that is read or written.
    BpfSysctl, bpf_sysctl, BPF_SYSCTL:
    WRITE u32,
    FILE_POS u32,
}

context! {
    /// `struct sk_reuseport_md`: a packet for one of several sockets.
    SkReuseportMd, sk_reuseport_md, SK_REUSEPORT_MD:
    LEN u32,
    ETH_PROTOCOL u32,
    IP_PROTOCOL u32,
    BIND_INANY u32,
    HASH u32,
}

/// `struct bpf_raw_tracepoint_args`: the arguments of a trace point; see [`Typed::argument`].
#[derive(Debug, Clone, Copy)]
pub enum BpfRawTracepointArgs {}

impl ContextStruct for BpfRawTracepointArgs {
    const LAYOUT: &'static Layout =
        &knockwright_linux::context::bpf_raw_tracepoint_args::BPF_RAW_TRACEPOINT_ARGS;
}

/// `struct bpf_nf_ctx`: a packet at a hook of `netfilter`. Its members are pointers of the kernel's.
#[derive(Debug, Clone, Copy)]
pub enum BpfNfCtx {}

impl ContextStruct for BpfNfCtx {
    const LAYOUT: &'static Layout = &knockwright_linux::context::bpf_nf_ctx::BPF_NF_CTX;
}

/// Programs that see a packet's bytes through pointers.
#[diagnostic::on_unimplemented(
    message = "programs of the kind `{Self}` see no packet through pointers",
    note = "`Xdp`, `Tc`, `CgroupSkb`, those of tunnels and of streams do; socket filters load from it with `load_abs`"
)]
pub trait PacketContext: Kind {
    /// What they may do with it: [`Writable`] or [`ReadOnly`].
    type Rights;
}

macro_rules! packets {
    ($($kind:ident $rights:ident;)*) => {
        $(impl PacketContext for $kind {
            type Rights = $rights;
        })*
    };
}

packets! {
    Xdp Writable;
    Tc Writable;
    LwtXmit Writable;
    StreamVerdict Writable;
    SkSkbVerdict Writable;
    StreamParser Writable;
    CgroupSkb ReadOnly;
    CgroupSkbEgress ReadOnly;
    LwtIn ReadOnly;
    LwtOut ReadOnly;
    FlowDissector ReadOnly;
}

/// The member that holds such a pointer.
const fn member(layout: &Layout, holds: Holds) -> &'static Row {
    match layout.holding(holds) {
        Some(row) => row,
        None => panic!("the context has no such pointer"),
    }
}

/// # Contexts
impl<K: Kind> Typed<K> {
    /// `dst = context`: keeps the context in a register that survives calls.
    #[track_caller]
    pub fn keep_context<R: SavedRegister>(&self, _: R, context: Context<K>) -> Context<K> {
        let at = here();
        self.check(context.used, at);
        self.mov(R::REG, Source::Reg(context.used.reg()), at);
        Context::new(self.written(R::REG, at))
    }

    /// `dst = *(size *)(context + member)`.
    #[track_caller]
    pub fn read<R: Register, const PLACE: usize, F: Loadable>(
        &self,
        _: R,
        context: &Context<K>,
        _: ContextField<K::Context, PLACE, F>,
    ) -> F::Number<R::Held<'_>> {
        const {
            let row = ContextField::<K::Context, PLACE, F>::ROW;
            assert!(
                row.read.include(K::PROG_TYPE, K::ATTACH),
                "programs of this kind don't read this member of their context"
            );
        }
        let at = here();
        self.check(context.used, at);
        self.emit(
            Insn::Load {
                size: F::SIZE,
                dst: R::REG,
                base: context.used.reg(),
                off: ContextField::<K::Context, PLACE, F>::ROW.offset as i16,
            },
            at,
        );
        F::number(self.loaded(R::REG, at))
    }

    /// `*(size *)(context + member) = number`.
    #[track_caller]
    pub fn write<const PLACE: usize, F: Loadable>(
        &self,
        context: &Context<K>,
        _: ContextField<K::Context, PLACE, F>,
        number: impl Operand,
    ) {
        const {
            let row = ContextField::<K::Context, PLACE, F>::ROW;
            assert!(
                row.written.include(K::PROG_TYPE, K::ATTACH),
                "programs of this kind don't write this member of their context"
            );
        }
        let at = here();
        self.check(context.used, at);
        self.store_at(
            context.used.reg(),
            ContextField::<K::Context, PLACE, F>::ROW.offset as i16,
            F::SIZE,
            &number,
            at,
        );
    }
}

/// # Packets
impl<K: PacketContext> Typed<K> {
    /// `end = ctx->data_end; cursor = ctx->data`: the packet, with its cursor at the start.
    #[track_caller]
    pub fn packet<C: SavedRegister, E: SavedRegister>(
        &self,
        context: &Context<K>,
        _: C,
        _: E,
    ) -> Packet<K::Rights> {
        let at = here();
        self.check(context.used, at);
        let base = context.used.reg();
        let load = |dst, row: &Row| {
            let size = if row.size == 8 { Size::U64 } else { Size::U32 };
            self.emit(Insn::Load { size, dst, base, off: row.offset as i16 }, at);
            self.written(dst, at)
        };
        let end = load(E::REG, const { member(K::Context::LAYOUT, Holds::PacketEnd) });
        Packet::new(load(C::REG, const { member(K::Context::LAYOUT, Holds::PacketStart) }), end)
    }
}
