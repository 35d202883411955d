//! What the typed layer lets through, the kernel accepts: random programs over its API.
//!
//! The generator writes with the typed methods only, so it can't leave a guard out; everything else is chance: which values
//! are looked up, read, bounded, indexed, branched on, looped over, kept and overwritten. `KNOCKWRIGHT_SEED` starts at another
//! seed, `KNOCKWRIGHT_COUNT` makes more or fewer programs.

#[path = "typed_programs/kinds.rs"]
mod kinds;
#[path = "typed_programs/objects.rs"]
mod objects;
#[path = "typed_programs/parts.rs"]
mod parts;
mod support;
#[path = "typed_programs/tracing.rs"]
mod tracing;

use std::cell::OnceCell;

use knockwright_asm::linux::AttachType;
use knockwright_asm::linux::SERIES;
use knockwright_asm::typed::*;
use knockwright_asm::{KernelVersion, Label, MapDef, MapType, Program, bpf_struct, field, packet_header};
use knockwright_codegen::kernel_records_with_maps;
use knockwright_differential::random::Random;
use knockwright_kernels::{HostEngine, QemuEngine, Wanted, image, qemu, types};
use knockwright_verifier::{Attempt, Engine, Outcome, Verdict};

use kinds::{PACKETS, PLAIN, Returning, Tried, plain, with_packet};
use parts::{called, change, counted, lookup, looped, queued, step, table};

bpf_struct! {
    /// A value with an array between its fields.
    struct Table as "table" {
        /// A byte in front.
        kind: u8,
        /// The elements.
        ports: [u16; 10],
        /// Wide elements.
        sums: [u64; 4],
        /// A counter.
        count: u64,
        /// Bits.
        flags: u32,
    }
    /// A record of the ring buffer.
    struct Note as "note" {
        /// A number.
        number: u64,
        /// A port.
        port: u16,
        /// A byte.
        kind: u8,
    }
}

packet_header! {
    /// An Ethernet header.
    struct Ethernet { addresses: [u8; 12], ether_type: u16, }
    /// Some bytes.
    struct Bytes { first: u8, second: u8, short: u16, word: u32, }
}

/// A number to compare with or to calculate with: small ones, powers of two, any.
fn operand(random: &mut Random) -> i32 {
    match random.below(4) {
        0 => random.below(16) as i32,
        1 => -(random.below(16) as i32),
        2 => random.number() as i32,
        _ => 1 << random.below(31),
    }
}

/// What is kept in `r9` from step to step, when it's a number.
#[derive(Clone, Copy)]
enum Number {
    Byte(Scalar<Kept, 0xff>),
    Short(Scalar<Kept, 0xffff>),
    Word(Word<Kept>),
}

/// What the generator knows to be where at the point it has come to. `r7` and `r8` belong to the packet.
struct Known {
    table: Option<Value<Kept, Table>>,
    number: Option<Number>,
    keys: Vec<Init<u32>>,
}

type Twice = Function<(Scalar<UntilCall, 0xff>, Word<UntilCall>), Scalar<UntilCall, 0x1fe>>;
type Find = Function<(Value<UntilCall, Table>, Word<UntilCall>), Value<UntilCall, Table>>;

/// The functions that a program has called so far.
#[derive(Default)]
struct Functions {
    twice: OnceCell<Twice>,
    find: OnceCell<Find>,
    sum: OnceCell<Callback<u64>>,
    alarm: OnceCell<TimerCallback<u32, objects::Alarm>>,
}

impl Functions {
    /// Writes the bodies.
    fn define(&self, p: &mut Writer, random: &mut Random) {
        if let Some(twice) = self.twice.get() {
            p.define(*twice, |p, (byte, word)| {
                let small = p.label("small");
                p.goto_if(word.gt(operand(random)), small);
                p.give(byte.weaken());
                p.bind(small);
                p.give(byte.plus::<0xff, 0x1fe>(p));
            });
        }
        if let Some(find) = self.find.get() {
            p.define(*find, |p, (table, word)| {
                p.store(&table, field!(Table, count), word);
                p.give(&table);
            });
        }
        if let Some(alarm) = self.alarm.get() {
            objects::define(p, *alarm, random);
        }
        if let Some(sum) = self.sum.get() {
            p.define_callback(*sum, |p, round, sum| {
                let number = p.get(R3, &sum);
                let number = p.add(number, round);
                p.set(&sum, number);
                let stop = p.label("stop");
                p.goto_if(number.gt(1000), stop);
                p.give(Rounds::GoOn);
                p.bind(stop);
                p.give(Rounds::Stop);
            });
        }
    }
}

struct Maps {
    hash: Map<u32, Table>,
    array: Map<u32, Table>,
    counts: Map<u32, u64>,
    queue: Queue<u64>,
    functions: Functions,
    ring: RingBuffer,
    out: Label,
}

impl Maps {
    fn new(p: &Writer, random: &mut Random) -> Self {
        Self {
            hash: p.map("hash", MapType::Hash, 16),
            array: p.map("array", MapType::Array, 4),
            counts: p.map(
                "counts",
                random.pick(&[MapType::PercpuArray, MapType::Array, MapType::LruHash]),
                4,
            ),
            functions: Functions::default(),
            queue: p.queue("queue", random.pick(&[Order::FirstIn, Order::LastIn]), 8),
            ring: p.ring_buffer(MapDef::ring_buffer("ring", 4096)),
            out: p.label("out"),
        }
    }

    /// The ways out, and the bodies of functions.
    fn end<K: Returning>(&self, p: &mut Typed<K>, random: &mut Random) {
        p.exit(K::any(random));
        p.bind(self.out);
        p.exit(K::any(random));
        self.functions.define(p, random);
    }
}

/// A program without a packet: what it does with its context, and then with maps, functions and numbers.
fn plain_program<K: Returning>(
    seed: u64,
    own: impl Fn(&mut Typed<K>, &mut Random, Label, &Context<K>),
) -> Program {
    let mut random = Random::new(seed);
    let (mut p, context) = Typed::<K>::new("random");
    let maps = Maps::new(&p, &mut random);
    let context = p.keep_context(R8, context);
    let number = p.word(R9, operand(&mut random));
    p.goto_if(number.eq(operand(&mut random)), maps.out);
    own(&mut p, &mut random, maps.out, &context);
    let mut known = Known { table: None, number: Some(Number::Word(number)), keys: Vec::new() };
    for _ in 0..random.below(4) {
        match random.below(8) {
            6 => {
                objects::of_a_kind(&mut p, &mut random, maps.out);
                known.table = None;
            }
            0 => lookup(&mut p, &maps, &mut random, &mut known),
            1 => table(&mut p, &maps, &mut random, &mut known),
            2 => counted(&mut p, &maps, &mut random, &mut known),
            3 => queued(&mut p, &maps, &mut random, &mut known),
            4 => called(&mut p, &maps, &mut random, &mut known),
            5 => looped(&mut p, &maps, &mut random, &mut known),
            _ => change(&mut p, &maps, &mut random, &mut known),
        }
    }
    own(&mut p, &mut random, maps.out, &context);
    maps.end(&mut p, &mut random);
    p.finish()
        .unwrap_or_else(|errors| panic!("seed {seed}: the generator loses track of its values:\n{errors}"))
}

/// A program with what its load names.
struct Made {
    program: Program,
    attach: Option<AttachType>,
    target: Option<u32>,
}

impl Made {
    fn of<K: Kind>(program: Program) -> Self {
        Self { program, attach: K::ATTACH, target: None }
    }
}

/// What programs are made for besides what needs nothing of the kernel: its types, and the kinds for something of it that it
/// loads at all.
struct Kernel {
    layout: KernelLayout,
    kinds: Vec<u64>,
}

impl Kernel {
    /// Those that an engine loads. Kernels may lack what `fentry` and its like need, or not permit it.
    fn of(layout: KernelLayout, engine: &mut dyn Engine) -> Self {
        let least: Vec<Attempt> =
            (0..tracing::TARGETED).map(|kind| attempt(&tracing::least(kind, &layout)).at_level(0)).collect();
        let verdicts = engine.verify(&least).expect("verdicts");
        let loads = |(kind, verdict): (u64, Verdict)| (verdict.outcome == Outcome::Accept).then_some(kind);
        let kinds = (0..).zip(verdicts).filter_map(loads).collect();
        Self { layout, kinds }
    }
}

/// A program's load.
fn attempt(Made { program, attach, target }: &Made) -> Attempt {
    let (records, map_types) = kernel_records_with_maps(program).expect("types that kernels take");
    let attempt = Attempt::new(program.clone()).with_btf(records).with_map_types(map_types).at_level(0);
    attempt.attached_as(program.prog_type.attached_as(*attach).number()).for_target(*target)
}

fn program(seed: u64, kernel: Option<&Kernel>) -> Made {
    match seed % 12 {
        0 | 1 => Made::of::<Xdp>(program_of::<Xdp>(seed, Some(adjusted))),
        2 | 3 => Made::of::<Tc>(program_of::<Tc>(seed, None)),
        4 => match seed / 12 % (PACKETS + 1) {
            PACKETS => Made::of::<CgroupSkb>(program_of::<CgroupSkb>(seed, None)),
            kind => with_packet(kind, seed),
        },
        5..8 => tracing::probe(seed / 12 % tracing::PROBES, seed),
        8 | 9 => match kernel {
            Some(Kernel { layout, kinds }) if !kinds.is_empty() => {
                tracing::targeted(kinds[seed as usize / 12 % kinds.len()], seed, layout)
            }
            _ => plain(seed / 12 % PLAIN, seed),
        },
        _ => plain(seed / 12 % PLAIN, seed),
    }
}

/// What moves the packet's start, where programs can.
type Adjusted<K> = fn(&mut Typed<K>, &Maps, &mut Random, Context<K>, Packet<<K as PacketContext>::Rights>);

fn program_of<K: Tried>(seed: u64, adjusted: Option<Adjusted<K>>) -> Program {
    let mut random = Random::new(seed);
    let (mut p, context) = Typed::<K>::new("random");
    let maps = Maps::new(&p, &mut random);
    let packet = p.packet(&context, R7, R8);
    let _room = p.header::<Ethernet>(&packet, R2, maps.out); // so that something leads to `out`
    let mut known = Known { table: None, number: None, keys: Vec::new() };
    match adjusted.filter(|_| random.below(4) == 0) {
        Some(adjusted) => adjusted(&mut p, &maps, &mut random, context, packet),
        None if random.below(4) == 0 => {
            let context = p.keep_context(R8, context);
            K::own(&mut p, &mut random, &maps, &context);
            if random.below(3) == 0 {
                let programs = p.programs("programs", 4);
                p.tail_call(&context, programs, operand(&mut random));
            }
        }
        None => {
            let mut packet = packet;
            for _ in 0..1 + random.below(6) {
                step(&mut p, &maps, &mut random, &mut known, &mut packet, 2);
            }
        }
    }
    if let Some(Number::Byte(byte)) = known.number {
        let leave = p.label("leave");
        p.goto_if(byte.eq(7), leave);
        p.exit(byte.and::<1>(&p));
        p.bind(leave);
    }
    maps.end(&mut p, &mut random);
    p.finish()
        .unwrap_or_else(|errors| panic!("seed {seed}: the generator loses track of its values:\n{errors}"))
}

/// Programs that move the packet's start keep the context where others keep a table.
fn adjusted(p: &mut Typed<Xdp>, maps: &Maps, random: &mut Random, context: Context<Xdp>, packet: Packet) {
    let context = p.keep_context(R6, context);
    let ethernet = p.header::<Ethernet>(&packet, R2, maps.out);
    let kind = p.load(R9, &ethernet, field!(Ethernet, ether_type));
    p.goto_if(kind.eq(operand(random)), maps.out);
    p.adjust_head(&context, packet, -(4 * random.below(8) as i32), maps.out);
    let packet = p.packet(&context, R7, R8);
    let ethernet = p.header::<Ethernet>(&packet, R4, maps.out);
    p.store(&ethernet, field!(Ethernet, ether_type), kind);
}

fn environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn the_kernel_accepts_every_typed_program() {
    if !support::may_load("the_kernel_accepts_every_typed_program") {
        return;
    }
    let first = environment("KNOCKWRIGHT_SEED", 0);
    let count = environment("KNOCKWRIGHT_COUNT", 10_000);
    let mut verifier = HostEngine::new();
    let kernel = types::of_host().ok().map(|types| Kernel::of(KernelLayout::of(types), &mut verifier));
    let targeted = kernel.as_ref().map_or(0, |kernel| kernel.kinds.len() as u64);
    if targeted < tracing::TARGETED {
        eprintln!("this kernel loads programs for {targeted} of {} kinds of targets", tracing::TARGETED);
    }
    let (mut slots, mut bugs) = (0, 0);
    for seed in first..first + count {
        let made = program(seed, kernel.as_ref());
        let (program, attach, attempt) = (&made.program, made.attach, attempt(&made));
        slots += program.slot_count();
        if verifier.verdict(&attempt).outcome == Outcome::Accept {
            continue;
        }
        let verdict = verifier.verdict(&attempt.at_level(2));
        let (log, message) = (verdict.log, verdict.message);
        if is_a_bug_of_its_own(&log) {
            bugs += 1;
            continue;
        }
        let listing = knockwright_asm::text::Listing::new(program).with_slots().to_string();
        panic!("seed {seed}: the kernel rejects this, attached as {attach:?}\n{listing}\n{log}\n{message}");
    }
    let kinds = PLAIN + PACKETS + 3 + tracing::PROBES + targeted;
    eprintln!("{count} programs of {kinds} kinds from seed {first}: all accepted; {slots} slots");
    eprintln!("at {bugs} of them the kernel reports a bug of its own");
    assert!(bugs * 500 <= count, "{bugs} of {count}");
}

/// Whether a kernel has tripped over itself: from 6.18 on it takes code out that is never reached, and looks for the callback that
/// only that code named.
fn is_a_bug_of_its_own(log: &str) -> bool {
    log.contains("verifier bug: No program to jit at insn")
}

/// What the running kernel may lack, the kernels in QEMU have: programs for its functions, hooks, trace points and iterators, by
/// the types of each. `KNOCKWRIGHT_TEST_KERNELS` names others than the newest at hand.
#[test]
fn kernels_in_qemu_accept_programs_for_what_they_have() {
    const NAME: &str = "kernels_in_qemu_accept_programs_for_what_they_have";
    let count = environment("KNOCKWRIGHT_COUNT", 300);
    // Before, there is no `bpf_loop`, and the types name no parameters of trace points.
    const OLDEST: KernelVersion = KernelVersion::new(6, 1);
    let images = match std::env::var("KNOCKWRIGHT_TEST_KERNELS") {
        Ok(_) => {
            let new_enough = support::guests::series().into_iter().filter(|series| *series >= OLDEST);
            knockwright_kernels::images(&new_enough.map(Wanted::Series).collect::<Vec<_>>()).expect("images")
        }
        Err(_) => SERIES
            .iter()
            .rev()
            .find_map(|series| Some((series.to_string(), image(*series).ok()?)))
            .into_iter()
            .collect(),
    };
    if qemu::find_qemu().is_none() || images.is_empty() {
        support::skip(NAME, "no kernel is at hand, or there is no QEMU");
        return;
    }
    for (name, image) in images {
        let layout = KernelLayout::of(types::of_image(&image).expect("types"));
        let mut engine = QemuEngine::new(name.clone(), image);
        let kernel = Kernel::of(layout, &mut engine);
        assert!(kernel.kinds.len() >= 3, "{name}: {:?}", kernel.kinds);
        let kinds = |seed: u64| match seed % 4 {
            0 => tracing::probe(seed / 4 % tracing::PROBES, seed),
            _ => {
                tracing::targeted(kernel.kinds[seed as usize / 4 % kernel.kinds.len()], seed, &kernel.layout)
            }
        };
        let made: Vec<Made> = (0..count).map(kinds).collect();
        let attempts: Vec<Attempt> = made.iter().map(|made| attempt(made).at_level(1)).collect();
        let mut bugs = 0;
        for ((seed, made), verdict) in (0_u64..).zip(&made).zip(engine.verify(&attempts).expect("verdicts")) {
            let (log, message) = (verdict.log, verdict.message);
            if is_a_bug_of_its_own(&log) {
                bugs += 1;
                continue;
            }
            let listing = knockwright_asm::text::Listing::new(&made.program).with_slots();
            assert_eq!(verdict.outcome, Outcome::Accept, "{name}, seed {seed}:\n{listing}\n{log}\n{message}");
        }
        let kinds = tracing::PROBES as usize + kernel.kinds.len();
        eprintln!(
            "{name}: {count} programs of {kinds} kinds: all accepted, but for {bugs} at which it reports a bug of its own"
        );
        assert!(bugs * 500 <= count.max(500), "{bugs} of {count}");
    }
}
