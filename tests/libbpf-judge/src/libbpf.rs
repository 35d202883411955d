//! libbpf: opening an object, loading one program of it, its words.

use std::ffi::{CStr, CString, c_char, c_int};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Mutex;

use libbpf_sys as sys;

/// How programs are to be loaded.
#[derive(Debug)]
pub(crate) struct Request {
    /// The verifier's log level.
    pub(crate) level: u32,
    /// The only program to load, if not all.
    pub(crate) program: Option<String>,
    /// Lines `CONFIG_X=y` that stand in for the kernel's own configuration.
    pub(crate) kconfig: Option<String>,
}

impl Default for Request {
    /// All programs, with the shortest log that rows can be made of.
    fn default() -> Self {
        Self { level: 1, program: None, kconfig: None }
    }
}

/// What became of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The kernel took it.
    Accept,
    /// The kernel's verifier refused it.
    Reject,
    /// Before the verifier saw it, libbpf or the kernel refused something.
    Error,
}

impl Verdict {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Error => "error",
        }
    }
}

/// A program as libbpf sees it.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) section: String,
    pub(crate) prog_type: String,
}

/// The outcome of one load.
#[derive(Debug)]
pub(crate) struct Judged {
    /// None where the object couldn't be opened.
    pub(crate) program: Option<Program>,
    pub(crate) verdict: Verdict,
    /// 0, or the error number of the load.
    pub(crate) errno: i32,
    pub(crate) log: String,
    /// The level that the log has.
    pub(crate) level: u32,
    /// What libbpf complained about.
    pub(crate) reason: Option<String>,
}

/// What libbpf has said since it was last asked.
static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps what libbpf says instead of printing it.
pub(crate) fn listen() {
    // SAFETY: the callback has the type that libbpf wants and lives as long as the program.
    unsafe { sys::libbpf_set_print(Some(hear)) };
}

unsafe extern "C" {
    /// C's own, with the argument list as the bindings have it.
    fn vsnprintf(
        to: *mut c_char,
        size: usize,
        format: *const c_char,
        arguments: *mut sys::__va_list_tag,
    ) -> c_int;
}

unsafe extern "C" fn hear(
    level: sys::libbpf_print_level,
    format: *const c_char,
    arguments: *mut sys::__va_list_tag,
) -> c_int {
    if level != sys::LIBBPF_WARN {
        return 0;
    }
    let mut text = vec![0u8; 8192];
    // SAFETY: the buffer has that size, the format and its arguments come from libbpf and fit each other.
    unsafe { vsnprintf(text.as_mut_ptr().cast(), text.len(), format, arguments) };
    let text = CStr::from_bytes_until_nul(&text).unwrap_or_default().to_string_lossy();
    if let Ok(mut said) = SAID.lock() {
        said.push(text.trim_end().trim_start_matches("libbpf: ").to_owned());
    }
    0
}

/// Takes what libbpf said.
fn said() -> Vec<String> {
    SAID.lock().map(|mut said| std::mem::take(&mut *said)).unwrap_or_default()
}

/// Judges the programs of an object, each by a load of its own, and gives each verdict to `take` before the next load: a kernel
/// that hangs or dies of one leaves the others'.
///
/// # Errors
/// Those of `take`.
pub(crate) fn judge(
    path: &Path,
    request: &Request,
    mut take: impl FnMut(Judged) -> io::Result<()>,
) -> io::Result<()> {
    said();
    let programs = match Object::open(path, request) {
        Ok(object) => object.programs().iter().map(|program| object.describe(*program)).collect::<Vec<_>>(),
        Err(errno) => return take(refused(None, errno, request.level)),
    };
    for (index, program) in programs.into_iter().enumerate() {
        if request.program.as_ref().is_none_or(|name| *name == program.name) {
            take(judge_one(path, request, index, program))?;
        }
    }
    Ok(())
}

/// Nothing came as far as the verifier.
fn refused(program: Option<Program>, errno: i32, level: u32) -> Judged {
    let reason = Some(said().join("; "));
    Judged { program, verdict: Verdict::Error, errno, log: String::new(), level, reason }
}

/// Loads the program of that number; with less of a log if the whole one has no room.
fn judge_one(path: &Path, request: &Request, index: usize, program: Program) -> Judged {
    let mut level = request.level;
    loop {
        let judged = match Object::open(path, request) {
            Ok(object) => object.load(index, program.clone(), level),
            Err(errno) => refused(Some(program.clone()), errno, level),
        };
        if judged.errno != libc::ENOSPC || level == 0 {
            return judged;
        }
        level -= 1;
    }
}

/// The room for a log. Only what is written takes memory.
const LOG_SIZE: usize = 128 << 20;

/// An open object.
struct Object(NonNull<sys::bpf_object>);

impl Object {
    /// Opens an object; else libbpf's error number.
    fn open(path: &Path, request: &Request) -> Result<Self, i32> {
        let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| libc::EINVAL)?;
        let kconfig = request.kconfig.as_deref().map(CString::new).transpose().map_err(|_| libc::EINVAL)?;
        let options = sys::bpf_object_open_opts {
            sz: size_of::<sys::bpf_object_open_opts>() as sys::size_t,
            kconfig: kconfig.as_ref().map_or(ptr::null(), |text| text.as_ptr()),
            ..Default::default()
        };
        // SAFETY: the path and the options live through the call, which copies what it keeps.
        let object = unsafe { sys::bpf_object__open_file(path.as_ptr(), &options) };
        let object = NonNull::new(object).map(Self).ok_or_else(last_errno)?;
        object.unpin();
        Ok(object)
    }

    fn maps(&self) -> Vec<NonNull<sys::bpf_map>> {
        let next = |map: *mut sys::bpf_map| {
            // SAFETY: the object is open and the map is one of its own, or null for the first.
            NonNull::new(unsafe { sys::bpf_object__next_map(self.0.as_ptr(), map) })
        };
        std::iter::successors(next(ptr::null_mut()), |map| next(map.as_ptr())).collect()
    }

    /// Takes the pins from the maps: a load here leaves nothing and takes nothing of earlier ones.
    fn unpin(&self) {
        for map in self.maps() {
            // SAFETY: the map is the open object's; null takes the path away.
            unsafe { sys::bpf_map__set_pin_path(map.as_ptr(), ptr::null()) };
        }
    }

    /// Takes the other programs out of structs of functions: libbpf loads whatever stands in one, asked or not.
    fn empty_structs_of_functions(&self, only: NonNull<sys::bpf_program>) {
        let programs = self.programs();
        for map in self.maps() {
            let mut size: sys::size_t = 0;
            // SAFETY: the map is the open object's. Of a struct of functions this is its value, made of words that are
            // numbers or pointers to programs; it's ours to change until the load.
            let words = unsafe {
                if sys::bpf_map__type(map.as_ptr()) != sys::BPF_MAP_TYPE_STRUCT_OPS {
                    continue;
                }
                let value = sys::bpf_map__initial_value(map.as_ptr(), &mut size);
                if value.is_null() {
                    continue;
                }
                std::slice::from_raw_parts_mut(value.cast::<usize>(), size as usize / size_of::<usize>())
            };
            for word in words {
                let is_other = |program: &NonNull<_>| program.as_ptr() as usize == *word && *program != only;
                if programs.iter().any(is_other) {
                    *word = 0;
                }
            }
        }
    }

    fn programs(&self) -> Vec<NonNull<sys::bpf_program>> {
        let next = |program: *mut sys::bpf_program| {
            // SAFETY: the object is open and the program is one of its own, or null for the first.
            NonNull::new(unsafe { sys::bpf_object__next_program(self.0.as_ptr(), program) })
        };
        std::iter::successors(next(ptr::null_mut()), |program| next(program.as_ptr())).collect()
    }

    fn describe(&self, program: NonNull<sys::bpf_program>) -> Program {
        let program = program.as_ptr();
        // SAFETY: the program is the open object's; the strings live as long as that, and are copied.
        unsafe {
            Program {
                name: text(sys::bpf_program__name(program)),
                section: text(sys::bpf_program__section_name(program)),
                prog_type: text(sys::libbpf_bpf_prog_type_str(sys::bpf_program__type(program))),
            }
        }
    }

    /// Loads one program and no other.
    fn load(self, index: usize, described: Program, level: u32) -> Judged {
        let mut log = vec![0u8; if level > 0 { LOG_SIZE } else { 1 }];
        let room = if level > 0 { log.len() as sys::size_t } else { 0 };
        for (number, program) in self.programs().into_iter().enumerate() {
            // SAFETY: the program is the open object's, and the buffer outlives the load below.
            unsafe {
                sys::bpf_program__set_autoload(program.as_ptr(), number == index);
                if number == index && level > 0 {
                    sys::bpf_program__set_log_level(program.as_ptr(), level);
                    sys::bpf_program__set_log_buf(program.as_ptr(), log.as_mut_ptr().cast(), room);
                }
            }
            if number == index {
                self.empty_structs_of_functions(program);
            }
        }
        said();
        // SAFETY: the object is open and wasn't loaded yet.
        let result = unsafe { sys::bpf_object__load(self.0.as_ptr()) };
        let said = said();
        drop(self);
        let log = CStr::from_bytes_until_nul(&log).unwrap_or_default().to_string_lossy().into_owned();
        let mark = format!("prog '{}': BPF program load failed", described.name);
        let refused = said.iter().any(|line| line.starts_with(&mark));
        // Where the program was taken and something after it failed, the verifier has still said yes.
        let taken = result == 0 || (!refused && log.lines().any(|line| line.starts_with("processed ")));
        let verdict = match (taken, refused) {
            (true, _) => Verdict::Accept,
            (false, true) if level == 0 || !log.is_empty() || result == -libc::E2BIG => Verdict::Reject,
            (false, _) => Verdict::Error,
        };
        let reason = Some(said.join("; ")).filter(|reason| result != 0 && !reason.is_empty());
        let errno = if taken { 0 } else { -result };
        Judged { program: Some(described), verdict, errno, log, level, reason }
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        // SAFETY: it was opened and is closed once.
        unsafe { sys::bpf_object__close(self.0.as_ptr()) };
    }
}

fn last_errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// A copy of one of libbpf's strings.
///
/// # Safety
/// It's null or a string that ends with NUL.
unsafe fn text(string: *const c_char) -> String {
    if string.is_null() {
        return String::new();
    }
    // SAFETY: the caller says so.
    unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned()
}
