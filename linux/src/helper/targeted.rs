//! Which helpers programs call that are for a function, hook, trace point or iterator of the kernel: those of programs on raw
//! trace points, and more by how they are attached.
//!
//! Source: the answers of eleven kernels to a call of each number, which `tests/data/targeted.tsv` keeps.

use super::Helper;
use crate::{AttachType, ProgType};

/// What all have besides.
const EVERY: &[Helper] = &[
    Helper::GetSocketCookie,
    Helper::SkStorageGet,
    Helper::SkStorageDelete,
    Helper::SkbOutput,
    Helper::XdpOutput,
    Helper::SkcToTcp6Sock,
    Helper::SkcToTcpSock,
    Helper::SkcToTcpTimewaitSock,
    Helper::SkcToTcpRequestSock,
    Helper::SkcToUdp6Sock,
    Helper::DPath,
    Helper::SockFromFile,
    Helper::SkcToUnixSock,
    Helper::XdpGetBuffLen,
    Helper::SkcToMptcpSock,
];

/// What those have that are called with a function's arguments.
const FUNCTIONS: &[Helper] = &[Helper::GetFuncArg, Helper::GetFuncRet, Helper::GetFuncArgCnt];

/// What those of trace points have.
const TRACE_POINTS: &[Helper] = &[Helper::GetFuncArg, Helper::GetFuncArgCnt];

/// What those of iterators have.
const ITERATORS: &[Helper] = &[Helper::SeqPrintf, Helper::SeqWrite, Helper::SeqPrintfBtf];

/// What those of security hooks have.
const HOOKS: &[Helper] = &[
    Helper::GetFuncArg,
    Helper::GetFuncRet,
    Helper::GetFuncArgCnt,
    Helper::InodeStorageGet,
    Helper::InodeStorageDelete,
    Helper::BprmOptsSet,
    Helper::ImaInodeHash,
    Helper::ImaFileHash,
];

/// What programs on raw trace points have and those of iterators don't.
const NOT_OF_ITERATORS: &[Helper] = &[Helper::GetAttachCookie];

const fn has(helpers: &[Helper], helper: Helper) -> bool {
    let mut next = 0;
    while next < helpers.len() {
        if helpers[next] as i32 == helper as i32 {
            return true;
        }
        next += 1;
    }
    false
}

impl Helper {
    /// Whether some kernel gives it to programs for something of the kernel's that are attached so; `None` if kernels were never
    /// asked about those.
    ///
    /// It can be asked when a program is compiled. Some are given for a few functions or hooks only: the kernel says which.
    ///
    /// ```
    /// use knockwright_linux::{AttachType, Helper};
    ///
    /// assert_eq!(Helper::SeqWrite.is_given_to_target(AttachType::TraceIter), Some(true));
    /// assert_eq!(Helper::SeqWrite.is_given_to_target(AttachType::TraceFentry), Some(false));
    /// assert_eq!(Helper::SeqWrite.is_given_to_target(AttachType::Xdp), None);
    /// ```
    pub const fn is_given_to_target(self, attach: AttachType) -> Option<bool> {
        let (more, less): (&[Self], &[Self]) = match attach {
            AttachType::TraceFentry | AttachType::TraceFexit | AttachType::ModifyReturn => (FUNCTIONS, &[]),
            AttachType::TraceRawTp => (TRACE_POINTS, &[]),
            AttachType::TraceIter => (ITERATORS, NOT_OF_ITERATORS),
            AttachType::LsmMac => (HOOKS, &[]),
            _ => return None,
        };
        let of_raw = matches!(self.is_given_to(ProgType::RawTracepoint), Some(true));
        Some((of_raw && !has(less, self)) || has(EVERY, self) || has(more, self))
    }
}
