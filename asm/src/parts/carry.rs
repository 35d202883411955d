//! What goes from part to part.

use std::ops::Range;

use super::{PartsError, RESERVED};
use crate::builder::Asm;
use crate::reg::{Reg, RegSet, Size};
use knockwright_linux::limits::MAX_BPF_STACK;

/// Numbers that each piece counts on, and that the next part gets: registers, and bytes of the stack.
///
/// It's laid out as it's told: registers from r6 on, 8 bytes each, then the bytes of the stack from the lowest on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Carry {
    registers: RegSet,
    stack: Vec<Range<i16>>,
}

/// The registers that calls keep.
const KEPT: [Reg; 4] = [Reg::R6, Reg::R7, Reg::R8, Reg::R9];

impl Carry {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a register, r6 to r9.
    #[must_use]
    pub fn register(mut self, register: Reg) -> Self {
        self.registers = self.registers.union(RegSet::one(register));
        self
    }

    /// The same with bytes of the stack, all written, as offsets from `r10`: multiples of 8, below [`RESERVED`], the lower
    /// one first.
    #[must_use]
    pub fn stack(mut self, bytes: Range<i16>) -> Self {
        self.stack.push(bytes);
        self
    }

    pub(super) fn check(&self) -> Result<(), PartsError> {
        if let Some(register) = self.registers.without(RegSet::of(&KEPT)).iter().next() {
            return Err(PartsError::Register { register });
        }
        let fits = |bytes: &&Range<i16>| {
            let whole = bytes.start % 8 == 0 && bytes.end % 8 == 0;
            whole && !bytes.is_empty() && bytes.start >= -(MAX_BPF_STACK as i16) && bytes.end <= RESERVED
        };
        match self.stack.iter().find(|bytes| !fits(bytes)) {
            None => Ok(()),
            Some(bytes) => Err(PartsError::Stack { start: bytes.start, end: bytes.end }),
        }
    }

    /// Its size in bytes.
    pub(super) fn size(&self) -> u32 {
        8 * (self.registers.iter().count() + self.words().count()) as u32
    }

    /// The offsets of the words of the stack.
    fn words(&self) -> impl Iterator<Item = i32> + '_ {
        self.stack.iter().flat_map(|bytes| bytes.clone().step_by(8)).map(i32::from)
    }

    /// Writes it to the memory that r0 points to.
    pub(super) fn put_away(&self, a: &mut Asm) {
        let mut to = 0;
        for register in self.registers.iter() {
            a.store(Size::U64, Reg::R0 + to, register);
            to += 8;
        }
        for word in self.words() {
            a.load(Size::U64, Reg::R1, Reg::R10 + word);
            a.store(Size::U64, Reg::R0 + to, Reg::R1);
            to += 8;
        }
    }

    /// Reads it from the memory that r0 points to.
    pub(super) fn bring(&self, a: &mut Asm) {
        let mut from = 0;
        for register in self.registers.iter() {
            a.load(Size::U64, register, Reg::R0 + from);
            from += 8;
        }
        for word in self.words() {
            a.load(Size::U64, Reg::R1, Reg::R0 + from);
            a.store(Size::U64, Reg::R10 + word, Reg::R1);
            from += 8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_the_stack_is_carried_or_refused() {
        assert_eq!(
            Carry::new().stack(-32..-16).check().map(|()| Carry::new().stack(-32..-16).size()),
            Ok(16)
        );
        for (start, end) in [(-16, -32), (-16, -16), (-24, -8), (-20, -16), (-520, -16)] {
            let refused = Carry::new().stack(start..end).check();
            assert_eq!(refused, Err(PartsError::Stack { start, end }));
        }
    }
}
