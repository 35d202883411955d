//! Guards as types: what the verifier would refuse does not compile.
//!
//! The same instructions as with [`Asm`], one call each, but every value carries what the verifier will know of
//! it, and the guards are the only way from one type to the next:
//!
//! ```
//! use knockwright_asm::typed::{R2, R3, R4, Typed, XdpAction};
//! use knockwright_asm::{MapType, bpf_struct, field};
//!
//! bpf_struct! {
//!     /// Ports by step.
//!     pub struct Config as "config" { /// The ports.
//!         pub ports: [u16; 10], }
//!     /// What is known of a source.
//!     pub struct State as "state" { /// The number of right knocks.
//!         pub step: u8, }
//! }
//!
//! let (mut p, _ctx) = Typed::xdp("knock");
//! let configs = p.map::<u32, Config>("configs", MapType::Hash, 1);
//! let pass = p.label("pass");
//!
//! let key = p.spill::<u32>(0);                                    // initialised, so helpers may read it
//! let config = p.lookup(configs, &key);                           // MaybeNull<Config>: no load, no store
//! let config = p.not_null(config, pass);                          // if r0 == 0x0 goto pass
//! let step = p.load(R2, &config, field!(Config, ports[0]));       // Scalar, at most 65535
//! let step = step.below::<10>(&p, pass);                          // if r2 > 0x9 goto pass
//! let port = p.element(R3, &config, field!(Config, ports), step); // takes only an index below 10
//! let _port = p.load_element(R4, &port);
//!
//! p.bind(pass);
//! p.exit(XdpAction::Pass);
//! assert_eq!(p.finish().unwrap().slot_count(), 15);
//! ```
//!
//! What the types say:
//!
//! | rule of the verifier | type | |
//! |---|---|---|
//! | a lookup's result may be NULL | [`MaybeNull`] | [`Writer::not_null`] makes a [`Value`] of it |
//! | an access stays inside the value | [`Field`], [`Element`] | an array's element takes an [`Index`] |
//! | a range is known from guards only | [`Scalar`] | [`Scalar::at_most`], [`Scalar::below`], [`Scalar::and`] |
//! | a packet is read up to its end only | [`Packet`], [`Header`] | [`Typed::header`] is the guard against `data_end` |
//! | `r1`–`r5` are gone after a call | [`Scratch`] | calls borrow [`Typed`] mutably |
//! | a stack slot is written before it's read | [`Uninit`], [`Init`] | [`Writer::init`], [`Writer::fill`] |
//! | a reserved record is submitted or discarded | [`Record`] | [`Typed::reserve`] wants a [`Finished`] |
//! | a program returns what its type may | [`Kind`] | [`Typed::exit`] takes its [`Action`] |
//! | a context has members for some types | [`ContextField`] | [`Typed::read`] and [`Typed::write`] ask the row |
//! | a helper has its callers and arguments | [`call`] | [`Typed::call`] and [`Typed::try_call`] ask the row |
//!
//! Types follow the text of a program, jumps don't. What a jump would break, [`Typed::finish`] reports: a value used where not
//! every way brings it, a register overwritten and then used ([`FlowError`], with both places). Values meet where ways join
//! through a [`Join`], which all jumps to it bring the same values to.
//!
//! What is left to the verifier: the sense of a comparison between two registers (only bounds by constants become types),
//! alignment, the licence, and the size of a packet beyond its last header. Which kernel has a helper or a member is a question
//! for the verifier too: `verify --kernel` asks several.
//!
//! [`Writer::raw`] is the way out: the untyped assembler, and nothing known afterwards.

/// Makes types copied whatever they are of: `derive` would ask it of their parameters too.
macro_rules! copies {
    ($([$($generics:tt)*] $ty:ty;)*) => {
        $(impl<$($generics)*> Clone for $ty {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($generics)*> Copy for $ty {})*
    };
}

mod calls;
mod context;
mod control;
mod elsewhere;
mod error;
mod event;
mod flow;
mod functions;
mod handles;
mod kernel;
mod kernel_layout;
mod kind;
mod locks;
mod map;
mod map_kinds;
mod memory;
mod named;
mod packet;
mod probe;
mod queue;
mod redirect;
mod register;
mod ring;
mod scalar;
mod sockets;
mod stack;
mod storage;

use std::cell::RefCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::Location;

use crate::builder::{Asm, Label, SourceFile, Target};
use crate::insn::Insn;
use crate::isa::IsaLevel;
use crate::program::{Code, Place, Program};
use crate::reg::Reg;

pub use calls::{Arg, Args, Null, Out, UntilCall, WithSize};
pub use context::{
    BpfCgroupDevCtx, BpfNfCtx, BpfRawTracepointArgs, BpfSkLookup, BpfSock, BpfSockAddr, BpfSockOps,
    BpfSockopt, BpfSysctl, Context, ContextField, ContextStruct, PacketContext, SkBuff, SkMsgMd,
    SkReuseportMd, XdpMd, bpf_cgroup_dev_ctx, bpf_sk_lookup, bpf_sock, bpf_sock_addr, bpf_sock_ops,
    bpf_sockopt, bpf_sysctl, sk_buff, sk_msg_md, sk_reuseport_md, xdp_md,
};
pub use control::{Bring, Carry, Join};
pub use elsewhere::{Elsewhere, KernelAddress, UserAddress};
pub use error::{TypedError, TypedErrors};
pub use event::{EventError, EventField, EventFormat, EventRecord, Tracepoint};
pub use flow::{Ended, FlowError};
pub use functions::{Body, Callback, Function, Give, Pass, PassAll, Rounds};
pub use handles::{PerfEvents, Stacks};
pub use kernel::{
    AfterFunction, Fentry, Fexit, FmodRet, ForFunction, Iter, KernelPtr, KernelPtrOrNull, Lsm, Parameters,
    TpBtf,
};
pub use kernel_layout::{KernelLayout, NameError, ResultField};
pub use kind::*;
pub use knockwright_linux::helper::call;
pub use knockwright_linux::map_type::Update;
pub use locks::{Fired, SpinLock, Timer, TimerCallback, TimerClock};
pub use map::{Clock, Found, Map, MaybeNull, Outcome, Value};
pub use map_kinds::{
    BloomFilter, InnerMap, InnerOrNull, Ipv4Prefix, Ipv6Prefix, MapOfMaps, PerCpu, PerCpuMap, PrefixKey,
    SocketMap,
};
pub use memory::{Address, AtomicField, Element, Field, Loadable, Pointer, PointerMut, whole};
pub use named::{ByName, KernelFunction, KernelStruct, Named, NamedMember, NamedType, Ptr, TraceEvent};
pub use packet::{Header, Packet, PacketHeader, ReadOnly, Writable};
pub use probe::*;
pub use queue::{Order, Queue};
pub use redirect::{Programs, Side, Target as RedirectTarget, Targets};
pub use register::{Kept, R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, Register, SavedRegister, Scratch};
pub use ring::{Finished, Record, RingBuffer};
pub use scalar::{Below, InRegister, Index, Operand, Scalar, Test, Word};
pub use sockets::{
    AnySocket, FullSocket, HasFields, Ipv4Tuple, Ipv6Tuple, Socket, SocketOrNull, SocketTuple,
};
pub use stack::{Filling, Init, Uninit};
pub use storage::{Missing, OfCgroup, OfInode, OfSocket, OfTask, Owner, Owns, Storage};

use flow::{At, Flow, Use};

/// The assembler with typed values, whatever kind of program it writes.
///
/// Methods that emit a call borrow it mutably, all others not: a value in a scratch register borrows it too, so that it
/// can't be used after a call.
///
/// A [`Typed`] is one, with what belongs to the kind of its program: a function that takes a `&mut Writer` writes a part that
/// programs of every kind may have.
#[derive(Debug)]
pub struct Writer {
    asm: RefCell<Asm>,
    flow: RefCell<Flow>,
}

/// The assembler with typed values for a program of the kind `K`: what it may do beside what every [`Writer`] may.
#[derive(Debug)]
pub struct Typed<K = Xdp> {
    writer: Writer,
    kind: PhantomData<K>,
}

impl<K> Deref for Typed<K> {
    type Target = Writer;

    fn deref(&self) -> &Writer {
        &self.writer
    }
}

impl<K> DerefMut for Typed<K> {
    fn deref_mut(&mut self) -> &mut Writer {
        &mut self.writer
    }
}

#[track_caller]
fn here() -> At {
    Location::caller()
}

impl Typed<Xdp> {
    /// An XDP program, with its context in `r1`.
    #[track_caller]
    pub fn xdp(name: &str) -> (Self, Context<Xdp>) {
        Self::new(name)
    }
}

impl<K: Kind> Typed<K> {
    /// A program of a kind, with its context in `r1`.
    ///
    /// ```
    /// use knockwright_asm::typed::{Tc, TcAction, Typed};
    ///
    /// let (p, _context) = Typed::<Tc>::new("pass");
    /// p.exit(TcAction::Ok);
    /// assert_eq!(p.finish()?.slot_count(), 2);
    /// # Ok::<(), knockwright_asm::typed::TypedErrors>(())
    /// ```
    #[track_caller]
    pub fn new(name: &str) -> (Self, Context<K>) {
        let mut flow = Flow::new();
        let context = Context::new(flow.write(usize::from(Reg::R1.number()), here()));
        let writer = Writer { asm: RefCell::new(Asm::new(name, K::PROG_TYPE)), flow: RefCell::new(flow) };
        (Self { writer, kind: PhantomData }, context)
    }

    /// Resolves all labels and gives the program.
    ///
    /// # Errors
    /// Every [`FlowError`], and those of [`Asm::finish`].
    pub fn finish(self) -> Result<Program, TypedErrors> {
        let flow = self.writer.flow.into_inner().errors.into_iter().map(TypedError::from);
        match self.writer.asm.into_inner().finish() {
            Ok(program) if flow.len() == 0 => Ok(program),
            Ok(_) => Err(TypedErrors(flow.collect())),
            Err(errors) => {
                Err(TypedErrors(flow.chain(errors.into_errors().into_iter().map(TypedError::from)).collect()))
            }
        }
    }

    /// `r0 = action; exit`.
    #[track_caller]
    pub fn exit(&self, action: impl Returns<K>) {
        self.exit_with(&action.operand(), here());
    }
}

impl Writer {
    /// Sets the licence; see [`Asm::license`].
    pub fn license(&mut self, license: &str) -> &mut Self {
        self.asm.get_mut().license(license);
        self
    }

    /// Names a source file; see [`Asm::source_file`].
    pub fn source_file(&mut self, file: SourceFile) -> &mut Self {
        self.asm.get_mut().source_file(file);
        self
    }

    /// Allows newer instructions; see [`Asm::isa`].
    pub fn isa(&mut self, level: IsaLevel) -> &mut Self {
        self.asm.get_mut().isa(level);
        self
    }

    /// The way out: instructions of the untyped assembler.
    ///
    /// They may do anything, so nothing is known of any register after them. They must not jump to labels of the typed
    /// layer.
    #[track_caller]
    pub fn raw<T>(&mut self, write: impl FnOnce(&mut Asm) -> T) -> T {
        self.flow.get_mut().forget(here());
        write(self.asm.get_mut())
    }

    fn emit(&self, insn: Insn, at: At) {
        self.emit_to(insn, Target::None, at);
    }

    fn emit_to(&self, insn: Insn, target: Target, at: At) {
        self.flow.borrow_mut().step(at);
        self.asm.borrow_mut().push(Code::Insn(insn), target, Place::from(at));
    }

    /// A use of a value: it must still be there.
    fn check(&self, used: Use, at: At) {
        self.flow.borrow_mut().check(used, at);
    }

    /// A register was written.
    fn written(&self, reg: Reg, at: At) -> Use {
        self.flow.borrow_mut().write(usize::from(reg.number()), at)
    }

    /// Something more is known of a value.
    fn proved(&self, used: Use) -> Use {
        self.flow.borrow_mut().prove(used.holder)
    }
}

/// The chapter's examples are compiled as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guards.md")]
struct Chapter;
