//! The types of kernels, BTF: of the running one, of images, of files.
//!
//! An image holds them inside a compressed `vmlinux`, an ELF file with a section `.BTF`. Of kernels in the cache they are kept
//! beside the image once they were asked for.
//!
//! Sources: `Documentation/arch/x86/boot.rst` of the kernel for where the compressed file lies in an image;
//! `scripts/Makefile.lib` for how it's compressed.

pub(crate) mod image;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use knockwright_btf::{Btf, BtfError, Endian, KernelTypes};

use crate::cache::is_cached;

pub use image::ImageError;

/// Where the running kernel shows its types and those of its modules.
const OF_HOST: &str = "/sys/kernel/btf";
const VMLINUX: &str = "vmlinux";
/// The name of the types beside an image in the cache.
const KEPT: &str = "vmlinux.btf";

/// Why there are no types of a kernel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TypesError {
    /// A file can't be read.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        error: std::io::Error,
    },
    /// A file holds no types.
    #[error("{}: {error}", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        error: ImageError,
    },
    /// The types are damaged, or newer than this.
    #[error("{}: {error}", path.display())]
    Btf {
        /// The file that they are in.
        path: PathBuf,
        /// The cause.
        #[source]
        error: BtfError,
    },
}

/// The types of the running kernel. Those of its modules aren't read; that it has some is known.
///
/// # Errors
/// [`TypesError::File`] above all, of a kernel without BTF.
pub fn of_host() -> Result<KernelTypes, TypesError> {
    let types = read(&Path::new(OF_HOST).join(VMLINUX))?;
    let entries = fs::read_dir(OF_HOST).into_iter().flatten().filter_map(Result::ok);
    let modules = entries.filter(|entry| entry.file_name() != VMLINUX).count();
    Ok(if modules > 0 { types.with_modules() } else { types })
}

/// The types in a file: BTF as the kernel shows it, an ELF file with a section `.BTF`, or a kernel image with such a file
/// inside.
///
/// # Errors
/// [`TypesError`] says which file can't be read or holds no types.
pub fn of_file(path: &Path) -> Result<KernelTypes, TypesError> {
    read(path)
}

/// The types of a kernel image. Those of images in the cache are kept there.
///
/// # Errors
/// Those of [`of_file`]; that they can't be kept is none.
pub fn of_image(image: &Path) -> Result<KernelTypes, TypesError> {
    let kept = image.with_file_name(KEPT);
    if !is_cached(image) {
        return read(image);
    }
    if let Ok(types) = read(&kept) {
        return Ok(types);
    }
    let section = section(image)?;
    keep(&kept, &section);
    parse(image, &section)
}

fn read(path: &Path) -> Result<KernelTypes, TypesError> {
    parse(path, &section(path)?)
}

/// The section of a file, uncompressed.
fn section(path: &Path) -> Result<Vec<u8>, TypesError> {
    let file = |error| TypesError::File { path: path.to_owned(), error };
    let bytes = fs::read(path).map_err(file)?;
    image::section(bytes).map_err(|error| TypesError::Image { path: path.to_owned(), error })
}

fn parse(path: &Path, section: &[u8]) -> Result<KernelTypes, TypesError> {
    let endian = Btf::endian_of(section).unwrap_or(Endian::NATIVE);
    let btf =
        Btf::parse(section, endian).map_err(|error| TypesError::Btf { path: path.to_owned(), error })?;
    Ok(KernelTypes::new(Arc::new(btf)))
}

/// Writes a file whole or not at all. Without it the image is unpacked anew each time.
fn keep(path: &Path, section: &[u8]) {
    let Some(folder) = path.parent() else { return };
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(section)?;
        // Temporary files are for their owner alone; a cache may be shared.
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        file.persist(path).map_err(|error| error.error)
    });
    let _ = written;
}
