//! Which registers and stack slots of a remembered state are read later: marks on each of them, as kernels before 6.18 have
//! them for slots, and those before 6.15 for registers.
//!
//! Source: `Documentation/bpf/verifier.rst` of those kernels, "Register liveness tracking".

/// How much of a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Extent {
    /// Nothing.
    #[default]
    Nothing,
    Lower,
    /// All of it.
    Whole,
}

/// Where a value stands in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FramePlace {
    Reg(u8),
    Slot(u8),
}

/// A register or slot of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) checkpoint: u32,
    pub(crate) frame: u8,
    pub(crate) place: FramePlace,
}

/// What is known of the later use of a register or slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mark {
    /// Where the value was at the last checkpoint.
    pub(crate) origin: Option<Origin>,
    /// What is read of it, here or later.
    pub(crate) read: Extent,
    /// It was written since the last checkpoint: a later read says nothing of what was there before.
    pub(crate) written: bool,
    /// All paths from here are walked.
    pub(crate) done: bool,
}
