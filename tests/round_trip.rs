//! `disasm` and then `asm` give back the same bytes.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use knockwright_asm::isa::{Piece, Row, TABLE};
use knockwright_asm::text::{Listing, parse_program};
use knockwright_asm::{
    Code, Endian, Function, Imm64, Insn, Item, Linkage, MapDef, MapType, ProgType, Program, Prototype, Reg,
    Slot,
};
use knockwright_codegen::read::{Choice, Disassembly};
use knockwright_codegen::{Object, read};
use knockwright_differential::random::Random;
use support::cli::{Scratch, run, run_on};
use support::skip;

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

fn imm(random: &mut Random) -> i32 {
    match random.below(6) {
        0 => 0,
        1 => -1,
        2 => i32::MIN,
        3 => i32::MAX,
        _ => random.number() as i32,
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
            off: row.fixed.off.unwrap_or(random.number() as i16),
            imm: row.fixed.imm.unwrap_or_else(|| imm(random)),
        };
        if jump {
            first.off = target(random, count) as i16;
        }
        let next = row.fixed.next.unwrap_or_else(|| imm(random));
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
        Item::from(insn)
    });
    let items = items.collect();
    let function = |start| {
        let name = if start == 0 { "entry".to_owned() } else { format!("function_{start}") };
        let linkage = if start == 2 { Linkage::Static } else { Linkage::Global };
        // What the text doesn't say of a function, it takes to be one of numbers; the entry's argument is the context.
        Function::new(name, start, linkage).with_prototype((start != 0).then(|| Prototype::numbers([])))
    };
    let prog_type = [ProgType::Xdp, ProgType::SocketFilter, ProgType::SchedCls][random.below(3)];
    let mut program = Program::new("entry", prog_type);
    program.license = "Dual MIT/GPL".to_owned();
    program.items = items;
    program.maps = (0..MAPS).map(map).collect();
    program.functions = (0..functions).map(function).collect();
    program
}

fn map(index: usize) -> MapDef {
    let sizes = [4, 8, 16];
    let map_type = [MapType::Hash, MapType::Array, MapType::LruHash][index];
    MapDef::of_bytes(&format!("map_{index}"), map_type, 4, sizes[index], 1 << index)
}

#[test]
fn a_hundred_thousand_random_programs() {
    let mut random = Random::new(0x6b6e_6f63_6b77_7269);
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
    let mut random = Random::new(7);
    for _ in 0..50 {
        let hex = hex::encode(program(&mut random).bytes(Endian::Little));
        let listing = run(&["disasm", "--hex", &hex]).done();
        assert_eq!(run_on(&["asm"], listing.as_bytes()).done().trim_end(), hex, "{listing}");
    }
}

/// The machine code of an object's programs as `asm` writes it, a line each.
fn lines_of(programs: &[Program]) -> String {
    programs.iter().map(|program| format!("{}\n", hex::encode(program.bytes(Endian::Little)))).collect()
}

/// Objects of other compilers, and what is installed here of other tools.
fn foreign_objects() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("codegen/tests/objects");
    let libraries = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let folders = libraries.map(|library| library.join("bpf")).chain(["/usr/lib/bpf".into(), own]);
    let files = folders.filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    files.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "o")).collect()
}

/// Objects that clang makes of the C sources of the tests, for both byte orders.
fn compiled_objects(scratch: &Scratch) -> Vec<PathBuf> {
    let is_there = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    let Some(clang) = ["clang-19", "clang"].into_iter().find(is_there) else {
        skip("objects_of_other_compilers", "no clang is installed");
        return Vec::new();
    };
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("codegen/tests/objects/everything.c");
    let compile = |target: &str| {
        let object = scratch.path(&format!("{target}.o"));
        let mut command = Command::new(clang);
        command.args(["-O2", "-g", "-target", target, "-c", "-o", &object]).arg(&source);
        let ran = command.output().expect("clang starts");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        PathBuf::from(object)
    };
    ["bpfel", "bpfeb"].map(compile).into()
}

/// The programs of an object as they are shown, with the byte order that they are for.
fn shown(bytes: &[u8]) -> (Vec<Program>, Endian) {
    let object = Disassembly::read(bytes).unwrap();
    let programs = object.programs(&Choice::default()).unwrap();
    (programs.map(|shown| shown.unwrap().program).collect(), object.endian())
}

#[test]
fn objects_of_other_compilers() {
    let scratch = Scratch::new();
    let mut compared = 0;
    for path in foreign_objects().into_iter().chain(compiled_objects(&scratch)) {
        let (bytes, name) = (std::fs::read(&path).unwrap(), path.to_str().unwrap());
        let (programs, endian) = shown(&bytes);
        let line = |program: &Program| format!("{}\n", hex::encode(program.bytes(endian)));
        let wanted: String = programs.iter().map(line).collect();
        let listing = run(&["disasm", "--source", name]).done();
        assert_eq!(run_on(&["asm"], listing.as_bytes()).done(), wanted, "{name}");
        let listing = run(&["disasm", "--slots", name]).done();
        assert_eq!(run_on(&["asm"], listing.as_bytes()).done(), wanted, "{name}");
        compared += programs.len();
        // What is strictly a program is shown as just that.
        if let Ok(strict) = read::programs(&bytes) {
            assert_eq!(lines_of(&programs[..strict.len()]), lines_of(&strict), "{name}");
        }
    }
    assert!(compared > 20, "{compared}");
}

/// An object of two programs that share a map, without a licence.
fn two_programs() -> Vec<u8> {
    let mut random = Random::new(11);
    let mut programs = [program(&mut random), program(&mut random)];
    for (program, name) in programs.iter_mut().zip(["first", "second"]) {
        name.clone_into(&mut program.name);
        name.clone_into(&mut program.functions[0].name);
        program.functions.truncate(1);
        program.prog_type = ProgType::Xdp;
        let value = Imm64::MapIdx(0);
        program.items = [Insn::LoadImm64 { dst: Reg::R1, value }, Insn::mov64_imm(Reg::R0, 2), Insn::Exit]
            .map(Item::from)
            .into();
        String::new().clone_into(&mut program.license);
    }
    Object::new().program(&programs[0]).program(&programs[1]).finish().unwrap()
}

#[test]
fn two_programs_that_share_a_map_and_have_no_licence() {
    let scratch = Scratch::new();
    let object = two_programs();
    let path = scratch.file("two.o", &object);
    let expected = read::programs(&object).unwrap();
    let listing = run(&["disasm", &path]).done();
    assert_eq!(listing.matches(".license \"\"\n").count(), 2, "{listing}");
    assert_eq!(run_on(&["asm"], listing.as_bytes()).done(), lines_of(&expected));
    let again = scratch.path("again.o");
    run_on(&["asm", "--format", "obj", "-o", &again], listing.as_bytes()).done();
    let second = read(&again);
    assert_eq!(lines_of(&second), lines_of(&expected));
    assert_eq!(second[0].maps, second[1].maps);
}

/// A function that two programs share stands in a listing twice, in different lines, and is one again.
#[test]
fn two_programs_that_share_a_function() {
    let scratch = Scratch::new();
    let text = ".program first xdp\n.license GPL\nr1 = 3\ncall twice\nr0 &= 1\nexit\n\
                .func twice static x\nr0 = r1\nr0 += r1\nexit\n";
    let second = text.replace("first xdp", "second sched_cls").replace("r1 = 3", "r1 = 4\nr1 += 1");
    let path = scratch.path("shared.o");
    run_on(&["asm", "--format", "obj", "-o", &path], format!("{text}{second}").as_bytes()).done();
    let expected = read(&path);
    assert_eq!(expected.iter().map(|program| program.functions.len()).collect::<Vec<_>>(), [2, 2]);
    let again = scratch.path("again.o");
    let listing = run(&["disasm", &path]).done();
    run_on(&["asm", "--format", "obj", "-o", &again], listing.as_bytes()).done();
    assert_eq!(lines_of(&read(&again)), lines_of(&expected));
    // Another function of the name is another one.
    let other = second.replace("r0 += r1", "r0 -= r1");
    let said =
        run_on(&["asm", "--format", "obj", "-o", &again], format!("{text}{other}").as_bytes()).failed(3);
    assert!(said.contains("function `twice` is another one in program `second`"), "{said}");
}

/// Nothing that an object calls its parts does anything to a terminal.
#[test]
fn names_of_an_object_are_shown_not_obeyed() {
    let scratch = Scratch::new();
    let mut bytes = std::fs::read(scratch.build("knock")).unwrap();
    let replace = |bytes: &mut Vec<u8>, from: &[u8], to: &[u8]| {
        let places: Vec<usize> =
            (0..=bytes.len() - from.len()).filter(|&at| bytes[at..].starts_with(from)).collect();
        assert!(!places.is_empty(), "{from:?}");
        for at in places {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    };
    replace(&mut bytes, b"config_map\0", b"\x1b[31m;\x1b]0x\0");
    replace(&mut bytes, b"knock\0", b"k\x1b[5m\0");
    replace(&mut bytes, b"Dual MIT/GPL\0", b"Dual \xc2\x9b2J\x07L\0");
    replace(&mut bytes, b"not_null", b"\x1b]52;c;\x07");
    let path = scratch.file("escapes.o", &bytes);
    let code = lines_of(&read(&path));
    let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    for command in [
        &["disasm", "--source"][..],
        &["disasm", "--program", "k\x1b[5m"],
        &["disasm", "--program", "\x1b[5m"],
        &["inspect"],
        &["verify", "--engine", "userspace", "--log"],
        &["verify", "--engine", "userspace", "--program", "\x1b[5m"],
        &["verify", "--kernel", "\x1b[5m"],
    ] {
        let ran = run(&[command, &[&path]].concat());
        let text = ran.stdout + &ran.stderr;
        assert!(!text.contains(obeyed), "{command:?}: {text:?}");
    }
    let listing = run(&["disasm", "--source", &path]).done();
    assert!(listing.contains("\\u{1b}"), "{listing}");
    assert_eq!(run_on(&["asm"], listing.as_bytes()).done(), code);
}

/// What is no listing says so in a few lines.
#[test]
fn a_whole_file_has_few_mistakes_written() {
    let source = "if (data + 14 > data_end)\n\treturn XDP_DROP;\n".repeat(2000);
    let said = run_on(&["asm"], source.as_bytes()).failed(3);
    assert!(said.lines().count() < 80, "{}", said.lines().count());
    assert!(said.trim_end().ends_with(" more"), "{said}");
    let log = "; if (x) @ a.c:1\nR1=ctx() R10=fp0\nfrom 3 to 5: safe\n".repeat(2000);
    let said = run_on(&["asm"], log.as_bytes()).failed(3);
    assert!(said.contains("a verifier's log without any instruction") && said.lines().count() < 5, "{said}");
}

/// The log of a program is the program.
#[test]
fn a_whole_log_is_assembled() {
    let text = "r0 = 2\nr2 = *(u32 *)(r1 +4)\nr1 = *(u32 *)(r1 +0)\nr3 = r1\nr3 += 14\n\
        if r3 > r2 goto out\nr0 = *(u8 *)(r1 +0)\nr0 &= 1\nout:\nexit\n";
    let code = run_on(&["asm"], text.as_bytes()).done();
    let scratch = Scratch::new();
    let object = scratch.path("two_paths.o");
    run_on(&["asm", "--format", "obj", "-o", &object], text.as_bytes()).done();
    let log = run(&["verify", "--engine", "userspace", "--log-level", "2", "--log", &object]).done();
    assert!(log.contains("from 5 to 8: "), "{log}");
    let ran = run_on(&["asm"], log.as_bytes());
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), (code.as_str(), ""), "{log}");
}

/// A listing has no types: where the verifier goes by them, that is said.
#[test]
fn what_a_listing_cannot_say_is_noted() {
    const OBJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/codegen/tests/objects/dropped.o");
    for (program, what) in [
        ("spin_lock", Some("map `locks` with a `struct bpf_spin_lock` in its values")),
        ("sk_storage", Some("of kind sk_storage")),
        ("calls_number", Some("the global function `")),
        ("plain", None),
    ] {
        let ran = run(&["disasm", "--program", program, OBJECT]);
        let note = "a listing has no types, and what the verifier says depends on some: ";
        assert_eq!(ran.stderr.contains(note), what.is_some(), "{program}: {}", ran.stderr);
        assert!(ran.stderr.contains(what.unwrap_or_default()), "{program}: {}", ran.stderr);
        ran.done();
    }
}
