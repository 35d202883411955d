//! What a row of the instruction table says, and the lookups that encode, decode and document from it.

use std::fmt::{self, Write as _};

use crate::insn::Insn;
use crate::program::Code;
use crate::reg::RegSet;
use crate::slot::Slot;
use crate::table;

pub use crate::table::TABLE;
pub use knockwright_linux::KernelVersion;

/// One instruction of the table: how it's encoded, written and documented.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Row {
    /// The name of its constructor on [`Insn`], unique.
    pub name: &'static str,
    /// The names of the operands in the order of the constructor.
    pub operands: &'static [&'static str],
    /// The registers that it reads: operands by name, or `r0`, `r6`, `arguments` for r1 to r5.
    pub reads: &'static [&'static str],
    /// The registers that it writes or leaves without a value: as `reads`, and `caller_saved` for r0 to r5.
    pub writes: &'static [&'static str],
    /// The first byte.
    pub opcode: u8,
    /// The fields that the row fixes.
    pub fixed: Fixed,
    /// What stands in `dst`, `src`, `off`, `imm` and the second slot's immediate: an operand's name or a number; the last is
    /// empty for one slot.
    pub fields: [&'static str; 5],
    /// Whether it takes two slots.
    pub wide: bool,
    /// The kernel's syntax with placeholders, see [`Piece`].
    pub syntax: &'static str,
    /// The instruction set that has it.
    pub level: IsaLevel,
    /// The first kernel that accepts it.
    pub since: KernelVersion,
    /// What it does, in one line.
    pub doc: &'static str,
}

/// The numbers that a row fixes in the fields of its slots; `None` where an operand stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // named like the fields of a slot
#[non_exhaustive]
pub struct Fixed {
    pub dst: Option<u8>,
    pub src: Option<u8>,
    pub off: Option<i16>,
    pub imm: Option<i32>,
    pub next: Option<i32>,
}

/// The versions of the instruction set as compilers name them (`-mcpu=v1` … `v4`), and what came after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum IsaLevel {
    /// The original set.
    V1,
    /// Adds `<` and `<=` comparisons.
    V2,
    /// Adds 32-bit arithmetic and jumps, and atomics that return the old value.
    V3,
    /// Adds signed division, sign extension, byte swaps and long jumps.
    V4,
    /// Adds bounded `may_goto`, arena casts, acquire and release.
    Later,
}

impl fmt::Display for IsaLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
            Self::V3 => "v3",
            Self::V4 => "v4",
            Self::Later => "later",
        })
    }
}

/// A piece of a row's syntax: text that stands as it is, or a field in some notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Piece {
    /// Text.
    Text(&'static str),
    /// `{rdst}` `{wdst}` `{rsrc}` `{wsrc}`: a register, `r` for 64 bits and `w` for 32.
    Register {
        /// Which field.
        field: RegisterField,
        /// `r` or `w`.
        prefix: char,
    },
    /// `{imm}`: the immediate, decimal.
    Imm,
    /// `{hex}`: the immediate as unsigned hexadecimal.
    Hex,
    /// `{imm64}`: both immediates as one hexadecimal number.
    Imm64,
    /// `{off}`: the offset with its sign.
    Off,
    /// `{next}`: the second slot's immediate with its sign.
    Next,
    /// `{pc}`: the target that the offset leads to, `pc+5` or a label.
    Pc,
    /// `{pcimm}`: the target that the immediate leads to, `pc+5`, a label or a function.
    PcImm,
    /// `{map}`: a map by index, `idx:0` or its name.
    Map,
    /// `{helper}`: a helper by name and number.
    Helper,
    /// `{kfunc}`: a kernel function by name and BTF id.
    Kfunc,
}

/// A register field of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegisterField {
    /// The destination.
    Dst,
    /// The source.
    Src,
}

impl Row {
    /// The row of an instruction.
    pub fn of(insn: &Insn) -> &'static Self {
        table::encode(insn).2
    }

    /// The syntax in pieces.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> + use<> {
        let mut rest = self.syntax;
        std::iter::from_fn(move || {
            let Some(inside) = rest.strip_prefix('{') else {
                let end = rest.find('{').unwrap_or(rest.len());
                let (text, after) = rest.split_at(end);
                rest = after;
                return (!text.is_empty()).then_some(Piece::Text(text));
            };
            let (name, after) = inside.split_once('}')?;
            rest = after;
            let register = |field, prefix| Piece::Register { field, prefix };
            Some(match name {
                "rdst" => register(RegisterField::Dst, 'r'),
                "wdst" => register(RegisterField::Dst, 'w'),
                "rsrc" => register(RegisterField::Src, 'r'),
                "wsrc" => register(RegisterField::Src, 'w'),
                "imm" => Piece::Imm,
                "hex" => Piece::Hex,
                "imm64" => Piece::Imm64,
                "off" => Piece::Off,
                "next" => Piece::Next,
                "pc" => Piece::Pc,
                "pcimm" => Piece::PcImm,
                "map" => Piece::Map,
                "helper" => Piece::Helper,
                "kfunc" => Piece::Kfunc,
                _ => return None,
            })
        })
    }
}

impl Insn {
    /// The registers that it reads. A call reads all arguments that it could: how many it takes, the called function knows.
    pub fn reads(&self) -> RegSet {
        table::reads(self)
    }

    /// The registers that it writes, or leaves without a value as a call does with its arguments.
    pub fn writes(&self) -> RegSet {
        table::writes(self)
    }
}

impl Code {
    /// The slots of the code and how many of the two count.
    pub fn encode(&self) -> ([Slot; 2], usize) {
        match self {
            Self::Raw(slot) => ([*slot, Slot::default()], 1),
            Self::Insn(insn) => {
                let (slot, next, _) = table::encode(insn);
                let second = Slot { imm: next.unwrap_or(0), ..Slot::default() };
                ([slot, second], insn.slots())
            }
        }
    }

    /// Decodes the instruction that starts at a slot; `second` is the slot after it, if there is one.
    pub fn decode(first: Slot, second: Option<Slot>) -> Self {
        let next =
            second.filter(|slot| *slot == Slot { imm: slot.imm, ..Slot::default() }).map(|slot| slot.imm);
        table::decode(first, next).map_or(Self::Raw(first), Self::Insn)
    }
}

impl From<Insn> for Code {
    fn from(insn: Insn) -> Self {
        Self::Insn(insn)
    }
}

/// The reference of all instructions as a Markdown page, made from the table.
pub fn reference_page() -> String {
    let mut page = String::from(
        "# Instructions\n\n\
         Made from the table in `asm/src/table.rs` by `knockwright_asm::isa::reference_page`; `cargo test` compares.\n\n\
         *Encoding* lists the opcode byte and the fields `dst src off imm` of the slot, then, for two slots, the second\n\
         slot's immediate. *ISA* is the compiler's name of the instruction set, *since* the first kernel that takes it.\n\n\
         | constructor | syntax | encoding | ISA | since | |\n|---|---|---|---|---|---|\n",
    );
    for row in TABLE {
        let [dst, src, off, imm, next] = row.fields;
        let second = if row.wide { format!("; {next}") } else { String::new() };
        let syntax = row.syntax.replace('|', "\\|");
        let operands = row.operands.join(", ");
        writeln!(
            page,
            "| `{}({operands})` | `{syntax}` | `{:02x} {dst} {src} {off} {imm}{second}` | {} | {} | {} |",
            row.name, row.opcode, row.level, row.since, row.doc,
        )
        .expect("writing to a string doesn't fail");
    }
    page
}
