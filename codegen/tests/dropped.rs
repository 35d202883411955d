//! What an object says beside code and maps, and what of it isn't carried: clang's `objects/dropped.o`, made from the C beside it.

mod support;

use std::mem::offset_of;

use goblin::elf::section_header::{SHT_NOTE, SHT_SYMTAB};
use goblin::elf::sym::sym64::Sym;
use goblin::elf::sym::{STB_LOCAL, STV_HIDDEN};
use knockwright_asm::linux::AttachType;
use knockwright_asm::linux::errno::ENOENT;
use knockwright_asm::{Code, DataType, Endian, ExternKind, Insn, Linkage, Program};
use knockwright_codegen::btf::{self, Btf, FuncRecord, Kind, LineRecord};
use knockwright_codegen::read::{Dropped, ObjectFact, Reading, readings};
use knockwright_codegen::section_name::Tells;
use knockwright_codegen::{Object, WriteError};

const OBJECT: &[u8] = include_bytes!("objects/dropped.o");
const CLANG: &[u8] = include_bytes!("objects/clang.o");

fn reading(name: &str) -> Reading {
    let mut found = readings(OBJECT, Some(name)).unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0)
}

#[test]
fn what_sections_tell() {
    use AttachType as To;
    const SLEEPABLE: u32 = 1 << 4;
    const FRAGS: u32 = 1 << 5;
    for (program, section, attach, flags, is_dropped) in [
        ("recvmsg4", "cgroup/recvmsg4", Some(To::CgroupUdp4Recvmsg), 0, false),
        ("connect4", "cgroup/connect4", Some(To::CgroupInet4Connect), 0, false),
        ("egress", "cgroup_skb/egress", Some(To::CgroupInetEgress), 0, false),
        ("ingress", "cgroup_skb/ingress", None, 0, false),
        ("sleepable", "uprobe.s", None, SLEEPABLE, false),
        ("tp_btf", "tp_btf/sys_enter", Some(To::TraceRawTp), 0, true),
        ("lsm", "lsm/file_open", Some(To::LsmMac), 0, true),
        ("lsm_cgroup", "lsm_cgroup/socket_bind", Some(To::LsmCgroup), 0, true),
        ("freplace", "freplace/other", None, 0, true),
        ("fentry", "fentry.s/do_unlinkat", Some(To::TraceFentry), SLEEPABLE, true),
        ("iter", "iter/task", Some(To::TraceIter), 0, true),
        ("struct_ops", "struct_ops/ssthresh", None, 0, true),
        ("sleeps_always", "syscall", None, SLEEPABLE, false),
        ("frags", "xdp.frags", Some(To::Xdp), FRAGS, false),
        ("devmap", "xdp/devmap", Some(To::XdpDevmap), 0, false),
        ("cpumap", "xdp/cpumap", Some(To::XdpCpumap), 0, false),
        ("tcx", "tcx/ingress", Some(To::TcxIngress), 0, false),
        ("message", "sk_msg", Some(To::SkMsgVerdict), 0, false),
    ] {
        let read = reading(program);
        assert_eq!((read.section.as_str(), read.carried.attach_type), (section, attach), "{program}");
        assert_eq!(read.carried.flags, flags, "{program}");
        let dropped = if is_dropped { vec![Dropped::Section(Tells::Target)] } else { Vec::new() };
        assert_eq!(read.dropped, dropped, "{program}");
        assert_eq!(read.whole().is_ok(), !is_dropped, "{program}");
    }
}

/// The types that go to the kernel with a program.
fn carried_btf(reading: &Reading) -> Btf {
    Btf::parse(&reading.carried.records.as_ref().unwrap().btf, Endian::NATIVE).unwrap()
}

#[test]
fn functions_come_with_their_types() {
    for (program, function, is_global) in [
        ("calls_pointer", "pointer", true),
        ("calls_context", "context", true),
        ("calls_nothing", "nothing", true),
        ("calls_tagged", "tagged", true),
        ("tail_call_void", "jumps_away", false),
        ("calls_number", "number", true),
        ("calls_local", "local", false),
    ] {
        let read = reading(program);
        assert_eq!(read.dropped, [], "{program}");
        let (btf, records) = (carried_btf(&read), read.carried.records.as_ref().unwrap());
        let known = FuncRecord::read_all(&records.func_info, Endian::NATIVE);
        let slots: Vec<u32> = known.iter().map(|record| record.offset).collect();
        let wanted = read.program.as_ref().unwrap().function_slots();
        assert_eq!(slots, wanted.iter().map(|slot| *slot as u32).collect::<Vec<_>>(), "{program}");
        // clang may have made its own version of a function, `pointer.specialized.1`.
        let found = known.iter().find_map(|record| match btf.get(record.ty) {
            Some(Kind::Func { name, linkage, .. }) if name.split('.').next() == Some(function) => {
                Some(*linkage)
            }
            _ => None,
        });
        if program != "tail_call_void" {
            assert_eq!(found == Some(btf::Linkage::Global), is_global, "{program}");
        }
        let lines = LineRecord::read_all(&records.line_info, &btf, Endian::NATIVE).unwrap();
        assert!(
            wanted.iter().all(|slot| lines.iter().any(|line| line.offset as usize == *slot)),
            "{program}"
        );
    }
    let linkages = |program: &str| -> Vec<Linkage> {
        reading(program).program.unwrap().functions.iter().skip(1).map(|function| function.linkage).collect()
    };
    assert_eq!(linkages("calls_number"), [Linkage::Global]);
    assert_eq!(linkages("calls_local"), [Linkage::Static, Linkage::Static], "the hidden one is static too");
    let read = reading("calls_local");
    let is_global = |(_, kind): (_, &Kind)| matches!(kind, Kind::Func { name, linkage: btf::Linkage::Global, .. } if name == "hidden");
    assert!(!carried_btf(&read).iter().any(is_global), "for the kernel too");
}

#[test]
fn maps_come_with_their_types() {
    for (program, map, part) in [
        ("spin_lock", "locks", Some("a `struct bpf_spin_lock`")),
        ("timer", "timers", Some("a `struct bpf_timer`")),
        ("kptr", "kptrs", Some("a pointer with the tag `kptr`")),
        ("plain", "plains", None),
        ("sk_storage", "storage", None),
        ("variable_lock", ".bss", Some("a `struct bpf_spin_lock`")),
        ("variable", "plain", None),
    ] {
        let read = reading(program);
        assert_eq!(read.dropped, [], "{program}");
        let maps = &read.program.as_ref().unwrap().maps;
        let index = maps.iter().position(|def| def.name == map).unwrap();
        let types = read.carried.map_types[index].as_ref().unwrap();
        let btf = carried_btf(&read);
        assert_eq!(btf.special_part(types.value).map(|part| part.to_string()).as_deref(), part, "{program}");
        assert_eq!(btf.size(types.value), Some(maps[index].value.size()), "{program}");
    }
}

/// The object as a compiler writes it without `-g`, as far as functions go: `.BTF.ext` under another name.
fn without_types_of_functions(object: &[u8]) -> Vec<u8> {
    let mut object = object.to_vec();
    let at = object.windows(9).position(|window| window == b".BTF.ext\0").unwrap();
    object[at + 5] = b'x';
    object
}

#[test]
fn without_types_of_functions_there_are_no_records() {
    let object = Object::new().program(&support::knock()).finish().unwrap();
    let records = |object: &[u8]| readings(object, None).unwrap().remove(0).carried.records.unwrap();
    assert!(!records(&object).func_info.is_empty());
    let without = records(&without_types_of_functions(&object));
    assert!(without.func_info.is_empty() && without.line_info.is_empty() && !without.btf.is_empty());
}

#[test]
fn without_types_all_functions_are_static() {
    let object = without_types_of_functions(OBJECT);
    let read = |name| readings(&object, Some(name)).unwrap().remove(0);
    for name in ["calls_pointer", "calls_context", "calls_nothing", "calls_number"] {
        let reading = read(name);
        let program = reading.whole().unwrap();
        assert_eq!(program.functions[1].linkage, Linkage::Static, "{name}");
    }
}

#[test]
fn what_a_program_cannot_express_is_said_of_it_alone() {
    for (name, part) in [
        ("unknown", "section other holds code, but its name stands for no"),
        ("kfunc", "instruction 8 of section tc refers to `kernel_function`"),
        ("core", "a function of section kprobe/x has 1 CO-RE relocations"),
    ] {
        let reading = readings(CLANG, Some(name)).unwrap().remove(0);
        let dropped = reading.dropped.last().unwrap().to_string();
        let said = reading.program.map_or_else(|error| error.to_string(), |_| dropped);
        assert!(said.contains(part), "{said}");
    }
    let links = readings(CLANG, Some("links")).unwrap();
    assert!(links[0].program.is_ok() && links[0].dropped.len() == 1);
    // libbpf takes nothing of an object with legacy maps.
    for reading in readings(CLANG, None).unwrap() {
        let reason = reading.whole().unwrap_err();
        assert!(
            reason.contains("legacy map definitions in 'maps' section are not supported by libbpf v1.0+"),
            "{reason}"
        );
    }
}

#[test]
fn of_a_stripped_object_loaders_take_nothing() {
    let mut object = OBJECT.to_vec();
    let elf = goblin::elf::Elf::parse(OBJECT).unwrap();
    let is_symbols = |header: &goblin::elf::SectionHeader| header.sh_type == SHT_SYMTAB;
    let index = elf.section_headers.iter().position(is_symbols).unwrap();
    let at = elf.header.e_shoff as usize + index * 64 + 4;
    object[at..at + 4].copy_from_slice(&SHT_NOTE.to_le_bytes());
    let all = readings(&object, None).unwrap();
    assert!(!all.is_empty());
    for reading in all {
        let Some(Dropped::Object(fact)) = reading.dropped.first() else { panic!("{:?}", reading.dropped) };
        assert_eq!(fact.errno(), ENOENT, "{}", reading.name);
        assert!(reading.whole().unwrap_err().contains("no table of symbols"));
    }
}

#[test]
fn of_an_object_with_a_section_without_a_name_loaders_take_nothing() {
    let elf = goblin::elf::Elf::parse(OBJECT).unwrap();
    let is_licence =
        |header: &goblin::elf::SectionHeader| elf.shdr_strtab.get_at(header.sh_name) == Some("license");
    let index = elf.section_headers.iter().position(is_licence).unwrap();
    let at = elf.header.e_shoff as usize + index * 64;
    let mut object = OBJECT.to_vec();
    object[at..at + 4].copy_from_slice(&i32::MAX.to_le_bytes());
    for reading in readings(&object, None).unwrap() {
        let Some(Dropped::Object(fact)) = reading.dropped.first() else { panic!("{:?}", reading.dropped) };
        assert!(fact.to_string().contains("lies outside of the table of names"), "{fact}");
    }
}

#[test]
fn what_this_crate_writes_it_carries() {
    use knockwright_codegen::Object;
    for name in ["links", "old", "data"] {
        let read = knockwright_codegen::read::program(CLANG, name).unwrap();
        let object = Object::new().program(&read).finish().unwrap();
        assert!(readings(&object, None).unwrap()[0].whole().is_ok(), "{name}");
    }
}

#[test]
fn what_is_named_in_the_kernel_comes_with_its_type() {
    let read = readings(CLANG, Some("kfunc")).unwrap().remove(0);
    let program = read.program.as_ref().unwrap();
    let [named] = program.externs.as_slice() else {
        panic!("{:?}", program.externs);
    };
    let ExternKind::Function(prototype) = &named.kind else {
        panic!("{named:?}");
    };
    assert_eq!((named.name.as_str(), prototype.params.len(), named.weak), ("kernel_function", 1, false));
    for &item in &named.uses {
        assert_eq!(program.items[item].code, Code::Insn(Insn::CallKfunc { btf_id: 0, module: 0 }));
    }
    assert!(read.dropped[1].to_string().contains("refers to `kernel_function` of the kernel by name"));
    assert!(matches!(read.dropped.as_slice(), [Dropped::Object(ObjectFact::LegacyMaps), Dropped::Extern(_)]));
    assert!(matches!(Object::new().program(program).finish(), Err(WriteError::Extern { .. })));
}

#[test]
fn types_come_with_the_program_and_back() {
    let lock = |program: &Program| {
        let locks = program.maps.iter().find(|map| map.name == "locks").unwrap();
        let Some(DataType::Btf(value)) = locks.value.data_type().cloned() else {
            panic!("{locks:?}");
        };
        let Some(Kind::Struct { members, .. }) = value.resolved() else {
            panic!("{value:?}");
        };
        value.at(members[0].ty)
    };
    let read = reading("spin_lock").program.unwrap();
    assert_eq!(lock(&read).btf().c_name(lock(&read).id()), "struct bpf_spin_lock");
    let pointer = reading("calls_pointer").program.unwrap();
    let prototype = pointer.functions[1].prototype.as_ref().unwrap();
    let types: Vec<String> = prototype
        .params
        .iter()
        .map(|param| param.ty.to_btf().map(|ty| ty.btf().c_name(ty.id())).unwrap())
        .collect();
    assert!(types[0].ends_with('*'), "{types:?}");
    for mut program in [read, pointer, reading("calls_tagged").program.unwrap()] {
        // clang's own version of a function has a name that the kernel takes from nobody.
        program.functions.iter_mut().for_each(|function| function.name = function.name.replace('.', "_"));
        let object = Object::new().program(&program).finish().unwrap();
        let again = &knockwright_codegen::read::programs(&object).unwrap()[0];
        assert_eq!(again.functions, program.functions);
        assert_eq!(again.maps.len(), program.maps.len());
        for (again, map) in again.maps.iter().filter(|map| map.data.is_none()).zip(&program.maps) {
            assert_eq!(again, map);
        }
    }
}

/// The object with a byte of a symbol's entry changed.
fn with_symbol_byte(name: &str, at: usize, byte: impl Fn(u8) -> u8) -> Vec<u8> {
    let elf = goblin::elf::Elf::parse(OBJECT).unwrap();
    let table =
        elf.section_headers.iter().find(|header| header.sh_type == goblin::elf::section_header::SHT_SYMTAB);
    let index = elf.syms.iter().position(|symbol| elf.strtab.get_at(symbol.st_name) == Some(name)).unwrap();
    let place = table.unwrap().sh_offset as usize + index * size_of::<Sym>() + at;
    let mut object = OBJECT.to_vec();
    object[place] = byte(object[place]);
    object
}

/// libbpf takes no object with a static function in a section of programs; a hidden one is a program.
#[test]
fn functions_of_sections_that_are_static_or_hidden() {
    let stays_static =
        with_symbol_byte("cpumap", offset_of!(Sym, st_info), |info| STB_LOCAL << 4 | info & 0xf);
    let found = readings(&stays_static, Some("cpumap")).unwrap().remove(0);
    let (name, section) = ("cpumap".to_owned(), "xdp/cpumap".to_owned());
    let section = Dropped::Object(ObjectFact::StaticProgram { name, section });
    assert_eq!(found.dropped, std::slice::from_ref(&section));
    // Without types it's said once too.
    let untyped = readings(&without_types_of_functions(&stays_static), Some("cpumap")).unwrap().remove(0);
    assert_eq!(untyped.dropped, [section]);
    let reason = found.whole().unwrap_err();
    assert!(reason.contains("sec 'xdp/cpumap': program 'cpumap' is static and not supported"), "{reason}");
    let all = readings(&stays_static, None).unwrap();
    assert!(all.iter().all(|reading| reading.whole().is_err()), "libbpf takes none of them");
    assert_eq!(all.len(), readings(OBJECT, None).unwrap().len());
    let hidden = with_symbol_byte("cpumap", offset_of!(Sym, st_other), |other| other | STV_HIDDEN);
    assert_eq!(readings(&hidden, Some("cpumap")).unwrap().remove(0).dropped, []);
}
