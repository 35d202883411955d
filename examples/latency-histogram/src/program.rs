//! How long a function takes: a probe where it begins, a probe where it ends.

use knockwright_asm::typed::{
    Clock, Kept, Kprobe, Kretprobe, Map, Native, ProbeAction, R1, R2, R6, R7, Returns, SeesRegisters, Typed,
    TypedErrors, Update, Uprobe, Uretprobe, Word, call, whole,
};
use knockwright_asm::{MapType, Program, SourceFile};

/// The number of counters: one for each power of two of nanoseconds.
pub const SLOTS: u32 = 64;

const SOURCE: SourceFile = SourceFile { path: "src/program.rs", text: include_str!("program.rs") };

/// The time at which each thread entered the function.
fn entered<K: SeesRegisters>(p: &Typed<K>) -> Map<u64, u64> {
    p.map("entered", MapType::LruHash, 10240)
}

/// Where the function begins: remembers when.
fn begins<K: SeesRegisters>(name: &str) -> Result<Program, TypedErrors>
where
    ProbeAction: Returns<K>,
{
    let (mut p, _context) = Typed::<K>::new(name);
    p.license("Dual MIT/GPL");
    p.source_file(SOURCE);
    let entered = entered(&p);
    let thread = p.call(call::GetCurrentPidTgid, ());
    let thread = p.spill::<u64>(thread);
    let now = p.now(R6, Clock::Monotonic);
    let now = p.spill::<u64>(now);
    p.update(entered, &thread, &now, Update::Any).ignore();
    p.exit(ProbeAction::Done);
    p.finish()
}

/// Where the function ends: counts the time that it took in the array `taken`, by powers of two.
fn ends<K: SeesRegisters>(name: &str) -> Result<Program, TypedErrors>
where
    ProbeAction: Returns<K>,
{
    let (mut p, _context) = Typed::<K>::new(name);
    p.license("Dual MIT/GPL");
    p.source_file(SOURCE);
    let entered = entered(&p);
    let taken = p.map::<u32, u64>("taken", MapType::Array, SLOTS);
    let out = p.label("out");

    let thread = p.call(call::GetCurrentPidTgid, ());
    let thread = p.spill::<u64>(thread);
    let now = p.now(R6, Clock::Monotonic);
    let start = p.lookup(entered, &thread);
    let start = p.not_null(start, out); // it was entered before the probe was there
    let start = p.get(R1, &start);
    let time = p.sub(now, start);
    p.delete(entered, &thread).ignore();
    let slot = logarithm(&p, time);
    let slot = p.spill::<u32>(slot.at_most::<63>(&p, out));
    let count = p.lookup(taken, &slot);
    let count = p.not_null(count, out);
    let one = p.constant::<1, _>(R1);
    p.atomic_add(&count, whole(), one);

    p.bind(out);
    p.exit(ProbeAction::Done);
    p.finish()
}

/// The number of the highest bit that is set: halves of halves.
fn logarithm<K>(p: &Typed<K>, time: Word<Kept>) -> Word<Kept> {
    let (time, bit) = halve::<32, { u64::MAX >> 32 }, K>(p, time, p.word(R7, 0));
    let (time, bit) = halve::<16, { u64::MAX >> 16 }, K>(p, time, bit);
    let (time, bit) = halve::<8, { u64::MAX >> 8 }, K>(p, time, bit);
    let (time, bit) = halve::<4, { u64::MAX >> 4 }, K>(p, time, bit);
    let (time, bit) = halve::<2, { u64::MAX >> 2 }, K>(p, time, bit);
    let (_, bit) = halve::<1, { u64::MAX >> 1 }, K>(p, time, bit);
    bit
}

/// `if time >= 1 << BITS { time >>= BITS; bit += BITS }`.
fn halve<const BITS: u32, const MOST: u64, K>(
    p: &Typed<K>,
    time: Word<Kept>,
    bit: Word<Kept>,
) -> (Word<Kept>, Word<Kept>) {
    let mut below = p.join("below");
    let is_below = if BITS < 31 { time.lt(1 << BITS) } else { time.lt(p.wide(R2, 1 << BITS)) };
    p.goto_if_with(is_below, &mut below, (time, bit));
    let high = time.rsh::<BITS, MOST>(p).weaken();
    let more = p.add(bit, BITS as i32);
    p.meet(below, (high, more))
}

/// The sections that the programs stand in, for loaders.
pub const SECTIONS: [&str; 4] = ["kprobe", "kretprobe", "uprobe", "uretprobe"];

/// The programs: two for functions of the kernel, two for functions of user space, with the same maps.
///
/// # Errors
/// None: every value is used where it holds.
pub fn programs() -> Result<[Program; 4], TypedErrors> {
    Ok([
        begins::<Kprobe<Native>>("kernel_begins")?,
        ends::<Kretprobe<Native>>("kernel_ends")?,
        begins::<Uprobe<Native>>("user_begins")?,
        ends::<Uretprobe<Native>>("user_ends")?,
    ])
}
