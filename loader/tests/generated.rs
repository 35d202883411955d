//! What the kit for generators makes, in the running kernel: jumps by trampolines, and parts that go on in each other.

mod support;

use std::os::fd::{AsFd, AsRawFd};

use knockwright_asm::parts::{Carry, Limits, Parts, Pieces};
use knockwright_asm::{Asm, IsaLevel, Label, MapDef, MapType, ProgType, Program, Reg::*, Size::*};
use knockwright_loader::load::{Load, Loaded, Loader, LogLevel};
use knockwright_loader::sys::{TestRun, Update};
use support::may_load;

fn load(loader: &mut Loader, program: &Program, others: &[Loaded]) -> Loaded {
    let load = Load::new(program).at_level(LogLevel::FailingPath);
    let (answer, loaded) = loader.load_sharing(&load, others).unwrap();
    loaded.unwrap_or_else(|| panic!("the kernel rejects {}:\n{}", program.name, answer.log))
}

fn run(loaded: &Loaded, packet: &[u8]) -> u32 {
    loaded.test_run(&TestRun::packet(packet)).unwrap().return_value
}

/// A packet whose first byte is the number.
fn packet(first: u8) -> Vec<u8> {
    let mut packet = vec![0; 64];
    packet[0] = first;
    packet
}

/// Gives 1000 more than the packet's first byte, by a jump of its own for each byte, over code that is much too long.
fn cases(level: IsaLevel) -> Program {
    let mut a = Asm::new("cases", ProgType::Xdp);
    a.isa(level);
    let (out, back) = (a.label("out"), a.label("back"));
    a.load(U32, R2, R1 + 0);
    a.load(U32, R3, R1 + 4);
    a.mov(R4, R2);
    a.add(R4, 14);
    a.goto_if(R4.gt(R3), out);
    a.load(U8, R6, R2 + 0);
    a.mov(R7, 0);
    let labels: Vec<_> = (0..256).map(|_| a.label("case")).collect();
    for (byte, label) in labels.iter().enumerate() {
        a.goto_if(R6.eq(byte as i32), *label);
    }
    a.goto(out);
    a.bind(back);
    a.add(R7, 1000);
    a.mov(R0, R7);
    a.exit();
    for (byte, label) in labels.iter().enumerate() {
        a.bind(*label);
        a.mov(R7, byte as i32);
        // The verifier walks it on each way alone: the next byte's way is around.
        let around = a.label("around");
        a.goto_if(R6.ne(byte as i32), around);
        for _ in 0..300 {
            a.add(R7, 1);
            a.add(R7, -1);
        }
        a.bind(around);
        a.goto(back);
    }
    a.bind(out);
    a.mov(R0, 0);
    a.exit();
    a.finish().unwrap()
}

#[test]
fn far_jumps_arrive_by_trampolines_and_by_long_jumps() {
    if !may_load() {
        return;
    }
    let mut loader = Loader::new();
    for level in [IsaLevel::V3, IsaLevel::V4] {
        let program = cases(level);
        assert!(program.slot_count() > 150_000);
        let loaded = load(&mut loader, &program, &[]);
        for byte in 0..=255 {
            assert_eq!(run(&loaded, &packet(byte)), 1000 + u32::from(byte), "{level}");
        }
    }
}

/// Sums up numbers: every second one in r6, the others on the stack.
struct Sums(Vec<i32>);

impl Pieces for Sums {
    type Exits = Label;

    fn exits(&mut self, a: &mut Asm) -> Label {
        a.label("missing")
    }

    fn begin(&mut self, a: &mut Asm, _: &Label) {
        a.mov(R6, 0);
        a.store(U64, R10 - 24, 0);
        a.store(U64, R10 - 32, 0x55);
    }

    fn count(&self) -> usize {
        self.0.len()
    }

    fn piece(&mut self, a: &mut Asm, index: usize, _: &Label) {
        if index.is_multiple_of(2) {
            a.add(R6, self.0[index]);
        } else {
            a.load(U64, R1, R10 - 24);
            a.add(R1, self.0[index]);
            a.store(U64, R10 - 24, R1);
        }
    }

    fn end(&mut self, a: &mut Asm, _: &Label) {
        a.load(U64, R0, R10 - 24);
        a.lsh(R0, 16);
        a.add(R0, R6);
        a.load(U64, R1, R10 - 32);
        a.lsh(R1, 32 - 8);
        a.or(R0, R1);
        a.exit();
    }

    fn write_exits(&mut self, a: &mut Asm, missing: &Label) {
        a.bind(*missing);
        a.mov(R0, 7);
        a.exit();
    }

    fn missing(&self, missing: &Label) -> Label {
        *missing
    }
}

#[test]
fn maps_that_are_shared_are_the_same() {
    if !may_load() {
        return;
    }
    let program = |entries: u32| {
        let mut a = Asm::new("one", ProgType::Xdp);
        let map = a.map(MapDef::new::<u32, u64>("shared", MapType::Array, entries));
        a.load_map(R1, map);
        a.mov(R0, 2);
        a.exit();
        a.finish().unwrap()
    };
    let mut loader = Loader::new();
    let first = [load(&mut loader, &program(2), &[])];
    let second = load(&mut loader, &program(2), &first);
    let id = |loaded: &Loaded| loaded.map("shared").unwrap().info().id;
    assert_eq!(id(&first[0]), id(&second));
    let error = loader.load_sharing(&Load::new(&program(3)), &first).unwrap_err();
    assert!(error.to_string().contains("`shared`"), "{error}");
}

#[test]
fn parts_go_on_in_each_other_with_what_they_carry() {
    if !may_load() {
        return;
    }
    let mut loader = Loader::new();
    let numbers: Vec<i32> = (0..64).collect();
    let sum = |from: usize| numbers.iter().skip(from).step_by(2).sum::<i32>() as u32;
    let wanted = (0x55 << 24) | ((sum(1) << 16) + sum(0));
    for pieces in [64, 63, 32, 7, 2] {
        let parts = Parts::new("sums", ProgType::Xdp)
            .limits(Limits { pieces, ..Limits::default() })
            .carry(Carry::new().register(R6).stack(-32..-16));
        let programs = parts.write(&mut Sums(numbers.clone())).unwrap();
        assert_eq!(programs.len(), numbers.len().div_ceil(pieces));
        let mut all: Vec<Loaded> = Vec::new();
        for program in &programs {
            let loaded = load(&mut loader, program, &all);
            all.push(loaded);
        }
        if programs.len() > 1 {
            assert_eq!(run(&all[0], &packet(0)), 7, "the next part is missing");
        }
        let array = all[0].map("sums_parts").unwrap();
        for (index, part) in all.iter().enumerate() {
            let fd = part.as_fd().as_raw_fd();
            array.update(&(index as u32).to_ne_bytes(), &fd.to_ne_bytes(), Update::Any).unwrap();
        }
        assert_eq!(run(&all[0], &packet(0)), wanted, "{pieces} pieces a part");
    }
    let many = Parts::new("sums", ProgType::Xdp).limits(Limits { pieces: 1, ..Limits::default() });
    let error = many.write(&mut Sums(numbers)).unwrap_err().to_string();
    assert!(error.contains("64 pieces fill more than 33 parts"), "{error}");
    for (carry, wanted) in [
        (Carry::new().register(R3), "r3 is not carried"),
        (Carry::new().stack(-24..-8), "the stack from r10 -24 to -8 is not carried"),
    ] {
        let error = Parts::new("sums", ProgType::Xdp).carry(carry).write(&mut Sums(vec![1])).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
}
