//! What the typed layer lets through, the kernel accepts: random programs over its API.
//!
//! The generator writes with the typed methods only, so it can't leave a guard out; everything else is chance: which values
//! are looked up, read, bounded, indexed, branched on, looped over, kept and overwritten. `KNOCKWRIGHT_SEED` starts at another
//! seed, `KNOCKWRIGHT_COUNT` makes more or fewer programs.

mod support;

use knockwright_asm::typed::{
    Clock, Context, Init, Kept, Map, Packet, R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, RingBuffer, Scalar,
    Test, Typed, Update, Value, Word,
};
use knockwright_asm::{Label, MapDef, MapType, Program, bpf_struct, field, packet_header};
use knockwright_differential::random::Random;
use knockwright_kernels::HostEngine;
use knockwright_verifier::{Attempt, Engine, Outcome};

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

struct Maps {
    hash: Map<u32, Table>,
    array: Map<u32, Table>,
    ring: RingBuffer,
    out: Label,
}

fn program(seed: u64) -> Program {
    let mut random = Random::new(seed);
    let (mut p, context) = Typed::xdp("random");
    let maps = Maps {
        hash: p.map("hash", MapType::Hash, 16),
        array: p.map("array", MapType::Array, 4),
        ring: p.ring_buffer(MapDef::ring_buffer("ring", 4096)),
        out: p.label("out"),
    };
    let packet = p.packet(&context, R7, R8);
    let _room = p.header::<Ethernet>(&packet, R2, maps.out); // so that something leads to `out`
    let mut known = Known { table: None, number: None, keys: Vec::new() };
    if random.below(4) == 0 {
        adjusted(&mut p, &maps, &mut random, context, packet);
    } else {
        let mut packet = packet;
        for _ in 0..1 + random.below(6) {
            step(&mut p, &maps, &mut random, &mut known, &mut packet, 2);
        }
    }
    match known.number {
        Some(Number::Byte(byte)) => p.exit(byte),
        _ => p.exit(1),
    }
    p.bind(maps.out);
    p.exit(2);
    p.finish()
        .unwrap_or_else(|errors| panic!("seed {seed}: the generator loses track of its values:\n{errors}"))
}

/// Programs that move the packet's start keep the context where others keep a table.
fn adjusted(p: &mut Typed, maps: &Maps, random: &mut Random, context: Context, packet: Packet) {
    let context = p.keep_context(R6, context);
    let ethernet = p.header::<Ethernet>(&packet, R2, maps.out);
    let kind = p.load(R9, &ethernet, field!(Ethernet, ether_type));
    p.goto_if(kind.eq(operand(random)), maps.out);
    p.adjust_head(&context, packet, -(4 * random.below(8) as i32), maps.out);
    let packet = p.packet(&context, R7, R8);
    let ethernet = p.header::<Ethernet>(&packet, R4, maps.out);
    p.store(&ethernet, field!(Ethernet, ether_type), kind);
}

fn step(p: &mut Typed, maps: &Maps, random: &mut Random, known: &mut Known, packet: &mut Packet, depth: u32) {
    match random.below(12) {
        0 | 1 => lookup(p, maps, random, known),
        2 => number(p, maps, random, known, packet),
        3 | 4 => table(p, maps, random, known),
        5 => packet_fields(p, maps, random, known, packet),
        6 => advance(p, maps, random, known, packet),
        7 if depth > 0 => branch(p, maps, random, known, packet, depth),
        8 => round(p, maps, random, packet),
        9 => record(p, maps, random, known),
        10 => change(p, maps, random, known),
        _ => {
            known.number = Some(Number::Word(p.now(R9, Clock::Coarse)));
        }
    }
}

fn key(p: &mut Typed, maps: &Maps, random: &mut Random, known: &mut Known) -> Init<u32> {
    if let Some(key) = known.keys.last().copied().filter(|_| random.below(2) == 0 || known.keys.len() > 20) {
        return key;
    }
    let key = match (random.below(3), known.number) {
        (0, Some(Number::Byte(byte))) => p.spill(byte),
        (0, Some(Number::Word(word))) => p.spill(word.at_most::<100>(p, maps.out)),
        _ => p.spill(operand(random)),
    };
    known.keys.push(key);
    key
}

fn lookup(p: &mut Typed, maps: &Maps, random: &mut Random, known: &mut Known) {
    let key = key(p, maps, random, known);
    let map = if random.below(2) == 0 { maps.hash } else { maps.array };
    let found = p.lookup(map, &key);
    if random.below(3) == 0 {
        // The other way round: what isn't found leaves.
        let label = p.label("found");
        let found = p.goto_if_found(found, label);
        p.exit(operand(random));
        let table = p.bind_found(found);
        known.table = Some(p.keep(R6, table));
        return;
    }
    let table = p.not_null(found, maps.out);
    if random.below(2) == 0 {
        let flags = p.load(R1, &table, field!(Table, flags));
        p.goto_if(flags.has(operand(random)), maps.out);
        p.store(&table, field!(Table, kind), operand(random));
    }
    known.table = Some(p.keep(R6, table));
}

fn number(p: &mut Typed, maps: &Maps, random: &mut Random, known: &mut Known, packet: &Packet) {
    let word = match known.number {
        Some(Number::Byte(byte)) => byte.weaken(),
        Some(Number::Short(short)) => p.be16(short).weaken(),
        Some(Number::Word(word)) => word,
        None => {
            let bytes = p.header::<Bytes>(packet, R5, maps.out);
            p.load(R9, &bytes, field!(Bytes, word)).weaken()
        }
    };
    known.number = Some(match random.below(8) {
        0 => Number::Word(p.add(word, operand(random))),
        1 => Number::Word(p.mul(word, operand(random))),
        2 => Number::Word(p.sub(word, word)),
        3 => Number::Word(p.or(word, operand(random))),
        4 => Number::Byte(word.and::<0x7f>(p).weaken()),
        5 => Number::Byte(word.at_most::<9>(p, maps.out).weaken()),
        6 => Number::Byte(word.rsh::<56, 0xff>(p)),
        _ => {
            let short = word.and::<0xffff>(p);
            // Half the time it's set to 3, unless a test of it holds.
            Number::Short(if random.below(2) == 0 {
                short
            } else {
                short.keep_if::<3>(p, short.gt(operand(random)))
            })
        }
    });
}

fn test<H, const MAX: u64>(random: &mut Random, number: Scalar<H, MAX>) -> Test {
    let other = operand(random);
    match random.below(6) {
        0 => number.eq(other),
        1 => number.ne(other),
        2 => number.gt(other),
        3 => number.le(other),
        4 => number.sgt(other),
        _ => number.has(other),
    }
}

/// Reads and writes the table: fields, elements by checked indexes, atomics.
fn table(p: &mut Typed, maps: &Maps, random: &mut Random, known: &mut Known) {
    let Some(table) = known.table else { return lookup(p, maps, random, known) };
    match random.below(7) {
        0 => {
            let kind = p.load(R1, &table, field!(Table, kind));
            let index = kind.below::<10>(p, maps.out);
            let port = p.element(R2, &table, field!(Table, ports), index);
            known.number = Some(Number::Short(p.load_element(R9, &port)));
        }
        1 => {
            let flags = p.load(R3, &table, field!(Table, flags));
            let index = flags.and::<3>(p).index::<4>();
            let sum = p.element(R1, &table, field!(Table, sums), index);
            p.store_element(&sum, operand(random));
            let before = p.load_before(R4, &sum);
            p.goto_if(test(random, before), maps.out);
        }
        2 => {
            let count = p.load(R0, &table, field!(Table, count));
            let index = count.rsh::<62, 3>(p).weaken::<9>().index::<10>();
            let port = p.element(R5, &table, field!(Table, ports), index);
            let port = p.load_element(R5, &port);
            p.store(&table, field!(Table, flags), port);
        }
        3 => {
            let one = p.constant::<1, _>(R2);
            p.atomic_add(&table, field!(Table, count), one);
            p.atomic_add(&table, field!(Table, flags), one);
        }
        4 => {
            let old = p.load(R1, &table, field!(Table, count));
            let new = p.copy(R2, old);
            let new = p.add(new, operand(random));
            p.compare_exchange(&table, field!(Table, count), old, new, maps.out);
        }
        5 => known.number = Some(Number::Byte(p.load(R9, &table, field!(Table, kind)))),
        _ => {
            let first = p.load(R1, &table, field!(Table, ports[9]));
            let wide = p.wide(R2, random.number());
            p.goto_if(first.lt(wide), maps.out);
            p.store(&table, field!(Table, count), first);
        }
    }
}

fn packet_fields(p: &mut Typed, maps: &Maps, random: &mut Random, known: &mut Known, packet: &Packet) {
    let ethernet = p.header::<Ethernet>(packet, R2, maps.out);
    let kind = p.load(R3, &ethernet, field!(Ethernet, ether_type));
    if random.below(2) == 0 {
        let kind = p.be16(kind);
        p.goto_if(test(random, kind), maps.out);
        p.store(&ethernet, field!(Ethernet, ether_type), kind);
    } else {
        known.number = Some(Number::Short(p.copy(R9, kind)));
    }
}

fn advance(p: &mut Typed, maps: &Maps, random: &mut Random, known: &mut Known, packet: &mut Packet) {
    let bytes = p.header::<Bytes>(packet, R1, maps.out);
    if random.below(2) == 0 {
        let length = p.load(R2, &bytes, field!(Bytes, first));
        let length = length.plus::<1, 256>(p).lsh::<3, 2048>(p);
        p.advance_by(packet, length);
    } else {
        known.number = Some(Number::Byte(p.load(R9, &bytes, field!(Bytes, second))));
        p.advance(packet, random.below(64) as u16);
    }
}

/// A branch: what it overwrites is no longer known after it, unless both ways bring it to a join.
fn branch(
    p: &mut Typed,
    maps: &Maps,
    random: &mut Random,
    known: &mut Known,
    packet: &mut Packet,
    depth: u32,
) {
    let Some(number) = known.number else { return number(p, maps, random, known, packet) };
    let test = match number {
        Number::Byte(byte) => test(random, byte),
        Number::Short(short) => test(random, short),
        Number::Word(word) => test(random, word),
    };
    let mut joined = p.join::<Packet>("joined");
    p.goto_if_with(test, &mut joined, &*packet);
    let keys = known.keys.len();
    let mut inside = Known { table: known.table, number: known.number, keys: known.keys.clone() };
    let mut there = again(p, packet);
    for _ in 0..1 + random.below(3) {
        step(p, maps, random, &mut inside, &mut there, depth - 1);
    }
    *packet = p.meet(joined, &there);
    // The generator is cautious: only what was there before, and wasn't touched, counts after the branch.
    known.table = None;
    known.number = None;
    known.keys.truncate(keys);
}

/// The packet again, as a value of its own: a join with one way.
fn again(p: &Typed, packet: &Packet) -> Packet {
    let join = p.join::<Packet>("here");
    p.meet(join, packet)
}

/// A loop over the packet.
fn round(p: &mut Typed, maps: &Maps, random: &mut Random, packet: &mut Packet) {
    let done = p.label("done");
    let bytes = p.header::<Bytes>(packet, R3, maps.out);
    let next = p.load(R1, &bytes, field!(Bytes, first));
    let carried = again(p, packet);
    let mut left = p.join("left");
    p.repeat::<5, _>(R5, (next, carried), done, |p, (next, mut packet)| {
        let test = test(random, next);
        p.goto_if_with(test, &mut left, &packet);
        let bytes = p.header::<Bytes>(&packet, R3, maps.out);
        let next = p.load(R1, &bytes, field!(Bytes, first));
        let length = p.load(R2, &bytes, field!(Bytes, second)).and::<0x3f>(p);
        p.advance_by(&mut packet, length);
        (next, packet)
    });
    p.bind(done);
    p.exit(operand(random));
    *packet = p.bind_with(left);
}

fn record(p: &mut Typed, maps: &Maps, random: &mut Random, known: &mut Known) {
    let number = known.number;
    let full = if random.below(2) == 0 { maps.out } else { p.label("full") };
    p.reserve::<Note>(maps.ring, full, |p, note| {
        match number {
            Some(Number::Word(word)) => p.store(&note, field!(Note, number), word),
            Some(Number::Short(short)) => p.store(&note, field!(Note, port), short),
            Some(Number::Byte(byte)) => p.store(&note, field!(Note, kind), byte),
            None => {}
        }
        p.store(&note, field!(Note, number), operand(random));
        if random.below(4) == 0 { p.discard(note) } else { p.submit(note) }
    });
    if full != maps.out {
        p.bind(full);
    }
}

fn change(p: &mut Typed, maps: &Maps, random: &mut Random, known: &mut Known) {
    let key = key(p, maps, random, known);
    if random.below(3) == 0 || known.keys.len() > 4 {
        p.delete(maps.hash, &key).ignore();
        return;
    }
    let how = random.pick(&[Update::Any, Update::Create, Update::Replace]);
    let value = p.fill::<Table>().zeroed().set(field!(Table, count), operand(random)).done();
    let outcome = p.update(maps.hash, &key, &value, how);
    if random.below(2) == 0 { p.succeeded(outcome, maps.out) } else { outcome.ignore() }
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
    let (mut slots, mut processed) = (0, 0);
    for seed in first..first + count {
        let program = program(seed);
        let verdict = verifier.verdict(&Attempt::new(program.clone()).at_level(1));
        if verdict.outcome != Outcome::Accept {
            let listing = knockwright_asm::text::Listing::new(&program).with_slots().to_string();
            panic!("seed {seed}: the kernel rejects this\n{listing}\n{}", verdict.log);
        }
        slots += program.slot_count();
        processed += verdict.processed.unwrap_or(0);
    }
    eprintln!(
        "{count} programs from seed {first}: all accepted; {slots} slots, {processed} instructions processed"
    );
}
