//! What Linux is to BPF programs, by version, as data: look-ups, no logic, no system calls.
//!
//! Every question about the kernel's interface has its answer here once: the assembler names helpers with it, the
//! verifiers ask it who may call them, the explainer since when.
//!
//! ```
//! use knockwright_linux::{Helper, ProgType};
//!
//! assert_eq!(Helper::from_number(1), Some(Helper::MapLookupElem));
//! assert_eq!("xdp".parse(), Ok(ProgType::Xdp));
//! ```

pub mod errno;
pub mod helper;
mod map_types;
mod prog_types;
pub mod uapi;
mod version;

pub use helper::{Helper, HelperId};
pub use map_types::MapTypes;
pub use prog_types::ProgTypes;
pub use uapi::{MapType, ProgType, UnknownName};
pub use version::{KernelVersion, NoVersion};
