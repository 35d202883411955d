//! What typed programs on probes and events see is what happened: arguments and results of a function of this process, a system
//! call by the format of its event, a task by the kernel's types. They are loaded by aya from their objects.

mod support;

use std::io::{Read as _, Seek as _, SeekFrom};
use std::time::Duration;

use aya::maps::Array;
use aya::programs::uprobe::UProbeScope;
use aya::programs::{BtfTracePoint, TracePoint, UProbe};
use aya::{Btf, Ebpf};
use knockwright_asm::typed::*;
use knockwright_asm::{
    MapType, Program, bpf_struct, field, kernel_function, kernel_struct, member, trace_event,
};
use knockwright_codegen::Object;
use support::may_load;
use support::skip::skip_this;

bpf_struct! {
    /// What a program has seen.
    struct Seen as "seen" {
        /// A number.
        first: u64,
        /// Another one.
        second: u64,
        /// A third.
        third: u64,
        /// How often.
        times: u64,
    }
}

kernel_struct! {
    /// A task.
    struct Task as "task_struct" {
        /// Its number.
        pid: u32,
        /// That of its process.
        tgid: u32,
        /// Its name.
        comm: [u8; 16],
    }
}

kernel_struct! {
    /// What an iterator is called with.
    struct Meta as "bpf_iter_meta" {
        /// Where it writes to.
        seq: Ptr<SeqFile>,
    }
    /// Where it writes to.
    struct SeqFile as "seq_file" {}
}

kernel_function! {
    /// Another task runs.
    struct SchedSwitch as "sched_switch" -> () {
        /// The one that runs now.
        next: Ptr<Task>,
    }
    /// All tasks.
    struct Tasks as "task" -> u32 {
        /// How it's called.
        meta: Ptr<Meta>,
        /// A task.
        task: Ptr<Task>,
    }
}

trace_event! {
    /// A system call begins.
    struct SysEnter as "raw_syscalls/sys_enter" {
        /// Its number.
        id: u64,
        /// Its arguments.
        args: [u64; 6],
    }
}

/// A function that is traced.
#[unsafe(no_mangle)] // its name is looked up in this executable, which has no other of it
#[inline(never)]
extern "C" fn knockwright_traced(one: u64, other: u64) -> u64 {
    std::hint::black_box(one * 3 + other)
}

/// A program, and the value that it writes to, in `r0` where there is one.
fn seen<K: Kind>(p: &mut Typed<K>, out: knockwright_asm::Label) -> Value<Kept, Seen> {
    let map = p.map::<u32, Seen>("seen", MapType::Array, 1);
    let key = p.spill::<u32>(0);
    let value = p.lookup(map, &key);
    let value = p.not_null(value, out);
    p.keep(R9, value)
}

/// Counts, and ends the program.
fn counted<K: Kind>(
    mut p: Typed<K>,
    value: Value<Kept, Seen>,
    out: knockwright_asm::Label,
    end: K::Action,
) -> Program {
    let one = p.constant::<1, _>(R1);
    p.atomic_add(&value, field!(Seen, times), one);
    p.bind(out);
    p.exit(end);
    p.license("GPL");
    p.finish().expect("a program")
}

fn load<K: Kind>(program: &Program) -> Ebpf {
    let bytes = Object::new().program_in(program, K::section()).finish().expect("an object");
    Ebpf::load(&bytes).expect("aya reads it")
}

/// What the program has written.
fn written(loaded: &Ebpf) -> [u64; 4] {
    let map = Array::<_, [u64; 4]>::try_from(loaded.map("seen").expect("the map")).expect("an array");
    map.get(&0, 0).expect("its value")
}

fn attach_uprobe(loaded: &mut Ebpf) {
    let program: &mut UProbe = loaded.program_mut("p").expect("a program").try_into().expect("a uprobe");
    program.load().expect("the kernel takes it");
    program
        .attach("knockwright_traced", "/proc/self/exe", UProbeScope::CallingProcess)
        .expect("it's attached");
}

#[test]
fn arguments_and_results_of_functions() {
    if !may_load("arguments_and_results_of_functions") {
        return;
    }
    let (mut p, context) = Typed::<Uprobe<Native>>::new("p");
    let out = p.label("out");
    let first = p.argument::<0, _>(R6, &context);
    let second = p.argument::<1, _>(R7, &context);
    let value = seen(&mut p, out);
    p.store(&value, field!(Seen, first), first);
    p.store(&value, field!(Seen, second), second);
    let mut begin = load::<Uprobe<Native>>(&counted(p, value, out, ProbeAction::Done));

    let (mut p, context) = Typed::<Uretprobe<Native>>::new("p");
    let out = p.label("out");
    let result = p.returned(R6, &context);
    let value = seen(&mut p, out);
    p.store(&value, field!(Seen, third), result);
    let mut end = load::<Uretprobe<Native>>(&counted(p, value, out, ProbeAction::Done));

    attach_uprobe(&mut begin);
    attach_uprobe(&mut end);
    assert_eq!(knockwright_traced(0x1111, 0x1_0000_2222), 0x1_0000_5555);
    assert_eq!(written(&begin), [0x1111, 0x1_0000_2222, 0, 1]);
    assert_eq!(written(&end), [0, 0, 0x1_0000_5555, 1]);
}

#[test]
fn fields_of_an_event() {
    const WHERE: u64 = 0x7ead_bee0;
    if !may_load("fields_of_an_event") {
        return;
    }
    let Ok(text) = std::fs::read_to_string("/sys/kernel/tracing/events/raw_syscalls/sys_enter/format") else {
        skip_this("this kernel has no events of system calls");
        return;
    };
    let format = EventFormat::parse(&text).expect("a format");
    let (mut p, context) = Typed::<Tracepoint<SysEnter>>::new("p");
    let out = p.label("out");
    let place = p.recorded(R6, &context, format.field(member!(SysEnter, args[1])).expect("the field"));
    p.goto_if(place.ne(WHERE as i32), out);
    let id = p.recorded(R7, &context, format.field(member!(SysEnter, id)).expect("the field"));
    let ids = p.call(call::GetCurrentPidTgid, ());
    let process = p.copy(R8, ids.rsh::<32, 0xffff_ffff>(&p));
    let value = seen(&mut p, out);
    p.store(&value, field!(Seen, first), place);
    p.store(&value, field!(Seen, second), id);
    p.store(&value, field!(Seen, third), process);
    let mut loaded = load::<Tracepoint<SysEnter>>(&counted(p, value, out, ProbeAction::Done));
    let program: &mut TracePoint =
        loaded.program_mut("p").expect("a program").try_into().expect("a tracepoint");
    program.load().expect("the kernel takes it");
    program.attach("raw_syscalls", "sys_enter").expect("it's attached");
    std::fs::File::open("/proc/self/exe")
        .and_then(|mut file| file.seek(SeekFrom::Start(WHERE)))
        .expect("a place");
    let lseek = if cfg!(target_arch = "x86_64") { 8 } else { 62 };
    assert_eq!(written(&loaded), [WHERE, lseek, std::process::id().into(), 1]);
}

#[test]
fn members_of_the_kernels_structs() {
    if !may_load("members_of_the_kernels_structs") {
        return;
    }
    let Ok(types) = knockwright_kernels::types::of_host() else {
        skip_this("this kernel has no types");
        return;
    };
    type Here = TpBtf<SchedSwitch>;
    let kernel = KernelLayout::of(types);
    let (mut p, context) = Typed::<Here>::new("p");
    let out = p.label("out");
    let next = kernel.parameter::<Here, _>(member!(SchedSwitch, next)).expect("a parameter");
    let next = p.pointer(R6, &context, next);
    let next = p.not_null_pointer(next, out);
    for (letter, member) in
        [(b'k', member!(Task, comm[0])), (b'w', member!(Task, comm[1])), (b'-', member!(Task, comm[2]))]
    {
        let there = p.load(R1, &next, kernel.field(member).expect("a member"));
        p.goto_if(there.ne(i32::from(letter)), out);
    }
    let value = seen(&mut p, out);
    let process = p.load(R1, &next, kernel.field(member!(Task, tgid)).expect("a member"));
    p.store(&value, field!(Seen, first), process);
    let thread = p.load(R1, &next, kernel.field(member!(Task, pid)).expect("a member"));
    p.store(&value, field!(Seen, second), thread);
    let mut loaded = load::<Here>(&counted(p, value, out, Watched::Done));
    let program: &mut BtfTracePoint =
        loaded.program_mut("p").expect("a program").try_into().expect("a trace point");
    program.load("sched_switch", &Btf::from_sys_fs().expect("types")).expect("the kernel takes it");
    program.attach().expect("it's attached");
    let sleeps = || {
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::fs::read_link("/proc/thread-self").expect("a thread")
    };
    let thread = std::thread::Builder::new().name("kw-traced".to_owned()).spawn(sleeps).expect("a thread");
    let thread = thread.join().expect("it ends");
    let [process, number, _, times] = written(&loaded);
    assert_eq!(format!("{process}/task/{number}"), thread.to_string_lossy());
    assert!(times >= 10, "{times}");
}

#[test]
fn tasks_that_an_iterator_tells() {
    if !may_load("tasks_that_an_iterator_tells") {
        return;
    }
    let Ok(types) = knockwright_kernels::types::of_host() else {
        skip_this("this kernel has no types");
        return;
    };
    type Here = Iter<Tasks>;
    let kernel = KernelLayout::of(types);
    let (mut p, context) = Typed::<Here>::new("p");
    p.license("GPL");
    let out = p.label("out");
    let task =
        p.pointer(R6, &context, kernel.parameter::<Here, _>(member!(Tasks, task)).expect("a parameter"));
    let task = p.not_null_pointer(task, out);
    let meta =
        p.pointer(R7, &context, kernel.parameter::<Here, _>(member!(Tasks, meta)).expect("a parameter"));
    let meta = p.not_null_pointer(meta, out);
    let process = p.load(R2, &task, kernel.field(member!(Task, tgid)).expect("a member"));
    let process = p.spill::<u32>(process);
    let seq = p.follow(R8, &meta, kernel.field(member!(Meta, seq)).expect("a member"));
    let seq = p.not_null_pointer(seq, out);
    p.seq_write(&seq, &process).ignore();
    p.bind(out);
    p.exit(Walk::Next);
    let mut loaded = load::<Here>(&p.finish().expect("a program"));
    let program: &mut aya::programs::Iter =
        loaded.program_mut("p").expect("a program").try_into().expect("an iterator");
    program.load("task", &Btf::from_sys_fs().expect("types")).expect("the kernel takes it");
    let link = program.attach().expect("it's attached");
    let mut told = Vec::new();
    let mut file = program.take_link(link).expect("a link").into_file().expect("a file");
    file.read_to_end(&mut told).expect("what it tells");
    let (processes, rest) = told.as_chunks::<4>();
    assert!(rest.is_empty() && processes.len() > 1);
    assert!(processes.contains(&std::process::id().to_ne_bytes()), "{processes:?}");
}
