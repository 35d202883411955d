// What the misuses of programs on probes share: some structs, functions and events of the kernel.
#[allow(unused_imports)]
use knockwright_asm::typed::{
    EventFormat, Fentry, Fexit, Hook, Iter, KernelLayout, Kprobe, Kretprobe, Lsm, PerfEvent, ProbeAction, Ptr, R1, R2,
    R3, R6, R7, RawTracepoint, TcAction, TpBtf, Tracepoint, Typed, Uprobe, Watched, X86_64, XdpAction, call, refuse,
    registers,
};
#[allow(unused_imports)]
use knockwright_asm::{MapType, field, kernel_function, kernel_struct, member, trace_event};

kernel_struct! {
    /// An open file.
    pub struct File as "file" {
        /// How it was opened.
        pub f_flags: u32,
        /// What it's a file of.
        pub f_inode: Ptr<Inode>,
    }
    /// What is on a disk.
    pub struct Inode as "inode" {
        /// Its number.
        pub i_ino: u64,
    }
}

kernel_function! {
    /// A file is read.
    pub struct VfsRead as "vfs_read" -> u64 {
        /// The file.
        pub file: Ptr<File>,
        /// How many bytes at most.
        pub count: u64,
    }
    /// A file is written.
    pub struct VfsWrite as "vfs_write" -> u64 {
        /// The file.
        pub file: Ptr<File>,
    }
    /// A module of security is asked about a file.
    pub struct FileOpen as "file_open" -> u32 {
        /// The file.
        pub file: Ptr<File>,
    }
}

trace_event! {
    /// Another task runs.
    pub struct Switched as "sched/sched_switch" {
        /// The number of the one before.
        pub prev_pid: u32,
    }
    /// A program is started.
    pub struct Started as "sched/sched_process_exec" {
        /// Its number.
        pub pid: u32,
    }
}

/// The types of some kernel.
#[allow(dead_code)]
pub fn kernel() -> KernelLayout {
    unreachable!("these programs aren't built")
}
