//! What a program names in the kernel, in text: `call NAME#extern`, `r1 = extern[NAME]`, and `.extern NAME [weak]`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use super::escape;
use super::lexer::{Span, Token};
use crate::insn::{Imm64, Insn};
use crate::program::{Code, Program};
use crate::reg::Reg;
use crate::types::{Extern, ExternKind};

/// What a program's text names in the kernel.
#[derive(Default)]
pub(super) struct Externs<'t> {
    known: Vec<Extern>,
    by_name: HashMap<Cow<'t, str>, usize>,
    /// The lines of the text that name one, and which.
    uses: HashMap<u32, usize>,
}

impl<'t> Externs<'t> {
    /// Notes a name, once; gives its number.
    pub(super) fn declare(&mut self, name: Cow<'t, str>, weak: bool) -> usize {
        if let Some(&known) = self.by_name.get(&name) {
            self.known[known].weak |= weak;
            return known;
        }
        let number = self.known.len();
        let kind = ExternKind::Unknown;
        self.known.push(Extern { name: name.clone().into_owned(), kind, weak, uses: Vec::new() });
        self.by_name.insert(name, number);
        number
    }

    /// Notes that the instruction of a line names something.
    pub(super) fn used(&mut self, name: Cow<'t, str>, line: u32) {
        let number = self.declare(name, false);
        self.uses.insert(line, number);
    }

    /// Puts them into the finished program, whose instructions still know their lines.
    pub(super) fn into_program(self, program: &mut Program) {
        let Self { mut known, uses, .. } = self;
        for (index, item) in program.items.iter().enumerate() {
            let number = item.place.as_ref().and_then(|place| uses.get(&place.line));
            if let Some(named) = number.and_then(|&number| known.get_mut(number)) {
                named.uses.push(index);
            }
        }
        program.externs = known;
    }
}

/// The instruction and the name, if a line names something of the kernel.
pub(super) fn read<'t>(tokens: &[(Token<'t>, Span)]) -> Option<(Insn, &'t str)> {
    let words: Vec<&'t str> = tokens.iter().map(|(token, _)| token.text()).collect();
    match words.as_slice() {
        ["call", name, "#", "extern"] => Some((Insn::CallKfunc { btf_id: 0, module: 0 }, name)),
        [dst, "=", "extern", "[", name, "]", addend @ ..] => {
            let dst = Reg::from_number(dst.strip_prefix('r')?.parse().ok()?)?;
            let value = match addend {
                [] => 0,
                ["+", digits] => u64::from_str_radix(digits.strip_prefix("0x")?, 16).ok()?,
                _ => return None,
            };
            Some((Insn::LoadImm64 { dst, value: Imm64::Const(value) }, name))
        }
        _ => None,
    }
}

/// Writes the instruction that names something of the kernel; `false` if it's none that a listing has a form for.
pub(super) fn write(f: &mut fmt::Formatter<'_>, code: &Code, name: &str) -> Result<bool, fmt::Error> {
    let name = escape::word(name);
    match code {
        Code::Insn(Insn::CallKfunc { btf_id: 0, module: 0 }) => write!(f, "call {name}#extern")?,
        Code::Insn(Insn::LoadImm64 { dst, value: Imm64::Const(value) }) => {
            write!(f, "r{} = extern[{name}]", dst.number())?;
            if *value != 0 {
                write!(f, "+{value:#x}")?;
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}
