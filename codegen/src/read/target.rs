//! What programs are for in the kernel, by the names that sections give: functions, hooks, tracepoints and iterators.

use knockwright_asm::linux::AttachType;

use super::error::ReadError;
use crate::btf::{KernelTypes, Kind, TypeId};

/// How a target is called in a kernel's types: what stands before its name, and whether it's the name of a type or a function.
///
/// Source: `include/linux/btf_ids.h` and `tools/lib/bpf` of the kernel; the names are made by macros of `trace_events`, `bpf_lsm`
/// and `DEFINE_BPF_ITER_FUNC`.
enum Called {
    Typedef(&'static str),
    Function(&'static str),
}

impl Called {
    /// `None` for programs that are for something else than a name of the kernel's.
    fn of(attach: AttachType) -> Option<Self> {
        Some(match attach {
            AttachType::TraceRawTp => Self::Typedef("btf_trace_"),
            AttachType::LsmMac | AttachType::LsmCgroup => Self::Function("bpf_lsm_"),
            AttachType::TraceIter => Self::Function("bpf_iter_"),
            AttachType::TraceFentry
            | AttachType::TraceFexit
            | AttachType::TraceFsession
            | AttachType::ModifyReturn => Self::Function(""),
            _ => return None,
        })
    }
}

/// The number of a target in the types of a kernel; `None` where it can't be told by them.
///
/// # Errors
/// [`ReadError::NoTarget`] if the kernel has none of the name: then no loader takes the program.
pub(super) fn find(attach: AttachType, name: &str, kernel: &KernelTypes) -> Result<Option<u32>, ReadError> {
    let Some(called) = Called::of(attach) else { return Ok(None) };
    let (found, may_be_a_modules) = match called {
        Called::Typedef(before) => {
            let name = format!("{before}{name}");
            let typedef = Kind::Typedef { name: name.clone(), to: TypeId::VOID };
            (kernel.typedef(&name), kernel.may_be_in_a_module(&typedef))
        }
        Called::Function(before) => {
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
