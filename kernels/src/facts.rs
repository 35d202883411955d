//! What is known of kernels besides their types: release, configuration, symbols.
//!
//! Of the running kernel it's what libbpf finds, in the same places. An image of the cache has the configuration of its package
//! beside it, one in a folder of the user's a `config-RELEASE` as distributions install it; and a kernel with CONFIG_IKCONFIG
//! holds its own.
//!
//! Sources: `Documentation/arch/x86/boot.rst` of the kernel for the release in an image; `kernel/configs.c` for how a
//! configuration stands in a kernel.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use knockwright_linux::release::Release;
use knockwright_loader::privilege::kernel_release;

use crate::cache::{CONFIG, numbers, of_cached};
use crate::types::image;

/// The release of the running kernel as programs see it: that of the stable series, which Debian and Ubuntu say elsewhere than
/// in the name.
pub fn release_of_host() -> Option<Release> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let ubuntu = read("/proc/version_signature");
    let ubuntu = ubuntu.split_whitespace().nth(2);
    ubuntu.map_or_else(|| release_in(&kernel_release(), &read("/proc/sys/kernel/version")), release_of)
}

/// The release of a kernel image; `None` if it doesn't say.
pub fn release_of_image(path: &Path) -> Option<Release> {
    if let Some(kernel) = of_cached(path) {
        return release_of(&kernel.release);
    }
    let mut start = Vec::new();
    fs::File::open(path).ok()?.take(image::START).read_to_end(&mut start).ok()?;
    let banner = image::banner(&start)?;
    release_in(banner.split_whitespace().next()?, &banner)
}

/// The release in a name, or the one that Debian adds to the time of its build.
fn release_in(name: &str, built: &str) -> Option<Release> {
    let debian = built.split_once("Debian ").and_then(|(_, version)| release_of(version));
    debian.or_else(|| release_of(name))
}

/// The three numbers that a text starts with.
fn release_of(text: &str) -> Option<Release> {
    let series = knockwright_asm::KernelVersion::of_release(text)?;
    let starts = text.starts_with(|c: char| c.is_ascii_digit());
    let patch = *numbers(text).get(2).filter(|_| starts)?;
    Some(Release { series, patch: u16::try_from(patch).ok()? })
}

/// The configuration of the running kernel; `None` if it isn't there.
pub fn config_of_host() -> Option<String> {
    let installed = format!("/boot/config-{}", kernel_release());
    [Path::new(&installed), Path::new("/proc/config.gz")].into_iter().find_map(read_config)
}

/// The configuration of a kernel image; `None` if it's nowhere.
pub fn config_of_image(image: &Path) -> Option<String> {
    let beside = match of_cached(image) {
        Some(_) => Some(image.with_file_name(CONFIG)),
        None => installed_beside(image),
    };
    beside.as_deref().and_then(read_config).or_else(|| {
        let kernel = image::kernel(fs::read(image).ok()?).ok()?;
        in_kernel(&kernel)
    })
}

/// `config-RELEASE` beside `vmlinuz-RELEASE`.
fn installed_beside(image: &Path) -> Option<PathBuf> {
    let (_, release) = image.file_name()?.to_str()?.split_once('-')?;
    Some(image.with_file_name(format!("config-{release}")))
}

/// A file, which may be compressed.
fn read_config(path: &Path) -> Option<String> {
    text_of(&fs::read(path).ok()?)
}

/// The largest configuration that is unpacked: they have 100 to 300 kB.
const MAX_CONFIG: u64 = 16 << 20;

fn text_of(bytes: &[u8]) -> Option<String> {
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::bufread::GzDecoder::new(bytes).take(MAX_CONFIG).read_to_end(&mut text).ok()?;
    } else {
        text.extend_from_slice(bytes);
    }
    Some(String::from_utf8_lossy(&text).into_owned())
}

/// The configuration that a kernel holds of itself.
fn in_kernel(kernel: &[u8]) -> Option<String> {
    const START: &[u8] = b"IKCFG_ST\x1f\x8b";
    let at = kernel.windows(START.len()).position(|window| window == START)?;
    text_of(&kernel[at + START.len() - 2..])
}

/// The running kernel's table of symbols; `None` if it can't be read, or shows no addresses to this user.
pub fn symbols_of_host() -> Option<String> {
    let table = fs::read_to_string("/proc/kallsyms").ok()?;
    let is_shown =
        |line: &str| line.split_once(' ').is_some_and(|(address, _)| address.bytes().any(|b| b != b'0'));
    table.lines().any(is_shown).then_some(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_those_of_the_stable_series() {
        let debian = "#1 SMP Debian 5.10.262-1 (2026-10-02)";
        assert_eq!(release_in("5.10.0-46-cloud-amd64", debian), Some(Release::new("5.10.262")));
        assert_eq!(release_in("6.18.44-fc", "#1 SMP PREEMPT_DYNAMIC"), Some(Release::new("6.18.44")));
        assert_eq!(release_in("6.19.0-rc1+", ""), Some(Release::new("6.19.0")));
        assert_eq!((release_in("6.19", ""), release_in("next-6.19.1", "")), (None, None));
    }

    #[test]
    fn a_configuration_is_found_beside_an_image_and_in_it() {
        use std::io::Write as _;
        let folder = tempfile::tempdir().unwrap();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"CONFIG_HZ=100\n").unwrap();
        let inside =
            [b"\x7fELF: no more than this IKCFG_ST".as_slice(), &gzip.finish().unwrap(), b"IKCFG_ED"]
                .concat();
        let image = folder.path().join("vmlinux-6.12.9-own");
        fs::write(&image, inside).unwrap();
        assert_eq!(config_of_image(&image).as_deref(), Some("CONFIG_HZ=100\n"));
        fs::write(folder.path().join("config-6.12.9-own"), "CONFIG_HZ=250\n").unwrap();
        assert_eq!(config_of_image(&image).as_deref(), Some("CONFIG_HZ=250\n"));
        assert_eq!(config_of_image(&folder.path().join("vmlinuz-6.1")), None);
    }
}
