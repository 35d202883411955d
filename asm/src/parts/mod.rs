//! Generated programs that are too long for one: parts that go on in each other by tail calls.
//!
//! A generator writes pieces, as a firewall writes rules. [`Parts`] puts them one after the other, ends a part where the limits
//! say so, and carries what a piece counts on into the next one: numbers in r6 to r9, and bytes of the stack. They are carried
//! in the value of a per-CPU array with one element, `NAME_carry`; the parts are found in the program array `NAME_parts`, part
//! *n* at index *n*, which whoever loads them fills.
//!
//! ```
//! use knockwright_asm::parts::{Carry, Limits, Parts, Pieces};
//! use knockwright_asm::{Asm, Label, ProgType, Reg::*};
//!
//! /// Adds numbers up in r6.
//! struct Sum(Vec<i32>);
//!
//! impl Pieces for Sum {
//!     type Exits = Label;
//!     fn begin(&mut self, a: &mut Asm, _: &Label) {
//!         a.mov(R6, 0);
//!     }
//!     fn exits(&mut self, a: &mut Asm) -> Label {
//!         a.label("broken")
//!     }
//!     fn count(&self) -> usize {
//!         self.0.len()
//!     }
//!     fn piece(&mut self, a: &mut Asm, index: usize, _: &Label) {
//!         a.add(R6, self.0[index]);
//!     }
//!     fn end(&mut self, a: &mut Asm, _: &Label) {
//!         a.mov(R0, R6);
//!         a.exit();
//!     }
//!     fn write_exits(&mut self, a: &mut Asm, broken: &Label) {
//!         a.bind(*broken);
//!         a.mov(R0, 0);
//!         a.exit();
//!     }
//!     fn missing(&self, broken: &Label) -> Label {
//!         *broken
//!     }
//! }
//!
//! let parts = Parts::new("sum", ProgType::Xdp).limits(Limits { slots: 100, pieces: 2 }).carry(Carry::new().register(R6));
//! let programs = parts.write(&mut Sum(vec![1, 2, 3, 4, 5])).unwrap();
//! let names: Vec<&str> = programs.iter().map(|program| program.name.as_str()).collect();
//! assert_eq!(names, ["sum", "sum_1", "sum_2"]);
//! ```
//!
//! # What is carried, and what isn't
//!
//! Numbers are: a pointer in a map's value is a number when it comes back, so what points into a packet is made anew in
//! [`Pieces::resume`]. The context is kept by the parts themselves, in the eight bytes of the stack at `r10 -8`, and is in r1
//! where `begin` and `resume` start. The value belongs to the processor: programs that can be interrupted on it by themselves,
//! as those of tracing, are not for carrying.

mod carry;

use crate::builder::{Asm, AsmErrors, Label, MapRef};
use crate::program::{MapDef, Program};
use crate::reg::{Reg, Size};
use knockwright_linux::{Helper, MapType, ProgType};

pub use carry::Carry;

/// How many parts there may be: Linux goes through 33 tail calls one after the other, 5.10 on some processors 32
/// (`MAX_TAIL_CALL_CNT` in `include/linux/bpf.h`).
pub const MOST_PARTS: usize = 33;

/// Where the context is kept on the stack.
const CONTEXT: i16 = -8;

/// Where the key of the carrying map is written.
const KEY: i16 = -12;

/// The bytes of the stack that the parts need themselves, from this offset to `r10`.
pub const RESERVED: i16 = -16;

/// So many pieces may well fill a part: it gets its room at once.
const MANY_PIECES: usize = 1000;

/// The most room, in instructions, that a part gets before it's written.
const MOST_ROOM: usize = 40_000;

/// What a generator writes.
pub trait Pieces {
    /// The labels that pieces jump to when they are done: each part has its own.
    type Exits;

    /// Makes the labels of a part.
    fn exits(&mut self, a: &mut Asm) -> Self::Exits;

    /// Writes what comes before the first piece. r1 holds the context.
    fn begin(&mut self, a: &mut Asm, exits: &Self::Exits);

    /// Writes what each later part starts with. r1 holds the context; what is carried comes after it.
    fn resume(&mut self, a: &mut Asm, exits: &Self::Exits) {
        let _ = (a, exits);
    }

    /// The number of pieces.
    fn count(&self) -> usize;

    /// Writes a piece. Its end is where the next one starts, perhaps in another part; of r1 to r5 nothing is kept.
    fn piece(&mut self, a: &mut Asm, index: usize, exits: &Self::Exits);

    /// Writes what comes after the last piece: to an exit, or to an end.
    fn end(&mut self, a: &mut Asm, exits: &Self::Exits);

    /// Writes the code of a part's exits, with their labels. What nothing goes to is left out.
    fn write_exits(&mut self, a: &mut Asm, exits: &Self::Exits);

    /// The exit for when the next part isn't in its map, or nothing can be carried.
    fn missing(&self, exits: &Self::Exits) -> Label;
}

/// When a part ends: after the piece that reaches one of these. Each is at least 1: with 0 no part would hold a piece, which ends
/// in [`PartsError::TooManyParts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The number of 8-byte slots. 30,000 keeps all jumps within 16 bits; the kernel takes a million.
    pub slots: usize,
    /// The number of pieces, for those that cost the verifier more than their slots.
    pub pieces: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { slots: 30_000, pieces: usize::MAX }
    }
}

/// Why there are no parts.
#[derive(Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PartsError {
    /// The assembler refuses a part.
    #[error("part {part}: {errors}")]
    Part {
        /// Its number from 0.
        part: usize,
        /// What it says.
        errors: AsmErrors,
    },
    /// The pieces fill more parts than Linux makes tail calls.
    #[error("{pieces} pieces fill more than {MOST_PARTS} parts; raise the limits of a part")]
    TooManyParts {
        /// The number of pieces.
        pieces: usize,
    },
    /// A register can't be carried.
    #[error("{register} is not carried: calls keep r6 to r9 only")]
    Register {
        /// Which one.
        register: Reg,
    },
    /// Bytes of the stack can't be carried.
    #[error(
        "the stack from r10 {start} to {end} is not carried: both have to be multiples of 8, the first below the second, and not above \
         r10 {RESERVED}"
    )]
    Stack {
        /// The first byte.
        start: i16,
        /// The one after the last.
        end: i16,
    },
}

crate::sentence::debug_as_display!(PartsError);

/// A program of many pieces; see the [module](self).
#[derive(Debug, Clone)]
pub struct Parts {
    name: String,
    prog_type: ProgType,
    license: String,
    limits: Limits,
    carry: Carry,
}

/// The maps of a part.
#[derive(Clone, Copy)]
struct Maps {
    parts: MapRef,
    carry: Option<MapRef>,
}

impl Parts {
    /// A program of this name: the first part has it, later ones `NAME_1` and so on. Its licence is `GPL` unless
    /// [`Parts::license`] says another one.
    pub fn new(name: &str, prog_type: ProgType) -> Self {
        let (limits, carry) = (Limits::default(), Carry::new());
        Self { name: name.to_owned(), prog_type, license: "GPL".to_owned(), limits, carry }
    }

    /// The same with another licence; see [`Asm::license`].
    #[must_use]
    pub fn license(mut self, license: &str) -> Self {
        license.clone_into(&mut self.license);
        self
    }

    /// The same with other limits.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same with what each piece counts on.
    #[must_use]
    pub fn carry(mut self, carry: Carry) -> Self {
        self.carry = carry;
        self
    }

    /// Writes the parts, at least one.
    ///
    /// # Errors
    /// [`PartsError`].
    pub fn write<P: Pieces>(&self, pieces: &mut P) -> Result<Vec<Program>, PartsError> {
        self.carry.check()?;
        let (mut programs, mut next) = (Vec::new(), 0);
        loop {
            let part = programs.len();
            if part == MOST_PARTS {
                return Err(PartsError::TooManyParts { pieces: pieces.count() });
            }
            let (program, after) = self.part(pieces, part, next)?;
            programs.push(program);
            next = after;
            if next == pieces.count() {
                return Ok(programs);
            }
        }
    }

    /// Writes a part from a piece on, and says which piece comes after it.
    fn part<P: Pieces>(
        &self,
        pieces: &mut P,
        part: usize,
        first: usize,
    ) -> Result<(Program, usize), PartsError> {
        let name = if part == 0 { self.name.clone() } else { format!("{}_{part}", self.name) };
        let mut a = Asm::new(&name, self.prog_type);
        a.license(&self.license).leave_out_unreached();
        a.reserve(if pieces.count() > first + MANY_PIECES { self.limits.slots.min(MOST_ROOM) } else { 0 });
        let maps = self.maps(&mut a);
        let exits = pieces.exits(&mut a);
        a.store(Size::U64, Reg::R10 + i32::from(CONTEXT), Reg::R1);
        if part == 0 {
            pieces.begin(&mut a, &exits);
        } else {
            pieces.resume(&mut a, &exits);
            self.find(&mut a, maps, pieces.missing(&exits));
            self.carry.bring(&mut a);
        }
        let mut next = first;
        while next < pieces.count() && a.written() < self.limits.slots && next - first < self.limits.pieces {
            pieces.piece(&mut a, next, &exits);
            next += 1;
        }
        if next == pieces.count() {
            pieces.end(&mut a, &exits);
        } else {
            self.go_on(&mut a, maps, part + 1, pieces.missing(&exits));
        }
        pieces.write_exits(&mut a, &exits);
        let program = a.finish().map_err(|errors| PartsError::Part { part, errors })?;
        Ok((program, next))
    }

    fn maps(&self, a: &mut Asm) -> Maps {
        let name = |kind: &str| format!("{}_{kind}", self.name);
        let parts = a.map(MapDef::of_bytes(&name("parts"), MapType::ProgArray, 4, 4, MOST_PARTS as u32));
        let size = self.carry.size();
        let carry =
            (size > 0).then(|| a.map(MapDef::of_bytes(&name("carry"), MapType::PercpuArray, 4, size, 1)));
        Maps { parts, carry }
    }

    /// Puts the address of what is carried into r0.
    fn find(&self, a: &mut Asm, maps: Maps, missing: Label) {
        let Some(carry) = maps.carry else { return };
        a.store(Size::U32, Reg::R10 + i32::from(KEY), 0);
        a.mov(Reg::R2, Reg::R10);
        a.add(Reg::R2, i32::from(KEY));
        a.load_map(Reg::R1, carry);
        a.call(Helper::MapLookupElem);
        a.goto_if(Reg::R0.eq(0), missing);
    }

    /// Goes on in another part.
    fn go_on(&self, a: &mut Asm, maps: Maps, part: usize, missing: Label) {
        self.find(a, maps, missing);
        self.carry.put_away(a);
        a.load(Size::U64, Reg::R1, Reg::R10 + i32::from(CONTEXT));
        a.load_map(Reg::R2, maps.parts);
        a.mov(Reg::R3, part as i32);
        a.call(Helper::TailCall);
        a.goto(missing);
    }
}
