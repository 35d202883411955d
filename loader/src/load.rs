//! Loading programs: what the kernel answers, its error number and its log.
//!
//! What the answer amounts to is for others to say: this module tells no more than whether the kernel's verifier has
//! looked at the program.

use std::num::NonZeroUsize;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use knockwright_asm::linux::errno;
use knockwright_asm::{Endian, MapDef, Program};
use knockwright_btf::{KernelRecords, MapTypes};

use crate::code::{ProgramError, check_map_names, check_records, put_map_fds, usual_attach_type};
use crate::errno::Errno;
use crate::map::{Map, MapError};
use crate::map_cache::{MapCache, Types};
use crate::privilege::lift_memlock;
use crate::sys::{
    BtfRefused, LOG_STATS, LogBuffer, MAX_LOG_BYTES, ProgInfo, ProgLoad, ProgRefused, SysError, TestRun,
    TestRunResult, btf_load, prog_info, prog_load, prog_test_run,
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

    /// Its number.
    pub const fn number(self) -> u32 {
        self as u32
    }
}

/// What is loaded, and how.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Load<'a> {
    /// The program. Its maps stand in the code by index, which loading replaces by file descriptors.
    pub program: &'a Program,
    /// BTF with function and line records.
    pub btf: Option<&'a KernelRecords>,
    /// Program flags, `BPF_F_*`.
    pub flags: u32,
    /// `enum bpf_attach_type`, for program types that want one at load time. None takes a usual one of the program type.
    pub attach_type: Option<u32>,
    /// The types of the maps, in their order, by their numbers in the BTF; maps beyond the last have none.
    pub map_types: &'a [Option<MapTypes>],
    /// What the program is for, by its number in the kernel's BTF.
    pub target: Option<u32>,
    /// How much of the log is wanted.
    pub log_level: LogLevel,
    /// Whether the log also has the time and the stack depth. Alone, without paths, they cost the kernel next to nothing,
    /// and tell how many instructions it walked.
    pub statistics: bool,
}

impl<'a> Load<'a> {
    /// A load without BTF and flags, with the whole log.
    pub const fn new(program: &'a Program) -> Self {
        Self {
            program,
            btf: None,
            flags: 0,
            attach_type: None,
            map_types: &[],
            target: None,
            log_level: LogLevel::EveryPath,
            statistics: false,
        }
    }

    /// The same with another log.
    #[must_use]
    pub const fn at_level(self, log_level: LogLevel) -> Self {
        Self { log_level, ..self }
    }

    /// The same with program flags, `BPF_F_*`.
    #[must_use]
    pub const fn with_flags(self, flags: u32) -> Self {
        Self { flags, ..self }
    }

    /// The same with the statistics that the verifier writes at the end, whatever the log.
    #[must_use]
    pub const fn with_statistics(self) -> Self {
        Self { statistics: true, ..self }
    }

    /// The same with BTF.
    #[must_use]
    pub const fn with_btf(self, btf: &'a KernelRecords) -> Self {
        Self { btf: Some(btf), ..self }
    }

    const fn wish(&self) -> Wish {
        Wish { level: self.log_level, statistics: self.statistics }
    }
}

/// What the kernel answered to a load that its verifier judged.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The error number of a program that isn't accepted.
    pub errno: Option<Errno>,
    /// The log, as the kernel wrote it. At level 0 the statistics, where they are wanted.
    pub log: String,
    /// The level that the log really has.
    pub log_level: LogLevel,
    /// Whether the log didn't fit the largest buffer (16 MiB): its beginning is missing, or its level is lower than asked for.
    pub log_cut: bool,
    /// How many instructions the verifier walked, by the program's own account: of an accepted one without a log.
    pub verified_insns: Option<u64>,
}

impl Answer {
    /// Whether the program is accepted.
    pub const fn is_accepted(&self) -> bool {
        self.errno.is_none()
    }
}

/// A load that says nothing about the program: the input is bad or the kernel couldn't try it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
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

impl LoadError {
    /// The error number of the system call that failed, if one did.
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
    /// What each of them was made from.
    definitions: Vec<MapDef>,
}

impl Loaded {
    /// The map of the program's definition with that name.
    pub fn map(&self, name: &str) -> Option<&Map> {
        let at = self.definitions.iter().position(|known| known.name == name)?;
        self.maps.get(at).map(AsRef::as_ref)
    }

    /// The map that a definition of the same name made.
    fn shared_map(&self, wanted: &MapDef) -> Option<Result<Arc<Map>, ProgramError>> {
        let at = self.definitions.iter().position(|known| known.name == wanted.name)?;
        let differs = || ProgramError::MapDiffers { name: wanted.name.clone() };
        let map = self.maps.get(at).filter(|_| self.definitions[at] == *wanted);
        Some(map.map(Arc::clone).ok_or_else(differs))
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

/// By how much the buffer grows where the kernel doesn't name a size.
const LOG_GROWTH: usize = 16;

/// How many maps of earlier programs are kept for later ones that define the same.
const CACHED_MAPS: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not 0");

/// Loads programs. Keeps its log buffer and the maps of earlier programs, so that many go fast.
#[derive(Debug)]
pub struct Loader {
    /// How often a program was loaded.
    loads: u64,
    log: LogBuffer,
    cache: MapCache,
    /// The BTF of the last program: programs of one object have the same.
    btf: Option<LoadedBtf>,
    /// How often BTF was loaded.
    btf_loads: u64,
}

/// BTF in the kernel.
#[derive(Debug)]
struct LoadedBtf {
    bytes: Vec<u8>,
    fd: Arc<OwnedFd>,
    /// Which one of this loader's it is.
    number: u64,
}

impl Default for Loader {
    fn default() -> Self {
        Self::new()
    }
}

impl Loader {
    /// A loader. On kernels before 5.11 it lifts `RLIMIT_MEMLOCK`, which maps count against there.
    pub fn new() -> Self {
        lift_memlock();
        let (log, cache) = (LogBuffer::new(FIRST_LOG_BYTES), MapCache::new(CACHED_MAPS));
        Self { loads: 0, log, cache, btf: None, btf_loads: 0 }
    }

    /// How often the kernel was asked to load a program: large logs take more than one.
    pub fn loads(&self) -> u64 {
        self.loads
    }

    /// Loads a program and lets go of it. Its maps may be those of an earlier one.
    ///
    /// # Errors
    /// [`LoadError`] if the kernel's verifier didn't judge it.
    pub fn try_load(&mut self, load: &Load<'_>) -> Result<Answer, LoadError> {
        check(load)?;
        let btf = self.btf(load)?;
        let maps = self.cached_maps(load, btf.as_ref())?;
        let prepared = prepare(load, &maps, btf)?;
        self.with_whole_log(&prepared, load.wish()).map(|(answer, _)| answer)
    }

    /// What [`try_load`](Self::try_load) answers, by as few loads as can be: one of an accepted program, which has only
    /// statistics to write. One that isn't accepted is loaded again for its log, of which only the end may come:
    /// `is_enough` tells of the text that there is room for whether it will do.
    ///
    /// # Errors
    /// [`LoadError`] if the kernel's verifier didn't judge it.
    pub fn try_briefly(
        &mut self,
        load: &Load<'_>,
        is_enough: impl Fn(&str) -> bool,
    ) -> Result<Answer, LoadError> {
        check(load)?;
        let btf = self.btf(load)?;
        let maps = self.cached_maps(load, btf.as_ref())?;
        let prepared = prepare(load, &maps, btf)?;
        match self.with_whole_log(&prepared, Wish { level: LogLevel::None, statistics: true }) {
            Ok((Answer { errno: Some(errno), .. }, _)) => {
                if let Some(answer) = self.with_end_of_log(&prepared, load.log_level, errno, is_enough)? {
                    return Ok(answer);
                }
            }
            Ok((accepted, _)) => return Ok(accepted),
            // Only the text tells whether the verifier gave up or the kernel lacks memory.
            Err(LoadError::GaveUp(error)) if error.errno.0 == errno::ENOMEM => {}
            Err(error) => return Err(error),
        }
        self.with_whole_log(&prepared, Wish { level: load.log_level, statistics: false })
            .map(|(answer, _)| answer)
    }

    /// Loads a program with maps of its own and keeps it, for test runs.
    ///
    /// # Errors
    /// [`LoadError`] if the kernel's verifier didn't judge it.
    pub fn load(&mut self, load: &Load<'_>) -> Result<(Answer, Option<Loaded>), LoadError> {
        self.load_sharing(load, &[])
    }

    /// The same with the maps of programs that were loaded before, where they have some of the same name: what an object with
    /// several programs does, and programs that tail-call each other.
    ///
    /// # Errors
    /// As [`Loader::load`].
    pub fn load_sharing(
        &mut self,
        load: &Load<'_>,
        others: &[Loaded],
    ) -> Result<(Answer, Option<Loaded>), LoadError> {
        let definitions = &load.program.maps;
        check_map_names(definitions)?;
        check(load)?;
        let btf = self.btf(load)?;
        let typed = typed_maps(load, btf.as_ref());
        let maps = typed.map(|(def, types)| -> Result<Arc<Map>, LoadError> {
            match others.iter().find_map(|other| other.shared_map(def)) {
                Some(shared) => Ok(shared?),
                None => Ok(Arc::new(Map::create_typed(def, types.map(Types::parts))?)),
            }
        });
        let maps = maps.collect::<Result<Vec<_>, _>>()?;
        let prepared = prepare(load, &maps, btf)?;
        let (answer, fd) = self.with_whole_log(&prepared, load.wish())?;
        Ok((answer, fd.map(|fd| Loaded { fd, maps, definitions: definitions.clone() })))
    }

    /// The BTF of a load in the kernel; `None` if it has none.
    fn btf(&mut self, load: &Load<'_>) -> Result<Option<Btf>, LoadError> {
        let Some(records) = load.btf else { return Ok(None) };
        let known = self.btf.take().filter(|known| known.bytes == records.btf);
        let btf = match known {
            Some(known) => known,
            None => {
                let fd = Arc::new(btf_load(&records.btf)?);
                self.btf_loads += 1;
                LoadedBtf { bytes: records.btf.clone(), fd, number: self.btf_loads }
            }
        };
        let found = Btf { fd: Arc::clone(&btf.fd), number: btf.number };
        self.btf = Some(btf);
        Ok(Some(found))
    }

    /// Maps as the program defines them, each another one.
    fn cached_maps(&mut self, load: &Load<'_>, btf: Option<&Btf>) -> Result<Vec<Arc<Map>>, LoadError> {
        let mut maps: Vec<Arc<Map>> = Vec::with_capacity(load.program.maps.len());
        for (def, types) in typed_maps(load, btf) {
            let mut map = self.cache.get(def, types)?;
            if maps.iter().any(|other| Arc::ptr_eq(other, &map)) {
                map = Arc::new(Map::create_typed(def, types.map(Types::parts))?);
            }
            maps.push(map);
        }
        Ok(maps)
    }

    /// Loads with a log of which the end fits the buffer as it is. None if that isn't enough, or if the kernel hides too
    /// much of it. `errno` is what the kernel says of the program.
    fn with_end_of_log(
        &mut self,
        prepared: &Prepared<'_>,
        level: LogLevel,
        errno: Errno,
        is_enough: impl Fn(&str) -> bool,
    ) -> Result<Option<Answer>, LoadError> {
        self.loads += 1;
        let result = prog_load(&prepared.at(level.number()), &mut self.log).map_err(|refused| refused.error);
        let text = self.log.text();
        match result {
            Err(error) if error.errno.0 != errno::ENOSPC => {
                conclude(Err(error), Log { text, level, cut: false }).map(|(answer, _)| Some(answer))
            }
            // The buffer holds the log's end, and ENOSPC hides the verdict, which is known.
            Err(error) if is_enough(&text) => {
                let known = SysError { errno, ..error };
                conclude(Err(known), Log { text, level, cut: true }).map(|(answer, _)| Some(answer))
            }
            _ => Ok(None),
        }
    }

    fn with_whole_log(
        &mut self,
        prepared: &Prepared<'_>,
        wish: Wish,
    ) -> Result<(Answer, Option<OwnedFd>), LoadError> {
        let mut level = wish.level;
        loop {
            let bits = level.number() | if wish.statistics { LOG_STATS } else { 0 };
            let load = prepared.at(bits);
            let result = load_with_room(&load, &mut self.log, &mut self.loads);
            let text = if bits == 0 { String::new() } else { self.log.text() };
            let overflow =
                result.as_ref().err().filter(|refused| refused.error.errno.0 == errno::ENOSPC).copied();
            let result = result.map_err(|refused| refused.error);
            let Some(overflow) = overflow.filter(|_| level != LogLevel::None) else {
                return conclude(result, Log { text, level, cut: level != wish.level });
            };
            // The log doesn't fit the largest buffer, and its ENOSPC hides the verdict. Kernels since 6.4 keep the log's
            // end, so that only the verdict is missing, and say how long it is; older ones keep its beginning, and a lower
            // level writes less.
            if overflow.log_true_size.is_some() {
                let result = load_with_room(&prepared.at(0), &mut self.log, &mut self.loads);
                let result = result.map_err(|refused| refused.error);
                return conclude(result, Log { text, level, cut: true });
            }
            level = if level == LogLevel::EveryPath { LogLevel::FailingPath } else { LogLevel::None };
        }
    }
}

/// BTF in the kernel, and which one of a loader's it is.
struct Btf {
    fd: Arc<OwnedFd>,
    number: u64,
}

/// The maps of a load with their types.
fn typed_maps<'a>(
    load: &Load<'a>,
    btf: Option<&'a Btf>,
) -> impl Iterator<Item = (&'a MapDef, Option<Types<'a>>)> {
    let types = load.map_types.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    load.program.maps.iter().zip(types).map(move |(def, types)| {
        let types =
            btf.zip(types).map(|(btf, types)| Types { btf: btf.fd.as_fd(), number: btf.number, types });
        (def, types)
    })
}

/// Refuses what can't be given to any kernel.
fn check(load: &Load<'_>) -> Result<(), ProgramError> {
    if let Some(at) = load.program.license.find('\0') {
        return Err(ProgramError::LicenseNul { at });
    }
    check_records(load.btf)
}

/// Puts the descriptors of the maps into the code.
fn prepare<'a>(load: &Load<'a>, maps: &[Arc<Map>], btf: Option<Btf>) -> Result<Prepared<'a>, LoadError> {
    let fds: Vec<BorrowedFd<'_>> = maps.iter().map(|map| map.as_fd()).collect();
    let mut code = load.program.bytes(Endian::NATIVE);
    put_map_fds(&mut code, &fds)?;
    Ok(Prepared { load: *load, code, btf: btf.map(|btf| btf.fd) })
}

/// A program as the kernel takes it.
struct Prepared<'a> {
    load: Load<'a>,
    code: Vec<u8>,
    btf: Option<Arc<OwnedFd>>,
}

impl Prepared<'_> {
    /// The load with bits of `BPF_LOG_LEVEL`.
    fn at(&self, log_level: u32) -> ProgLoad<'_> {
        let Load { program, btf, flags, attach_type, target, .. } = self.load;
        let no_records: &[u8] = &[];
        let (func_info, line_info) =
            btf.map_or((no_records, no_records), |records| (&records.func_info, &records.line_info));
        ProgLoad {
            prog_type: program.prog_type.number(),
            insns: &self.code,
            license: &program.license,
            name: &program.name,
            flags,
            log_level,
            expected_attach_type: attach_type.unwrap_or_else(|| usual_attach_type(program.prog_type)),
            attach_btf_id: target.unwrap_or(0),
            btf: self.btf.as_deref().map(AsFd::as_fd),
            func_info,
            line_info,
        }
    }
}

/// Loads, counting it; where the log doesn't fit, makes room and loads again.
fn load_with_room(load: &ProgLoad<'_>, log: &mut LogBuffer, loads: &mut u64) -> Result<OwnedFd, ProgRefused> {
    loop {
        *loads += 1;
        let refused = match prog_load(load, log) {
            Ok(fd) => return Ok(fd),
            Err(refused) => refused,
        };
        if load.log_level == 0 || refused.error.errno.0 != errno::ENOSPC || log.size() == MAX_LOG_BYTES {
            return Err(refused);
        }
        let wanted = match refused.log_true_size {
            Some(size) => size as usize + LOG_SLACK,
            // Kernels before 6.4 don't say how much they want.
            None => log.size() * LOG_GROWTH,
        };
        log.grow(wanted.max(log.size() + LOG_SLACK));
    }
}

/// Which log a load is to write.
#[derive(Clone, Copy)]
struct Wish {
    level: LogLevel,
    statistics: bool,
}

/// The log that a load wrote.
struct Log {
    text: String,
    level: LogLevel,
    /// As [`Answer::log_cut`].
    cut: bool,
}

/// Tells the verifier's answers from other failures.
fn conclude(result: Result<OwnedFd, SysError>, log: Log) -> Result<(Answer, Option<OwnedFd>), LoadError> {
    let Log { text: log, level: log_level, cut: log_cut } = log;
    if let Err(error) = &result
        && let Some(failure) = failure(*error, &log, log_level)
    {
        return Err(failure);
    }
    let verified_insns = match &result {
        Ok(fd) if log.is_empty() => {
            let info = prog_info(fd.as_fd()).ok();
            info.and_then(|info| info.verified_insns).map(u64::from)
        }
        _ => None,
    };
    let errno = result.as_ref().err().map(|error| error.errno);
    Ok((Answer { errno, log, log_level, log_cut, verified_insns }, result.ok()))
}

/// The end of what the verifier says when more branches wait than it remembers.
const TOO_MANY_BRANCHES: &str = " jumps is too complex.\n";

/// The cause of a failed load, unless the verifier judged the program.
///
/// The verifier has spoken if there's a log. Programs of no or of too many instructions are refused with `E2BIG` before a
/// log is begun (`kernel/bpf/syscall.c`, `bpf_prog_load`), which is a verdict on the program too.
fn failure(error: SysError, log: &str, level: LogLevel) -> Option<LoadError> {
    match error.errno.0 {
        // Where too many branches wait, some kernels speak of memory.
        errno::ENOMEM if log.contains(TOO_MANY_BRANCHES) => None,
        errno::ENOMEM | errno::EAGAIN | errno::EINTR | errno::ENOSPC | errno::EMFILE | errno::ENFILE => {
            Some(LoadError::GaveUp(error))
        }
        errno::E2BIG => None,
        _ if !log.is_empty() => None,
        errno::EPERM => Some(LoadError::NotPermitted(error)),
        errno::EACCES | errno::EINVAL | errno::EFAULT if level == LogLevel::None => None,
        _ => Some(LoadError::BeforeVerifier(error)),
    }
}
