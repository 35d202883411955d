//! What programs are for in the kernel, by the names that sections give: functions, hooks, tracepoints and iterators.

use knockwright_asm::linux::AttachType;
use knockwright_asm::linux::attach_type::TargetName;

use super::error::ReadError;
use crate::btf::{KernelTypes, Kind, TypeId};

/// The number of a target in the types of a kernel; `None` where it can't be told by them.
///
/// # Errors
/// [`ReadError::NoTarget`] if the kernel has none of the name: then no loader takes the program.
pub(super) fn find(attach: AttachType, name: &str, kernel: &KernelTypes) -> Result<Option<u32>, ReadError> {
    let Some(called) = attach.target_name() else { return Ok(None) };
    let (found, may_be_a_modules) = match called {
        TargetName::Typedef(before) => {
            let name = format!("{before}{name}");
            let typedef = Kind::Typedef { name: name.clone(), to: TypeId::VOID };
            (kernel.typedef(&name), kernel.may_be_in_a_module(&typedef))
        }
        TargetName::Function(before) => {
            let name = format!("{before}{name}");
            (kernel.function(&name), kernel.function_may_be_in_a_module(&name))
        }
    };
    match found {
        Some(id) => Ok(Some(id.0)),
        None if may_be_a_modules => Ok(None),
        None => Err(ReadError::NoTarget { target: name.to_owned() }),
    }
}
