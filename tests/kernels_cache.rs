//! Fetching kernels when the network or the disk fails: a clear error, and nothing half there.

mod support;

use std::path::Path;
use std::process::Command;

use knockwright_kernels::cache::Parts;
use knockwright_kernels::{Cache, KernelsError};
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// Whether this process may have mounts and networks of its own.
fn may_unshare(test: &str) -> bool {
    let works = Command::new("unshare").args(["--mount", "--net", "true"]).output();
    match works {
        Ok(output) if output.status.success() => true,
        Ok(output) => support::skip(test, String::from_utf8_lossy(&output.stderr).trim()),
        Err(error) => support::skip(test, format_args!("unshare: {error}")),
    }
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("knockwright-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn without_a_network_the_cause_is_named_and_nothing_is_there() {
    if !may_unshare("without_a_network_the_cause_is_named_and_nothing_is_there") {
        return;
    }
    let cache = folder("no-network");
    let knockwright = |arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command
            .args(["--net", env!("CARGO_BIN_EXE_knockwright")])
            .args(arguments)
            .env("XDG_CACHE_HOME", &cache);
        command.output().unwrap()
    };
    let fetch = knockwright(&["cases", "kernels", "fetch", "6.12"]);
    let stderr = String::from_utf8_lossy(&fetch.stderr);
    assert_eq!(fetch.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("error: apt-get failed: E: ") && !stderr.contains("gone"), "{stderr}");
    let list = knockwright(&["cases", "kernels", "list"]);
    assert_eq!((list.status.code(), list.stdout.as_slice()), (Some(0), &b""[..]));
    let run = knockwright(&["cases", "run", "--kernel", "6.12"]);
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("`knockwright cases kernels fetch 6.12` gets it"), "{stderr}");
    std::fs::remove_dir_all(cache).unwrap();
}

#[test]
fn a_full_disk_leaves_no_kernel_behind() {
    if !may_unshare("a_full_disk_leaves_no_kernel_behind") {
        return;
    }
    let folder = folder("full-disk");
    std::thread::scope(|scope| {
        scope.spawn(|| full_disk(&folder)).join().unwrap();
    });
    std::fs::remove_dir(folder).unwrap();
}

fn full_disk(folder: &Path) {
    // SAFETY: mounts and the working directory of this thread alone; no memory or descriptor table is unshared.
    unsafe { unshare_unsafe(UnshareFlags::NEWNS | UnshareFlags::FS) }.unwrap();
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).unwrap();
    mount("tmpfs", folder, "tmpfs", MountFlags::empty(), Some(c"size=256k")).unwrap();
    let image = std::env::temp_dir().join(format!("knockwright-image-{}", std::process::id()));
    std::fs::write(&image, vec![7; 1 << 20]).unwrap();
    let cache = Cache::in_folder(folder);
    let error = cache.add("6.12.1", "linux-image", Parts { image: &image, config: None }).unwrap_err();
    assert!(
        matches!(&error, KernelsError::File { error, .. } if error.kind() == std::io::ErrorKind::StorageFull),
        "{error}"
    );
    assert!(cache.kernels().unwrap().is_empty());
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "nothing is left");
    std::fs::write(&image, [7; 1000]).unwrap();
    assert_eq!(
        cache.add("6.12.1", "linux-image", Parts { image: &image, config: None }).unwrap().release,
        "6.12.1"
    );
    std::fs::remove_file(image).unwrap();
}
