//! What can be wrong with a typed program.

use std::fmt;

use super::flow::FlowError;
use crate::builder::AsmError;
use crate::program::Place;
use crate::sentence::debug_as_display;

/// One mistake in a typed program.
#[derive(Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TypedError {
    /// A value doesn't come along all the ways to its use.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A mistake that the untyped assembler knows, too.
    #[error(transparent)]
    Asm(#[from] AsmError),
}

impl TypedError {
    /// The place that the error concerns first.
    pub fn place(&self) -> &Place {
        match self {
            Self::Flow(error) => error.place(),
            Self::Asm(error) => error.place(),
        }
    }
}

/// All the mistakes in a typed program.
#[derive(Clone, PartialEq)]
pub struct TypedErrors(pub(super) Vec<TypedError>);

impl TypedErrors {
    /// The mistakes, at least one.
    pub fn errors(&self) -> &[TypedError] {
        &self.0
    }
}

impl fmt::Display for TypedErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::builder::write_lines(f, &self.0)
    }
}

impl std::error::Error for TypedErrors {}

debug_as_display!(TypedError, TypedErrors);
