//! What is written is read back: programs from objects, types from BTF.

mod support;

use std::collections::HashSet;
use std::sync::Arc;

use knockwright_asm::{
    BpfType, Code, Endian, Extent, Function, Imm64, Insn, Item, Linkage, MapDef, MapType, Place, ProgType,
    Program, Prototype, Reg, Slot, SourceLine, isa,
};
use knockwright_codegen::btf::{Btf, Builder, Enumerator, Field, IntEncoding, Kind, Param, TypeId};
use knockwright_codegen::{Object, WriteError, btf, read, section_name};
use proptest::collection::vec;
use proptest::prelude::*;
use support::{IpState, KnockConfig, knock, layout, pass, pass_with, prints_constant};

/// The program as an object can hold it: without places, with each line reaching to the next, and with both types of a map
/// or none.
fn held(program: &Program) -> Program {
    let mut program = program.clone();
    for map in &mut program.maps {
        let typed = |extent: &Extent| matches!(extent, Extent::Typed(_) | Extent::Bytes(0));
        if !(typed(&map.key) && typed(&map.value)) {
            map.key = Extent::Bytes(map.key.size());
            map.value = Extent::Bytes(map.value.size());
        }
    }
    let mut line = None;
    for (index, item) in program.items.iter_mut().enumerate() {
        item.place = None;
        if program.functions.iter().any(|function| function.start == index) {
            line = None;
        }
        line = item.source.take().or(line);
        item.source.clone_from(&line);
    }
    program
}

/// The same with its functions as loaders put them: each where it's first named, before what is named later.
fn linked(program: &Program) -> Program {
    let starts = program.function_slots();
    let target = |slot: usize, item: &Item| match item.code {
        Code::Insn(Insn::CallLocal { off } | Insn::LoadImm64 { value: Imm64::Func(off), .. }) => {
            let slot = slot.checked_add_signed(off as isize + 1).unwrap();
            starts.iter().position(|start| *start == slot)
        }
        _ => None,
    };
    let items: Vec<(usize, &Item)> = program.slots().collect();
    let ends = program.functions.iter().skip(1).map(|function| function.start).chain([items.len()]);
    let bodies: Vec<&[(usize, &Item)]> =
        program.functions.iter().zip(ends).map(|(function, end)| &items[function.start..end]).collect();
    let (mut order, mut open) = (Vec::new(), vec![0]);
    while let Some(function) = open.pop() {
        if !order.contains(&function) {
            order.push(function);
            open.extend(bodies[function].iter().rev().filter_map(|(slot, item)| target(*slot, item)));
        }
    }
    let mut made = program.clone();
    made.items.clear();
    made.functions.clear();
    let slots = |function: usize| bodies[function].iter().map(|(_, item)| item.code.slots()).sum::<usize>();
    let place =
        |wanted: usize| order.iter().take_while(|one| **one != wanted).map(|one| slots(*one)).sum::<usize>();
    for &function in &order {
        let mut moved = program.functions[function].clone();
        moved.start = made.items.len();
        made.functions.push(moved);
        let mut slot = place(function);
        for (old, item) in bodies[function] {
            let mut item = (*item).clone();
            if let Some(to) = target(*old, &item) {
                let distance = (place(to) as i64 - slot as i64 - 1) as i32;
                item.code = Code::Insn(match item.code {
                    Code::Insn(Insn::LoadImm64 { dst, .. }) => {
                        Insn::LoadImm64 { dst, value: Imm64::Func(distance) }
                    }
                    _ => Insn::CallLocal { off: distance },
                });
            }
            slot += item.code.slots();
            made.items.push(item);
        }
    }
    made
}

#[track_caller]
fn comes_back(program: &Program, endian: Endian) {
    let object = Object::new().program(program).endian(endian).finish().unwrap();
    assert_eq!(read::programs(&object).unwrap(), [held(program)]);
}

#[test]
fn a_program_with_everything_comes_back() {
    comes_back(&knock(), Endian::Little);
    comes_back(&knock(), Endian::Big);
}

#[test]
fn contents_come_back() {
    comes_back(&prints_constant(), Endian::Little);
    comes_back(&prints_constant(), Endian::Big);
    for name in [".rodata", ".rodata.x", ".rodata.str1.1", "x"] {
        let program = pass_with(vec![MapDef::constants(name, vec![1, 2, 3])]);
        let object = Object::new().program(&program).finish().unwrap();
        let read = &read::programs(&object).unwrap()[0].maps;
        let short = if name == ".rodata.x" { "x" } else { name };
        assert_eq!(read, &[MapDef::constants(short, vec![1, 2, 3])]);
    }
}

#[test]
fn contents_of_sections_of_all_names_come_back() {
    let variables = |name: &str, data: &[u8]| MapDef::constants(name, data.to_vec()).with_flags(0);
    for (written, read) in [
        (variables(".bss.x", &[0; 4]), variables(".bss.x", &[0; 4])),
        (variables(".bss", &[0; 4]), variables(".bss", &[0; 4])),
        (variables(".data.x.y", &[1; 4]), variables(".data.x.y", &[1; 4])),
        // What isn't all zeros can't be in a section without contents.
        (variables(".bss.x", &[1; 4]), variables(".data.bss.x", &[1; 4])),
        (variables(".bss", &[1; 4]), variables("bss", &[1; 4])),
    ] {
        let object = Object::new().program(&pass_with(vec![written])).finish().unwrap();
        assert_eq!(read::programs(&object).unwrap()[0].maps, [read]);
    }
}

#[test]
fn functions_that_no_program_needs_stand_in_text() {
    let (entry, beside) = (pass("entry"), pass("beside"));
    let object = Object::new().program(&entry).program_in(&beside, ".text").finish().unwrap();
    assert_eq!(read::programs(&object).unwrap(), [held(&entry)]);
    let shown = read::Disassembly::read(&object).unwrap();
    let shown = shown.programs(&read::Choice::default()).unwrap().map(Result::unwrap);
    let names: Vec<(String, String)> = shown.map(|shown| (shown.program.name, shown.section)).collect();
    assert_eq!(names, [("entry", "xdp"), ("beside", ".text")].map(|(a, b)| (a.to_owned(), b.to_owned())));
    // Another object's programs may need them.
    let alone = Object::new().program_in(&beside, ".text").finish().unwrap();
    let shown = read::Disassembly::read(&alone).unwrap();
    let shown = shown.programs(&read::Choice::default()).unwrap().map(Result::unwrap);
    assert_eq!(shown.map(|shown| shown.program.name).collect::<Vec<_>>(), ["beside"]);
}

#[test]
fn maps_in_maps_and_numbers_more_come_back() {
    let bloom = |extra| {
        let mut map = MapDef::of_bytes("bloom", MapType::BloomFilter, 0, 8, 100);
        map.extra = extra;
        map
    };
    let mut outer = MapDef::of_bytes("outer", MapType::ArrayOfMaps, 4, 4, 3);
    let mut inner = MapDef::of_bytes("outer.inner", MapType::Hash, 4, 16, 8).with_flags(1);
    outer.inner = Some(Box::new(inner.clone()));
    for map in [bloom(3), bloom(u32::MAX.into()), bloom(1 << 44), bloom(u64::MAX), outer.clone()] {
        comes_back(&pass_with(vec![map.clone()]), Endian::Little);
        comes_back(&pass_with(vec![map]), Endian::Big);
    }
    // One map deep is all that there is.
    inner.inner = Some(Box::new(inner.clone()));
    outer.inner = Some(Box::new(inner.clone()));
    let refused = |map: &MapDef| Object::new().program(&pass_with(vec![map.clone()])).finish().unwrap_err();
    assert!(matches!(refused(&outer), WriteError::InnerMap { .. }));
    inner.inner = None;
    inner.data = Some(vec![0; 16]);
    outer.inner = Some(Box::new(inner));
    assert!(refused(&outer).to_string().contains("`outer`"));
}

#[test]
fn every_type_with_a_section_comes_back() {
    for &prog_type in ProgType::ALL {
        if section_name::of(prog_type).is_some() {
            let mut program = pass("pass");
            program.prog_type = prog_type;
            comes_back(&program, Endian::Little);
        }
    }
}

#[test]
fn several_programs_come_back_with_shared_maps_and_functions() {
    let (first, pass) = (knock(), pass("pass"));
    let mut second = knock();
    second.name = "again".to_owned();
    second.functions[0].name = "again".to_owned();
    let object = Object::new().program(&first).program(&pass).program(&second).finish().unwrap();
    let programs = read::programs(&object).unwrap();
    let pass = pass_with(first.maps.clone());
    assert_eq!(programs, [first, pass, second]);
}

#[test]
fn a_function_is_left_out_of_a_program_that_does_not_reach_it() {
    let (first, second) = (knock(), pass("pass"));
    let object = Object::new().program(&first).program(&second).finish().unwrap();
    let programs = read::programs(&object).unwrap();
    assert_eq!((programs[0].functions.len(), programs[1].functions.len()), (4, 1));
}

/// An instruction of the table with random operands that refers to nothing outside itself.
fn plain() -> impl Strategy<Value = Code> {
    let fields = (0..isa::TABLE.len(), 0_u8..11, 0_u8..11, any::<i16>(), any::<i32>(), any::<i32>());
    fields.prop_filter_map("a row with these operands", |(row, dst, src, off, imm, next)| {
        let row = &isa::TABLE[row];
        let slot = Slot {
            opcode: row.opcode,
            dst: row.fixed.dst.unwrap_or(dst),
            src: row.fixed.src.unwrap_or(src),
            off: row.fixed.off.unwrap_or(off),
            imm: row.fixed.imm.unwrap_or(imm),
        };
        let second = Slot { imm: row.fixed.next.unwrap_or(next), ..Slot::default() };
        match Code::decode(slot, Some(second)) {
            Code::Raw(_) | Code::Insn(Insn::CallLocal { .. }) => None,
            Code::Insn(insn) if insn.jump_offset().is_some() => None,
            Code::Insn(Insn::LoadImm64 { value: Imm64::Const(_) | Imm64::BtfId { .. }, .. }) => {
                Some(Code::decode(slot, Some(second)))
            }
            Code::Insn(Insn::LoadImm64 { .. }) => None,
            code => Some(code),
        }
    })
}

/// An instruction before its references are set.
#[derive(Debug, Clone)]
enum Draft {
    Code(Code),
    Map(prop::sample::Index),
    Call(prop::sample::Index),
    Callback(prop::sample::Index),
    /// A jump to the end of the function.
    Out,
}

fn draft() -> impl Strategy<Value = Draft> {
    let raw = any::<(i16, i32)>().prop_map(|(off, imm)| {
        let (opcode, dst, src) = (0xff, 15, 3);
        Draft::Code(Code::Raw(Slot { opcode, dst, src, off, imm }))
    });
    prop_oneof![
        8 => plain().prop_map(Draft::Code),
        1 => raw,
        2 => any::<prop::sample::Index>().prop_map(Draft::Map),
        1 => any::<prop::sample::Index>().prop_map(Draft::Call),
        1 => any::<prop::sample::Index>().prop_map(Draft::Callback),
        1 => Just(Draft::Out),
    ]
}

fn source_line() -> impl Strategy<Value = Option<Arc<SourceLine>>> {
    let line = ("[a-z/]{1,12}\\.rs", 1_u32..4_194_304, 0_u32..1024, "([!-~]([ -~]{0,40}[!-~])?)?");
    prop::option::of(line).prop_map(|line| {
        line.map(|(file, line, column, text)| {
            Arc::new(SourceLine { file: file.into(), line, column, text: text.into() })
        })
    })
}

fn map() -> impl Strategy<Value = MapDef> {
    let extents = || {
        prop::sample::select(vec![
            Extent::Bytes(0),
            Extent::Bytes(7),
            Extent::of::<u32>(),
            Extent::of::<i64>(),
            Extent::of::<bool>(),
            Extent::of::<[[u16; 3]; 2]>(),
            Extent::of::<IpState>(),
            Extent::of::<[KnockConfig; 2]>(),
        ])
    };
    let types = prop::sample::select(MapType::ALL);
    (types, extents(), extents(), any::<u32>(), any::<u32>(), any::<bool>()).prop_map(
        |(map_type, key, value, max_entries, flags, pinned)| {
            let mut map = MapDef::of("", map_type, key, value, max_entries).with_flags(flags);
            map.pinned = pinned;
            map
        },
    )
}

/// A function's body: its instructions with their lines, and its parameters.
type Body = (Vec<(Draft, Option<Arc<SourceLine>>)>, Vec<String>, bool);

fn bodies() -> impl Strategy<Value = Vec<Body>> {
    let params = vec("[a-z_][a-z0-9_]{0,9}", 0..=5);
    vec((vec((draft(), source_line()), 1..12), params, any::<bool>()), 1..5)
}

prop_compose! {
    fn program()(bodies in bodies(), mut maps in vec(map(), 0..4)) -> Program {
        for (index, map) in maps.iter_mut().enumerate() {
            map.name = format!("map_{index}");
        }
        build(bodies, maps)
    }
}

fn build(mut bodies: Vec<Body>, maps: Vec<MapDef>) -> Program {
    // The entry calls all others, so that an object keeps them.
    let count = bodies.len();
    let names: Vec<String> =
        (0..count).map(|index| if index == 0 { "entry".to_owned() } else { format!("f{index}") }).collect();
    let mut functions = Vec::new();
    let mut drafts = Vec::new();
    for (index, (body, params, global)) in bodies.drain(..).enumerate() {
        let linkage = if index == 0 || global { Linkage::Global } else { Linkage::Static };
        let prototype = (index != 0).then(|| Prototype::numbers(params.iter().map(String::as_str)));
        functions.push(Function::new(&names[index], drafts.len(), linkage).with_prototype(prototype));
        if index == 0 {
            drafts.extend(
                (1..count)
                    .map(|target| (Draft::Code(Code::Insn(Insn::CallLocal { off: target as i32 })), None)),
            );
        }
        drafts.extend(body);
        drafts.push((Draft::Code(Code::Insn(Insn::Exit)), None));
    }
    let slots_of = |draft: &Draft| match draft {
        Draft::Code(code) => code.slots(),
        Draft::Map(_) => {
            if maps.is_empty() {
                1
            } else {
                2
            }
        }
        Draft::Callback(_) => {
            if count == 1 {
                1
            } else {
                2
            }
        }
        Draft::Call(_) | Draft::Out => 1,
    };
    let mut starts = vec![0];
    for (draft, _) in &drafts {
        starts.push(starts.last().unwrap() + slots_of(draft));
    }
    let items = drafts.iter().enumerate().map(|(index, (draft, source))| {
        let distance = |function: usize| starts[functions[function].start] as i32 - starts[index] as i32 - 1;
        let choose = |pick: &prop::sample::Index| distance(1 + pick.index(count - 1));
        let load = |value| Insn::LoadImm64 { dst: Reg::R3, value };
        let nop = Insn::mov64_imm(Reg::R0, 0);
        let code = match draft {
            Draft::Code(Code::Insn(Insn::CallLocal { off })) => {
                Code::Insn(Insn::CallLocal { off: distance(*off as usize) })
            }
            Draft::Code(code) => *code,
            Draft::Map(_) if maps.is_empty() => Code::Insn(nop),
            Draft::Map(pick) => Code::Insn(load(Imm64::MapIdx(pick.index(maps.len()) as i32))),
            Draft::Call(_) | Draft::Callback(_) if count == 1 => Code::Insn(nop),
            Draft::Call(pick) => Code::Insn(Insn::CallLocal { off: choose(pick) }),
            Draft::Callback(pick) => Code::Insn(load(Imm64::Func(choose(pick)))),
            Draft::Out => {
                let end = functions.iter().map(|function| function.start).find(|&start| start > index);
                let last = starts[end.unwrap_or(drafts.len()) - 1];
                Code::Insn(Insn::Goto { off: (last - starts[index] - 1) as i16 })
            }
        };
        let mut item = Item::new(code).with_source(source.clone());
        item.place = Some(Place { file: "x.rs".into(), line: 1, column: 1 });
        item
    });
    let mut program = Program::new("entry", ProgType::Xdp);
    program.license = "GPL".to_owned();
    program.items = items.collect();
    program.functions = functions.clone();
    program.maps = maps.clone();
    program
}

/// A type that names only types with smaller numbers than `next`.
fn kind(next: u32) -> impl Strategy<Value = Kind> {
    let id = move || (0..next).prop_map(TypeId);
    let name = || prop_oneof![Just(String::new()), "[a-c]{1,2}"];
    let linkage =
        || prop::sample::select(vec![btf::Linkage::Static, btf::Linkage::Global, btf::Linkage::Extern]);
    let plain = || {
        (name(), id(), 0_u32..1 << 24).prop_map(|(name, ty, bit_offset)| Field {
            name,
            ty,
            bit_offset,
            bit_width: 0,
        })
    };
    let narrow = || (plain(), 1_u8..=64).prop_map(|(field, bit_width)| Field { bit_width, ..field });
    let members = || prop_oneof![vec(plain(), 0..4), vec(narrow(), 1..4)];
    let values = || {
        vec((name(), any::<i32>()).prop_map(|(name, value)| Enumerator { name, value: value.into() }), 0..4)
    };
    let wide = || vec((name(), any::<i64>()).prop_map(|(name, value)| Enumerator { name, value }), 0..4);
    let encoding =
        any::<(bool, bool, bool)>().prop_map(|(signed, char, bool)| IntEncoding { signed, char, bool });
    let var = || {
        (id(), any::<u32>(), any::<u32>()).prop_map(|(var, offset, size)| btf::SectionVar {
            var,
            offset,
            size,
        })
    };
    prop_oneof![
        (name(), any::<u32>(), encoding, any::<u8>(), any::<u8>()).prop_map(
            |(name, size, encoding, bit_offset, bits)| Kind::Int { name, size, encoding, bit_offset, bits }
        ),
        id().prop_map(|to| Kind::Ptr { to }),
        (id(), id(), any::<u32>()).prop_map(|(element, index, len)| Kind::Array { element, index, len }),
        (name(), any::<u32>(), members()).prop_map(|(name, size, members)| Kind::Struct {
            name,
            size,
            members
        }),
        (name(), any::<u32>(), members()).prop_map(|(name, size, members)| Kind::Union {
            name,
            size,
            members
        }),
        (name(), any::<u32>(), values()).prop_map(|(name, size, values)| Kind::Enum {
            name,
            size,
            signed: true,
            values
        }),
        (name(), any::<bool>()).prop_map(|(name, union)| Kind::Fwd { name, union }),
        (name(), id()).prop_map(|(name, to)| Kind::Typedef { name, to }),
        id().prop_map(|to| Kind::Volatile { to }),
        id().prop_map(|to| Kind::Const { to }),
        id().prop_map(|to| Kind::Restrict { to }),
        (name(), id(), linkage()).prop_map(|(name, proto, linkage)| Kind::Func { name, proto, linkage }),
        (id(), vec((name(), id()).prop_map(|(name, ty)| Param { name, ty }), 0..4))
            .prop_map(|(result, params)| Kind::FuncProto { result, params }),
        (name(), id(), linkage()).prop_map(|(name, ty, linkage)| Kind::Var { name, ty, linkage }),
        (name(), any::<u32>(), vec(var(), 0..4)).prop_map(|(name, size, vars)| Kind::DataSec {
            name,
            size,
            vars
        }),
        (name(), any::<u32>()).prop_map(|(name, size)| Kind::Float { name, size }),
        (name(), id(), prop::option::of(0..u32::MAX)).prop_map(|(name, to, component)| Kind::DeclTag {
            name,
            to,
            component
        }),
        (name(), id()).prop_map(|(name, to)| Kind::TypeTag { name, to }),
        (name(), any::<u32>(), any::<bool>(), wide()).prop_map(|(name, size, signed, values)| Kind::Enum64 {
            name,
            size,
            signed,
            values
        }),
    ]
}

proptest! {
    #[test]
    fn random_programs_come_back(program in program(), big in any::<bool>()) {
        let endian = if big { Endian::Big } else { Endian::Little };
        let object = Object::new().program(&program).endian(endian).finish().unwrap();
        prop_assert_eq!(read::programs(&object).unwrap(), vec![linked(&held(&program))]);
        prop_assert_eq!(object, Object::new().program(&program).endian(endian).finish().unwrap());
    }

    #[test]
    fn types_come_back_each_once(kinds in vec(kind(6), 0..40), big in any::<bool>()) {
        let endian = if big { Endian::Big } else { Endian::Little };
        let mut builder = Builder::new();
        let ids: Vec<TypeId> = kinds.iter().map(|kind| builder.add(kind.clone())).collect();
        let different: HashSet<&Kind> = kinds.iter().collect();
        let parsed = Btf::parse(&builder.finish(endian), endian).unwrap();
        prop_assert_eq!(parsed.iter().count(), different.len());
        for (kind, id) in kinds.iter().zip(ids) {
            prop_assert_eq!(parsed.get(id), Some(kind));
        }
    }

    #[test]
    fn strings_come_back_each_once(strings in vec("[a-c]{0,3}", 0..60)) {
        let mut builder = Builder::new();
        let offsets: Vec<u32> = strings.iter().map(|text| builder.string(text)).collect();
        let bytes = builder.finish(Endian::Little);
        let parsed = Btf::parse(&bytes, Endian::Little).unwrap();
        for (text, &offset) in strings.iter().zip(&offsets) {
            let found = parsed.string(offset);
            prop_assert_eq!(found.as_ref(), Some(text));
        }
        let different: HashSet<&String> = strings.iter().filter(|text| !text.is_empty()).collect();
        let table_len = 1 + different.iter().map(|text| text.len() + 1).sum::<usize>();
        prop_assert_eq!(bytes.len(), 24 + table_len);
    }
}

#[test]
fn layouts_come_back() {
    for ty in [layout::<IpState>(), layout::<KnockConfig>(), <[[u8; 3]; 4]>::TYPE] {
        let value = Extent::Typed(ty.into());
        let map = MapDef::of("m", MapType::Hash, Extent::of::<u32>(), value, 1);
        comes_back(&pass_with(vec![map]), Endian::Little);
    }
}
