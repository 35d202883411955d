//! Locks and timers in values of maps.

use std::marker::PhantomData;

use super::calls::{Passed, UntilCall};
use super::flow::Use;
use super::functions::{Body, Give};
use super::kind::Kind;
use super::map::{Map, Outcome, Value};
use super::memory::Field;
use super::register::Kept;
use super::scalar::{Operand, Operands};
use super::{At, Typed, Writer, here};
use crate::builder::FnRef;
use crate::insn::Source;
use crate::reg::Reg;
use knockwright_linux::{Helper, ProgType, ProgTypes};

crate::bpf_struct! {
    /// A lock in a map's value, `struct bpf_spin_lock`; see [`Typed::locked`].
    pub struct SpinLock as "bpf_spin_lock" {
        /// What the kernel has there.
        val: u32,
    }
    /// A timer in a map's value, `struct bpf_timer`; see [`Typed::start_timer`].
    pub struct Timer as "bpf_timer" {
        /// What the kernel has there.
        opaque: [u64; 2],
    }
}

/// Types of programs that have no maps with locks or timers (`kernel/bpf/verifier.c`, `check_map_prog_compatibility`).
const WITHOUT_EITHER: ProgTypes = ProgTypes::of(&[
    ProgType::Kprobe,
    ProgType::Tracepoint,
    ProgType::PerfEvent,
    ProgType::RawTracepoint,
    ProgType::RawTracepointWritable,
]);

/// Those that have none with locks.
const WITHOUT_LOCKS: ProgTypes = WITHOUT_EITHER.with(ProgTypes::of(&[ProgType::SocketFilter]));

/// Which clock a timer goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerClock {
    /// `CLOCK_MONOTONIC`: stops in suspend.
    Monotonic = 1,
    /// `CLOCK_BOOTTIME`: counts suspend.
    Boot = 7,
}

/// What a timer's function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fired {
    /// It's done: 0, the only number that the verifier takes.
    Done,
}

impl Give<Self> for Fired {
    fn operands(&self) -> Operands {
        Operands { source: Source::Imm(0), used: None }
    }
}

/// A function that a timer in a value of a map from `K` to `V` calls.
#[derive(Debug)]
pub struct TimerCallback<K, V> {
    function: FnRef,
    types: PhantomData<fn(K) -> V>,
}

copies! { [K, V] TimerCallback<K, V>; }

/// # Locks
impl<K: Kind> Typed<K> {
    /// `bpf_spin_lock(value + lock); …; bpf_spin_unlock(value + lock)`: what the closure writes runs under the lock.
    ///
    /// It gets a [`Writer`] that makes no calls, since none may be made there, and no jump may lead out of it: that is an error of
    /// `finish`.
    ///
    /// ```
    /// use knockwright_asm::typed::{R1, R6, SpinLock, Tc, TcAction, Typed};
    /// use knockwright_asm::{MapType, bpf_struct, field};
    ///
    /// bpf_struct! { /// A pair that changes together.
    ///     pub struct Pair as "pair" { /// Its lock.
    ///         pub lock: SpinLock, /// One.
    ///         pub one: u64, /// The other.
    ///         pub other: u64, }
    /// }
    /// let (mut p, _context) = Typed::<Tc>::new("pairs");
    /// let pairs = p.map::<u32, Pair>("pairs", MapType::Array, 1);
    /// let out = p.label("out");
    /// let key = p.spill::<u32>(0);
    /// let pair = p.lookup(pairs, &key);
    /// let pair = p.not_null(pair, out);
    /// let pair = p.keep(R6, pair);
    /// p.locked(&pair, field!(Pair, lock), |p| {
    ///     let one = p.load(R1, &pair, field!(Pair, one));
    ///     p.store(&pair, field!(Pair, other), one);
    /// });
    /// p.bind(out);
    /// p.exit(TcAction::Ok);
    /// assert!(p.finish().is_ok());
    /// ```
    ///
    /// Kernels take locks in values of hashes, arrays and storages, not by processor, and one in a value: else the map isn't made.
    #[track_caller]
    pub fn locked<V>(
        &mut self,
        value: &Value<Kept, V>,
        lock: Field<V, SpinLock>,
        write: impl FnOnce(&Writer),
    ) {
        const { assert!(!WITHOUT_LOCKS.contains(K::PROG_TYPE), "programs of this kind have no maps with locks") };
        let at = here();
        self.address(value.used, lock.offset(), at);
        self.call_nothing(Helper::SpinLock, at);
        let held = self.flow.borrow_mut().acquire("lock", at);
        write(self);
        self.address(value.used, lock.offset(), at);
        self.flow.borrow_mut().give_back(held);
        self.call_nothing(Helper::SpinUnlock, at);
    }
}

impl Writer {
    /// `r1 = value; r1 += offset`.
    fn address(&self, value: Use, offset: u32, at: At) {
        self.check(value, at);
        self.mov(Reg::R1, Source::Reg(value.reg()), at);
        self.add_offset(Reg::R1, offset, at);
    }

    /// A call on something at an offset in a value, with more arguments.
    fn call_on(&mut self, helper: Helper, value: Use, offset: u32, more: Vec<Passed>, at: At) -> Use {
        let mut arguments = vec![Passed::register(value)];
        arguments.extend(more);
        self.set_arguments(arguments, at);
        self.add_offset(Reg::R1, offset, at);
        self.call_helper(helper, at)
    }

    /// Declares a function that timers in a map's values call.
    #[track_caller]
    pub fn timer_callback<K, V>(&self, name: &str) -> TimerCallback<K, V> {
        TimerCallback { function: self.declare(name, 3), types: PhantomData }
    }

    /// Writes the body of such a function: it gets the value that the timer is in.
    #[track_caller]
    pub fn define_timer_callback<K, V>(
        &mut self,
        callback: TimerCallback<K, V>,
        body: impl FnOnce(&mut Body<'_, Fired>, Value<UntilCall, V>),
    ) {
        self.define_for_value(callback.function, body, here());
    }
}

/// # Timers
///
/// Linux 5.15, for programs under a licence that is compatible with the GPL. User space has to hold the map.
impl<P: Kind> Typed<P> {
    /// `r0 = bpf_timer_init(value + timer, map, clock)`: makes the timer of a value in this map, once.
    #[track_caller]
    pub fn make_timer<K, V>(
        &mut self,
        value: &Value<Kept, V>,
        timer: Field<V, Timer>,
        map: Map<K, V>,
        clock: TimerClock,
    ) -> Outcome {
        const { assert!(!WITHOUT_EITHER.contains(P::PROG_TYPE), "programs of this kind have no maps with timers") };
        let more = vec![Passed::map(map.reference()), Passed::number(clock as i32)];
        Outcome::at(self.call_on(Helper::TimerInit, value.used, timer.offset(), more, here()))
    }

    /// `r0 = bpf_timer_set_callback(value + timer, callback)`: what the timer calls.
    #[track_caller]
    pub fn set_timer_callback<K, V>(
        &mut self,
        value: &Value<Kept, V>,
        timer: Field<V, Timer>,
        callback: TimerCallback<K, V>,
    ) -> Outcome {
        let more = vec![Passed::function(callback.function)];
        Outcome::at(self.call_on(Helper::TimerSetCallback, value.used, timer.offset(), more, here()))
    }

    /// `r0 = bpf_timer_start(value + timer, nanoseconds, 0)`: it calls after so many nanoseconds.
    #[track_caller]
    pub fn start_timer<V>(
        &mut self,
        value: &Value<Kept, V>,
        timer: Field<V, Timer>,
        nanoseconds: impl Operand,
    ) -> Outcome {
        let more = vec![Passed::operand(nanoseconds.operand()), Passed::number(0)];
        Outcome::at(self.call_on(Helper::TimerStart, value.used, timer.offset(), more, here()))
    }

    /// `r0 = bpf_timer_cancel(value + timer)`: it doesn't call any more.
    #[track_caller]
    pub fn cancel_timer<V>(&mut self, value: &Value<Kept, V>, timer: Field<V, Timer>) -> Outcome {
        Outcome::at(self.call_on(Helper::TimerCancel, value.used, timer.offset(), Vec::new(), here()))
    }
}
