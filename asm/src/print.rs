//! Instructions as text, in the kernel's syntax.
//!
//! What [`Insn`]'s `Display` writes is, byte for byte, what the verifier's log shows after `N: (op) `, but for what only the
//! kernel knows: the addresses of maps and variables, and the names of kernel functions.

use std::fmt;

use crate::insn::Insn;
use crate::isa::{Piece, RegisterField};
use crate::program::Code;
use crate::table;
use knockwright_linux::HelperId;

/// The names that a listing puts in the place of numbers.
pub trait Names {
    /// The name of the label or function that a jump of `distance` slots leads to.
    fn target(&self, distance: i32) -> Option<&str>;

    /// The name of the map with an index.
    fn map(&self, index: i32) -> Option<&str>;

    /// The name of the kernel function with a BTF id, in the kernel itself (module 0) or in a module.
    fn kfunc(&self, id: i32, module: i16) -> Option<&str> {
        let _ = (id, module);
        None
    }
}

/// No names: numbers stay numbers.
pub struct NoNames;

impl Names for NoNames {
    fn target(&self, _: i32) -> Option<&str> {
        None
    }

    fn map(&self, _: i32) -> Option<&str> {
        None
    }
}

impl Insn {
    /// Writes the instruction with names in the place of jump distances and map indices.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_with(&self, out: &mut impl fmt::Write, names: &impl Names) -> fmt::Result {
        let (slot, next, row) = table::encode(self);
        let next = next.unwrap_or(0);
        let target = |out: &mut _, distance| match names.target(distance) {
            Some(name) => fmt::Write::write_str(out, name),
            None => fmt::Write::write_fmt(out, format_args!("pc{distance:+}")),
        };
        for piece in row.pieces() {
            match piece {
                Piece::Text(text) => out.write_str(text)?,
                Piece::Register { field: RegisterField::Dst, prefix } => write!(out, "{prefix}{}", slot.dst)?,
                Piece::Register { field: RegisterField::Src, prefix } => write!(out, "{prefix}{}", slot.src)?,
                Piece::Imm => write!(out, "{}", slot.imm)?,
                Piece::Hex => write!(out, "{:#x}", slot.imm)?,
                Piece::Imm64 => {
                    write!(out, "{:#x}", u64::from(next as u32) << 32 | u64::from(slot.imm as u32))?
                }
                Piece::Off => write!(out, "{:+}", slot.off)?,
                Piece::Next => write!(out, "{next:+}")?,
                Piece::Pc => target(out, i32::from(slot.off))?,
                Piece::PcImm => target(out, slot.imm)?,
                Piece::Map => match names.map(slot.imm) {
                    Some(name) => out.write_str(name)?,
                    None => write!(out, "idx:{}", slot.imm)?,
                },
                Piece::Helper => write!(out, "{}", HelperId::new(slot.imm))?,
                Piece::Kfunc => {
                    let name = names.kfunc(slot.imm, slot.off).unwrap_or("kfunc");
                    write!(out, "{name}#{}", slot.imm)?;
                    if slot.off != 0 {
                        write!(out, "@{}", slot.off)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Insn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_with(f, &NoNames)
    }
}

impl fmt::Display for Code {
    /// Writes an instruction in the kernel's syntax, and a raw slot as `.slot` with its bytes in hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Insn(insn) => insn.fmt(f),
            Self::Raw(slot) => write!(f, ".slot {}", hex::encode(slot.to_bytes(crate::Endian::Little))),
        }
    }
}
