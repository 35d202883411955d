//! Which arguments of helpers are sizes of the memory in the argument before them.

use knockwright_asm::{Helper, Reg};

/// A size among a helper's arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SizeArgument {
    /// The register with the size.
    pub(crate) size: Reg,
    /// Whether it may be zero; unknown if what is called isn't known.
    pub(crate) may_be_zero: Option<bool>,
}

/// The size that goes with the memory in an argument; nothing if it has none, or the helper's arguments aren't known.
pub(crate) fn beside(helper: Helper, memory: Reg) -> Option<SizeArgument> {
    let size = helper.size_of(memory.number())?;
    Some(SizeArgument { size: Reg::from_number(size.argument)?, may_be_zero: Some(size.may_be_zero) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sizes_are_sizes() {
        assert_eq!(beside(Helper::TracePrintk, Reg::R1).map(|found| found.size), Some(Reg::R2));
        assert_eq!(beside(Helper::MapUpdateElem, Reg::R3), None);
        assert_eq!(beside(Helper::RingbufOutput, Reg::R2).and_then(|found| found.may_be_zero), Some(true));
    }
}
