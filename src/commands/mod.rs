//! The commands, one file each.

pub(crate) mod asm;
pub(crate) mod build;
pub(crate) mod carried;
pub(crate) mod cases;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod disasm;
pub(crate) mod explain;
pub(crate) mod fuzz;
pub(crate) mod inspect;
pub(crate) mod knock;
pub(crate) mod learn;
pub(crate) mod manual;
pub(crate) mod run;
pub(crate) mod run_in_guest;
pub(crate) mod status;
pub(crate) mod unload;
pub(crate) mod verify;
