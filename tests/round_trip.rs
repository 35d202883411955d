//! `disasm` and then `asm` give back the same bytes.

mod support;

use knockwright_asm::isa::{Piece, Row, TABLE};
use knockwright_asm::text::{Listing, parse_program};
use knockwright_asm::{
    Code, Endian, Extent, Function, Imm64, Insn, Item, Linkage, MapDef, MapType, ProgType, Program, Slot,
};
use knockwright_codegen::read;
use support::cli::{Scratch, run, run_on};

/// The names that `build --list` gives.
fn catalogue() -> Vec<String> {
    let list = run(&["build", "--list"]).done();
    list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_program_of_the_catalogue() {
    let names = catalogue();
    assert!(names.len() >= 8, "{names:?}");
    let scratch = Scratch::new();
    for name in names {
        let object = scratch.build(&name);
        let listing = run(&["disasm", &object]).done();
        let [program] = read(&object).try_into().expect("one program");
        let code = program.bytes(Endian::Little);

        let hex = run_on(&["asm"], listing.as_bytes()).done();
        assert_eq!(hex.trim_end(), hex::encode(&code), "{name}");

        // As an object too: the same code with the same relocations, read back.
        let again = scratch.path("again.o");
        run_on(&["asm", "--format", "obj", "-o", &again], listing.as_bytes()).done();
        let [second] = read(&again).try_into().expect("one program");
        assert_eq!(second.bytes(Endian::Little), code, "{name}");
        assert_eq!((second.name, second.license), (program.name, program.license));
        let names = |program: &[MapDef]| program.iter().map(|map| map.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&second.maps), names(&program.maps));

        // Without names: bytes in, text, the same bytes out.
        let listing = run(&["disasm", "--hex", hex.trim_end()]).done();
        assert_eq!(run_on(&["asm", "-"], listing.as_bytes()).done(), hex, "{name}");
        // Source lines, slots and opcodes don't matter to `asm`.
        let listing = run(&["disasm", "--source", "--slots", &object]).done();
        assert_eq!(run_on(&["asm"], listing.as_bytes()).done(), hex, "{name}");
    }
}

fn read(path: &str) -> Vec<Program> {
    read::programs(&std::fs::read(path).unwrap()).unwrap()
}

/// xorshift64*: the same programs in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn imm(&mut self) -> i32 {
        match self.below(6) {
            0 => 0,
            1 => -1,
            2 => i32::MIN,
            3 => i32::MAX,
            _ => self.next() as i32,
        }
    }
}

const MAPS: usize = 3;

/// A valid program: every slot belongs to an instruction, jumps lead to instructions, calls to functions, and maps exist.
fn program(random: &mut Random) -> Program {
    let count = 1 + random.below(24);
    let functions = 1 + random.below(3.min(count));
    let rows: Vec<&Row> = (0..count).map(|_| &TABLE[random.below(TABLE.len())]).collect();
    let mut starts = Vec::with_capacity(count);
    let mut slots = 0;
    for row in &rows {
        starts.push(slots);
        slots += if row.wide { 2 } else { 1 };
    }
    // The first functions have one instruction each, the last one the rest.
    let items = rows.iter().zip(&starts).map(|(row, &start)| {
        let target = |random: &mut Random, from: usize| starts[random.below(from)] - start - 1;
        let jump = row.pieces().any(|piece| piece == Piece::Pc);
        let mut first = Slot {
            opcode: row.opcode,
            dst: row.fixed.dst.unwrap_or(random.below(11) as u8),
            src: row.fixed.src.unwrap_or(random.below(11) as u8),
            off: row.fixed.off.unwrap_or(random.next() as i16),
            imm: row.fixed.imm.unwrap_or_else(|| random.imm()),
        };
        if jump {
            first.off = target(random, count) as i16;
        }
        let next = row.fixed.next.unwrap_or_else(|| random.imm());
        let code = Code::decode(first, Some(Slot { imm: next, ..Slot::default() }));
        let Code::Insn(insn) = code else { panic!("{}: {first:?}", row.name) };
        let map = random.below(MAPS) as i32;
        let insn = match insn {
            Insn::GotoLong { .. } => Insn::GotoLong { off: target(random, count) },
            Insn::CallLocal { .. } => Insn::CallLocal { off: target(random, functions) },
            Insn::LoadImm64 { dst, value } => Insn::LoadImm64 {
                dst,
                value: match value {
                    Imm64::Func(_) => Imm64::Func(target(random, functions)),
                    Imm64::MapIdx(_) => Imm64::MapIdx(map),
                    Imm64::MapIdxValue { off, .. } => Imm64::MapIdxValue { idx: map, off },
                    other => other,
                },
            },
            other => other,
        };
        Item { code: Code::Insn(insn), place: None, source: None }
    });
    let items = items.collect();
    let function = |start| Function {
        name: if start == 0 { "entry".to_owned() } else { format!("function_{start}") },
        start,
        linkage: if start == 2 { Linkage::Static } else { Linkage::Global },
        params: Vec::new(),
    };
    Program {
        name: "entry".to_owned(),
        prog_type: [ProgType::Xdp, ProgType::SocketFilter, ProgType::SchedCls][random.below(3)],
        license: "Dual MIT/GPL".to_owned(),
        items,
        maps: (0..MAPS).map(map).collect(),
        functions: (0..functions).map(function).collect(),
    }
}

fn map(index: usize) -> MapDef {
    let sizes = [4, 8, 16];
    MapDef {
        name: format!("map_{index}"),
        map_type: [MapType::Hash, MapType::Array, MapType::LruHash][index],
        key: Extent::Bytes(4),
        value: Extent::Bytes(sizes[index]),
        max_entries: 1 << index,
        flags: 0,
        pinned: false,
        data: None,
    }
}

#[test]
fn a_hundred_thousand_random_programs() {
    let mut random = Random(0x6b6e_6f63_6b77_7269);
    for number in 0..100_000 {
        let program = program(&mut random);
        let text = Listing::new(&program).to_string();
        let back = match parse_program("listing", &text) {
            Ok(back) => back,
            Err(errors) => panic!("program {number}: {errors}\n{text}"),
        };
        assert_eq!(back.bytes(Endian::Little), program.bytes(Endian::Little), "program {number}:\n{text}");
        assert_eq!(back.maps, program.maps, "program {number}");
        assert_eq!(back.functions, program.functions, "program {number}:\n{text}");
        assert_eq!((back.name, back.prog_type), (program.name, program.prog_type), "program {number}");
    }
}

/// Some of the same programs through the command itself, in one go each.
#[test]
fn random_programs_through_the_command() {
    let mut random = Random(7);
    for _ in 0..50 {
        let hex = hex::encode(program(&mut random).bytes(Endian::Little));
        let listing = run(&["disasm", "--hex", &hex]).done();
        assert_eq!(run_on(&["asm"], listing.as_bytes()).done().trim_end(), hex, "{listing}");
    }
}
