//! What programs consist of: look-ups, numbers, packets, branches, loops, calls.

use knockwright_asm::field;
use knockwright_asm::typed::*;
use knockwright_differential::random::Random;

use super::kinds::{Returning, Tried};
use super::{Bytes, Ethernet, Known, Maps, Note, Number, Table, operand};

pub(super) fn step<K: Tried>(
    p: &mut Typed<K>,
    maps: &Maps,
    random: &mut Random,
    known: &mut Known,
    packet: &mut Packet<K::Rights>,
    depth: u32,
) {
    match random.below(16) {
        13 => called(p, maps, random, known),
        14 => looped(p, maps, random, known),
        11 => counted(p, maps, random, known),
        12 => queued(p, maps, random, known),
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

pub(super) fn key<K: Returning>(
    p: &mut Typed<K>,
    maps: &Maps,
    random: &mut Random,
    known: &mut Known,
) -> Init<u32> {
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

pub(super) fn lookup<K: Returning>(p: &mut Typed<K>, maps: &Maps, random: &mut Random, known: &mut Known) {
    let key = key(p, maps, random, known);
    let map = if random.below(2) == 0 { maps.hash } else { maps.array };
    let found = p.lookup(map, &key);
    if random.below(3) == 0 {
        // The other way round: what isn't found leaves.
        let label = p.label("found");
        let found = p.goto_if_found(found, label);
        p.exit(K::any(random));
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

pub(super) fn number<K: Tried>(
    p: &mut Typed<K>,
    maps: &Maps,
    random: &mut Random,
    known: &mut Known,
    packet: &Packet<K::Rights>,
) {
    let word = match known.number {
        Some(Number::Byte(byte)) => byte.weaken(),
        Some(Number::Short(short)) => p.be16(short),
        Some(Number::Word(word)) => word,
        None => {
            let bytes = p.header::<Bytes>(packet, R5, maps.out);
            p.load(R9, &bytes, field!(Bytes, word)).weaken()
        }
    };
    known.number = Some(match random.below(16) {
        8 => Number::Word(if random.below(2) == 0 { word.div::<10>(p) } else { p.div(word, word) }),
        9 => Number::Word(if random.below(2) == 0 { word.rem::<3>(p) } else { p.rem(word, word) }),
        10 => Number::Word(p.xor(word, operand(random))),
        11 => Number::Word(if random.below(2) == 0 {
            word.lsh::<63, { u64::MAX }>(p)
        } else {
            p.lsh(word, word)
        }),
        12 => Number::Word(if random.below(2) == 0 { word.arsh::<32>(p) } else { p.arsh(word, word) }),
        13 => Number::Word(p.neg(word)),
        14 => Number::Word(p.be32(word)),
        15 => Number::Word(p.rsh(word, word)),
        0 if random.below(2) == 0 => {
            let by = operand(random);
            Number::Word(p.repeat_to_end::<3, _>(R5, word, |p, word| p.add(word, by)))
        }
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

pub(super) fn test<H, const MAX: u64>(random: &mut Random, number: Scalar<H, MAX>) -> Test {
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
pub(super) fn table<K: Returning>(p: &mut Typed<K>, maps: &Maps, random: &mut Random, known: &mut Known) {
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

pub(super) fn packet_fields<K: Tried>(
    p: &mut Typed<K>,
    maps: &Maps,
    random: &mut Random,
    known: &mut Known,
    packet: &Packet<K::Rights>,
) {
    let ethernet = p.header::<Ethernet>(packet, R2, maps.out);
    let kind = p.load(R3, &ethernet, field!(Ethernet, ether_type));
    if random.below(2) == 0 {
        let kind = p.be16(kind);
        p.goto_if(test(random, kind), maps.out);
        K::write_to(p, &ethernet, kind);
    } else {
        known.number = Some(Number::Short(p.copy(R9, kind)));
    }
}

pub(super) fn advance<K: Tried>(
    p: &mut Typed<K>,
    maps: &Maps,
    random: &mut Random,
    known: &mut Known,
    packet: &mut Packet<K::Rights>,
) {
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
pub(super) fn branch<K: Tried>(
    p: &mut Typed<K>,
    maps: &Maps,
    random: &mut Random,
    known: &mut Known,
    packet: &mut Packet<K::Rights>,
    depth: u32,
) {
    let Some(number) = known.number else { return number(p, maps, random, known, packet) };
    let test = match number {
        Number::Byte(byte) => test(random, byte),
        Number::Short(short) => test(random, short),
        Number::Word(word) => test(random, word),
    };
    let mut joined = p.join::<Packet<K::Rights>>("joined");
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
pub(super) fn again<W>(p: &Writer, packet: &Packet<W>) -> Packet<W> {
    let join = p.join::<Packet<W>>("here");
    p.meet(join, packet)
}

/// A loop over the packet.
pub(super) fn round<K: Tried>(
    p: &mut Typed<K>,
    maps: &Maps,
    random: &mut Random,
    packet: &mut Packet<K::Rights>,
) {
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
    p.exit(K::any(random));
    *packet = p.bind_with(left);
}

pub(super) fn record<K: Returning>(p: &mut Typed<K>, maps: &Maps, random: &mut Random, known: &mut Known) {
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

/// A value that is a number and no struct.
pub(super) fn counted<K: Returning>(p: &mut Typed<K>, maps: &Maps, random: &mut Random, known: &mut Known) {
    let key = key(p, maps, random, known);
    let count = p.lookup(maps.counts, &key);
    let count = p.not_null(count, maps.out);
    let number = p.get(R1, &count);
    match random.below(6) {
        0 => {
            let number = p.add(number, 1);
            p.set(&count, number);
        }
        1 => p.atomic_xor(&count, whole(), number),
        2 => p.goto_if(test(random, p.fetch_or(&count, whole(), number)), maps.out),
        3 => p.goto_if(test(random, p.exchange(&count, whole(), number)), maps.out),
        4 => p.set(&count, operand(random)),
        _ => known.number = Some(Number::Word(p.copy(R9, number))),
    }
}

pub(super) fn called<K: Returning>(p: &mut Typed<K>, maps: &Maps, random: &mut Random, known: &mut Known) {
    if let (Some(table), 0) = (known.table, random.below(2)) {
        let find = *maps.functions.find.get_or_init(|| p.function("find"));
        let found = p.call_function(find, (&table, operand(random)));
        known.table = Some(p.keep(R6, found));
        return;
    }
    let Some(Number::Byte(byte)) = known.number else { return };
    let twice = *maps.functions.twice.get_or_init(|| p.function("twice"));
    let twice = p.call_function(twice, (byte, operand(random)));
    known.number = Some(Number::Short(p.copy(R9, twice.weaken())));
}

pub(super) fn looped<K: Returning>(p: &mut Typed<K>, maps: &Maps, random: &mut Random, known: &mut Known) {
    if known.keys.len() > 20 {
        return;
    }
    let sum = p.spill::<u64>(operand(random));
    let callback = *maps.functions.sum.get_or_init(|| p.callback("sum"));
    let rounds = p.bpf_loop(operand(random), callback, &sum);
    p.goto_if(test(random, rounds), maps.out);
    known.number = Some(Number::Word(p.reload(R9, &sum)));
}

pub(super) fn queued<K: Returning>(p: &mut Typed<K>, maps: &Maps, random: &mut Random, known: &mut Known) {
    if known.keys.len() > 20 {
        return;
    }
    if random.below(2) == 0 {
        let value = p.spill::<u64>(operand(random));
        p.push(maps.queue, &value, random.pick(&[Update::Any, Update::Replace])).ignore();
        return;
    }
    let place = p.uninit::<u64>();
    let (outcome, value) =
        if random.below(2) == 0 { p.pop(maps.queue, place) } else { p.peek(maps.queue, place) };
    if random.below(2) == 0 {
        p.succeeded(outcome, maps.out)
    } else {
        outcome.ignore()
    }
    known.number = Some(Number::Word(p.reload(R9, &value)));
}

pub(super) fn change<K: Returning>(p: &mut Typed<K>, maps: &Maps, random: &mut Random, known: &mut Known) {
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
