//! Objects of another compiler: clang's `objects/clang.o`, made from the C beside it.

mod support;

use knockwright_asm::{
    Code, DataType, Extent, Function, Imm64, Insn, Linkage, MapType, ProgType, Program, Prototype,
};
use knockwright_codegen::btf::Kind;
use knockwright_codegen::inspect::MapStyle;
use knockwright_codegen::read::{ReadError, program, programs};
use knockwright_codegen::{Object, Report};
use support::knock;

const CLANG: &[u8] = include_bytes!("objects/clang.o");

#[test]
fn a_program_is_linked_with_the_functions_that_it_reaches() {
    let program = program(CLANG, "links").unwrap();
    assert_eq!((program.prog_type, program.license.as_str()), (ProgType::Xdp, "Dual MIT/GPL"));
    let names = |f: &Function| f.prototype.iter().flat_map(Prototype::names).map(str::to_owned).collect();
    let functions: Vec<(&str, Linkage, Vec<String>)> =
        program.functions.iter().map(|f| (f.name.as_str(), f.linkage, names(f))).collect();
    assert_eq!(
        functions,
        [
            ("links", Linkage::Global, vec!["ctx".to_owned()]),
            ("tick", Linkage::Static, vec!["index".to_owned(), "context".to_owned()]),
            ("more", Linkage::Global, vec!["x".to_owned()]),
            ("triple", Linkage::Static, vec!["x".to_owned()]),
        ],
        "as they are first named, not as they stand in the object"
    );
    let starts = program.function_slots();
    let targets = program.slots().filter_map(|(slot, item)| match item.code {
        knockwright_asm::Code::Insn(
            Insn::CallLocal { off } | Insn::LoadImm64 { value: knockwright_asm::Imm64::Func(off), .. },
        ) => Some(slot.wrapping_add_signed(off as isize + 1)),
        _ => None,
    });
    for target in targets {
        assert!(starts[1..].contains(&target), "a reference to slot {target}");
    }
    let first = program.items[0].source.as_ref().unwrap();
    assert_eq!(
        (first.file.as_ref(), first.text.as_ref()),
        ("./clang.c", "SEC(\"xdp\") int links(struct xdp_md *ctx)")
    );
}

#[test]
fn maps_are_read_as_far_as_a_definition_goes() {
    let maps = program(CLANG, "links").unwrap().maps;
    let names: Vec<&str> = maps.iter().map(|map| map.name.as_str()).collect();
    assert_eq!(
        names,
        ["entries", "counters", "unions", "legacy", ".bss"],
        "`outer` can't be expressed and isn't used"
    );
    let Some(DataType::Btf(entry)) = maps[0].value.data_type() else {
        panic!("no type");
    };
    let Some(Kind::Struct { name, size: 24, members }) = entry.resolved() else {
        panic!("{entry:?}");
    };
    assert_eq!((name.as_str(), members[1].bit_offset), ("entry", 64));
    assert!(maps[0].pinned);
    assert_eq!(
        (maps[1].map_type, maps[1].value.clone(), maps[1].flags),
        (MapType::Array, Extent::Bytes(8), 1024)
    );
    assert!(
        matches!(maps[2].value.data_type(), Some(DataType::Btf(ty)) if !ty.is_plain() && ty.size() == Some(8))
    );
    assert_eq!(
        (&maps[3].key, &maps[3].value, maps[3].max_entries),
        (&Extent::Bytes(4), &Extent::Bytes(8), 10)
    );
}

#[test]
fn global_variables_are_a_map_with_contents() {
    let program = program(CLANG, "data").unwrap();
    let Code::Insn(Insn::LoadImm64 { value: Imm64::MapIdxValue { idx, off: 0 }, .. }) = program.items[0].code
    else {
        panic!("{:?}", program.items[0].code);
    };
    let map = &program.maps[idx as usize];
    assert_eq!((map.name.as_str(), map.flags, map.data.as_deref()), (".bss", 0, Some(&[0; 8][..])));
}

#[test]
fn what_is_read_can_be_written_again() {
    for name in ["links", "old", "data"] {
        let read = program(CLANG, name).unwrap();
        let object = Object::new().program(&read).finish().unwrap();
        let again = program(&object, name).unwrap();
        let codes = |program: &Program| program.items.iter().map(|item| item.code).collect::<Vec<_>>();
        assert_eq!((codes(&again), again.functions), (codes(&read), read.functions));
    }
}

#[test]
fn what_a_program_cannot_express_is_named() {
    let refused = |name| program(CLANG, name).unwrap_err();
    assert!(matches!(refused("kfunc"), ReadError::Extern { symbol, .. } if symbol == "kernel_function"));
    assert!(matches!(refused("nested"), ReadError::Map { map, .. } if map == "outer"));
    assert!(matches!(refused("core"), ReadError::CoRe { section, count: 1 } if section == "kprobe/x"));
    assert!(matches!(refused("unknown"), ReadError::UnknownSection { section } if section == "other"));
    assert!(matches!(refused("absent"), ReadError::NoProgram { programs, .. } if programs.len() == 7));
    assert!(programs(CLANG).is_err());
}

#[test]
fn a_report_shows_it_all() {
    let report = Report::read(CLANG).unwrap();
    let function = |name: &str| report.programs.iter().find(|function| function.name == name).unwrap();
    assert_eq!(function("links").signature.as_deref(), Some("int links(struct xdp_md *ctx)"));
    assert_eq!(function("tick").signature.as_deref(), Some("long tick(__u32 index, void *context)"));
    assert_eq!(function("tick").prog_type, None);
    assert!(function("links").slots > function("links").instructions);
    let map = |name: &str| report.maps.iter().find(|map| map.name == name).unwrap();
    assert_eq!((map("entries").value_type.as_deref(), map("entries").value_size), (Some("struct entry"), 24));
    assert_eq!(map("legacy").definition, MapStyle::Legacy);
    assert_eq!(map("outer").other_members, ["values"]);
    assert_eq!((map(".bss").definition, map(".bss").value_size), (MapStyle::Data, 8));
    assert_eq!(report.core_relocations[0].section, "kprobe/x");
    assert!(report.line_info.iter().all(|line| line.file == "./clang.c"));
    assert!(report.types.iter().any(|ty| ty.kind.name() == "either"));
    let text = report.to_string();
    for part in [
        "BPF object, little endian, license Dual MIT/GPL\n",
        "legacy definition, refused by libbpf 1.0 and later",
        "also values",
        "R_BPF_64_32  kernel_function",
        "of sections without code",
        "CO-RE relocations",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

#[test]
fn a_report_is_data() {
    let report = Report::read(&Object::new().program(&knock()).finish().unwrap()).unwrap();
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["endian"], "little");
    assert_eq!(json["maps"][1]["value_type"], "struct knock_config");
    assert_eq!(json["maps"][1]["type"], "array");
    assert_eq!(json["programs"][3]["prog_type"], "xdp");
    assert_eq!(json["relocations"][0]["type"], "R_BPF_64_64");
    assert_eq!(json["relocations"][0]["instruction"], "r1 = 0x0");
    assert_eq!(json["types"][0]["id"], 1);
    assert_eq!(json["types"][0]["kind"], "int");
    assert_eq!(json["line_info"][0]["text"], "let next = asm.add(step, 1);");
}

#[test]
fn any_byte_of_it_may_be_anything() {
    for at in (0..CLANG.len()).step_by(3) {
        let mut bytes = CLANG.to_vec();
        bytes[at] ^= 0xff;
        if let Ok(report) = Report::read(&bytes) {
            let _ = report.to_string();
        }
        let _ = program(&bytes, "links");
    }
}
