//! The initial RAM disk: an uncompressed cpio archive of the format `newc`.
//!
//! Source: `Documentation/driver-api/early-userspace/buffer-format.rst`.

use std::collections::BTreeSet;

/// An archive under construction.
#[derive(Debug)]
pub(super) struct Initramfs {
    bytes: Vec<u8>,
    inodes: u32,
    /// The folders that are in it.
    folders: BTreeSet<Vec<u8>>,
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

impl Default for Initramfs {
    fn default() -> Self {
        Self::new()
    }
}

impl Initramfs {
    /// An archive with the directories that a first process mounts on, and the console that it writes to.
    pub(super) fn new() -> Self {
        let mut archive = Self { bytes: Vec::new(), inodes: 0, folders: BTreeSet::new() };
        for folder in ["dev", "proc", "sys"] {
            archive = archive.folder(folder);
        }
        archive.entry(b"dev/console", CHARACTER_DEVICE | 0o600, &[], CONSOLE);
        archive
    }

    /// Adds a file, and the folders that it's in. The path is from the root on, without a slash in front.
    pub(super) fn file(mut self, path: impl AsRef<[u8]>, permissions: u32, data: &[u8]) -> Self {
        let path = path.as_ref();
        if let Some(end) = path.iter().rposition(|byte| *byte == b'/') {
            self = self.folder(&path[..end]);
        }
        self.entry(path, REGULAR_FILE | permissions, data, NO_DEVICE);
        self
    }

    /// Adds a folder, and those that it's in.
    pub(super) fn folder(mut self, path: impl AsRef<[u8]>) -> Self {
        let path = path.as_ref();
        let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        for end in ends.chain([path.len()]) {
            if self.folders.insert(path[..end].to_vec()) {
                self.entry(&path[..end], DIRECTORY | 0o755, &[], NO_DEVICE);
            }
        }
        self
    }

    /// The archive with its trailer.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.entry(b"TRAILER!!!", 0, &[], NO_DEVICE);
        self.bytes
    }

    fn entry(&mut self, path: &[u8], mode: u32, data: &[u8], device: Device) {
        self.inodes += 1;
        let name_size = path.len() as u32 + 1;
        // inode, mode, uid, gid, links, mtime, size, device of the file system, device of the node, name, checksum
        let fields =
            [self.inodes, mode, 0, 0, 1, 0, data.len() as u32, 0, 0, device.0, device.1, name_size, 0];
        self.bytes.extend_from_slice(MAGIC);
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08X}").as_bytes());
        }
        self.bytes.extend_from_slice(path);
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

    #[test]
    fn folders_come_once_and_before_what_is_in_them() {
        let archive = Initramfs::new().file("a/b/c", 0o644, b"").file("a/b/d", 0o644, b"").finish();
        let places = |name: &[u8]| {
            let windows = archive.windows(name.len()).enumerate();
            windows.filter(|(_, window)| *window == name).map(|(at, _)| at).collect::<Vec<_>>()
        };
        assert_eq!((places(b"a\0").len(), places(b"a/b\0").len()), (1, 1));
        assert!(places(b"a\0") < places(b"a/b\0") && places(b"a/b\0") < places(b"a/b/c\0"));
    }
}
