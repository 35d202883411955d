//! The running kernel's verifier as an engine: a program in, a verdict with the log out.

use std::num::NonZeroUsize;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use knockwright_asm::MapDef;
use knockwright_asm::linux::errno;

use crate::errno::Errno;
use crate::log_tail::LogTail;
use crate::map::{Map, MapError};
use crate::map_cache::MapCache;
use crate::privilege::lift_memlock;
use crate::raw_program::{ProgramError, RawProgram, check_map_names};
use crate::sys::{
    BtfRefused, LogBuffer, MAX_LOG_BYTES, ProgInfo, ProgLoad, SysError, TestRun, TestRunResult, btf_load,
    prog_info, prog_load, prog_test_run,
};

/// How much the verifier writes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LogLevel {
    /// Nothing.
    None,
    /// The path that failed; for an accepted program only the summary.
    FailingPath,
    /// Every path, instruction by instruction.
    #[default]
    EveryPath,
}

impl LogLevel {
    /// The level of a number of the command line, 0 to 2.
    pub fn from_number(level: u32) -> Option<Self> {
        [Self::None, Self::FailingPath, Self::EveryPath].get(level as usize).copied()
    }

    fn number(self) -> u32 {
        self as u32
    }
}

/// `BPF_LOG_STATS`.
const LOG_STATS: u32 = 4;

/// How a program is to be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoadOptions {
    /// How much of the log is wanted. [`LoadOptions::default`] wants every path.
    pub log_level: LogLevel,
    /// Whether the log also has the time and the stack depth. Alone, without paths, they cost the kernel next to nothing,
    /// and tell how many instructions it walked.
    pub statistics: bool,
    /// Program flags, `BPF_F_*`, besides those of the program.
    pub flags: u32,
}

/// Whether the verifier took the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did.
    Accept,
    /// It did not, for the reason in the log.
    Reject,
}

/// What the verifier said of a program.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Accepted or rejected.
    pub outcome: Outcome,
    /// The error number of a rejection.
    pub errno: Option<Errno>,
    /// The log, as the kernel wrote it.
    pub log: String,
    /// The level that the log really has.
    pub log_level: LogLevel,
    /// Whether the log didn't fit the largest buffer (16 MiB): its beginning is missing, or its level is lower than asked for.
    pub log_cut: bool,
    /// How many instructions the verifier walked: from the log, or from the program where there is none.
    pub processed: Option<u64>,
    /// The slot of the last instruction of the log; only for a rejection.
    pub insn: Option<usize>,
    /// The last line of the log before its statistics; only for a rejection, else empty.
    pub message: String,
}

/// A load that says nothing about the program: the input is bad or the kernel couldn't try it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KernelError {
    /// The program can't be given to the kernel.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// A map wasn't created.
    #[error(transparent)]
    Map(#[from] MapError),
    /// The kernel refused the BTF.
    #[error("the program's BTF is refused: {0}")]
    Btf(#[from] BtfRefused),
    /// The privileges are missing.
    #[error(
        "loading programs is not permitted here ({0}): run as root, or with CAP_BPF and CAP_NET_ADMIN (and CAP_PERFMON \
         for the full log)"
    )]
    NotPermitted(SysError),
    /// The kernel refused before its verifier looked at the program.
    #[error(
        "the kernel refused the load before verifying: {0}; check the program type, its flags and attach type"
    )]
    BeforeVerifier(SysError),
    /// The kernel gave up for lack of something.
    #[error("the kernel could not verify: {0}")]
    GaveUp(SysError),
}

impl KernelError {
    /// The error number behind it, if a system call failed.
    pub fn errno(&self) -> Option<Errno> {
        match self {
            Self::Program(_) => None,
            Self::Map(error) => error.errno(),
            Self::Btf(refused) => Some(refused.error.errno),
            Self::NotPermitted(error) | Self::BeforeVerifier(error) | Self::GaveUp(error) => {
                Some(error.errno)
            }
        }
    }

    /// Whether more privileges would help.
    pub fn is_not_permitted(&self) -> bool {
        self.errno().is_some_and(|errno| errno.0 == errno::EPERM)
    }
}

/// A program in the kernel together with its maps.
#[derive(Debug)]
pub struct Loaded {
    fd: OwnedFd,
    maps: Vec<Arc<Map>>,
    names: Vec<String>,
}

impl Loaded {
    /// The map of the program's definition with that name.
    pub fn map(&self, name: &str) -> Option<&Map> {
        let at = self.names.iter().position(|known| known == name)?;
        self.maps.get(at).map(AsRef::as_ref)
    }

    /// Runs the program on the bytes given.
    ///
    /// # Errors
    /// As [`prog_test_run`].
    pub fn test_run(&self, run: &TestRun) -> Result<TestRunResult, SysError> {
        prog_test_run(self.fd.as_fd(), run)
    }

    /// What the kernel says of it.
    ///
    /// # Errors
    /// As [`prog_info`].
    pub fn info(&self) -> Result<ProgInfo, SysError> {
        prog_info(self.fd.as_fd())
    }
}

impl AsFd for Loaded {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// The first size of the log buffer: enough for small programs, and cheap.
const FIRST_LOG_BYTES: usize = 64 * 1024;

/// How much the buffer exceeds the size that the kernel names: a second run's numbers (time, addresses) may be longer.
const LOG_SLACK: usize = 4096;

/// How many maps of earlier programs are kept for later ones that define the same.
const CACHED_MAPS: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not 0");

/// The running kernel's verifier. Keeps its log buffer and the maps of earlier programs, so that a batch goes fast.
#[derive(Debug)]
pub struct KernelVerifier {
    /// How often a program was loaded.
    loads: u64,
    log: LogBuffer,
    code: Vec<u8>,
    cache: MapCache,
}

impl Default for KernelVerifier {
    fn default() -> Self {
        Self::new()
    }
}

impl KernelVerifier {
    /// An engine on the running kernel. On kernels before 5.11 it lifts `RLIMIT_MEMLOCK`, which maps count against there.
    pub fn new() -> Self {
        lift_memlock();
        Self {
            loads: 0,
            log: LogBuffer::new(FIRST_LOG_BYTES),
            code: Vec::new(),
            cache: MapCache::new(CACHED_MAPS),
        }
    }

    /// How often the kernel was asked to load a program: large logs take more than one.
    pub fn loads(&self) -> u64 {
        self.loads
    }

    /// The verdict on a program. The program isn't kept, and its maps may be those of an earlier one.
    ///
    /// # Errors
    /// [`KernelError`] if the kernel's verifier didn't come to a verdict.
    pub fn verify(&mut self, program: &RawProgram, options: &LoadOptions) -> Result<Verdict, KernelError> {
        let maps = self.cached_maps(program)?;
        let (verdict, _) = self.load_with(program, &maps, options, Room::Whole)?;
        Ok(verdict)
    }

    /// Maps as the program defines them, each another one.
    fn cached_maps(&mut self, program: &RawProgram) -> Result<Vec<Arc<Map>>, KernelError> {
        let mut maps: Vec<Arc<Map>> = Vec::with_capacity(program.maps.len());
        for def in &program.maps {
            let mut map = self.cache.get(def)?;
            if maps.iter().any(|other| Arc::ptr_eq(other, &map)) {
                map = Arc::new(Map::create(def)?);
            }
            maps.push(map);
        }
        Ok(maps)
    }

    /// The verdict on a program without the text of a log, by as few loads as can be: one of an accepted program, which
    /// has only statistics to write. One that is rejected is loaded again for the path that failed, which ends with the
    /// message and its instruction.
    ///
    /// # Errors
    /// [`KernelError`] if the kernel's verifier didn't come to a verdict.
    pub fn verdict(&mut self, program: &RawProgram, flags: u32) -> Result<Verdict, KernelError> {
        let maps = self.cached_maps(program)?;
        let statistics = LoadOptions { log_level: LogLevel::None, statistics: true, flags };
        let room = match self.load_with(program, &maps, &statistics, Room::Whole) {
            Ok((Verdict { errno: Some(errno), .. }, _)) => Room::End(errno),
            Ok((accepted, _)) => return Ok(accepted),
            // Only the text tells whether the verifier gave up or the kernel lacks memory.
            Err(KernelError::GaveUp(error)) if error.errno.0 == errno::ENOMEM => Room::Whole,
            Err(error) => return Err(error),
        };
        let every_path = LoadOptions { flags, ..LoadOptions::default() };
        let (full, _) = self.load_with(program, &maps, &every_path, room)?;
        Ok(Verdict { log: String::new(), log_level: LogLevel::None, log_cut: false, ..full })
    }

    /// Loads a program with maps of its own and keeps it, for test runs.
    ///
    /// # Errors
    /// [`KernelError`] if the kernel's verifier didn't come to a verdict.
    pub fn load(
        &mut self,
        program: &RawProgram,
        options: &LoadOptions,
    ) -> Result<(Verdict, Option<Loaded>), KernelError> {
        check_map_names(&program.maps)?;
        let maps = program
            .maps
            .iter()
            .map(|def: &MapDef| Map::create(def).map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        let (verdict, fd) = self.load_with(program, &maps, options, Room::Whole)?;
        let names = program.maps.iter().map(|map| map.name.clone()).collect();
        Ok((verdict, fd.map(|fd| Loaded { fd, maps, names })))
    }

    fn load_with(
        &mut self,
        program: &RawProgram,
        maps: &[Arc<Map>],
        options: &LoadOptions,
        room: Room,
    ) -> Result<(Verdict, Option<OwnedFd>), KernelError> {
        program.check()?;
        let fds: Vec<BorrowedFd<'_>> = maps.iter().map(|map| map.as_fd()).collect();
        program.with_map_fds(&fds, &mut self.code)?;
        let btf = match &program.btf {
            Some(blobs) => Some(btf_load(&blobs.btf)?),
            None => None,
        };
        let no_records: &[u8] = &[];
        let (func_info, line_info) = program
            .btf
            .as_ref()
            .map_or((no_records, no_records), |blobs| (&blobs.func_info, &blobs.line_info));
        let mut load = ProgLoad {
            prog_type: program.prog_type.number(),
            insns: &self.code,
            license: &program.license,
            name: &program.name,
            flags: program.flags | options.flags,
            log_level: 0,
            expected_attach_type: program.attach_type(),
            btf: btf.as_ref().map(AsFd::as_fd),
            func_info,
            line_info,
        };
        let mut level = options.log_level;
        loop {
            load.log_level = level.number() | if options.statistics { LOG_STATS } else { 0 };
            if let Room::End(errno) = room {
                self.loads += 1;
                let result = prog_load(&load, &mut self.log).map_err(|refused| refused.error);
                let log = self.log.text();
                let tail = LogTail::read(&log);
                match result {
                    Err(error) if error.errno.0 != errno::ENOSPC => {
                        return conclude(Err(error), log, level, false);
                    }
                    // The buffer holds the log's end, and ENOSPC hides the verdict, which is known.
                    Err(error) if tail.processed.is_some() && tail.insn.is_some() => {
                        return conclude(Err(SysError { errno, ..error }), log, level, true);
                    }
                    _ => {}
                }
            }
            let result = load_with_room(&load, &mut self.log, &mut self.loads);
            let log = if load.log_level == 0 { String::new() } else { self.log.text() };
            if level == LogLevel::None || !log_overflowed(&result) {
                return conclude(result, log, level, level != options.log_level);
            }
            // The log doesn't fit the largest buffer, and its ENOSPC hides the verdict. Kernels since 6.4 keep the log's
            // end, so that only the verdict is missing; older ones keep its beginning, and a lower level writes less.
            if LogTail::read(&log).processed.is_some() {
                load.log_level = 0;
                return conclude(load_with_room(&load, &mut self.log, &mut self.loads), log, level, true);
            }
            level = if level == LogLevel::EveryPath { LogLevel::FailingPath } else { LogLevel::None };
        }
    }
}

fn log_overflowed(result: &Result<OwnedFd, SysError>) -> bool {
    result.as_ref().is_err_and(|error| error.errno.0 == errno::ENOSPC)
}

/// How much of a log there must be room for.
#[derive(Debug, Clone, Copy)]
enum Room {
    /// All of it.
    Whole,
    /// Its end, where the message stands, of a program that is rejected with this error number.
    End(Errno),
}

/// Loads, counting it; where the log doesn't fit, makes room and loads again.
fn load_with_room(load: &ProgLoad<'_>, log: &mut LogBuffer, loads: &mut u64) -> Result<OwnedFd, SysError> {
    loop {
        *loads += 1;
        let refused = match prog_load(load, log) {
            Ok(fd) => return Ok(fd),
            Err(refused) => refused,
        };
        if load.log_level == 0 || refused.error.errno.0 != errno::ENOSPC || log.size() == MAX_LOG_BYTES {
            return Err(refused.error);
        }
        let wanted = match refused.log_true_size as usize {
            // Kernels before 6.4 don't say how much they want.
            0 => log.size() * 16,
            size => size + LOG_SLACK,
        };
        log.grow(wanted.max(log.size() + LOG_SLACK));
    }
}

/// Tells the verifier's verdicts from other failures.
fn conclude(
    result: Result<OwnedFd, SysError>,
    log: String,
    log_level: LogLevel,
    log_cut: bool,
) -> Result<(Verdict, Option<OwnedFd>), KernelError> {
    let tail = LogTail::read(&log);
    if let Err(error) = &result
        && let Some(failure) = failure(*error, &log, log_level)
    {
        return Err(failure);
    }
    let log = if log_level == LogLevel::None { String::new() } else { log };
    match result {
        Ok(fd) => {
            let processed = match tail.processed {
                Some(processed) => Some(processed),
                None => prog_info(fd.as_fd())
                    .ok()
                    .map(|info| u64::from(info.verified_insns))
                    .filter(|&insns| insns != 0),
            };
            let verdict = Verdict {
                outcome: Outcome::Accept,
                errno: None,
                log,
                log_level,
                log_cut,
                processed,
                insn: None,
                message: String::new(),
            };
            Ok((verdict, Some(fd)))
        }
        Err(error) => {
            let verdict = Verdict {
                outcome: Outcome::Reject,
                errno: Some(error.errno),
                log,
                log_level,
                log_cut,
                processed: tail.processed,
                insn: tail.insn,
                message: tail.message,
            };
            Ok((verdict, None))
        }
    }
}

/// The end of what the verifier says when more branches wait than it remembers.
const TOO_MANY_BRANCHES: &str = " jumps is too complex.\n";

/// The cause of a failed load, unless it's a rejection by the verifier.
///
/// The verifier has spoken if there's a log. Programs of no or of too many instructions are refused with `E2BIG` before a
/// log is begun (`kernel/bpf/syscall.c`, `bpf_prog_load`), which is a verdict on the program too.
fn failure(error: SysError, log: &str, level: LogLevel) -> Option<KernelError> {
    match error.errno.0 {
        // Where too many branches wait, some kernels speak of memory.
        errno::ENOMEM if log.contains(TOO_MANY_BRANCHES) => None,
        errno::ENOMEM | errno::EAGAIN | errno::EINTR | errno::ENOSPC | errno::EMFILE | errno::ENFILE => {
            Some(KernelError::GaveUp(error))
        }
        errno::E2BIG => None,
        _ if !log.is_empty() => None,
        errno::EPERM => Some(KernelError::NotPermitted(error)),
        errno::EACCES | errno::EINVAL | errno::EFAULT if level == LogLevel::None => None,
        _ => Some(KernelError::BeforeVerifier(error)),
    }
}
