//! Guards as types: what the verifier would refuse does not compile.
//!
//! The same instructions as with [`Asm`], one call each, but every value carries what the verifier will know of
//! it, and the guards are the only way from one type to the next:
//!
//! ```
//! use knockwright_asm::typed::{R2, R3, R4, Typed};
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
//! p.exit(2);
//! assert_eq!(p.finish().unwrap().slot_count(), 15);
//! ```
//!
//! What the types say:
//!
//! | rule of the verifier | type | |
//! |---|---|---|
//! | a lookup's result may be NULL | [`MaybeNull`] | [`Typed::not_null`] makes a [`Value`] of it |
//! | an access stays inside the value | [`Field`], [`Element`] | an array's element takes an [`Index`] |
//! | a range is known from guards only | [`Scalar`] | [`Scalar::at_most`], [`Scalar::below`], [`Scalar::and`] |
//! | a packet is read up to its end only | [`Packet`], [`Header`] | [`Typed::header`] is the guard against `data_end` |
//! | `r1`–`r5` are gone after a call | [`Scratch`] | calls borrow [`Typed`] mutably |
//! | a stack slot is written before it's read | [`Uninit`], [`Init`] | [`Typed::init`], [`Typed::fill`] |
//! | a reserved record is submitted or discarded | [`Record`] | [`Typed::reserve`] wants a [`Finished`] |
//!
//! Types follow the text of a program, jumps don't. What a jump would break, [`Typed::finish`] reports: a value used where not
//! every way brings it, a register overwritten and then used ([`FlowError`], with both places). Values meet where ways join
//! through a [`Join`], which all jumps to it bring the same values to.
//!
//! What is left to the verifier: the sense of a comparison between two registers (only bounds by constants become types),
//! alignment, the licence, which helper a program type may call, and the size of a packet beyond its last header.
//!
//! [`Typed::raw`] is the way out: the untyped assembler, and nothing known afterwards.

mod control;
mod error;
mod flow;
mod map;
mod memory;
mod packet;
mod register;
mod ring;
mod scalar;
mod stack;

use std::cell::RefCell;
use std::panic::Location;

use crate::builder::{Asm, Label, SourceFile, Target};
use crate::insn::Insn;
use crate::isa::IsaLevel;
use crate::program::{Code, Place, Program};
use crate::reg::Reg;
use knockwright_linux::ProgType;

pub use control::{Bring, Carry, Join};
pub use error::{TypedError, TypedErrors};
pub use flow::{Ended, FlowError};
pub use knockwright_linux::map_type::Update;
pub use map::{Clock, Found, Map, MaybeNull, Outcome, Value};
pub use memory::{Address, AtomicField, Element, Field, Loadable, Pointer, PointerMut};
pub use packet::{Context, Header, Packet, PacketHeader};
pub use register::{Kept, R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, Register, SavedRegister, Scratch};
pub use ring::{Finished, Record, RingBuffer};
pub use scalar::{Below, Index, Operand, Scalar, Test, Word};
pub use stack::{Filling, Init, Uninit};

use flow::{At, Flow, Use};

/// The assembler with typed values.
///
/// Methods that emit a call borrow it mutably, all others not: a value in a scratch register borrows it too, so that it
/// can't be used after a call.
#[derive(Debug)]
pub struct Typed {
    asm: RefCell<Asm>,
    flow: RefCell<Flow>,
}

#[track_caller]
fn here() -> At {
    Location::caller()
}

impl Typed {
    /// A program of a type, with its context in `r1`.
    #[track_caller]
    pub fn new(name: &str, prog_type: ProgType) -> (Self, Context) {
        let mut flow = Flow::new();
        let context = Context::new(flow.write(usize::from(Reg::R1.number()), here()));
        (Self { asm: RefCell::new(Asm::new(name, prog_type)), flow: RefCell::new(flow) }, context)
    }

    /// An XDP program, with its context in `r1`.
    #[track_caller]
    pub fn xdp(name: &str) -> (Self, Context) {
        Self::new(name, ProgType::Xdp)
    }

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

    /// Resolves all labels and gives the program.
    ///
    /// # Errors
    /// Every [`FlowError`], and those of [`Asm::finish`].
    pub fn finish(self) -> Result<Program, TypedErrors> {
        let flow = self.flow.into_inner().errors.into_iter().map(TypedError::from);
        match self.asm.into_inner().finish() {
            Ok(program) if flow.len() == 0 => Ok(program),
            Ok(_) => Err(TypedErrors(flow.collect())),
            Err(errors) => {
                Err(TypedErrors(flow.chain(errors.into_errors().into_iter().map(TypedError::from)).collect()))
            }
        }
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
