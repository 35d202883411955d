//! What can't be written is an error that names the program, the instruction and the source line.

mod support;

use std::borrow::Cow;

use knockwright_asm::linux::map_type::MMAPABLE;
use knockwright_asm::{
    Code, Extent, Imm64, Insn, IntType, Linkage, MapDef, MapType, Member, Place, ProgType, Program,
    Prototype, Reg, StructType, Type,
};
use knockwright_codegen::btf::{IntEncoding, LayoutError};
use knockwright_codegen::{Object, WriteError};
use support::{function, item, knock, pass, pass_with};

#[track_caller]
fn refused(program: &Program) -> WriteError {
    Object::new().program(program).finish().expect_err("the program can't be written")
}

fn load(value: Imm64) -> Code {
    Code::Insn(Insn::LoadImm64 { dst: Reg::R1, value })
}

#[test]
fn no_program() {
    assert!(matches!(Object::new().finish(), Err(WriteError::NoPrograms)));
}

#[test]
fn no_entry() {
    let mut program = pass("pass");
    program.functions.clear();
    assert!(matches!(refused(&program), WriteError::NoEntry { .. }));
    program.functions = vec![function("pass", 1, Linkage::Global, &[])];
    assert!(matches!(refused(&program), WriteError::NoEntry { .. }));
}

#[test]
fn functions_out_of_order_or_out_of_the_program() {
    for start in [0, 2, usize::MAX] {
        let mut program = pass("pass");
        program.functions.push(function("other", start, Linkage::Static, &[]));
        assert!(
            matches!(refused(&program), WriteError::FunctionStart { start: found, .. } if found == start)
        );
    }
    let mut program = pass("empty");
    program.items.clear();
    assert!(matches!(refused(&program), WriteError::FunctionStart { items: 0, .. }));
}

#[test]
fn names_that_are_no_identifiers() {
    for name in ["", "1st", "a-b", "ä", "a b", &"x".repeat(128)] {
        assert!(matches!(refused(&pass(name)), WriteError::FunctionName { .. }), "{name}");
        let mut program = pass("pass");
        program.maps = vec![MapDef::new::<u32, u32>(name, MapType::Hash, 1)];
        assert!(matches!(refused(&program), WriteError::Map { .. }), "{name}");
    }
}

#[test]
fn too_many_parameters() {
    let mut program = knock();
    program.functions[1].prototype = Some(Prototype::numbers(["a", "b", "c", "d", "e", "f"]));
    assert!(matches!(refused(&program), WriteError::TooManyParams { count: 6, .. }));
}

#[test]
fn one_name_for_two_things() {
    let mut program = pass("pass");
    program.maps = vec![MapDef::new::<u32, u32>("pass", MapType::Hash, 1)];
    assert!(matches!(refused(&program), WriteError::DuplicateName { name } if name == "pass"));
    program.maps = vec![MapDef::new::<u32, u32>("m", MapType::Hash, 1); 2];
    assert!(matches!(refused(&program), WriteError::DuplicateName { name } if name == "m"));
    let (first, second) = (pass("pass"), pass("pass"));
    let error = Object::new().program(&first).program(&second).finish().unwrap_err();
    assert!(matches!(error, WriteError::DuplicateName { name } if name == "pass"));
}

#[test]
fn maps_of_one_name_that_differ() {
    let (first, mut second) = (knock(), pass("second"));
    second.maps = vec![MapDef::new::<u32, u64>("config_map", MapType::Array, 1)];
    let error = Object::new().program(&first).program(&second).finish().unwrap_err();
    assert!(
        matches!(&error, WriteError::MapConflict { map, first, second } if (map.as_str(), first.as_str(), second.as_str())
            == ("config_map", "knock", "second"))
    );
    second.maps = knock().maps;
    Object::new().program(&first).program(&second).finish().unwrap();
}

#[test]
fn functions_of_one_name_that_differ() {
    let (first, mut second) = (knock(), knock());
    second.name = "again".to_owned();
    second.functions[0].name = "again".to_owned();
    Object::new().program(&first).program(&second).finish().unwrap();
    let tick = second.functions[3].start;
    second.items[tick] = item(Insn::mov64_imm(Reg::R0, 1));
    let error = Object::new().program(&first).program(&second).finish().unwrap_err();
    assert!(matches!(error, WriteError::FunctionConflict { function, .. } if function == "tick"));
}

#[test]
fn references_to_nothing() {
    let mut program = knock();
    program.items[3].code = load(Imm64::MapIdx(5));
    program.items[3].place = Some(Place { file: Cow::Borrowed("src/knock.rs"), line: 3, column: 9 });
    let error = refused(&program);
    assert_eq!(
        error.to_string(),
        "src/knock.rs:3:9: program `knock`, instruction 3: there is no map 5, the program has 5"
    );
    program.items[3].code = load(Imm64::MapIdx(-1));
    assert!(matches!(refused(&program), WriteError::MapIndex { index: -1, .. }));
    program.items[3].code = load(Imm64::MapFd(3));
    assert!(matches!(refused(&program), WriteError::FileDescriptor { fd: 3, .. }));
    program.items[3].code = load(Imm64::Func(i32::MAX));
    assert!(matches!(refused(&program), WriteError::NoFunction { .. }));
    program.items[3].code = Code::Insn(Insn::CallLocal { off: 0 });
    assert!(matches!(refused(&program), WriteError::NoFunction { target: 4, .. }));
    program.items[3].code = Code::Insn(Insn::CallLocal { off: -4 });
    assert!(matches!(refused(&program), WriteError::CallsEntry { .. }));
}

#[test]
fn contents_that_no_section_holds() {
    let refused_map = |map: MapDef| refused(&pass_with(vec![map]));
    let constants = || MapDef::constants("texts", vec![1, 2]);
    let changed = |change: fn(&mut MapDef)| {
        let mut map = constants();
        change(&mut map);
        map
    };
    for map in [
        changed(|map| map.map_type = MapType::Hash),
        changed(|map| map.key = Extent::Bytes(8)),
        changed(|map| map.value = Extent::Bytes(3)),
        changed(|map| map.max_entries = 2),
        changed(|map| map.pinned = true),
        MapDef::constants("texts", vec![]),
        constants().with_flags(MMAPABLE),
    ] {
        assert!(matches!(refused_map(map), WriteError::DataForm { .. }));
    }
    assert!(matches!(refused_map(MapDef::constants("a-b", vec![1])), WriteError::Map { .. }));
    let maps = vec![MapDef::constants("x", vec![1]), MapDef::constants(".rodata.x", vec![1])];
    Object::new().program(&pass_with(maps)).finish().unwrap_err();
    let mut program = support::prints_constant();
    program.items[0].code = load(Imm64::MapIdx(0));
    assert!(matches!(refused(&program), WriteError::DataMap { map, .. } if map == "texts"));
}

#[test]
fn jumps_between_functions() {
    let mut program = knock();
    program.items[0].code = Code::Insn(Insn::Goto { off: 20 });
    let error = refused(&program);
    assert!(matches!(error, WriteError::JumpLeavesFunction { target: 21, .. }), "{error}");
    // What leads out of the only function is the kernel's to refuse.
    let mut program = pass("pass");
    program.items[0] = item(Insn::Goto { off: 20 });
    Object::new().program(&program).finish().unwrap();
}

#[test]
fn licences() {
    let mut program = pass("pass");
    program.license = "GPL\0".to_owned();
    assert!(matches!(refused(&program), WriteError::License { .. }));
    // None at all is an object without the section, as clang writes it.
    program.license = String::new();
    let object = Object::new().program(&program).finish().unwrap();
    assert_eq!(knockwright_codegen::Report::read(&object).unwrap().license, None);
    program.license = "MIT".to_owned();
    let other = pass("other");
    let error = Object::new().program(&program).program(&other).finish().unwrap_err();
    assert!(matches!(error, WriteError::Licenses { .. }));
}

#[test]
fn sections() {
    let program = pass("pass");
    for name in ["", ".text.x", "maps/x", "license", ".rodata.x", "xdp \n"] {
        let error = Object::new().program_in(&program, name).finish().unwrap_err();
        assert!(matches!(error, WriteError::Section { .. }), "{name}");
    }
    let mut program = pass("pass");
    program.prog_type = ProgType::Lsm;
    assert!(matches!(refused(&program), WriteError::NoSection { .. }));
}

static CIRCLE: StructType = StructType {
    name: "circle",
    size: 8,
    align: 8,
    members: &[Member { name: "next", offset: 0, ty: Type::Struct(&CIRCLE) }],
};

static PAST_END: StructType = StructType {
    name: "past_end",
    size: 4,
    align: 4,
    members: &[Member {
        name: "wide",
        offset: 0,
        ty: Type::Int(IntType { name: "__u64", size: 8, encoding: IntEncoding::UNSIGNED }),
    }],
};

const ODD: Type = Type::Int(IntType { name: "odd", size: 3, encoding: IntEncoding::UNSIGNED });

#[test]
fn layouts_that_the_kernel_refuses() {
    let huge = Type::Array {
        element: &Type::Array { element: &<u64 as knockwright_asm::BpfType>::TYPE, len: u32::MAX },
        len: 2,
    };
    type IsRight = fn(&LayoutError) -> bool;
    let cases: [(Type, IsRight); 4] = [
        (Type::Struct(&CIRCLE), |e| matches!(e, LayoutError::TooDeep { name: Some("circle") })),
        (Type::Struct(&PAST_END), |e| matches!(e, LayoutError::Member { member: "wide", .. })),
        (ODD, |e| matches!(e, LayoutError::IntSize { size: 3, .. })),
        (huge, |e| matches!(e, LayoutError::TooLarge { .. })),
    ];
    for (ty, is_right) in cases {
        let value = Extent::Typed(ty.into());
        let map = MapDef::of("m", MapType::Hash, Extent::of::<u32>(), value, 1);
        match refused(&pass_with(vec![map])) {
            WriteError::Map { reason, .. } => assert!(is_right(&reason), "{reason}"),
            other => panic!("{other}"),
        }
    }
}
