//! Code goes on after the last instruction of no function.

use super::{Asm, AsmError, AsmErrors, Target};
use crate::insn::Insn;
use crate::program::{Code, Place, Program};

/// The kernel function after which a program need not go on: it throws an exception.
const NEVER_RETURNS: &str = "bpf_throw";

/// The last instruction of a function.
struct Last<'a> {
    code: &'a Code,
    /// What it names in the kernel.
    named: Option<&'a str>,
    place: Place,
    function: &'a str,
    next: Option<&'a str>,
}

impl Last<'_> {
    /// Whether the next instruction runs after it. Of slots that are no instruction nothing is known, nor of kernel functions
    /// without a name whether they return.
    fn goes_on(&self) -> bool {
        match self.code {
            Code::Raw(_) => false,
            Code::Insn(Insn::CallKfunc { .. }) => self.named.is_some_and(|name| name != NEVER_RETURNS),
            Code::Insn(insn) => insn.falls_through(),
        }
    }

    fn error(self) -> Option<AsmError> {
        self.goes_on().then(|| AsmError::FallsOff {
            insn: self.code.to_string(),
            function: self.function.to_owned(),
            into: self.next.map(str::to_owned),
            place: self.place,
        })
    }
}

/// Of a program that is being written.
pub(super) fn check(asm: &Asm, errors: &mut Vec<AsmError>) {
    for (index, function) in asm.functions.iter().enumerate() {
        let next = asm.functions.get(index + 1);
        let end = next.and_then(|next| next.body.as_ref()).map_or(asm.items.len(), |(start, _)| *start);
        let item = &asm.items[end - 1];
        let named = match item.target {
            Target::Kernel(named) => asm.externs.get(named).map(|named| named.name.as_str()),
            _ => None,
        };
        let (code, place, function) = (&item.code, item.place.clone(), function.name.as_str());
        let last = Last { code, named, place, function, next: next.map(|next| next.name.as_str()) };
        errors.extend(last.error());
    }
}

impl Program {
    /// Says whether code goes on after the last instruction of a function, which the verifier refuses. The assembler has asked
    /// already unless it was told not to; a program read from text may be a piece of one.
    ///
    /// # Errors
    /// [`AsmError::FallsOff`] for each function.
    pub fn check_ends(&self) -> Result<(), AsmErrors> {
        let mut errors = Vec::new();
        for (index, function) in self.functions.iter().enumerate() {
            let next = self.functions.get(index + 1);
            let end = next.map_or(self.items.len(), |next| next.start);
            let Some((at, item)) = end.checked_sub(1).and_then(|at| Some((at, self.items.get(at)?))) else {
                continue;
            };
            let named = self.externs.iter().find(|named| named.uses.contains(&at));
            let nowhere = || Place { file: self.name.clone().into(), line: 0, column: 0 };
            let last = Last {
                code: &item.code,
                named: named.map(|named| named.name.as_str()),
                place: item.place.clone().unwrap_or_else(nowhere),
                function: &function.name,
                next: next.map(|next| next.name.as_str()),
            };
            errors.extend(last.error());
        }
        if errors.is_empty() { Ok(()) } else { Err(AsmErrors(errors)) }
    }
}
