//! The initial RAM disk: an uncompressed cpio archive of the format `newc`.
//!
//! Source: `Documentation/driver-api/early-userspace/buffer-format.rst`.

/// An archive under construction.
#[derive(Debug, Default)]
pub(super) struct Initramfs {
    bytes: Vec<u8>,
    inodes: u32,
}

/// File types, `include/uapi/linux/stat.h`.
const DIRECTORY: u32 = 0o040_000;
const CHARACTER_DEVICE: u32 = 0o020_000;
const REGULAR_FILE: u32 = 0o100_000;

/// A device node's major and minor number.
type Device = (u32, u32);

/// `/dev/console`, `Documentation/admin-guide/devices.txt`.
const CONSOLE: Device = (5, 1);
/// What stands there for what is no device node.
const NO_DEVICE: Device = (0, 0);

/// What each header starts with.
const MAGIC: &[u8] = b"070701";
/// What headers and contents are padded to.
const ALIGNMENT: usize = 4;

impl Initramfs {
    /// An archive with the directories that a first process mounts on, and the console that it writes to.
    pub(super) fn new() -> Self {
        let mut archive = Self::default();
        for directory in ["dev", "proc", "sys"] {
            archive.entry(directory, DIRECTORY | 0o755, &[], NO_DEVICE);
        }
        archive.entry("dev/console", CHARACTER_DEVICE | 0o600, &[], CONSOLE);
        archive
    }

    /// Adds a file.
    pub(super) fn file(mut self, path: &str, permissions: u32, data: &[u8]) -> Self {
        self.entry(path, REGULAR_FILE | permissions, data, NO_DEVICE);
        self
    }

    /// The archive with its trailer.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[], NO_DEVICE);
        self.bytes
    }

    fn entry(&mut self, path: &str, mode: u32, data: &[u8], device: Device) {
        self.inodes += 1;
        let name_size = path.len() as u32 + 1;
        // inode, mode, uid, gid, links, mtime, size, device of the file system, device of the node, name, checksum
        let fields =
            [self.inodes, mode, 0, 0, 1, 0, data.len() as u32, 0, 0, device.0, device.1, name_size, 0];
        self.bytes.extend_from_slice(MAGIC);
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08X}").as_bytes());
        }
        self.bytes.extend_from_slice(path.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend_from_slice(data);
        self.pad();
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(ALIGNMENT), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_aligned_and_end_with_a_trailer() {
        let archive = Initramfs::new().file("init", 0o755, b"abc").finish();
        assert_eq!(archive.len() % ALIGNMENT, 0);
        assert!(archive.starts_with(MAGIC));
        let at = archive.windows(5).position(|window| window == b"init\0").unwrap();
        assert_eq!((at - 110) % 4, 0, "headers start at multiples of four");
        let trailer = archive.windows(10).position(|window| window == b"TRAILER!!!").unwrap();
        assert!(trailer > at);
    }
}
