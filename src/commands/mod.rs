//! The commands, one file each.

pub(crate) mod asm;
pub(crate) mod build;
pub(crate) mod demo;
pub(crate) mod disasm;
pub(crate) mod inspect;
pub(crate) mod manual;
pub(crate) mod verify;
