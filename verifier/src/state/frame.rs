//! Frames and the state that they make up.

use knockwright_asm::linux::limits::MAX_BPF_STACK;

use super::{Id, Mark, Reg, StackSlot};

/// The most frames that calls may stack up, `MAX_CALL_FRAMES` of `include/linux/bpf_verifier.h`.
pub(crate) const MAX_FRAMES: usize = 8;

/// The most bytes of stack, of a frame and of all that are stacked up.
pub(crate) const MAX_STACK: usize = MAX_BPF_STACK as usize;

/// The slots of a frame's stack.
pub(crate) const STACK_SLOTS: usize = MAX_STACK / 8;

/// R0 to R9: those that a program may write. After them comes the frame pointer.
pub(crate) const WRITABLE_REGS: usize = 10;

/// One function's activation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    pub(crate) regs: [Reg; WRITABLE_REGS + 1],
    /// Which of R0 to R9 are read later.
    pub(crate) marks: [Mark; WRITABLE_REGS],
    pub(crate) stack: Vec<StackSlot>,
    /// The call after which its caller goes on; none for the main frame.
    pub(crate) callsite: Option<usize>,
    pub(crate) subprogram: usize,
    /// It's a callback that a helper calls.
    pub(crate) in_callback: bool,
    /// The values that a callback may return.
    pub(crate) callback_result: (i32, i32),
    /// How often the callback has been called on this path.
    pub(crate) callback_depth: u32,
    /// What had to be given back when the frame called another, on kernels that keep this by frame.
    pub(crate) held: Option<Vec<Reference>>,
}

impl Frame {
    /// A frame before its first instruction.
    pub(crate) fn new(number: u8, callsite: Option<usize>, subprogram: usize) -> Self {
        let mut regs = [Reg::NOT_INIT; WRITABLE_REGS + 1];
        regs[10] = Reg::frame_pointer(number);
        Self {
            regs,
            marks: [Mark::default(); WRITABLE_REGS],
            stack: Vec::new(),
            callsite,
            subprogram,
            in_callback: false,
            callback_result: (0, 0),
            callback_depth: 0,
            held: None,
        }
    }

    /// Makes room for `slots` slots.
    pub(crate) fn grow(&mut self, slots: usize) {
        if self.stack.len() < slots {
            self.stack.resize(slots, StackSlot::INVALID);
        }
    }

    /// The registers and the registers spilled on the stack, changeable.
    pub(crate) fn all_regs_mut(&mut self) -> impl Iterator<Item = &mut Reg> {
        self.regs
            .iter_mut()
            .chain(self.stack.iter_mut().filter(|slot| slot.is_spill()).map(|slot| &mut slot.spilled))
    }
}

/// Something that must be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) id: Id,
    /// The instruction that acquired it.
    pub(crate) insn: usize,
    /// The frame of the callback that acquired it.
    pub(crate) callback: Option<usize>,
}

/// All frames, the innermost last.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    pub(crate) frames: Vec<Frame>,
    /// What the innermost frame has to give back.
    pub(crate) references: Vec<Reference>,
    /// How often `may_goto` has been taken.
    pub(crate) may_goto_depth: u32,
    /// How often callbacks have been unrolled.
    pub(crate) callback_unroll_depth: u32,
    /// The processor walks here by mistake, until it notices.
    pub(crate) speculative: bool,
}

impl State {
    /// No frame at all: what stands in while a state is being changed elsewhere.
    pub(crate) const fn empty() -> Self {
        Self {
            frames: Vec::new(),
            references: Vec::new(),
            may_goto_depth: 0,
            callback_unroll_depth: 0,
            speculative: false,
        }
    }

    /// The instruction that a frame is at: that of the innermost is given, the others wait at a call.
    pub(crate) fn insn_of(&self, frame: usize, innermost: usize) -> usize {
        self.frames.get(frame + 1).and_then(|inner| inner.callsite).unwrap_or(innermost)
    }

    pub(crate) fn frame(&self) -> &Frame {
        &self.frames[self.frames.len() - 1]
    }

    /// The innermost frame, changeable.
    pub(crate) fn frame_mut(&mut self) -> &mut Frame {
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    /// The number of the innermost frame.
    pub(crate) fn depth(&self) -> usize {
        self.frames.len() - 1
    }

    /// Whether it was called from the same places as another.
    pub(crate) fn has_the_calls_of(&self, other: &Self) -> bool {
        self.frames.len() == other.frames.len()
            && self.frames.iter().zip(&other.frames).all(|(a, b)| a.callsite == b.callsite)
    }

    /// Every register and spilled register of every frame, changeable.
    pub(crate) fn all_regs_mut(&mut self) -> impl Iterator<Item = &mut Reg> {
        self.frames.iter_mut().flat_map(Frame::all_regs_mut)
    }
}
