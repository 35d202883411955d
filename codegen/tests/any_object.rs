//! Objects of all kinds are shown: nothing is refused for a part, and what is shown is the same code when it's read back.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use knockwright_asm::text::{Listing, Text, parse_text};
use knockwright_asm::{Code, Endian, Imm64, Insn, ProgType, Reg};
use knockwright_codegen::Report;
use knockwright_codegen::read::{Choice, Disassembly, ReadError, Shown, readings, readings_of};
use object::elf::{RelocationType, SymbolInfo, SymbolOther};
use object::write::{Object as Elf, Relocation, SectionId, StandardSegment, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, RelocationFlags, SectionKind, SymbolFlags, SymbolKind,
    SymbolScope,
};
use support::skip;

/// The programs of an object, each after its listing has been read back as the same code.
fn shown(bytes: &[u8]) -> Vec<Shown> {
    shown_of(bytes, &Choice::default())
}

fn shown_of(bytes: &[u8], choice: &Choice<'_>) -> Vec<Shown> {
    let object = Disassembly::read(bytes).unwrap();
    let endian = object.endian();
    let programs: Vec<Shown> = object.programs(choice).unwrap().map(Result::unwrap).collect();
    let listings: Vec<String> = programs.iter().map(|shown| listing(shown, endian)).collect();
    let Text { programs: parsed, endian: order, .. } =
        parse_text("listing", &listings.join("\n")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(order.unwrap_or(Endian::Little), endian);
    assert_eq!(parsed.len(), programs.len());
    for (parsed, shown) in parsed.iter().zip(&programs) {
        assert_eq!(parsed.program.bytes(endian), shown.program.bytes(endian), "{}", listings.join("\n"));
        assert_eq!(parsed.section.as_ref(), Some(&shown.section));
        let uses = |program: &knockwright_asm::Program| {
            program
                .externs
                .iter()
                .map(|one| (one.name.clone(), one.weak, one.uses.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(uses(&parsed.program), uses(&shown.program));
    }
    Report::read(bytes).unwrap();
    programs
}

fn listing(shown: &Shown, endian: Endian) -> String {
    let listing = Listing::new(&shown.program)
        .with_sources()
        .with_slots()
        .with_section(&shown.section)
        .with_endian(endian)
        .with_notes(&shown.notes)
        .with_comments(&shown.comments);
    if shown.prog_type.is_none() { listing.without_type().to_string() } else { listing.to_string() }
}

fn names(shown: &[Shown]) -> Vec<&str> {
    shown.iter().map(|shown| shown.program.name.as_str()).collect()
}

/// An object made by hand.
struct Hand(Elf<'static>);

impl Hand {
    fn new() -> Self {
        Self(Elf::new(BinaryFormat::Elf, Architecture::Bpf, Endianness::Little))
    }

    fn section(&mut self, name: &str, code: &[Insn]) -> SectionId {
        let kind = if code.is_empty() { SectionKind::Data } else { SectionKind::Text };
        let segment = self.0.segment_name(StandardSegment::Text).to_vec();
        let section = self.0.add_section(segment, name.as_bytes().to_vec(), kind);
        let bytes: Vec<u8> = code
            .iter()
            .flat_map(|insn| knockwright_asm::encode(&[Code::Insn(*insn)], Endian::Little))
            .collect();
        self.0.append_section_data(section, &bytes, 8);
        section
    }

    fn symbol(
        &mut self,
        name: &str,
        section: SectionId,
        slots: std::ops::Range<u64>,
        like: Like,
    ) -> SymbolId {
        let (binding, kind) = match like {
            Like::Func => (1, 2),
            Like::Global => (1, 0),
            Like::Local => (0, 0),
        };
        self.0.add_symbol(Symbol {
            name: name.as_bytes().to_vec(),
            value: slots.start * 8,
            size: (slots.end - slots.start) * 8,
            kind: SymbolKind::Text,
            scope: if binding == 0 { SymbolScope::Compilation } else { SymbolScope::Dynamic },
            weak: false,
            section: SymbolSection::Section(section),
            flags: SymbolFlags::Elf { st_info: SymbolInfo(binding << 4 | kind), st_other: SymbolOther(0) },
        })
    }

    fn relocate(&mut self, section: SectionId, slot: u64, symbol: SymbolId, r_type: u32) {
        let flags = RelocationFlags::Elf { r_type: RelocationType(r_type) };
        self.0.add_relocation(section, Relocation { offset: slot * 8, symbol, addend: 0, flags }).unwrap();
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.write().unwrap()
    }
}

#[derive(Clone, Copy)]
enum Like {
    /// As compilers write functions today.
    Func,
    /// Visible, without a type.
    Global,
    /// A label.
    Local,
}

fn pass() -> [Insn; 2] {
    [Insn::mov64_imm(Reg::R0, 2), Insn::Exit]
}

#[test]
fn symbols_without_a_type_are_functions_where_they_are_visible_or_called() {
    let mut hand = Hand::new();
    let code = [
        Insn::JumpIf {
            width: knockwright_asm::Width::W64,
            cond: knockwright_asm::Cond::Eq,
            dst: Reg::R1,
            src: 0.into(),
            off: 1,
        },
        Insn::CallLocal { off: 2 },
        Insn::mov64_imm(Reg::R0, 0),
        Insn::Exit,
        Insn::mov64_imm(Reg::R0, 1),
        Insn::Exit,
        Insn::mov64_imm(Reg::R0, 2),
        Insn::Exit,
    ];
    let section = hand.section("xdp", &code);
    hand.symbol("first", section, 0..0, Like::Global);
    hand.symbol("LBB0_1", section, 2..2, Like::Local);
    hand.symbol("called", section, 4..4, Like::Local);
    hand.symbol("second", section, 6..6, Like::Global);
    let shown = shown(&hand.bytes());
    assert_eq!(names(&shown), ["first", "second"]);
    let functions: Vec<&str> = shown[0].program.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(functions, ["first", "called"]);
    assert_eq!(shown[0].program.slot_count(), 6);
    // Those who verify take it as the loaders do that know such symbols.
    let read = readings(&hand.bytes(), Some("second")).unwrap();
    assert_eq!(read[0].whole().unwrap().items.len(), 2);
}

#[test]
fn a_section_without_symbols_gives_its_program_a_name() {
    let mut hand = Hand::new();
    hand.section("kprobe/do_unlinkat", &pass());
    hand.section("socket1", &pass());
    let shown = shown(&hand.bytes());
    assert_eq!(names(&shown), ["kprobe_do_unlinkat", "socket1"]);
    assert_eq!(shown.iter().map(|one| one.prog_type).collect::<Vec<_>>(), [Some(ProgType::Kprobe), None]);
    assert_eq!(shown[1].notes, ["the name of section socket1 stands for no program type"]);
}

#[test]
fn an_unknown_section_concerns_its_own_programs() {
    let mut hand = Hand::new();
    for name in ["socket1", "xdp"] {
        let section = hand.section(name, &pass());
        hand.symbol(&format!("in_{name}"), section, 0..2, Like::Func);
    }
    let bytes = hand.bytes();
    let read = readings(&bytes, None).unwrap();
    assert!(matches!(&read[0].program, Err(ReadError::UnknownSection { section }) if section == "socket1"));
    assert!(read[1].whole().is_ok());
    // Who calls says the type, and which section is meant.
    let choice =
        Choice { section: Some("socket1"), prog_type: Some(ProgType::SocketFilter), ..Choice::default() };
    let read = readings_of(&bytes, &choice).unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].whole().unwrap().prog_type, ProgType::SocketFilter);
    assert_eq!(names(&shown_of(&bytes, &choice)), ["in_socket1"]);
    let wrong = Choice { section: Some("socket2"), ..Choice::default() };
    let error = readings_of(&bytes, &wrong).unwrap_err();
    assert!(matches!(&error, ReadError::NoSection { sections, .. } if sections == &["socket1", "xdp"]));
    assert!(Disassembly::read(&bytes).unwrap().programs(&wrong).is_err());
}

#[test]
fn functions_of_text_that_nothing_calls_are_shown_too() {
    let mut hand = Hand::new();
    let code = [[Insn::CallLocal { off: 1 }, Insn::Exit], pass(), pass()].concat();
    let text = hand.section(".text", &code);
    for (index, name) in ["caller", "callee", "alone"].iter().enumerate() {
        let start = index as u64 * 2;
        hand.symbol(name, text, start..start + 2, Like::Func);
    }
    assert_eq!(names(&shown(&hand.bytes())), ["caller", "alone"]);
    assert_eq!(readings(&hand.bytes(), None), Err(ReadError::NoPrograms));
    // A function alone is a program for libbpf, as soon as somebody says its type.
    let mut hand = Hand::new();
    let text = hand.section(".text", &pass());
    hand.symbol("only", text, 0..2, Like::Func);
    let bytes = hand.bytes();
    assert!(matches!(readings(&bytes, None).unwrap()[0].program, Err(ReadError::UnknownSection { .. })));
    let choice = Choice { prog_type: Some(ProgType::Xdp), ..Choice::default() };
    assert!(readings_of(&bytes, &choice).unwrap()[0].whole().is_ok());
}

#[test]
fn two_functions_that_call_each_other_are_shown() {
    let mut hand = Hand::new();
    let code = [Insn::CallLocal { off: 1 }, Insn::Exit, Insn::CallLocal { off: -3 }, Insn::Exit];
    let text = hand.section(".text", &code);
    hand.symbol("one", text, 0..2, Like::Func);
    hand.symbol("other", text, 2..4, Like::Func);
    assert_eq!(names(&shown(&hand.bytes())), ["one"]);
}

#[test]
fn what_is_not_understood_is_left_and_named() {
    let mut hand = Hand::new();
    let load = Insn::LoadImm64 { dst: Reg::R1, value: Imm64::Const(0) };
    let code = [load, Insn::CallLocal { off: 40 }, load, Insn::mov64_imm(Reg::R0, 0), Insn::Exit];
    let section = hand.section("xdp", &code);
    hand.symbol("entry", section, 0..7, Like::Func);
    let other = hand.section(".addr_space.1", &[]);
    let arena = hand.symbol("arena_variable", other, 0..0, Like::Global);
    hand.relocate(section, 0, arena, 1);
    let maps = hand.section(".maps", &[]);
    let map = hand.symbol("counts", maps, 0..4, Like::Global);
    hand.relocate(section, 3, map, 1);
    let shown = shown(&hand.bytes());
    let comments = &shown[0].comments;
    assert!(comments[&0][0].contains("`arena_variable` is a variable in an arena"), "{comments:?}");
    assert!(comments[&1][0].contains("where no function starts"), "{comments:?}");
    assert!(comments[&2][0].contains("BTF is required, but is missing or corrupted"), "{comments:?}");
    assert_eq!(comments.len(), 3);
    let reason = readings(&hand.bytes(), None).unwrap()[0].whole().unwrap_err();
    assert!(reason.contains("libbpf refuses the object: BTF is required"), "{reason}");
}

#[test]
fn damaged_types_are_missing_and_said() {
    let program = support::knock();
    let mut bytes = knockwright_codegen::Object::new().program(&program).finish().unwrap();
    let at = bytes.windows(4).position(|window| window == [0x9f, 0xeb, 1, 0]).unwrap();
    bytes[at] = 0;
    let object = Disassembly::read(&bytes).unwrap();
    assert!(object.notes()[0].starts_with(".BTF starts with 0xeb00"), "{:?}", object.notes());
    assert_eq!(names(&shown(&bytes)), ["knock"]);
    assert_eq!(Report::read(&bytes).unwrap().notes, object.notes());
    assert!(matches!(readings(&bytes, None), Err(ReadError::Btf(_))));
}

/// C with one of everything that objects hold. `NO_TYPES` leaves out what `clang` takes only with `-g`.
const SOURCE: &str = include_str!("objects/everything.c");

/// A compiler of BPF, if there is one.
fn clangs() -> Vec<&'static str> {
    let known = ["clang-14", "clang-19", "clang-22", "clang"].into_iter();
    known
        .filter(|name| Command::new(name).arg("--version").output().is_ok_and(|ran| ran.status.success()))
        .collect()
}

/// A folder of a test's own.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let unique = format!("any-object-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(unique);
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn compile(&self, clang: &str, source: &str, name: &str, options: &[&str]) -> PathBuf {
        let (c, o) = (self.0.join(format!("{name}.c")), self.0.join(format!("{name}.o")));
        std::fs::write(&c, source).unwrap();
        let ran =
            Command::new(clang).args(["-O2", "-c"]).args(options).arg(&c).arg("-o").arg(&o).output().unwrap();
        assert!(ran.status.success(), "{clang}: {}", String::from_utf8_lossy(&ran.stderr));
        o
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

const EVERYTHING: [&str; 6] = ["prog_a", "prog_b", "prog_c", "prog_d", "prog_e", "prog_f"];

#[test]
fn one_of_everything_by_every_compiler() {
    let clangs = clangs();
    if clangs.is_empty() {
        skip("no clang is installed");
        return;
    }
    let scratch = Scratch::new();
    for clang in clangs {
        for (target, endian) in [("bpfel", Endian::Little), ("bpfeb", Endian::Big)] {
            let typed = read(&scratch.compile(clang, SOURCE, "typed", &["-g", "-target", target]));
            assert_eq!(Disassembly::read(&typed).unwrap().endian(), endian);
            let programs = shown(&typed);
            assert_eq!(names(&programs), EVERYTHING, "{clang} {target}");
            check_everything(&programs);
            let untyped = scratch.compile(clang, SOURCE, "untyped", &["-DNO_TYPES", "-target", target]);
            assert_eq!(names(&shown(&read(&untyped))), EVERYTHING, "{clang} {target} without -g");
        }
    }
}

/// What the listing of `everything.c` says beyond the code.
fn check_everything(programs: &[Shown]) {
    let externs = |index: usize| {
        let named = programs[index].program.externs.iter();
        named.map(|named| (named.name.as_str(), named.weak)).collect::<Vec<_>>()
    };
    assert_eq!(externs(2), [("CONFIG_HZ", false), ("LINUX_KERNEL_VERSION", false)]);
    assert_eq!(externs(3), [("bpf_rcu_read_lock", true), ("bpf_prog_active", false)]);
    let notes = programs[1].notes.join("\n");
    assert!(notes.contains("map outer: its member `values` has no form in listings"), "{notes}");
    let core: Vec<&str> = programs[4].comments.values().flatten().map(String::as_str).collect();
    let wanted = ["byte_off task.pid", "byte_off task.comm[3]", "byte_off task.b", "field_exists task.pid"];
    for wanted in wanted.map(|words| format!("co-re: {words}")) {
        assert!(core.contains(&wanted.as_str()), "{wanted}: {core:?}");
    }
}

#[test]
fn stripped_and_linked_objects() {
    let Some(clang) = clangs().into_iter().find(|name| *name != "clang-22") else {
        skip("no clang is installed");
        return;
    };
    let scratch = Scratch::new();
    let typed = scratch.compile(clang, SOURCE, "typed", &["-g", "-target", "bpfel"]);
    let whole = shown(&read(&typed));
    let bytes = |shown: &Shown| shown.program.bytes(Endian::Little);
    // The names of local functions are lost, the code isn't.
    let stripped = scratch.0.join("stripped.o");
    let strip = ["llvm-strip-19", "llvm-strip-14", "llvm-strip"].into_iter();
    let ran = strip.map(|tool| {
        let output = Command::new(tool).arg("--strip-unneeded").arg(&typed).arg("-o").arg(&stripped).output();
        output.is_ok_and(|output| output.status.success())
    });
    if ran.into_iter().any(|done| done) {
        let programs = shown(&read(&stripped));
        assert_eq!(names(&programs), EVERYTHING);
        for (stripped, whole) in programs.iter().zip(&whole) {
            assert_eq!(bytes(stripped), bytes(whole), "{}", whole.program.name);
        }
    } else {
        skip("no llvm-strip is installed");
    }
    // The linker of libbpf puts the object together anew.
    let linked = scratch.0.join("linked.o");
    let ran = Command::new("bpftool").args(["gen", "object"]).arg(&linked).arg(&typed).output();
    match ran {
        Ok(output) if output.status.success() => {
            let programs = shown(&read(&linked));
            assert_eq!(names(&programs), EVERYTHING);
            let slots =
                |programs: &[Shown]| programs.iter().map(|one| one.program.slot_count()).collect::<Vec<_>>();
            assert_eq!(slots(&programs), slots(&whole));
            check_everything(&programs);
        }
        _ => {
            skip("bpftool can't link here");
        }
    }
}

/// Objects of other projects that are installed here.
#[test]
fn installed_objects() {
    let folders =
        ["/usr/lib/bpf", "/usr/lib64/bpf", "/usr/lib/x86_64-linux-gnu/bpf", "/usr/lib/aarch64-linux-gnu/bpf"];
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let objects: Vec<PathBuf> =
        files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "o")).collect();
    if objects.is_empty() {
        skip("no objects are installed (xdp-tools has some)");
    }
    for path in objects {
        assert!(!shown(&read(&path)).is_empty(), "{}", path.display());
    }
}

#[test]
fn static_maps_of_one_name_are_told_apart_by_their_places() {
    let Some(clang) = clangs().into_iter().next() else {
        skip("no clang is installed");
        return;
    };
    let source = |entries: u32, name: &str| {
        format!(
            "struct {{ int (*type)[1]; int *key; int *value; int (*max_entries)[{entries}]; }} \
             static counts __attribute__((section(\".maps\"), used));\n\
             static void *(*lookup)(void *, void *) = (void *)1;\n\
             __attribute__((section(\"xdp\"), used)) int {name}(void *c) \
             {{ int k = 0; return lookup(&counts, &k) != 0; }}\n"
        )
    };
    let scratch = Scratch::new();
    let compile =
        |entries, name: &str| scratch.compile(clang, &source(entries, name), name, &["-g", "-target", "bpf"]);
    let (first, second) = (compile(5, "first"), compile(7, "second"));
    let linked = scratch.0.join("linked.o");
    let ran = Command::new("bpftool").args(["gen", "object"]).args([&linked, &first, &second]).output();
    if !ran.is_ok_and(|ran| ran.status.success()) {
        skip("bpftool can't link here");
        return;
    }
    let programs = shown(&read(&linked));
    let entries = programs.iter().map(|shown| {
        let index = shown.program.items.iter().find_map(|item| match item.code {
            Code::Insn(Insn::LoadImm64 { value: Imm64::MapIdx(index), .. }) => Some(index as usize),
            _ => None,
        });
        shown.program.maps[index.unwrap()].max_entries
    });
    assert_eq!(entries.collect::<Vec<_>>(), [5, 7]);
}

#[test]
fn objects_of_the_other_byte_order_are_no_question_for_a_verifier() {
    let program = support::knock();
    let bytes = knockwright_codegen::Object::new().endian(Endian::Big).program(&program).finish().unwrap();
    assert_eq!(names(&shown(&bytes)), ["knock"]);
    let reason = readings(&bytes, None).unwrap()[0].whole().unwrap_err();
    assert!(reason.contains("it's big endian"), "{reason}");
}
