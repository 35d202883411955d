//! What programs are for in the kernel, as a user says it.

use std::convert::Infallible;
use std::str::FromStr;

/// What a program is for in the kernel: the function of `fentry`, the hook of `lsm`, the tracepoint of `tp_btf`, as
/// `bpf_program__set_attach_target` of libbpf takes it.
///
/// ```
/// use knockwright_codegen::read::AttachTo;
///
/// let Ok(all) = "do_unlinkat".parse::<AttachTo>();
/// assert_eq!((all.program, all.target.as_str()), (None, "do_unlinkat"));
/// let Ok(one) = "on_open=file_open".parse::<AttachTo>();
/// assert_eq!((one.program.as_deref(), one.target.as_str()), (Some("on_open"), "file_open"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachTo {
    /// The program, whatever its section's name says; none for all whose section's name says no target.
    pub program: Option<String>,
    /// The name of what it's for, as sections have it after their `/`.
    pub target: String,
}

impl FromStr for AttachTo {
    type Err = Infallible;

    /// Reads `TARGET` or `PROGRAM=TARGET`.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once('=') {
            Some((program, target)) => Self { program: Some(program.to_owned()), target: target.to_owned() },
            None => Self { program: None, target: text.to_owned() },
        })
    }
}
