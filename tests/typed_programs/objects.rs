//! What programs do with maps of all kinds, storages and sockets.

use knockwright_asm::typed::*;
use knockwright_asm::{Label, MapDef, MapType, bpf_struct, field, kernel_struct};
use knockwright_differential::random::Random;

use super::operand;
use super::parts::test;

kernel_struct! {
    /// A task.
    struct Task as "task_struct" {}
}

/// A name that no other map of a program has, but by the rarest chance.
pub(super) fn name(random: &mut Random) -> String {
    format!("m{:x}", random.number() as u32)
}

/// A map of some kind that only some methods take. Nothing but `r0` to `r7` is written.
pub(super) fn of_a_kind<K: Kind>(p: &mut Typed<K>, random: &mut Random, out: Label) {
    let name = name(random);
    match random.below(6) {
        0 => {
            let keys = random.pick(&[PerCpu::Array, PerCpu::Hash, PerCpu::LruHash]);
            let counts = p.per_cpu_map::<u32, u64>(&name, keys, 4);
            let key = p.spill::<u32>(operand(random));
            let count = p.lookup_percpu(counts, &key, operand(random));
            let count = p.not_null(count, out);
            let number = p.get(R1, &count);
            p.goto_if(test(random, number), out);
            let count = p.lookup(counts.here(), &key);
            let count = p.not_null(count, out);
            p.set(&count, operand(random));
        }
        1 => {
            let prefixes = p.prefixes::<Ipv4Prefix, u64>(&name, 16);
            let key = p.fill().set(field!(Ipv4Prefix, length), 32);
            let key = key.set(field!(Ipv4Prefix, address), operand(random)).done();
            let found = p.lookup(prefixes, &key);
            let found = p.not_null(found, out);
            let number = p.get(R1, &found);
            p.goto_if(test(random, number), out);
        }
        2 => {
            let prefixes = p.prefixes::<Ipv6Prefix, u32>(&name, 16);
            let key = p.fill::<Ipv6Prefix>().zeroed().done();
            p.delete(prefixes, &key).ignore();
        }
        3 => {
            let seen = p.bloom_filter::<u64>(&name, 16, 1 + random.below(15) as u8);
            let value = p.spill::<u64>(operand(random));
            let may = p.may_hold(seen, &value);
            p.succeeded(may, out);
            p.add_to(seen, &value).ignore();
        }
        4 => {
            let inner = MapDef::new::<u32, u64>("inner", MapType::Array, 2);
            let maps = p.array_of_maps::<u32, u64>(&name, 4, inner);
            let key = p.spill::<u32>(operand(random));
            let map = p.lookup_map(maps, &key);
            let map = p.not_null_map(R6, map, out);
            looked_up(p, random, out, &map, &key);
        }
        _ => {
            let inner = MapDef::new::<u32, u64>("inner", MapType::Hash, 2);
            let maps = p.hash_of_maps::<u64, u32, u64>(&name, 4, inner);
            let key = p.spill::<u64>(operand(random));
            let map = p.lookup_map(maps, &key);
            let map = p.not_null_map(R7, map, out);
            let key = p.spill::<u32>(operand(random));
            looked_up(p, random, out, &map, &key);
        }
    }
}

fn looked_up<K: Kind>(
    p: &mut Typed<K>,
    random: &mut Random,
    out: Label,
    map: &InnerMap<u32, u64>,
    key: &Init<u32>,
) {
    let found = p.lookup_in(map, key);
    let found = p.not_null(found, out);
    let number = p.get(R1, &found);
    p.goto_if(test(random, number), out);
    p.set(&found, operand(random));
}

/// A value for the task that runs.
pub(super) fn of_the_task<K: Kind>(p: &mut Typed<K>, random: &mut Random, out: Label) {
    let storage = p.storage::<OfTask, u64>(&name(random));
    let task = p.current_task::<Task>();
    let task = p.keep_pointer(R6, task);
    if random.below(3) == 0 {
        p.forget(storage, &task).ignore();
        return;
    }
    let value = p.stored(storage, &task, random.pick(&[Missing::Create, Missing::Leave]));
    let value = p.not_null(value, out);
    let number = p.get(R2, &value);
    p.goto_if(test(random, number), out);
    p.set(&value, operand(random));
}

/// Looks a socket up, reads it, and gives it back on every way.
pub(super) fn socket<K: Kind>(p: &mut Typed<K>, random: &mut Random, out: Label, context: &Context<K>) {
    match random.below(3) {
        0 => {
            let tuple =
                p.fill::<Ipv4Tuple>().zeroed().set(field!(Ipv4Tuple, source_port), operand(random)).done();
            let found = p.lookup_tcp(context, &tuple);
            found_socket(p, random, out, found);
        }
        1 => {
            let tuple = p.fill::<Ipv6Tuple>().zeroed().done();
            let found = p.lookup_udp(context, &tuple);
            found_socket(p, random, out, found);
        }
        _ => {
            let tuple = p.fill::<Ipv6Tuple>().zeroed().done();
            let found = p.lookup_tcp_any(context, &tuple);
            let socket = p.not_null_socket(found, out);
            let socket = p.keep_socket(R6, socket);
            let state = p.read_socket(R2, &socket, bpf_sock::STATE);
            let closed = p.label("closed");
            p.goto_if(test(random, state), closed);
            let port = p.read_socket(R2, &socket, bpf_sock::DST_PORT);
            p.goto_if(test(random, port), closed);
            p.bind(closed);
            p.release(socket);
        }
    }
}

fn found_socket<K: Kind>(p: &mut Typed<K>, random: &mut Random, out: Label, found: SocketOrNull<FullSocket>) {
    let socket = p.not_null_socket(found, out);
    let socket = p.keep_socket(R6, socket);
    let mark = p.read_socket(R7, &socket, bpf_sock::MARK);
    let protocol = p.read_socket(R2, &socket, bpf_sock::PROTOCOL);
    let given_back = p.label("given back");
    p.goto_if(test(random, protocol), given_back);
    p.bind(given_back);
    p.release(socket);
    p.goto_if(test(random, mark), out);
}

bpf_struct! {
    /// A pair that changes together.
    struct Pair as "pair" {
        /// In front.
        one: u64,
        /// Its lock.
        lock: SpinLock,
        /// Behind it.
        other: u32,
    }
    /// Something that happens later.
    pub(super) struct Alarm as "alarm" {
        /// How often it has.
        times: u64,
        /// When.
        timer: Timer,
    }
}

/// Numbers that change together, under a lock.
pub(super) fn under_a_lock<K: Kind>(p: &mut Typed<K>, random: &mut Random, out: Label) {
    let map_type = random.pick(&[MapType::Array, MapType::Hash]);
    let pairs = p.map::<u32, Pair>(&name(random), map_type, 1);
    let key = p.spill::<u32>(operand(random));
    let pair = p.lookup(pairs, &key);
    let pair = p.not_null(pair, out);
    let pair = p.keep(R6, pair);
    let number = operand(random);
    p.locked(&pair, field!(Pair, lock), |p| {
        let one = p.load(R1, &pair, field!(Pair, one));
        let next = p.label("next");
        p.goto_if(test(random, one), next);
        p.store(&pair, field!(Pair, one), number);
        p.bind(next);
        p.store(&pair, field!(Pair, other), number);
    });
}

/// A timer, and what it calls.
pub(super) fn timer<K: Kind>(p: &mut Typed<K>, random: &mut Random, out: Label) -> TimerCallback<u32, Alarm> {
    let alarms = p.map::<u32, Alarm>(&name(random), random.pick(&[MapType::Array, MapType::LruHash]), 4);
    let callback = p.timer_callback(&name(random));
    let key = p.spill::<u32>(0);
    let alarm = p.lookup(alarms, &key);
    let alarm = p.not_null(alarm, out);
    let alarm = p.keep(R7, alarm);
    let timer = field!(Alarm, timer);
    let clock = random.pick(&[TimerClock::Monotonic, TimerClock::Boot]);
    let made = p.make_timer(&alarm, timer, alarms, clock);
    p.succeeded(made, out);
    p.set_timer_callback(&alarm, timer, callback).ignore();
    if random.below(2) == 0 {
        p.cancel_timer(&alarm, timer).ignore();
    }
    p.start_timer(&alarm, timer, operand(random)).ignore();
    callback
}

/// What a timer calls.
pub(super) fn define(p: &mut Writer, callback: TimerCallback<u32, Alarm>, random: &mut Random) {
    p.define_timer_callback(callback, |p, alarm| {
        let times = p.load(R1, &alarm, field!(Alarm, times));
        let enough = p.label("enough");
        p.goto_if(test(random, times), enough);
        let one = p.constant::<1, _>(R2);
        p.atomic_add(&alarm, field!(Alarm, times), one);
        p.bind(enough);
        p.give(Fired::Done);
    });
}

/// A value for a socket that was looked up.
pub(super) fn of_a_socket<K: Kind>(p: &mut Typed<K>, random: &mut Random, out: Label, context: &Context<K>) {
    let storage = p.storage::<OfSocket, u32>(&name(random));
    let tuple = p.fill::<Ipv4Tuple>().zeroed().done();
    let found = p.lookup_tcp(context, &tuple);
    let socket = p.not_null_socket(found, out);
    let socket = p.keep_socket(R6, socket);
    let none = p.label("none");
    let value = p.stored(storage, &socket, random.pick(&[Missing::Create, Missing::Leave]));
    let value = p.not_null(value, none);
    p.set(&value, operand(random));
    p.bind(none);
    p.release(socket);
}
