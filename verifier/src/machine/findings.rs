//! What the paths so far have found, by instruction and by function: it holds for all that follow.

use std::collections::HashMap;

use crate::state::{Reg, RegType};

/// What an access goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PointerType {
    pub(crate) kind: RegType,
    /// It may be NULL.
    pub(crate) nullable: bool,
}

impl PointerType {
    /// What a register holds.
    pub(crate) fn of(reg: &Reg) -> Self {
        Self { kind: reg.kind, nullable: reg.nullable }
    }
}

/// What is known of an instruction with regard to speculation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Barrier {
    /// Speculation ends before it, since it would do what isn't allowed.
    pub(crate) before: bool,
    /// Speculation ends after it.
    pub(crate) after: bool,
    /// How its pointer arithmetic is masked.
    pub(crate) mask: Option<Mask>,
}

/// How an addition or subtraction is made safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mask {
    /// It has no pointer.
    Numbers,
    /// The pointer moves no farther than a distance.
    Pointer { offset: Offset, order: Order, distance: u32 },
}

/// The order of the operands of an addition or subtraction of a pointer and a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    PointerFirst,
    NumberFirst,
}

/// What a mask depends on of the number that a pointer moves by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offset {
    pub(crate) known: bool,
    pub(crate) negative: bool,
}

/// What the paths so far have found.
#[derive(Debug)]
pub(crate) struct Findings {
    /// The first pointer that each memory access has seen.
    first_pointers: Vec<Option<PointerType>>,
    /// What guards instructions against speculation.
    barriers: Vec<Barrier>,
    masks_matter: bool,
    /// The deepest stack use of each function, in bytes.
    stack_depth: Vec<usize>,
    /// Functions whose arguments aren't what their BTF says.
    unreliable: Vec<bool>,
    /// Calls of `bpf_loop` with the function that they call back; `None` if the call can't be made part of the code.
    inlined_loops: HashMap<usize, Option<u16>>,
}

impl Findings {
    /// Of a program of so many slots and functions, before the first path.
    pub(super) fn new(slots: usize, functions: usize) -> Self {
        Self {
            first_pointers: vec![None; slots],
            barriers: vec![Barrier::default(); slots],
            masks_matter: false,
            stack_depth: vec![0; functions],
            unreliable: vec![false; functions],
            inlined_loops: HashMap::new(),
        }
    }

    /// The pointer that an access has seen first: the given one if it's the first.
    pub(crate) fn first_pointer(&mut self, insn: usize, pointer: PointerType) -> PointerType {
        *self.first_pointers[insn].get_or_insert(pointer)
    }

    /// What guards an instruction against speculation.
    pub(crate) fn barrier(&self, insn: usize) -> &Barrier {
        &self.barriers[insn]
    }

    /// The same, changeable.
    pub(crate) fn barrier_mut(&mut self, insn: usize) -> &mut Barrier {
        &mut self.barriers[insn]
    }

    /// Masks of pointers depend on numbers, so that only equal numbers are as safe as others.
    pub(crate) fn masks_matter(&self) -> bool {
        self.masks_matter
    }

    /// A mask depends on a number.
    pub(crate) fn add_varying_mask(&mut self) {
        self.masks_matter = true;
    }

    /// A function uses so many bytes of stack.
    pub(crate) fn use_stack(&mut self, function: usize, bytes: usize) {
        let depth = &mut self.stack_depth[function];
        *depth = (*depth).max(bytes);
    }

    /// The deepest stack use of each function, in bytes.
    pub(crate) fn stack_depth(&self) -> &[usize] {
        &self.stack_depth
    }

    /// Whether a function has been called with arguments that aren't what its BTF says.
    pub(crate) fn is_unreliable(&self, function: usize) -> bool {
        self.unreliable[function]
    }

    /// A function is called with such arguments.
    pub(crate) fn distrust(&mut self, function: usize) {
        self.unreliable[function] = true;
    }

    /// What is known of a call of `bpf_loop`: the function that it calls back, or that it can't be made part of the code.
    pub(crate) fn inlined_loop(&self, insn: usize) -> Option<Option<u16>> {
        self.inlined_loops.get(&insn).copied()
    }

    /// The same, found.
    pub(crate) fn set_inlined_loop(&mut self, insn: usize, function: Option<u16>) {
        self.inlined_loops.insert(insn, function);
    }
}
