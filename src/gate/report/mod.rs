//! The gate's reports.

pub(crate) mod github;
pub(crate) mod jsonl;
pub(crate) mod junit;
pub(crate) mod object;
pub(crate) mod sarif;
pub(crate) mod text;
