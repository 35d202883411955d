//! What an object says and a program doesn't carry: clang's `objects/dropped.o`, made from the C beside it.

mod support;

use std::mem::offset_of;

use goblin::elf::sym::sym64::Sym;
use goblin::elf::sym::{STB_LOCAL, STV_HIDDEN};
use knockwright_asm::{Code, DataType, ExternKind, Insn, Linkage, Program};
use knockwright_codegen::btf::Kind;
use knockwright_codegen::read::{Dropped, FunctionFact, MapFact, Reading, readings};
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
    use Tells::{AttachType, Frags, Sleepable, Target};
    for (program, section, tells) in [
        ("recvmsg4", "cgroup/recvmsg4", &[AttachType][..]),
        ("connect4", "cgroup/connect4", &[AttachType]),
        ("egress", "cgroup_skb/egress", &[AttachType]),
        ("ingress", "cgroup_skb/ingress", &[]),
        ("sleepable", "uprobe.s", &[Sleepable]),
        ("tp_btf", "tp_btf/sys_enter", &[Target]),
        ("lsm", "lsm/file_open", &[Target]),
        ("lsm_cgroup", "lsm_cgroup/socket_bind", &[Target]),
        ("freplace", "freplace/other", &[Target]),
        ("fentry", "fentry.s/do_unlinkat", &[Target, Sleepable]),
        ("iter", "iter/task", &[Target]),
        ("struct_ops", "struct_ops/ssthresh", &[Target]),
        ("sleeps_always", "syscall", &[Sleepable]),
        ("frags", "xdp.frags", &[Frags]),
        ("devmap", "xdp/devmap", &[AttachType]),
        ("cpumap", "xdp/cpumap", &[]),
        ("tcx", "tcx/ingress", &[]),
        ("message", "sk_msg", &[]),
    ] {
        let read = reading(program);
        let dropped: Vec<Dropped> = tells.iter().copied().map(Dropped::Section).collect();
        assert_eq!((read.section.as_str(), &read.dropped), (section, &dropped), "{program}");
        assert_eq!(read.whole().is_ok(), tells.is_empty(), "{program}");
    }
}

#[test]
fn what_is_said_of_functions() {
    for (program, function, what) in [
        ("calls_pointer", "pointer", Some(FunctionFact::Parameters)),
        ("calls_context", "context", Some(FunctionFact::Parameters)),
        ("calls_structure", "structure", Some(FunctionFact::Parameters)),
        ("calls_nothing", "nothing", Some(FunctionFact::Result)),
        ("calls_tagged", "tagged", Some(FunctionFact::Tags)),
        ("tail_call_void", "jumps_away", Some(FunctionFact::TailCall)),
        ("tail_call_int", "jumps_on", None),
        ("calls_number", "number", None),
        ("calls_local", "local", None),
    ] {
        let read = reading(program);
        let read_program = read.program.as_ref().unwrap();
        // clang may have made its own version of a function, `pointer.specialized.1`.
        let is_meant = |name: &str| name.split('.').next() == Some(function);
        assert!(read_program.functions.iter().any(|known| is_meant(&known.name)), "{program}");
        match (what, read.dropped.as_slice()) {
            (None, []) => {}
            (Some(wanted), [Dropped::Function { name, what }]) if is_meant(name) => {
                assert_eq!(*what, wanted, "{program}");
            }
            (wanted, found) => panic!("{program}: {found:?} instead of {wanted:?}"),
        }
    }
    let linkages = |program: &str| -> Vec<Linkage> {
        reading(program).program.unwrap().functions.iter().skip(1).map(|function| function.linkage).collect()
    };
    assert_eq!(linkages("calls_number"), [Linkage::Global]);
    assert_eq!(linkages("calls_local"), [Linkage::Static, Linkage::Static], "the hidden one is static too");
}

#[test]
fn what_is_said_of_values() {
    let holds = |what: &str| Some(MapFact::Holds(what.to_owned()));
    for (program, map, why) in [
        ("spin_lock", "locks", holds("a `struct bpf_spin_lock`")),
        ("timer", "timers", holds("a `struct bpf_timer`")),
        ("kptr", "kptrs", holds("a pointer with the tag `kptr`")),
        ("plain", "plains", None),
        ("sk_storage", "storage", Some(MapFact::Kind(knockwright_asm::MapType::SkStorage))),
        ("variable_lock", ".bss", holds("a `struct bpf_spin_lock`")),
        ("variable", "plain", None),
    ] {
        let dropped: Vec<Dropped> =
            why.into_iter().map(|why| Dropped::Map { name: map.to_owned(), why }).collect();
        let read = reading(program);
        assert_eq!(read.dropped, dropped, "{program}");
        let maps = read.program.unwrap().maps;
        assert!(maps.iter().any(|def| def.name == map), "{program}");
        // Nothing makes a map of socket storage without types, so only its user has it.
        assert_eq!(maps.iter().any(|def| def.name == "storage"), program == "sk_storage", "{program}");
    }
}

#[test]
fn maps_that_are_left_out_leave_the_others_at_their_places() {
    use knockwright_asm::{Code, Imm64, Insn};
    let read = reading("variable");
    let program = read.whole().unwrap();
    let index = program.items.iter().find_map(|item| match item.code {
        Code::Insn(Insn::LoadImm64 { value: Imm64::MapIdxValue { idx, .. }, .. }) => Some(idx as usize),
        _ => None,
    });
    assert_eq!(program.maps[index.unwrap()].name, "plain");
}

/// The object as a compiler writes it without `-g`, as far as functions go: `.BTF.ext` under another name.
fn without_types_of_functions(object: &[u8]) -> Vec<u8> {
    let mut object = object.to_vec();
    let at = object.windows(9).position(|window| window == b".BTF.ext\0").unwrap();
    object[at + 5] = b'x';
    object
}

#[test]
fn without_types_no_function_is_given_to_a_helper() {
    // The kernel takes callbacks only of programs with types; this one passes `tick` to `bpf_loop`.
    let object = Object::new().program(&support::knock()).finish().unwrap();
    let dropped = |object: &[u8]| readings(object, None).unwrap().remove(0).dropped;
    assert_eq!(dropped(&object), []);
    let name = "knock".to_owned();
    let untyped = Dropped::Function { name, what: FunctionFact::Untyped };
    assert_eq!(dropped(&without_types_of_functions(&object)), [untyped]);
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
    // The kernel takes no tail call in a function without types.
    let dropped = read("tail_call_int").dropped;
    assert!(matches!(&dropped[..], [Dropped::Function { what: FunctionFact::Untyped, .. }]), "{dropped:?}");
}

#[test]
fn what_a_program_cannot_express_is_said_of_it_alone() {
    let error = readings(CLANG, None).unwrap_err().to_string();
    assert!(error.contains("section other"), "a section that no loader knows is the whole object's: {error}");
    for (name, part) in [
        ("kfunc", "program `kfunc` in section tc: instruction 8 of section tc refers to `kernel_function`"),
        ("nested", "program `nested` in section tc: map outer: its member `values`"),
        ("core", "program `core` in section kprobe/x: section kprobe/x has 1 CO-RE relocations"),
    ] {
        let reason = readings(CLANG, Some(name)).unwrap().remove(0).whole().unwrap_err();
        assert!(reason.contains(part), "{reason}");
    }
    assert!(readings(CLANG, Some("links")).unwrap()[0].whole().is_ok());
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
    assert!(read.whole().unwrap_err().contains("refers to `kernel_function` of the kernel by name"));
    assert!(matches!(read.dropped.as_slice(), [Dropped::Extern(_)]));
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
    let section = Dropped::Function { name: "cpumap".to_owned(), what: FunctionFact::Section };
    assert_eq!(found.dropped, std::slice::from_ref(&section));
    // Without types it's said once too.
    let untyped = readings(&without_types_of_functions(&stays_static), Some("cpumap")).unwrap().remove(0);
    assert_eq!(untyped.dropped, [section]);
    let reason = found.whole().unwrap_err();
    assert!(reason.contains("`cpumap`: it's static and stands in a section of programs"), "{reason}");
    let all = readings(&stays_static, None).unwrap();
    assert_eq!(all.len(), readings(OBJECT, None).unwrap().len());
    let hidden = with_symbol_byte("cpumap", offset_of!(Sym, st_other), |other| other | STV_HIDDEN);
    assert_eq!(readings(&hidden, Some("cpumap")).unwrap().remove(0).dropped, []);
}
