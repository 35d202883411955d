//! Reading and writing the files that commands are given, `-` being standard input and output.

use std::fs::{File, Metadata};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::output;

/// The largest file that is read: objects and listings are far smaller, and a wrong argument shouldn't fill the memory.
const MAX_BYTES: u64 = 256 << 20;

/// All bytes of a file, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = read_start(path, MAX_BYTES + 1)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::bad_input(format!("{}: {}", name(path), too_large())));
    }
    Ok(bytes)
}

/// The same for who goes on without it.
pub(crate) fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = start_of(path, MAX_BYTES + 1)?;
    if bytes.len() as u64 > MAX_BYTES { Err(io::Error::other(too_large())) } else { Ok(bytes) }
}

fn too_large() -> String {
    format!("larger than {} MiB", MAX_BYTES >> 20)
}

/// The first bytes of a file or of standard input, at most so many.
pub(crate) fn read_start(path: &Path, at_most: u64) -> Result<Vec<u8>, Failure> {
    start_of(path, at_most).map_err(|error| Failure::file(&name(path), &error))
}

fn start_of(path: &Path, at_most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if is_standard(path) {
        io::stdin().lock().take(at_most).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(at_most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// All text of a file, or of standard input for `-`.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    text(path, read(path)?)
}

/// The text of bytes that were read from a path.
pub(crate) fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::bad_input(format!("{}: not text: byte {at} is no UTF-8", name(path)))
    })
}

/// Says what a command waits for, where that's standard input and somebody sits in front of it.
pub(crate) fn say_if_it_waits(path: &Path, what: &str) {
    if is_standard(path) && io::stdin().is_terminal() {
        output::say(format_args!("reading {what} from the terminal; Ctrl-D on a line of its own ends it"));
    }
}

/// Writes a file whole or not at all; `-` is standard output.
///
/// The file appears by renaming another of a random name, so that neither name leads anywhere through a link that somebody
/// else put there.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if is_standard(path) {
        let mut out = output::plain_stdout();
        out.write_all(bytes)?;
        return Ok(out.flush()?);
    }
    let written = match open_in_place(path) {
        Some(file) => file.and_then(|mut file| file.write_all(bytes)),
        None => temporary(path).and_then(|mut file| {
            file.write_all(bytes)?;
            file.persist(path)?;
            Ok(())
        }),
    };
    written.map_err(|error| fail(path, &error))
}

/// A file that is written bit by bit and appears whole: until it is [finished](Self::finish), what was there stays.
#[derive(Debug)]
pub(crate) struct Pending {
    to: PathBuf,
    /// None for a device, pipe or socket, which takes what comes.
    temporary: Option<tempfile::NamedTempFile<File>>,
}

impl Pending {
    /// Begins one, with the same care as [`write()`]; also what its bytes go to.
    pub(crate) fn begin(path: &Path) -> Result<(Self, File), Failure> {
        let begun = match open_in_place(path) {
            Some(file) => file.map(|file| (None, file)),
            None => temporary(path).and_then(|temporary| {
                let file = temporary.as_file().try_clone()?;
                Ok((Some(temporary), file))
            }),
        };
        let (temporary, file) = begun.map_err(|error| fail(path, &error))?;
        Ok((Self { to: path.to_owned(), temporary }, file))
    }

    /// Puts it in its place.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self.temporary {
            None => Ok(()),
            Some(file) => file.persist(&self.to).map(drop).map_err(|error| fail(&self.to, &error.error)),
        }
    }
}

/// A file to write to bit by bit, for who reads along: a new one in the place of what was there, with the same care as [`write()`].
pub(crate) fn create(path: &Path) -> Result<File, Failure> {
    let file = match open_in_place(path) {
        Some(file) => file,
        None => temporary(path).and_then(|file| Ok(file.persist(path)?)),
    };
    file.map_err(|error| fail(path, &error))
}

fn fail(path: &Path, error: &io::Error) -> Failure {
    Failure::file(&path.display().to_string(), error)
}

/// A device, pipe or socket, which can't be replaced by renaming and is written to as it is; none for what can.
fn open_in_place(path: &Path) -> Option<io::Result<File>> {
    let own = std::fs::symlink_metadata(path).ok()?;
    let options = |flags| File::options().write(true).custom_flags(flags).open(path);
    if special_kind(&own).is_some() {
        return Some(options(libc::O_NOFOLLOW));
    }
    // Links like /dev/stdout lead to such files. Somebody else's link in a folder of everyone's leads nowhere.
    let is_trusted = own.is_symlink() && [0, rustix::process::geteuid().as_raw()].contains(&own.uid());
    (is_trusted && is_special(path)).then(|| options(0))
}

/// Whether a path leads to a device, pipe or socket: reading it a second time gives something else, or waits.
pub(crate) fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| special_kind(&metadata).is_some())
}

/// What a file is called that reads otherwise a second time, or waits.
pub(crate) fn special_kind(metadata: &Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    match () {
        () if kind.is_fifo() => Some("a named pipe"),
        () if kind.is_socket() => Some("a socket"),
        () if kind.is_char_device() || kind.is_block_device() => Some("a device"),
        () => None,
    }
}

/// A new file of a random name beside a path, removed unless it's moved there. It may be read and written by whom the file
/// at the path may be, else by whom the user's mask says.
fn temporary(path: &Path) -> io::Result<tempfile::NamedTempFile<File>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let earlier = std::fs::symlink_metadata(path).ok().filter(Metadata::is_file);
    let mode = earlier.as_ref().map_or(0o666, |earlier| earlier.permissions().mode() & 0o777);
    let file = tempfile::Builder::new().prefix(".knockwright-").make_in(folder, |random| {
        File::options().write(true).create_new(true).mode(mode).custom_flags(libc::O_NOFOLLOW).open(random)
    })?;
    if earlier.is_some() {
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?; // whatever the mask
    }
    Ok(file)
}

pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// How messages call a file.
pub(crate) fn name(path: &Path) -> String {
    if is_standard(path) { "standard input".to_owned() } else { path.display().to_string() }
}
