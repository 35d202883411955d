//! The guard: the weakest condition with which a program passes, where it goes, and whether that was checked.

mod checker;
mod insert;
mod liveness;
mod missing;
pub(crate) mod plan;
pub(crate) mod rebuild;
pub(crate) mod search;
mod text;

pub use checker::Checker;
pub(crate) use missing::bound;
pub(crate) use plan::{Condition, Plan, Shape, SizeFault, plan};
pub(crate) use text::{Made, Sources, render};
