//! Reading and writing the files that commands are given, `-` being standard input and output.

use std::io::{Read as _, Write as _};
use std::path::Path;

use crate::failure::Failure;

/// The largest file that is read: objects and listings are far smaller, and a wrong argument shouldn't fill the memory.
const MAX_BYTES: u64 = 256 << 20;

/// All bytes of a file, or of standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = name(path);
    let fail = |error: std::io::Error| Failure::file(&name, &error);
    let mut bytes = Vec::new();
    let read = if is_standard(path) {
        std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes)
    } else {
        let file = std::fs::File::open(path).map_err(fail)?;
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes)
    };
    if read.map_err(fail)? as u64 > MAX_BYTES {
        return Err(Failure::bad_input(format!("{name}: larger than {} MiB", MAX_BYTES >> 20)));
    }
    Ok(bytes)
}

/// All text of a file, or of standard input for `-`.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::bad_input(format!("{}: not text: byte {at} is no UTF-8", name(path)))
    })
}

/// Writes a file whole or not at all; `-` is standard output.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if is_standard(path) {
        let mut out = std::io::stdout().lock();
        out.write_all(bytes)?;
        return Ok(out.flush()?);
    }
    let fail = |error: std::io::Error| Failure::file(&path.display().to_string(), &error);
    if path.exists() && !path.is_file() {
        // A device or a pipe can't be replaced by renaming.
        return std::fs::write(path, bytes).map_err(fail);
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.part", std::process::id()));
    let temporary = Path::new(&temporary);
    std::fs::write(temporary, bytes).and_then(|()| std::fs::rename(temporary, path)).map_err(|error| {
        let _ = std::fs::remove_file(temporary); // it may not be there
        fail(error)
    })
}

pub(crate) fn is_standard(path: &Path) -> bool {
    path == Path::new("-")
}

/// How messages call a file.
pub(crate) fn name(path: &Path) -> String {
    if is_standard(path) { "standard input".to_owned() } else { path.display().to_string() }
}
