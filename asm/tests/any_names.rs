//! Listings of programs whose names, licences and source lines hold anything, as those of foreign objects may.

use std::borrow::Cow;
use std::sync::Arc;

use knockwright_asm::text::{Listing, parse_program, parse_programs};
use knockwright_asm::{
    Endian, Function, Imm64, Insn, Item, Linkage, MapDef, MapType, ProgType, Program, Prototype, Reg,
    SourceLine,
};
use proptest::prelude::*;

/// Text of all kinds: what a terminal obeys, what the syntax uses, what looks like an escape, what nobody uses.
fn any_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "\x1b[31m",
        "\x1b]0;title\x07",
        "\u{9b}2J",
        "\r",
        "\n",
        "\t",
        "\0",
        "\u{202e}",
        "\u{2028}",
        ";",
        "//",
        "\"",
        "\\",
        "\\u{1b}",
        "\\u{",
        "}",
        " ",
        ":",
        "]",
        "[",
        "#",
        ".",
        "knock",
        "pc+1",
        "idx:0",
        "static",
        "global",
        "0x1",
        "é",
        "漢",
        ".program",
        ".license",
        "GPL",
        "label:",
    ]);
    let pieces =
        prop::collection::vec(pieces.prop_map(str::to_owned), 0..5).prop_map(|pieces| pieces.concat());
    prop_oneof![pieces, any::<String>()]
}

fn program(texts: &[String]) -> Program {
    let text = |index: usize| texts[index % texts.len()].clone();
    let source = |index| {
        let (file, text) = (Cow::Owned(text(index)), Cow::Owned(text(index + 1)));
        Some(Arc::new(SourceLine { file, line: 7, column: 1, text }))
    };
    let map = |name: String, data| {
        let mut map = MapDef::of_bytes(&name, MapType::Array, 4, 8, 1);
        map.data = Some(data);
        map
    };
    let insns = [
        Insn::LoadImm64 { dst: Reg::R1, value: Imm64::MapIdx(1) },
        Insn::LoadImm64 { dst: Reg::R2, value: Imm64::MapIdxValue { idx: 0, off: 4 } },
        Insn::CallLocal { off: 2 },
        Insn::LoadImm64 { dst: Reg::R2, value: Imm64::Func(2) },
        Insn::Exit,
        Insn::mov64_imm(Reg::R0, 0),
        Insn::Exit,
    ];
    let items = insns.into_iter().enumerate();
    let items = items.map(|(index, insn)| Item::from(insn).with_source(source(index)));
    let params = [texts[5 % texts.len()].as_str(), &texts[6 % texts.len()]];
    let mut program = Program::new(text(0), ProgType::Xdp);
    program.license = text(1);
    program.items = items.collect();
    program.maps = vec![map(text(2), vec![]), map(text(3), vec![1, 2])];
    program.functions = vec![
        Function::new(text(0), 0, Linkage::Global),
        Function::new(text(4), 5, Linkage::Static).with_prototype(Prototype::numbers(params)),
    ];
    program
}

/// A name is only changed where the same stood before it.
fn renamed(names: [&str; 2]) -> [bool; 2] {
    [false, names[0] == names[1]]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn they_survive_and_show_nothing_to_a_terminal(
        texts in prop::collection::vec(any_text(), 7),
        sources: bool,
        slots: bool,
    ) {
        let program = program(&texts);
        let mut listing = Listing::new(&program);
        if sources {
            listing = listing.with_sources();
        }
        if slots {
            listing = listing.with_slots();
        }
        let text = listing.to_string();
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n' || "\u{202e}\u{2028}".contains(c)), "{text:?}");
        let back = parse_program("listing", &text);
        let back = back.map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        prop_assert_eq!(back.bytes(Endian::Little), program.bytes(Endian::Little), "{}", text);
        prop_assert_eq!((&back.name, &back.license), (&program.name, &program.license), "{}", text);
        let maps = renamed([&program.maps[0].name, &program.maps[1].name]);
        for ((map, was), renamed) in back.maps.iter().zip(&program.maps).zip(maps) {
            prop_assert!(renamed || map.name == was.name, "{}", text);
            prop_assert_eq!(&map.data, &was.data);
        }
        let functions = renamed([&program.functions[0].name, &program.functions[1].name]);
        prop_assert!(functions[1] || back.functions[1].name == program.functions[1].name);
        prop_assert_eq!(&back.functions[1].prototype, &program.functions[1].prototype);
    }

    #[test]
    fn several_programs_survive_one_listing(texts in prop::collection::vec(any_text(), 7..14), count in 1_usize..4) {
        let programs: Vec<Program> = (0..count).map(|start| program(&texts[start..])).collect();
        let listings: Vec<String> = programs.iter().map(|program| Listing::new(program).to_string()).collect();
        let text = listings.join("\n");
        let back = parse_programs("listing", &text);
        let back = back.map_err(|errors| TestCaseError::fail(format!("{errors}\n{text}")))?;
        let codes = |programs: &[Program]| programs.iter().map(|p| p.bytes(Endian::Little)).collect::<Vec<_>>();
        prop_assert_eq!(codes(&back), codes(&programs));
        prop_assert_eq!(parse_program("listing", &text).is_ok(), count == 1);
    }

    #[test]
    fn mistakes_show_nothing_to_a_terminal(text in any_text()) {
        let said = match parse_programs(&text, &format!("r0 = 1\n{text} x\n")) {
            Ok(_) => String::new(),
            Err(errors) => errors.to_string(),
        };
        prop_assert!(!said.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "{said:?}");
    }
}

#[test]
fn licences_as_they_may_be_written() {
    let license =
        |line: &str| parse_program("t.s", &format!("{line}\nexit\n")).map(|program| program.license);
    for (line, expected) in [
        (".license GPL", "GPL"),
        (".license Dual MIT/GPL ; both", "Dual MIT/GPL"),
        (".license \"GPL\"", "GPL"),
        (".license \"\" ; none", ""),
        (".license \"a;b\\u{22} \"", "a;b\" "),
    ] {
        assert_eq!(license(line).unwrap(), expected, "{line}");
    }
    for (line, part) in [
        (".license", "expected a licence such as `GPL`, or `\"\"` for none"),
        (".license \"GPL", "at the licence's end"),
        (".license \"GPL\" v2", "expected the end of the line"),
    ] {
        let said = license(line).unwrap_err().to_string();
        assert!(said.contains(part), "{line}: {said}");
    }
}

#[test]
fn a_second_program_is_one_too_many_for_one() {
    let said = parse_program("t.s", "exit\n.program a xdp\n.program b xdp\nexit\n").unwrap_err().to_string();
    assert!(said.starts_with("t.s:3:1: a second program starts here"), "{said}");
    let programs = parse_programs("t.s", "exit\n.program a xdp\n.program b sched_cls\nexit\n").unwrap();
    let names: Vec<_> = programs.iter().map(|program| (program.name.as_str(), program.prog_type)).collect();
    assert_eq!(names, [("a", ProgType::Xdp), ("b", ProgType::SchedCls)]);
}

#[test]
fn a_file_of_another_kind_has_many_mistakes_and_few_are_written() {
    let errors = parse_program("log", &"something else\n".repeat(4000)).unwrap_err();
    assert_eq!(errors.errors().len(), 4000);
    let said = errors.to_string();
    assert_eq!(said.matches("log:").count(), 20);
    assert!(said.ends_with("\nand 3980 more"), "{said}");
    let said = parse_program("log", &"something else\n".repeat(21)).unwrap_err().to_string();
    assert!(said.ends_with("\nand one more"), "{said}");
    let said = parse_program("log", &"something else\n".repeat(20)).unwrap_err().to_string();
    assert!(said.matches("log:").count() == 20 && !said.contains("more"), "{said}");
}
