//! Programs on probes and events, and those for functions, hooks, trace points and iterators of the running kernel.

use knockwright_asm::typed::*;
use knockwright_asm::{Label, bpf_struct, field, kernel_function, kernel_struct, member, trace_event};
use knockwright_differential::random::Random;

use super::kinds::Returning;
use super::parts::test;
use super::{Made, objects, operand, plain_program};

bpf_struct! {
    /// Something of a traced program's.
    struct Job as "job" {
        /// A number.
        id: u64,
        /// A small one.
        urgency: u16,
        /// A name.
        name: [u8; 24],
    }
}

kernel_struct! {
    /// A task.
    struct Task as "task_struct" {
        /// Its number.
        pid: u32,
        /// That of its first thread.
        tgid: u32,
        /// Its name.
        comm: [u8; 16],
        /// Who started it.
        real_parent: Ptr<Task>,
    }
    /// What an iterator is called with.
    struct Meta as "bpf_iter_meta" {
        /// Where it writes to.
        seq: Ptr<SeqFile>,
        /// The number of the element.
        seq_num: u64,
    }
    /// Where an iterator writes to.
    struct SeqFile as "seq_file" {}
    /// An open file.
    struct File as "file" {
        /// How it was opened.
        f_flags: u32,
        /// What it's a file of.
        f_inode: Ptr<Inode>,
        /// Its name.
        f_path: Path,
    }
    /// A name of a file, in a tree.
    struct Path as "path" {
        /// The name.
        dentry: Ptr<Dentry>,
    }
    /// The name of a file.
    struct Dentry as "dentry" {
        /// What it's a name of.
        d_inode: Ptr<Inode>,
    }
    /// What is on a disk.
    struct Inode as "inode" {
        /// Its number.
        i_ino: u64,
        /// What it is, and who may do what with it.
        i_mode: u16,
    }
}

kernel_function! {
    /// A file is read.
    struct VfsRead as "vfs_read" -> u64 {
        /// The file.
        file: Ptr<File>,
        /// Where to, in user space.
        buf: u64,
        /// How many bytes at most.
        count: u64,
    }
    /// The modules of security are asked about a file.
    struct SecurityFileOpen as "security_file_open" -> u32 {
        /// The file.
        file: Ptr<File>,
    }
    /// A module of security is asked about a file.
    struct FileOpen as "file_open" -> u32 {
        /// The file.
        file: Ptr<File>,
    }
    /// Another task runs.
    struct SchedSwitch as "sched_switch" -> () {
        /// Whether the one before wanted to go on.
        preempt: bool,
        /// The one before.
        prev: Ptr<Task>,
        /// The one that runs now.
        next: Ptr<Task>,
        /// What the one before waits for.
        prev_state: u32,
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
    /// Another task runs.
    struct Switched as "sched/sched_switch" {
        /// The name of the one before.
        prev_comm: [u8; 16],
        /// Its number.
        prev_pid: u32,
        /// What it waits for.
        prev_state: u64,
    }
    /// A program is started.
    struct Started as "sched/sched_process_exec" {
        /// Where its name is.
        filename: u32,
        /// Its number.
        pid: u32,
    }
}

impl TraceEvent for Job {
    const EVENT: &'static str = "jobs/job";
}

/// Formats as Linux 6.18 has them.
const SWITCHED: &str = "name: sched_switch
\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;
\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;
\tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;
";
const STARTED: &str = "name: sched_process_exec
\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;
\tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;
";

macro_rules! returning {
    ($([$($generics:tt)*] $kind:ty: $any:expr;)*) => {
        $(impl<$($generics)*> Returning for $kind {
            fn any(random: &mut Random) -> <Self as Kind>::Action {
                random.pick($any)
            }
        })*
    };
}

const PROBED: &[ProbeAction] = &[ProbeAction::Done, ProbeAction::Sample];
const HOOKED: &[Hook] = &[Hook::Allow, refuse::<1>(), refuse::<13>(), refuse::<4095>()];

returning! {
    [M: ProbeMachine] Kprobe<M>: PROBED;
    [M: ProbeMachine] Kretprobe<M>: PROBED;
    [M: ProbeMachine] Uprobe<M>: PROBED;
    [M: ProbeMachine] Uretprobe<M>: PROBED;
    [M: ProbeMachine] PerfEvent<M>: PROBED;
    [] RawTracepoint: PROBED;
    [E: TraceEvent] Tracepoint<E>: PROBED;
    [F: KernelFunction] Fentry<F>: &[Watched::Done];
    [F: KernelFunction] Fexit<F>: &[Watched::Done];
    [F: KernelFunction] TpBtf<F>: &[Watched::Done];
    [F: KernelFunction] FmodRet<F>: HOOKED;
    [F: KernelFunction] Lsm<F>: HOOKED;
    [F: KernelFunction] Iter<F>: &[Walk::Next, Walk::Again];
}

/// How many kinds of probes and events there are.
pub(super) const PROBES: u64 = 8;

pub(super) fn probe(kind: u64, seed: u64) -> Made {
    match kind {
        0 => made::<Kprobe<Native>>(seed, |p, random, out, context| {
            let number = p.argument::<0, _>(R6, context);
            registers(p, random, out, context, number);
        }),
        1 => made::<Kretprobe<Native>>(seed, |p, random, out, context| {
            let number = p.returned(R7, context);
            registers(p, random, out, context, number);
        }),
        2 => made::<Uprobe<Native>>(seed, |p, random, out, context| {
            let number = p.argument::<5, _>(R6, context);
            registers(p, random, out, context, number);
        }),
        3 => made::<Uretprobe<Native>>(seed, |p, random, out, context| {
            let number = p.returned(R6, context);
            registers(p, random, out, context, number);
        }),
        4 => made::<PerfEvent<Native>>(seed, |p, random, out, context| {
            let period = p.read(R2, context, BpfPerfEventData::SAMPLE_PERIOD);
            p.goto_if(test(random, period), out);
            let address = p.read(R7, context, BpfPerfEventData::ADDR);
            registers(p, random, out, context, address);
        }),
        5 => made::<RawTracepoint>(seed, |p, random, out, context| {
            let last = p.argument::<11, _>(R2, context);
            p.goto_if(test(random, last), out);
            let number = p.argument::<1, _>(R6, context);
            elsewhere(p, random, out, number);
            helpers(p, random, out, context);
        }),
        6 => made::<Tracepoint<Started>>(seed, started),
        _ => made::<Tracepoint<Switched>>(seed, switched),
    }
}

fn made<K: Returning>(seed: u64, own: impl Fn(&mut Typed<K>, &mut Random, Label, &Context<K>)) -> Made {
    Made::of::<K>(plain_program::<K>(seed, |p, random, out, context| {
        p.license("GPL");
        own(p, random, out, context);
    }))
}

fn started(
    p: &mut Typed<Tracepoint<Started>>,
    random: &mut Random,
    out: Label,
    context: &Context<Tracepoint<Started>>,
) {
    let format = EventFormat::parse(STARTED).expect("a format");
    let field = format.field(member!(Started, pid)).expect("a field");
    let pid = p.recorded(R3, context, field);
    p.goto_if(test(random, pid), out);
    let field = format.field(member!(Started, filename)).expect("a field");
    let name = p.recorded_bytes(R6, context, field);
    let place = p.uninit::<[u8; 16]>();
    let (length, _) = p.probe_read_str(place, &name);
    p.goto_if(length.slt(0), out);
    helpers(p, random, out, context);
}

fn switched(
    p: &mut Typed<Tracepoint<Switched>>,
    random: &mut Random,
    out: Label,
    context: &Context<Tracepoint<Switched>>,
) {
    let format = EventFormat::parse(SWITCHED).expect("a format");
    let pid = p.recorded(R3, context, format.field(member!(Switched, prev_pid)).expect("a field"));
    p.goto_if(test(random, pid), out);
    let state = p.recorded(R3, context, format.field(member!(Switched, prev_state)).expect("a field"));
    p.goto_if(test(random, state), out);
    let letter = p.recorded(R3, context, format.field(member!(Switched, prev_comm[15])).expect("a field"));
    p.goto_if(test(random, letter), out);
    helpers(p, random, out, context);
}

/// What programs do that see registers, one of which they have in hand.
fn registers<K: SeesRegisters, H>(
    p: &mut Typed<K>,
    random: &mut Random,
    out: Label,
    context: &Context<K>,
    number: Word<H>,
) {
    p.goto_if(test(random, number), out);
    let number = match random.below(4) {
        0 => p.instruction_pointer(R6, context),
        1 => p.stack_pointer(R6, context),
        2 => p.frame_pointer(R6, context),
        _ => p.copy(R6, number),
    };
    elsewhere(p, random, out, number);
    helpers(p, random, out, context);
}

/// A number is taken for an address.
fn elsewhere<K: Kind, H>(p: &mut Typed<K>, random: &mut Random, out: Label, number: Word<H>) {
    match random.below(6) {
        0 => {
            let place = p.uninit::<u16>();
            let (outcome, urgency) = p.probe_read(place, &number.user::<Job>(), field!(Job, urgency));
            p.succeeded(outcome, out);
            let urgency = p.reload(R1, &urgency);
            p.goto_if(test(random, urgency), out);
        }
        1 => {
            let place = p.uninit::<Job>();
            let (outcome, job) = p.probe_read_whole(place, &number.kernel::<Job>());
            outcome.ignore();
            let id = p.load(R1, &job, field!(Job, id));
            p.goto_if(test(random, id), out);
        }
        2 => {
            let place = p.uninit::<[u8; 24]>();
            let (outcome, _) = p.probe_read(place, &number.kernel::<Job>(), field!(Job, name));
            outcome.ignore();
        }
        3 => {
            let place = p.uninit::<[u8; 9]>();
            let (length, _) = p.probe_read_str(place, &number.user());
            p.goto_if(length.eq(9), out);
        }
        _ => {}
    }
}

/// What all of these may call.
fn helpers<K: Kind>(p: &mut Typed<K>, random: &mut Random, out: Label, context: &Context<K>) {
    match random.below(10) {
        8 => objects::of_the_task(p, random, out),
        0 => {
            let ids = p.call(call::GetCurrentPidTgid, ());
            let pid = ids.rsh::<32, 0xffff_ffff>(p);
            p.goto_if(test(random, pid), out);
        }
        1 => {
            let name = p.uninit::<[u8; 16]>();
            p.try_call(call::GetCurrentComm, (name.out_sized(),)).ignore();
            let _name = name.written(p);
        }
        2 => {
            let events = p.perf_events(&objects::name(random));
            let value = p.spill::<u64>(operand(random));
            let outcome = p.perf_output(context, events, &value);
            p.succeeded(outcome, out);
        }
        3 => {
            let stacks = p.stacks(&objects::name(random), 16);
            let id = p.stack_id(context, stacks, random.pick(&[0, 256]));
            p.goto_if(id.slt(0), out);
        }
        4 => {
            let time = p.call(call::KtimeGetNs, ());
            p.goto_if(test(random, time), out);
        }
        _ => {}
    }
}

/// How many kinds for something of the kernel's there are.
pub(super) const TARGETED: u64 = 6;

pub(super) fn targeted(kind: u64, seed: u64, kernel: &KernelLayout) -> Made {
    match kind {
        0 => for_target::<Fentry<VfsRead>>(seed, kernel, |p, random, out, context| {
            vfs_read(p, random, out, context, kernel);
        }),
        1 => for_target::<Fexit<VfsRead>>(seed, kernel, |p, random, out, context| {
            let result = p.result(R2, context, kernel.result::<Fexit<VfsRead>>().expect("a result"));
            p.goto_if(test(random, result), out);
            vfs_read(p, random, out, context, kernel);
        }),
        2 => for_target::<FmodRet<SecurityFileOpen>>(seed, kernel, |p, random, out, context| {
            let result =
                p.result(R2, context, kernel.result::<FmodRet<SecurityFileOpen>>().expect("a result"));
            p.goto_if(test(random, result), out);
            let field = kernel.parameter::<FmodRet<SecurityFileOpen>, _>(member!(SecurityFileOpen, file));
            let file = p.pointer(R2, context, field.expect("a parameter"));
            let file = p.keep_pointer(R6, file);
            opened(p, random, out, file, kernel);
            helpers(p, random, out, context);
        }),
        3 => for_target::<Lsm<FileOpen>>(seed, kernel, |p, random, out, context| {
            let field = kernel.parameter::<Lsm<FileOpen>, _>(member!(FileOpen, file));
            let file = p.pointer(R6, context, field.expect("a parameter"));
            opened(p, random, out, file, kernel);
            helpers(p, random, out, context);
        }),
        4 => for_target::<TpBtf<SchedSwitch>>(seed, kernel, |p, random, out, context| {
            sched_switch(p, random, out, context, kernel);
        }),
        _ => for_target::<Iter<Tasks>>(seed, kernel, |p, random, out, context| {
            let field = kernel.parameter::<Iter<Tasks>, _>(member!(Tasks, task)).expect("a parameter");
            let task = p.pointer(R7, context, field);
            let task = p.not_null_pointer(task, out);
            on_task(p, random, out, task, kernel);
            let field = kernel.parameter::<Iter<Tasks>, _>(member!(Tasks, meta)).expect("a parameter");
            let meta = p.pointer(R7, context, field);
            let meta = p.not_null_pointer(meta, out);
            let number = p.load(R1, &meta, kernel.field(member!(Meta, seq_num)).expect("a member"));
            let number = p.spill::<u64>(number);
            let seq = p.follow(R6, &meta, kernel.field(member!(Meta, seq)).expect("a member"));
            let seq = p.not_null_pointer(seq, out);
            let written = p.seq_write(&seq, &number);
            p.succeeded(written, out);
        }),
    }
}

/// The least program of such a kind.
pub(super) fn least(kind: u64, kernel: &KernelLayout) -> Made {
    fn of<K: Returning + ForFunction>(kernel: &KernelLayout) -> Made {
        let (p, _context) = Typed::<K>::new("least");
        p.exit(K::any(&mut Random::new(0)));
        let target = kernel.target::<K>().ok().map(|target| target.0);
        Made { target, ..Made::of::<K>(p.finish().expect("a program")) }
    }
    match kind {
        0 => of::<Fentry<VfsRead>>(kernel),
        1 => of::<Fexit<VfsRead>>(kernel),
        2 => of::<FmodRet<SecurityFileOpen>>(kernel),
        3 => of::<Lsm<FileOpen>>(kernel),
        4 => of::<TpBtf<SchedSwitch>>(kernel),
        _ => of::<Iter<Tasks>>(kernel),
    }
}

fn for_target<K: Returning + ForFunction>(
    seed: u64,
    kernel: &KernelLayout,
    own: impl Fn(&mut Typed<K>, &mut Random, Label, &Context<K>),
) -> Made {
    let target = kernel.target::<K>().expect("a target");
    Made { target: Some(target.0), ..made::<K>(seed, own) }
}

fn vfs_read<K: ForFunction<Function = VfsRead>>(
    p: &mut Typed<K>,
    random: &mut Random,
    out: Label,
    context: &Context<K>,
    kernel: &KernelLayout,
) where
    K::Given<Kept, File>: Into<KernelPtr<Kept, File>>,
{
    let count =
        p.parameter(R2, context, kernel.parameter::<K, _>(member!(VfsRead, count)).expect("a parameter"));
    p.goto_if(test(random, count), out);
    let buf = p.parameter(R7, context, kernel.parameter::<K, _>(member!(VfsRead, buf)).expect("a parameter"));
    elsewhere(p, random, out, buf);
    let file = p.pointer(R6, context, kernel.parameter::<K, _>(member!(VfsRead, file)).expect("a parameter"));
    opened(p, random, out, file.into(), kernel);
    helpers(p, random, out, context);
}

fn opened<K: Kind, H>(
    p: &mut Typed<K>,
    random: &mut Random,
    out: Label,
    file: KernelPtr<H, File>,
    kernel: &KernelLayout,
) {
    let flags = p.load(R1, &file, kernel.field(member!(File, f_flags)).expect("a member"));
    p.goto_if(test(random, flags), out);
    let inode = if random.below(2) == 0 {
        p.follow(R7, &file, kernel.field(member!(File, f_inode)).expect("a member"))
    } else {
        let dentry = p.follow(R3, &file, kernel.field(member!(File, f_path.dentry)).expect("a member"));
        let dentry = p.not_null_pointer(dentry, out);
        p.follow(R7, &dentry, kernel.field(member!(Dentry, d_inode)).expect("a member"))
    };
    let inode = p.not_null_pointer(inode, out);
    let number = p.load(R3, &inode, kernel.field(member!(Inode, i_ino)).expect("a member"));
    p.goto_if(test(random, number), out);
    if random.below(2) == 0 {
        let place = p.uninit::<u16>();
        let field = kernel.field(member!(Inode, i_mode)).expect("a member");
        let (outcome, _) = p.probe_read(place, &inode, field);
        p.succeeded(outcome, out);
    }
    if random.below(2) == 0 {
        let task = p.current_task::<Task>();
        let task = p.keep_pointer(R7, task);
        on_task(p, random, out, task, kernel);
    }
}

fn sched_switch(
    p: &mut Typed<TpBtf<SchedSwitch>>,
    random: &mut Random,
    out: Label,
    context: &Context<TpBtf<SchedSwitch>>,
    kernel: &KernelLayout,
) {
    type Here = TpBtf<SchedSwitch>;
    let parameter = kernel.parameter::<Here, _>(member!(SchedSwitch, preempt)).expect("a parameter");
    let preempt = p.parameter(R2, context, parameter);
    p.goto_if(test(random, preempt), out);
    let parameter = kernel.parameter::<Here, _>(member!(SchedSwitch, prev_state)).expect("a parameter");
    let state = p.parameter(R2, context, parameter);
    p.goto_if(test(random, state), out);
    let member = if random.below(2) == 0 { member!(SchedSwitch, prev) } else { member!(SchedSwitch, next) };
    let task = p.pointer(R6, context, kernel.parameter::<Here, _>(member).expect("a parameter"));
    let task = p.not_null_pointer(task, out);
    on_task(p, random, out, task, kernel);
    helpers(p, random, out, context);
}

fn on_task<K: Kind, H>(
    p: &mut Typed<K>,
    random: &mut Random,
    out: Label,
    task: KernelPtr<H, Task>,
    kernel: &KernelLayout,
) {
    let pid = p.load(R1, &task, kernel.field(member!(Task, pid)).expect("a member"));
    p.goto_if(test(random, pid), out);
    let letter = p.load(R1, &task, kernel.field(member!(Task, comm[2])).expect("a member"));
    p.goto_if(test(random, letter), out);
    let parent = p.follow(R2, &task, kernel.field(member!(Task, real_parent)).expect("a member"));
    let parent = p.not_null_pointer(parent, out);
    let tgid = p.load(R3, &parent, kernel.field(member!(Task, tgid)).expect("a member"));
    p.goto_if(test(random, tgid), out);
}
