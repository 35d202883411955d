//! Maps that helpers of their own take: where samples, stacks and records go.

use super::calls::{Arg, Given, Passed, UntilCall, is_given};
use super::context::Context;
use super::kernel::{Iter, KernelPtr};
use super::kind::Kind;
use super::map::Outcome;
use super::named::{KernelFunction, KernelStruct};
use super::queue::Queue;
use super::redirect::{Programs, Targets};
use super::register::Kept;
use super::ring::RingBuffer;
use super::scalar::Word;
use super::stack::Init;
use super::{Typed, Writer, call, here};
use crate::builder::MapRef;
use crate::layout::BpfType;
use crate::program::MapDef;
use knockwright_linux::limits::PERF_MAX_STACK_DEPTH;
use knockwright_linux::uapi::helper_flags::BPF_F_CURRENT_CPU;
use knockwright_linux::{Helper, MapType, MapTypes};

/// Rings of performance events, one a processor, which user space reads: `BPF_MAP_TYPE_PERF_EVENT_ARRAY`.
#[derive(Debug, Clone, Copy)]
pub struct PerfEvents {
    pub(super) map: MapRef,
}

/// Stacks by their number: `BPF_MAP_TYPE_STACK_TRACE`.
#[derive(Debug, Clone, Copy)]
pub struct Stacks {
    pub(super) map: MapRef,
}

macro_rules! handles {
    ($([$($generics:tt)*] $ty:ty: $($map_type:ident)*;)*) => {
        $(impl<K, $($generics)*> Arg<K> for $ty {
            const GIVEN: &'static [Given] = &[Given::Map(MapTypes::of(&[$(MapType::$map_type),*]))];

            fn set(&self, set: &mut dyn FnMut(Passed)) {
                set(Passed::map(self.map));
            }
        })*
    };
}

handles! {
    [] PerfEvents: PerfEventArray;
    [] Stacks: StackTrace;
    [] RingBuffer: Ringbuf;
    [V] Queue<V>: Queue Stack;
    [] Programs: ProgArray;
    [] Targets: Devmap DevmapHash Cpumap Xskmap;
}

/// # Where samples and stacks go
impl Writer {
    /// Declares rings of performance events, one for each processor that there is.
    #[track_caller]
    pub fn perf_events(&self, name: &str) -> PerfEvents {
        PerfEvents { map: self.declare_map(MapDef::of_bytes(name, MapType::PerfEventArray, 4, 4, 0)) }
    }

    /// Declares a map of at most so many stacks, for `bpf_get_stackid`.
    #[track_caller]
    pub fn stacks(&self, name: &str, max_entries: u32) -> Stacks {
        let def = MapDef::of_bytes(name, MapType::StackTrace, 4, 8 * PERF_MAX_STACK_DEPTH, max_entries);
        Stacks { map: self.declare_map(def) }
    }
}

/// # Samples and stacks
impl<K: Kind> Typed<K> {
    /// `r0 = bpf_perf_event_output(context, events, BPF_F_CURRENT_CPU, value, size)`: a sample for who reads the ring of this
    /// processor.
    #[track_caller]
    pub fn perf_output<T: BpfType>(
        &mut self,
        context: &Context<K>,
        events: PerfEvents,
        value: &Init<T>,
    ) -> Outcome {
        const { assert!(is_given::<K>(Helper::PerfEventOutput), "programs of this kind can't call this helper") };
        let at = here();
        let arguments = vec![
            Passed::register(context.used()),
            Passed::map(events.map),
            Passed::wide(BPF_F_CURRENT_CPU),
            Passed::init(value),
            Passed::number(T::TYPE.size() as i32),
        ];
        self.set_arguments(arguments, at);
        Outcome::at(self.call_helper(Helper::PerfEventOutput, at))
    }

    /// `r0 = bpf_get_stackid(context, stacks, flags)`: the number of the stack that the program interrupts, or a negative error.
    /// Flags are those of `knockwright_linux::uapi::helper_flags`; 256 (`BPF_F_USER_STACK`) is the stack of user space.
    #[track_caller]
    pub fn stack_id(&mut self, context: &Context<K>, stacks: Stacks, flags: i32) -> Word<UntilCall> {
        self.call(call::GetStackid, (context, stacks, flags))
    }

    /// `r0 = bpf_get_current_task_btf()`: the task that runs, as the `struct task_struct` of a
    /// [`kernel_struct!`](crate::kernel_struct). Linux 5.11.
    #[track_caller]
    pub fn current_task<S: KernelStruct>(&mut self) -> KernelPtr<UntilCall, S> {
        const {
            assert!(is_same(S::NAME, "task_struct"), "a task is a `struct task_struct`");
            assert!(is_given::<K>(Helper::GetCurrentTaskBtf), "programs of this kind can't call this helper");
        }
        KernelPtr::at(self.call_helper(Helper::GetCurrentTaskBtf, here()))
    }
}

/// # What iterators write
impl<F: KernelFunction> Typed<Iter<F>> {
    /// `r0 = bpf_seq_write(seq, value, size)`: bytes for who reads the iterator. The `struct seq_file` is `seq` of the iterator's `meta`.
    ///
    /// ```
    /// use knockwright_asm::typed::{Iter, KernelLayout, Ptr, R6, R7, Typed, Walk};
    /// use knockwright_asm::{Program, kernel_function, kernel_struct, member};
    ///
    /// kernel_struct! {
    ///     /// What an iterator is called with.
    ///     struct Meta as "bpf_iter_meta" { /// Where it writes to.
    ///         seq: Ptr<SeqFile>, /// The number of the element.
    ///         seq_num: u64, }
    ///     /// Where it writes to.
    ///     struct SeqFile as "seq_file" {}
    /// }
    /// kernel_function! { /// All tasks.
    ///     struct Tasks as "task" -> u32 { /// How it's called.
    ///         meta: Ptr<Meta>, }
    /// }
    /// fn numbers(kernel: &KernelLayout) -> Result<Program, Box<dyn std::error::Error>> {
    ///     let (mut p, context) = Typed::<Iter<Tasks>>::new("numbers");
    ///     p.license("GPL");
    ///     let out = p.label("out");
    ///     let meta = p.pointer(R7, &context, kernel.parameter::<Iter<Tasks>, _>(member!(Tasks, meta))?);
    ///     let meta = p.not_null_pointer(meta, out);
    ///     let number = p.load(R6, &meta, kernel.field(member!(Meta, seq_num))?);
    ///     let number = p.spill::<u64>(number);
    ///     let seq = p.follow(R6, &meta, kernel.field(member!(Meta, seq))?);
    ///     let seq = p.not_null_pointer(seq, out);
    ///     p.seq_write(&seq, &number).ignore();
    ///     p.bind(out);
    ///     p.exit(Walk::Next);
    ///     Ok(p.finish()?)
    /// }
    /// ```
    #[track_caller]
    pub fn seq_write<S: KernelStruct, T: BpfType>(
        &mut self,
        seq: &KernelPtr<Kept, S>,
        value: &Init<T>,
    ) -> Outcome {
        const { assert!(is_same(S::NAME, "seq_file"), "an iterator writes to a `struct seq_file`") }
        let at = here();
        let arguments =
            vec![Passed::register(seq.used), Passed::init(value), Passed::number(T::TYPE.size() as i32)];
        self.set_arguments(arguments, at);
        Outcome::at(self.call_helper(Helper::SeqWrite, at))
    }
}

/// Whether two names are the same, for who asks when a program is compiled.
pub(super) const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut next = 0;
    while next < one.len() && next < other.len() && one[next] == other[next] {
        next += 1;
    }
    next == one.len() && next == other.len()
}
