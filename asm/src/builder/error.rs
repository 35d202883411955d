//! What can be wrong with a program that was built, each error with the places in the source that it concerns.

use std::fmt;

use crate::isa::{IsaLevel, KernelVersion};
use crate::program::Place;
use crate::reg::Reg;
use crate::sentence::debug_as_display;

/// One mistake in a program.
#[derive(Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AsmError {
    /// A jump goes to a label that was never bound.
    #[error(
        "{used}: the jump goes to label `{label}`, which is never bound\n  {made}: the label is made here"
    )]
    UnboundLabel {
        /// The label's name.
        label: String,
        /// Where the jump stands.
        used: Place,
        /// Where the label was made.
        made: Place,
    },
    /// A label is bound a second time.
    #[error("{second}: label `{label}` is bound a second time\n  {first}: it is first bound here")]
    LabelBoundTwice {
        /// The label's name.
        label: String,
        /// Where it was bound first.
        first: Place,
        /// Where it was bound again.
        second: Place,
    },
    /// A label stands after the last instruction of its program.
    #[error("{bound}: label `{label}` has no instruction after it\n  {used}: this jump goes there")]
    LabelAtEnd {
        /// The label's name.
        label: String,
        /// Where it's bound.
        bound: Place,
        /// Where the jump stands.
        used: Place,
    },
    /// A label of another program was used.
    #[error("{used}: the label was made by another `Asm`")]
    ForeignLabel {
        /// Where it was used.
        used: Place,
    },
    /// A jump is farther than its instruction reaches, and nothing can stand for it: `may_goto`, or a jump in code with so
    /// many far ones that trampolines don't fit between.
    #[error(
        "{from}: the jump to `{label}` is {distance} slots long, and 16 bits reach from -32768 to 32767\n  \
         {to}: the label is bound here\n  help: bring the two closer"
    )]
    JumpOutOfRange {
        /// The label's name.
        label: String,
        /// Where the jump stands.
        from: Place,
        /// Where the label is bound.
        to: Place,
        /// The distance in slots.
        distance: i64,
    },
    /// A memory operand's distance doesn't fit 16 bits.
    #[error(
        "{place}: the offset {off} doesn't fit 16 bits (-32768 to 32767)\n  help: add the distance to the register first"
    )]
    OffsetOutOfRange {
        /// Where the instruction stands.
        place: Place,
        /// The offset in bytes.
        off: i32,
    },
    /// An instruction is newer than the program allows.
    #[error(
        "{place}: `{insn}` needs ISA {needs} (Linux {since}), and this program is limited to {allowed}\n  \
         help: raise the limit with `Asm::isa`"
    )]
    IsaTooNew {
        /// Where the instruction stands.
        place: Place,
        /// The instruction as text.
        insn: String,
        /// The level that has it.
        needs: IsaLevel,
        /// The first kernel that has it.
        since: KernelVersion,
        /// The level that the program allows.
        allowed: IsaLevel,
    },
    /// Two different maps have one name.
    #[error("{second}: a map `{name}` of another shape was declared before\n  {first}: it was declared here")]
    MapConflict {
        /// The map's name.
        name: String,
        /// Where it was declared first.
        first: Place,
        /// Where it was declared differently.
        second: Place,
    },
    /// A function has no body.
    #[error("{declared}: function `{name}` is declared and has no instructions")]
    FunctionWithoutBody {
        /// The function's name.
        name: String,
        /// Where it was declared.
        declared: Place,
    },
    /// A function has two bodies, or two functions have one name.
    #[error("{second}: function `{name}` is there already\n  {first}: it is first here")]
    FunctionTwice {
        /// The function's name.
        name: String,
        /// Where it was first.
        first: Place,
        /// Where it was again.
        second: Place,
    },
    /// A function has more than the five arguments that registers carry.
    #[error("{place}: function `{name}` has {count} arguments, and registers r1 to r5 carry five")]
    TooManyArguments {
        /// Where it was declared.
        place: Place,
        /// The function's name.
        name: String,
        /// The number of arguments.
        count: usize,
    },
    /// Code goes on after the last instruction of a function.
    #[error(
        "{place}: the code of `{function}` goes on after its last instruction, `{insn}`{}\n  \
         help: end it with `exit` or a jump",
        into.as_ref().map_or_else(String::new, |next| format!(", into function `{next}`"))
    )]
    FallsOff {
        /// Where the last instruction stands.
        place: Place,
        /// The last instruction as text.
        insn: String,
        /// The function.
        function: String,
        /// The function that stands after it, if one does.
        into: Option<String>,
    },
    /// A scope takes what an open one has.
    #[error("{place}: scope `{scope}` takes {what}, which scope `{owner}` has\n  {opened}: it's opened here")]
    ScopesOverlap {
        /// Where the scope is opened.
        place: Place,
        /// The scope.
        scope: String,
        /// What it takes: a register or bytes of the stack.
        what: String,
        /// The scope that has it.
        owner: String,
        /// Where that one was opened.
        opened: Place,
    },
    /// A scope leaves a result in what the scope around it wasn't given.
    #[error(
        "{place}: scope `{scope}` has its result in {register}, which scope `{owner}` doesn't have\n  {opened}: it's opened here"
    )]
    ResultBeyond {
        /// Where the scope is opened.
        place: Place,
        /// The scope.
        scope: String,
        /// The result's register.
        register: Reg,
        /// The scope around it.
        owner: String,
        /// Where that one was opened.
        opened: Place,
    },
    /// An instruction writes what its scope doesn't have.
    #[error(
        "{place}: `{insn}` writes {what}, which scope `{scope}` doesn't have\n  {opened}: the scope is opened here"
    )]
    OutsideScope {
        /// Where the instruction stands.
        place: Place,
        /// The instruction as text.
        insn: String,
        /// What it writes: a register or bytes of the stack.
        what: String,
        /// The scope.
        scope: String,
        /// Where that one was opened.
        opened: Place,
    },
    /// The program has no instructions.
    #[error("{declared}: program `{name}` has no instructions")]
    Empty {
        /// The program's name.
        name: String,
        /// Where it was declared.
        declared: Place,
    },
}

impl AsmError {
    /// The place that the error concerns first.
    pub fn place(&self) -> &Place {
        match self {
            Self::UnboundLabel { used: place, .. }
            | Self::LabelBoundTwice { second: place, .. }
            | Self::LabelAtEnd { used: place, .. }
            | Self::ForeignLabel { used: place }
            | Self::JumpOutOfRange { from: place, .. }
            | Self::OffsetOutOfRange { place, .. }
            | Self::IsaTooNew { place, .. }
            | Self::MapConflict { second: place, .. }
            | Self::FunctionWithoutBody { declared: place, .. }
            | Self::Empty { declared: place, .. }
            | Self::FunctionTwice { second: place, .. }
            | Self::FallsOff { place, .. }
            | Self::ScopesOverlap { place, .. }
            | Self::ResultBeyond { place, .. }
            | Self::OutsideScope { place, .. }
            | Self::TooManyArguments { place, .. } => place,
        }
    }
}

/// All the mistakes in a program, in the order in which they were found.
#[derive(Clone, PartialEq)]
pub struct AsmErrors(pub(super) Vec<AsmError>);

impl AsmErrors {
    /// The mistakes, at least one.
    pub fn errors(&self) -> &[AsmError] {
        &self.0
    }

    /// The mistakes by value.
    pub fn into_errors(self) -> Vec<AsmError> {
        self.0
    }
}

impl fmt::Display for AsmErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_lines(f, &self.0)
    }
}

impl std::error::Error for AsmErrors {}

debug_as_display!(AsmError, AsmErrors);

/// Writes a list of errors, each on lines of its own.
pub(crate) fn write_lines(f: &mut fmt::Formatter<'_>, errors: &[impl fmt::Display]) -> fmt::Result {
    for (index, error) in errors.iter().enumerate() {
        let separator = if index == 0 { "" } else { "\n" };
        write!(f, "{separator}{error}")?;
    }
    Ok(())
}
