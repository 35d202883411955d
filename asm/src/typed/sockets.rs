//! Sockets that a program looks up: each may be NULL, and is given back once.

use std::marker::PhantomData;

use super::calls::{Passed, is_given};
use super::context::{BpfSock, Context, ContextField};
use super::flow::{Reference, Use};
use super::kind::Kind;
use super::memory::Loadable;
use super::register::{Kept, Register, SavedRegister, Scratch};
use super::stack::Init;
use super::{Label, Typed, Writer, here};
use crate::insn::{Cond, Insn, Source};
use crate::layout::BpfType;
use crate::reg::Reg;
use knockwright_linux::Helper;
use knockwright_linux::uapi::helper_flags::BPF_F_CURRENT_NETNS;

crate::bpf_struct! {
    /// The ends of an IPv4 connection, all in the network's byte order: `struct bpf_sock_tuple`.
    pub struct Ipv4Tuple as "ipv4_tuple" {
        /// The source address.
        pub source: u32,
        /// The destination address.
        pub destination: u32,
        /// The source port.
        pub source_port: u16,
        /// The destination port.
        pub destination_port: u16,
    }
    /// The ends of an IPv6 connection, all in the network's byte order: `struct bpf_sock_tuple`.
    pub struct Ipv6Tuple as "ipv6_tuple" {
        /// The source address.
        pub source: [u32; 4],
        /// The destination address.
        pub destination: [u32; 4],
        /// The source port.
        pub source_port: u16,
        /// The destination port.
        pub destination_port: u16,
    }
}

/// The ends of a connection, by which sockets are looked up.
pub trait SocketTuple: BpfType {}

impl SocketTuple for Ipv4Tuple {}
impl SocketTuple for Ipv6Tuple {}

/// What is known of a socket: [`FullSocket`] or [`AnySocket`].
pub trait HasFields: 'static {
    /// The members that such sockets don't have.
    #[doc(hidden)]
    const WITHOUT: &'static [&'static str];
}

/// A socket with all members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FullSocket {}

/// A socket that may be one of a connection that begins or ends, which has fewer members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnySocket {}

impl HasFields for FullSocket {
    const WITHOUT: &'static [&'static str] = &[];
}

// `net/core/filter.c`, `bpf_sock_common_is_valid_access`.
impl HasFields for AnySocket {
    const WITHOUT: &'static [&'static str] = &["type", "protocol", "mark", "priority"];
}

/// What a lookup of a socket gives, in `r0`: a socket or NULL. [`Writer::not_null_socket`] is the guard.
#[derive(Debug)]
#[must_use = "it may be NULL: `not_null_socket` is the guard, and a socket has to be given back"]
pub struct SocketOrNull<F> {
    used: Use,
    reference: Reference,
    fields: PhantomData<F>,
}

/// A socket, which [`Writer::release`] gives back. That it is, on every way, [`Typed::finish`] looks at.
#[derive(Debug)]
#[must_use = "a socket has to be given back: `release` does it"]
pub struct Socket<H, F> {
    pub(super) used: Use,
    reference: Reference,
    types: PhantomData<(H, F)>,
}

macro_rules! lookups {
    ($($name:ident $helper:ident $fields:ident $text:literal;)*) => {
        /// # Sockets
        impl<K: Kind> Typed<K> {
            $(#[doc = $text]
            ///
            /// It looks where the program is (`BPF_F_CURRENT_NETNS`).
            #[track_caller]
            pub fn $name<T: SocketTuple>(&mut self, context: &Context<K>, tuple: &Init<T>) -> SocketOrNull<$fields> {
                const { assert!(is_given::<K>(Helper::$helper), "programs of this kind can't look sockets up") };
                let at = here();
                let arguments = vec![
                    Passed::register(context.used()),
                    Passed::init(tuple),
                    Passed::number(T::TYPE.size() as i32),
                    Passed::number(BPF_F_CURRENT_NETNS),
                    Passed::number(0),
                ];
                self.set_arguments(arguments, at);
                let used = self.call_helper(Helper::$helper, at);
                let reference = self.flow.borrow_mut().acquire("socket", at);
                SocketOrNull { used, reference, fields: PhantomData }
            })*
        }
    };
}

lookups! {
    lookup_tcp SkLookupTcp FullSocket "`r0 = bpf_sk_lookup_tcp(context, tuple, size, -1, 0)`: the TCP socket of a connection, or one that listens for it.";
    lookup_udp SkLookupUdp FullSocket "`r0 = bpf_sk_lookup_udp(context, tuple, size, -1, 0)`: the UDP socket of a peer.";
    lookup_tcp_any SkcLookupTcp AnySocket "`r0 = bpf_skc_lookup_tcp(context, tuple, size, -1, 0)`: as `lookup_tcp`, with connections that begin or end.";
}

/// # Sockets
impl Writer {
    /// The guard `if r0 == 0 goto none`: a socket from here on, and nothing to be given back there.
    #[track_caller]
    pub fn not_null_socket<F>(&self, found: SocketOrNull<F>, none: Label) -> Socket<Scratch<'_>, F> {
        let reference = found.reference;
        self.flow.borrow_mut().suspend(reference);
        self.null_check(found.used, Cond::Eq, none, here());
        self.flow.borrow_mut().resume(reference);
        Socket { used: self.proved(found.used), reference, types: PhantomData }
    }

    /// `dst = socket`: keeps a socket in a register that survives calls.
    #[track_caller]
    pub fn keep_socket<R: SavedRegister, H, F>(&self, _: R, socket: Socket<H, F>) -> Socket<Kept, F> {
        let at = here();
        self.check(socket.used, at);
        self.mov(R::REG, Source::Reg(socket.used.reg()), at);
        Socket { used: self.written(R::REG, at), reference: socket.reference, types: PhantomData }
    }

    /// `dst = *(size *)(socket + member)`.
    #[track_caller]
    pub fn read_socket<R: Register, H, F: HasFields, const PLACE: usize, N: Loadable>(
        &self,
        _: R,
        socket: &Socket<H, F>,
        _: ContextField<BpfSock, PLACE, N>,
    ) -> N::Number<R::Held<'_>> {
        const {
            let mut next = 0;
            while next < F::WITHOUT.len() {
                assert!(
                    !super::handles::is_same(F::WITHOUT[next], ContextField::<BpfSock, PLACE, N>::NAME),
                    "a socket of any kind doesn't have this member: `lookup_tcp` finds those that do"
                );
                next += 1;
            }
        }
        let at = here();
        self.check(socket.used, at);
        let off = ContextField::<BpfSock, PLACE, N>::OFFSET;
        self.emit(Insn::Load { size: N::SIZE, dst: R::REG, base: socket.used.reg(), off }, at);
        N::number(self.loaded(R::REG, at))
    }

    /// `bpf_sk_release(socket)`: gives the socket back.
    #[track_caller]
    pub fn release<F>(&mut self, socket: Socket<Kept, F>) {
        let at = here();
        self.check(socket.used, at);
        self.mov(Reg::R1, Source::Reg(socket.used.reg()), at);
        self.flow.borrow_mut().give_back(socket.reference);
        self.call_nothing(Helper::SkRelease, at);
        // The register holds nothing that may be used any more.
        self.written(socket.used.reg(), at);
    }
}
