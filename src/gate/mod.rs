//! Objects as a gate: a row for each object, program, kernel and configuration, what its count of instructions may be, and
//! reports for people and for CI.

pub(crate) mod baseline;
pub(crate) mod budget;
pub(crate) mod config;
pub(crate) mod expect;
pub(crate) mod fault;
pub(crate) mod objects;
pub(crate) mod report;
pub(crate) mod row;
