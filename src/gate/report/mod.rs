//! The gate's reports.

pub(crate) mod github;
pub(crate) mod junit;
pub(crate) mod text;
