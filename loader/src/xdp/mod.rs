//! XDP programs from object files: load, fill the maps, attach, keep.
//!
//! ```no_run
//! use knockwright_loader::interface::Interface;
//! use knockwright_loader::xdp::{ModeChoice, XdpLoader};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let object = std::fs::read("knock.o")?;
//! let program = XdpLoader::new().load(&object, "knock")?;
//! program.array::<u64>("config")?.set(0, &30_000)?; // before any packet comes
//! let link = program.attach(&Interface::named("eth0")?, ModeChoice::Auto)?;
//! if let Some(fallback) = link.fallback() {
//!     eprintln!("attached, but generic: {fallback}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! aya parses and relocates the object, creates its maps and loads the program. Attaching is done here, with
//! `BPF_LINK_CREATE` alone: aya falls back to netlink without saying so, and such an attachment outlives a crash, can't be
//! pinned and can't be replaced without a gap.

mod link;

pub use link::{AttachError, Fallback, LinkStatus, ModeChoice, XdpLink};

use std::collections::BTreeMap;
use std::error::Error;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use aya::maps::Map as AyaMap;
use aya::programs::{ProgramError, Xdp};
use aya::{Ebpf, EbpfError, EbpfLoader};
use knockwright_asm::BpfType;
use knockwright_asm::linux::errno;
use knockwright_asm::text::log_tail::LogTail;

use crate::errno::Errno;
use crate::map::{Array, Hash, Map, MapError, PerCpuArray};
use crate::pin::{PinError, PinFolder, open_at};
use crate::privilege::lift_memlock;
use crate::ring_buffer::RingBuffer;
use crate::sys::{ProgInfo, SysError, TestRun, TestRunResult, prog_info, prog_test_run};

/// An object that can't be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The object isn't one that loaders take.
    #[error("the object can't be read: {0}")]
    Object(String),
    /// The object has no such program.
    #[error("the object has no program `{name}`; it has: {known}")]
    NoProgram {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// The program is of another type.
    #[error("the program `{name}` isn't an XDP program; its section must be called `xdp`")]
    NotXdp {
        /// The program's name.
        name: String,
    },
    /// The verifier rejected it.
    #[error("the kernel's verifier rejected `{name}` ({errno}): {}", LogTail::read(.log).message)]
    Rejected {
        /// The program's name.
        name: String,
        /// The kernel's error number.
        errno: Errno,
        /// The verifier's log of the failing path.
        log: String,
    },
    /// The privileges are missing.
    #[error(
        "loading is not permitted here ({0}); run as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"
    )]
    NotPermitted(Errno),
    /// The kernel loaded the program without its BTF: it refused the BTF, or the object has none.
    #[error(
        "the kernel loaded `{name}` without its BTF, so that its logs show no source lines and its maps no types; check \
         the object's .BTF section with `bpftool btf dump file`"
    )]
    NoBtf {
        /// The program's name.
        name: String,
    },
    /// A map couldn't be made or opened.
    #[error(transparent)]
    Map(#[from] MapError),
    /// A system call failed.
    #[error(transparent)]
    System(#[from] SysError),
}

/// Loads objects. It parses the kernel's BTF once (50 to 100 ms): keep it and use it again.
pub struct XdpLoader<'n> {
    loader: EbpfLoader<'n>,
}

impl std::fmt::Debug for XdpLoader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("XdpLoader").finish_non_exhaustive()
    }
}

impl Default for XdpLoader<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'n> XdpLoader<'n> {
    /// A loader. On kernels before 5.11 it lifts `RLIMIT_MEMLOCK`.
    pub fn new() -> Self {
        lift_memlock();
        Self { loader: EbpfLoader::new() }
    }

    /// From now on the maps of these names that are pinned in `folder` are used instead of new ones: a restarted service
    /// goes on with the state of the one before it. Names that aren't pinned there get new maps.
    ///
    /// Whether a pinned map still fits shows in the typed handles, which compare sizes, and in the verifier's verdict.
    ///
    /// # Errors
    /// [`PinError`] if `folder` can't be read.
    pub fn reuse(&mut self, folder: &PinFolder, names: &[&'n str]) -> Result<(), PinError> {
        let pinned = folder.names()?;
        for name in names {
            if pinned.iter().any(|pin| pin == name) {
                self.loader.map_pin_path(name, folder.pin_path(name)?);
            }
        }
        Ok(())
    }

    /// Loads one XDP program of an object, with all the object's maps.
    ///
    /// # Errors
    /// [`LoadError`]; a rejection carries the verifier's log.
    pub fn load(&mut self, object: &[u8], name: &str) -> Result<XdpProgram, LoadError> {
        // aya 0.14 reads the file's headers in place and indexes by its symbols' values without checking them.
        let aligned = Aligned::new(object);
        let result = catch_unwind(AssertUnwindSafe(|| {
            let mut object = self.loader.load(aligned.bytes()).map_err(|error| object_error(&error))?;
            load_program(&mut object, name)
        }));
        result.unwrap_or_else(|_| {
            self.loader = EbpfLoader::new();
            Err(LoadError::Object("its symbols or relocations point outside of their sections".to_owned()))
        })
    }
}

/// That of the numbers of 64 bits in an ELF header.
const ALIGNMENT: usize = align_of::<u64>();

/// Bytes at an address that is a multiple of [`ALIGNMENT`].
struct Aligned {
    bytes: Vec<u8>,
    start: usize,
    length: usize,
}

impl Aligned {
    fn new(from: &[u8]) -> Self {
        let mut bytes = vec![0; from.len() + ALIGNMENT];
        let start = bytes.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        bytes[start..start + from.len()].copy_from_slice(from);
        Self { bytes, start, length: from.len() }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..self.start + self.length]
    }
}

fn load_program(object: &mut Ebpf, name: &str) -> Result<XdpProgram, LoadError> {
    let Some(program) = object.program_mut(name) else {
        let mut known: Vec<&str> = object.programs().map(|(name, _)| name).collect();
        known.sort_unstable();
        return Err(LoadError::NoProgram { name: name.to_owned(), known: known.join(", ") });
    };
    let program: &mut Xdp = program.try_into().map_err(|_| LoadError::NotXdp { name: name.to_owned() })?;
    program.load().map_err(|error| program_error(error, name))?;
    let fd = program.fd().map_err(|error| program_error(error, name))?;
    let fd = own(fd.as_fd())?;
    let mut maps = BTreeMap::new();
    for (name, map) in object.maps() {
        maps.insert(name.to_owned(), Map::from_fd(own(map_fd(map)?)?)?);
    }
    let info = prog_info(fd.as_fd())?;
    if info.btf_id.is_none() {
        return Err(LoadError::NoBtf { name: name.to_owned() });
    }
    Ok(XdpProgram { fd, name: name.to_owned(), info, maps })
}

fn own(fd: BorrowedFd<'_>) -> Result<OwnedFd, SysError> {
    fd.try_clone_to_owned().map_err(|error| SysError { command: "dup", errno: Errno::of(&error) })
}

/// The descriptor of a map of whatever type.
fn map_fd(map: &AyaMap) -> Result<BorrowedFd<'_>, LoadError> {
    let data = match map {
        AyaMap::Array(data)
        | AyaMap::ArrayOfMaps(data)
        | AyaMap::BloomFilter(data)
        | AyaMap::CpuMap(data)
        | AyaMap::DevMap(data)
        | AyaMap::DevMapHash(data)
        | AyaMap::HashMap(data)
        | AyaMap::HashOfMaps(data)
        | AyaMap::LpmTrie(data)
        | AyaMap::LruHashMap(data)
        | AyaMap::PerCpuArray(data)
        | AyaMap::PerCpuHashMap(data)
        | AyaMap::PerCpuLruHashMap(data)
        | AyaMap::PerfEventArray(data)
        | AyaMap::ProgramArray(data)
        | AyaMap::Queue(data)
        | AyaMap::RingBuf(data)
        | AyaMap::SockHash(data)
        | AyaMap::SockMap(data)
        | AyaMap::Stack(data)
        | AyaMap::StackTraceMap(data)
        | AyaMap::Unsupported(data)
        | AyaMap::XskMap(data) => data,
        other => return Err(LoadError::Object(format!("a map of a type without use for XDP: {other:?}"))),
    };
    Ok(data.fd().as_fd())
}

/// The texts of an error and its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

/// The error number of the innermost system call.
fn errno_of(error: &(dyn Error + 'static)) -> Option<Errno> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(errno) = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error) {
            return Some(Errno(errno));
        }
        next = error.source();
    }
    None
}

fn object_error(error: &EbpfError) -> LoadError {
    match errno_of(error) {
        Some(errno) if errno.0 == errno::EPERM => LoadError::NotPermitted(errno),
        _ => LoadError::Object(chain(error)),
    }
}

fn program_error(error: ProgramError, name: &str) -> LoadError {
    if let ProgramError::LoadError { io_error, verifier_log } = &error {
        let errno = Errno::of(io_error);
        let log = verifier_log.to_string();
        return if errno.0 == errno::EPERM && log.is_empty() {
            LoadError::NotPermitted(errno)
        } else {
            LoadError::Rejected { name: name.to_owned(), errno, log }
        };
    }
    LoadError::Object(chain(&error))
}

/// An XDP program in the kernel, with its maps.
#[derive(Debug)]
pub struct XdpProgram {
    fd: OwnedFd,
    name: String,
    info: ProgInfo,
    maps: BTreeMap<String, Map>,
}

impl XdpProgram {
    /// Opens a program and maps from their pins. The maps keep the names of their pins.
    ///
    /// # Errors
    /// [`PinError`] if one of them isn't pinned or is of another kind.
    pub fn open(folder: &PinFolder, name: &str, maps: &[&str]) -> Result<Self, PinError> {
        let path = folder.pin_path(name)?;
        let fd = open_at(&path)?;
        let info =
            prog_info(fd.as_fd()).map_err(|error| PinError::WrongKind { path, wanted: "program", error })?;
        let maps = maps
            .iter()
            .map(|&name| Ok((name.to_owned(), folder.open_map(name)?)))
            .collect::<Result<_, PinError>>()?;
        Ok(Self { fd, name: name.to_owned(), info, maps })
    }

    /// Its name in the object.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the kernel says of it.
    pub fn info(&self) -> &ProgInfo {
        &self.info
    }

    /// The names of its maps, in alphabetical order.
    pub fn map_names(&self) -> impl Iterator<Item = &str> {
        self.maps.keys().map(String::as_str)
    }

    /// A map by its name in the object.
    ///
    /// # Errors
    /// [`MapError::Unknown`].
    pub fn map(&self, name: &str) -> Result<&Map, MapError> {
        self.maps.get(name).ok_or_else(|| MapError::Unknown {
            name: name.to_owned(),
            known: self.map_names().collect::<Vec<_>>().join(", "),
        })
    }

    /// A hash, LRU hash or LPM trie with typed keys and values.
    ///
    /// # Errors
    /// [`MapError`] if there is none of that name or its sizes differ.
    pub fn hash<K: BpfType, V: BpfType>(&self, name: &str) -> Result<Hash<K, V>, MapError> {
        self.map(name)?.try_clone()?.into_hash()
    }

    /// An array with typed values.
    ///
    /// # Errors
    /// [`MapError`] if there is none of that name or its value size differs.
    pub fn array<V: BpfType>(&self, name: &str) -> Result<Array<V>, MapError> {
        self.map(name)?.try_clone()?.into_array()
    }

    /// An array with typed values for each CPU.
    ///
    /// # Errors
    /// [`MapError`] if there is none of that name or its value size differs.
    pub fn per_cpu_array<V: BpfType>(&self, name: &str) -> Result<PerCpuArray<V>, MapError> {
        self.map(name)?.try_clone()?.into_per_cpu_array()
    }

    /// The reading end of a ring buffer.
    ///
    /// # Errors
    /// [`MapError`] if there is none of that name or it can't be mapped.
    pub fn ring_buffer(&self, name: &str) -> Result<RingBuffer, MapError> {
        RingBuffer::open(self.map(name)?)
    }

    /// Runs the program on a packet without attaching it.
    ///
    /// # Errors
    /// As [`prog_test_run`].
    pub fn test_run(&self, run: &TestRun) -> Result<TestRunResult, SysError> {
        prog_test_run(self.fd.as_fd(), run)
    }

    /// Pins the program under its name and all its maps under theirs.
    ///
    /// A map whose pin is already there is left as it is: it's the one that [`XdpLoader::reuse`] gave the program. The
    /// program's pin is replaced.
    ///
    /// # Errors
    /// [`PinError`], for instance for names that can't be pinned, such as `.rodata`.
    pub fn pin(&self, folder: &PinFolder) -> Result<(), PinError> {
        for (name, map) in &self.maps {
            match folder.pin(map, name) {
                Ok(_) => {}
                Err(PinError::Taken { .. }) if folder.open_map(name)?.info().id == map.info().id => {}
                Err(error) => return Err(error),
            }
        }
        folder.unpin(&self.name)?;
        folder.pin(self, &self.name).map(drop)
    }
}

impl AsFd for XdpProgram {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
