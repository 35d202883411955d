//! The builder and the text parser: what they make, and what they say of mistakes.

use knockwright_asm::text::{Listing, parse_insn, parse_program};
use knockwright_asm::{
    Asm, AsmError, Code, Endian, Insn, IsaLevel, Linkage, MapDef, MapType, ProgType, Reg::*, Size::*,
    SourceFile, SourceLine,
};

fn xdp() -> Asm {
    Asm::new("p", ProgType::Xdp)
}

fn insns(asm: Asm) -> Vec<String> {
    asm.finish().unwrap().items.iter().map(|item| item.code.to_string()).collect()
}

#[test]
fn labels_go_forward_and_backward() {
    let mut a = xdp();
    let out = a.label("out");
    let top = a.label_here("top");
    a.goto_if(R1.eq(0), out);
    a.load_imm64(R2, 1 << 40);
    a.goto(top);
    a.bind(out);
    a.exit();
    assert_eq!(insns(a), ["if r1 == 0x0 goto pc+3", "r2 = 0x10000000000", "goto pc-4", "exit"]);
}

#[test]
fn a_label_without_a_place_is_an_error_with_both_places() {
    let mut a = xdp();
    let made = line!() + 1;
    let nowhere = a.label("nowhere");
    let used = line!() + 1;
    a.goto(nowhere);
    a.exit();
    let errors = a.finish().unwrap_err();
    let [AsmError::UnboundLabel { label, used: at, made: from }] = errors.errors() else {
        panic!("{errors}")
    };
    assert_eq!((label.as_str(), at.line, from.line), ("nowhere", used, made));
    assert!(at.file.ends_with("assembler.rs"));
}

#[test]
fn a_label_bound_twice_is_an_error_with_both_places() {
    let mut a = xdp();
    let here = a.label("here");
    let first_line = line!() + 1;
    a.bind(here);
    a.exit();
    let second_line = line!() + 1;
    a.bind(here);
    a.exit();
    let errors = a.finish().unwrap_err();
    let [AsmError::LabelBoundTwice { first, second, .. }] = errors.errors() else { panic!("{errors}") };
    assert_eq!((first.line, second.line), (first_line, second_line));
}

#[test]
fn labels_of_another_assembler_are_refused() {
    let mut other = xdp();
    let theirs = other.label("theirs");
    let mut a = xdp();
    a.goto(theirs);
    a.exit();
    assert!(matches!(a.finish().unwrap_err().errors(), [AsmError::ForeignLabel { .. }]));
}

#[test]
fn a_label_after_the_last_instruction_is_refused() {
    let mut a = xdp();
    let end = a.label("end");
    a.goto(end);
    a.bind(end);
    assert!(matches!(a.finish().unwrap_err().errors(), [AsmError::LabelAtEnd { .. }]));
}

/// How a jump goes.
enum Jump {
    Always,
    IfSet,
}

fn far(level: IsaLevel, jump: Jump, gap: usize) -> Result<Vec<String>, String> {
    let mut a = xdp();
    a.isa(level);
    let far = a.label("far");
    let back = a.label_here("back");
    match jump {
        Jump::Always => a.goto(far),
        Jump::IfSet => a.goto_if(R1.set(7), far),
    }
    for _ in 0..gap {
        a.mov(R0, 0);
    }
    a.bind(far);
    a.goto_if(R0.ne(0), back);
    a.exit();
    a.finish()
        .map(|p| p.items.iter().map(|item| item.code.to_string()).collect())
        .map_err(|errors| errors.to_string())
}

#[test]
fn a_jump_that_nothing_stands_for_names_both_ends() {
    let mut a = xdp();
    a.isa(IsaLevel::Later);
    let far = a.label("far");
    a.may_goto(far);
    for _ in 0..40_000 {
        a.mov(R0, 0);
    }
    a.bind(far);
    a.exit();
    let error = a.finish().unwrap_err().to_string();
    assert_eq!(error.matches("assembler.rs").count(), 2, "{error}");
    assert!(error.contains("40000 slots long"), "{error}");
}

#[test]
fn a_jump_at_the_border_stays_short() {
    assert_eq!(far(IsaLevel::V3, Jump::Always, 32_767 - 1).unwrap()[0], "goto pc+32766");
    assert_eq!(far(IsaLevel::V4, Jump::Always, 32_767 - 1).unwrap()[0], "goto pc+32766");
}

#[test]
fn far_jumps_become_long_where_the_instruction_set_allows() {
    let code = far(IsaLevel::V4, Jump::Always, 40_000).unwrap();
    assert_eq!(code[0], "gotol pc+40000");
    let end: Vec<&str> = code[40_001..].iter().map(String::as_str).collect();
    assert_eq!(end, ["if r0 != 0x0 goto pc+1", "goto pc+1", "gotol pc-40004", "exit"]);
    let code = far(IsaLevel::V4, Jump::IfSet, 40_000).unwrap();
    assert_eq!(code[..3], ["if r1 & 0x7 goto pc+1", "goto pc+1", "gotol pc+40000"]);
}

#[test]
fn instructions_above_the_level_are_refused() {
    let mut a = xdp();
    let line = line!() + 1;
    a.sdiv(R1, R2);
    a.exit();
    let errors = a.finish().unwrap_err();
    let [AsmError::IsaTooNew { place, insn, needs: IsaLevel::V4, .. }] = errors.errors() else {
        panic!("{errors}")
    };
    assert_eq!((place.line, insn.as_str()), (line, "r1 s/= r2"));
}

#[test]
fn offsets_beyond_16_bits_are_refused() {
    let mut a = xdp();
    a.load(U8, R1, R2 + 40_000);
    a.store(U8, R2 - 32_768, 0);
    a.exit();
    assert!(matches!(a.finish().unwrap_err().errors(), [AsmError::OffsetOutOfRange { off: 40_000, .. }]));
}

#[test]
fn maps_are_known_by_name() {
    let mut a = xdp();
    let one = a.map(MapDef::new::<u32, u64>("m", MapType::Hash, 4));
    let two = a.map(MapDef::new::<u32, u64>("m", MapType::Hash, 4));
    assert_eq!(one, two);
    a.map(MapDef::new::<u32, u32>("m", MapType::Hash, 4));
    a.exit();
    assert!(matches!(a.finish().unwrap_err().errors(), [AsmError::MapConflict { .. }]));
}

#[test]
fn functions_are_called_and_addressed() {
    let mut a = xdp();
    let double = a.function("double", Linkage::Static, &["n"]);
    let unused = a.function("later", Linkage::Static, &[]);
    a.call_function(double);
    a.load_function(R2, double);
    a.call_function(unused);
    a.exit();
    a.begin(unused);
    a.exit();
    a.begin(double);
    a.mov(R0, R1);
    a.exit();
    let program = a.finish().unwrap();
    let text: Vec<String> = program.items.iter().map(|item| item.code.to_string()).collect();
    assert_eq!(text, ["call pc+5", "r2 = func[pc+4]", "call pc+1", "exit", "exit", "r0 = r1", "exit"]);
    let names: Vec<&str> = program.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["p", "later", "double"], "in the order of the code");
    let back = parse_program("listing", &Listing::new(&program).to_string()).unwrap();
    assert_eq!(back.functions, program.functions);
    assert_eq!(back.bytes(Endian::Big), program.bytes(Endian::Big));
}

#[test]
fn a_function_needs_one_body() {
    let mut a = xdp();
    let none = a.function("none", Linkage::Static, &[]);
    a.call_function(none);
    a.exit();
    assert!(matches!(a.finish().unwrap_err().errors(), [AsmError::FunctionWithoutBody { .. }]));
}

#[test]
fn all_mistakes_come_at_once() {
    let mut a = xdp();
    let nowhere = a.label("nowhere");
    a.goto(nowhere);
    a.load(U8, R1, R2 + 40_000);
    a.bswap(knockwright_asm::SwapBits::B16, R1);
    a.exit();
    assert_eq!(a.finish().unwrap_err().errors().len(), 3);
    assert!(matches!(xdp().finish().unwrap_err().errors(), [AsmError::Empty { .. }]));
}

#[test]
fn source_lines_come_from_files_and_overrides() {
    let mut a = xdp();
    a.source_file(SourceFile { path: file!(), text: include_str!("assembler.rs") });
    a.mov(R0, 2);
    a.source(SourceLine { file: "knock.c".into(), line: 7, column: 0, text: "return XDP_PASS;".into() });
    a.exit();
    let program = a.finish().unwrap();
    assert_eq!(program.items[0].source.as_ref().unwrap().text, "a.mov(R0, 2);");
    assert_eq!(program.items[1].source.as_ref().unwrap().line, 7);
}

#[test]
fn code_that_goes_on_after_its_end_is_refused() {
    let mut a = xdp();
    let sub = a.function("sub", Linkage::Static, &[]);
    let out = a.label_here("out");
    let into = line!() + 1;
    a.call_function(sub);
    a.begin(sub);
    a.mov(R0, 1);
    let off = line!() + 1;
    a.goto_if(R0.eq(1), out);
    let errors = a.finish().unwrap_err();
    let [
        AsmError::FallsOff { place, into: Some(next), .. },
        AsmError::FallsOff { place: end, into: None, insn, .. },
    ] = errors.errors()
    else {
        panic!("{errors}")
    };
    assert_eq!((place.line, next.as_str(), end.line), (into, "sub", off));
    assert_eq!(insn, "if r0 == 0x1 goto pc+0");
    let mut a = xdp();
    let top = a.label_here("top");
    a.goto(top);
    a.finish().unwrap();
    let mut a = xdp();
    a.call_kernel("bpf_throw");
    a.finish().unwrap().check_ends().unwrap();
    let piece =
        parse_program("t.s", "exit\n.func f static\ncall bpf_throw#extern\n.func g static\n  r0 = 2\n")
            .unwrap();
    let error = piece.check_ends().unwrap_err().to_string();
    assert!(
        error.starts_with("t.s:5:3: the code of `g` goes on after its last instruction, `r0 = 2`\n"),
        "{error}"
    );
}

#[test]
fn code_that_nothing_leads_to_can_be_left_out() {
    let write = |leave_out: bool| {
        let mut a = xdp();
        if leave_out {
            a.leave_out_unreached();
        }
        let (out, never) = (a.label("out"), a.label("never"));
        let sub = a.function("sub", Linkage::Static, &[]);
        a.goto_if(R1.eq(0), out);
        a.call_function(sub);
        a.emit(Insn::Goto { off: 2 });
        a.bind(never);
        a.mov(R0, 7);
        a.goto(never);
        a.bind(out);
        a.mov(R0, 1);
        a.exit();
        a.begin(sub);
        a.mov(R0, 2);
        a.exit();
        insns(a)
    };
    assert_eq!(write(false).len(), 9);
    let left = ["if r1 == 0x0 goto pc+2", "call pc+3", "goto pc+0", "r0 = 1", "exit", "r0 = 2", "exit"];
    assert_eq!(write(true), left);
}

#[test]
fn unwrap_shows_the_sentence() {
    let mut a = xdp();
    a.mov(R0, 1);
    let errors = a.finish().unwrap_err();
    assert_eq!(format!("{errors:?}"), errors.to_string());
    let errors = parse_program("t", "frob").unwrap_err();
    assert_eq!(format!("{errors:?}"), errors.to_string());
}

#[test]
fn bytes_come_in_both_orders() {
    let mut a = xdp();
    a.store(U32, R10 - 4, 0x0102_0304);
    a.allow_falling_off();
    let program = a.finish().unwrap();
    assert_eq!(program.bytes(Endian::Little), [0x62, 0x0a, 0xfc, 0xff, 4, 3, 2, 1]);
    assert_eq!(program.bytes(Endian::Big), [0x62, 0xa0, 0xff, 0xfc, 1, 2, 3, 4]);
}

const COUNT: &str = "\
.program count xdp          ; name and type
.license Dual MIT/GPL
.map packets hash key 4 value 8 entries 16 flags 0x1

    *(u32 *)(r10 -4) = 0    // the key
    r2 = r10
    r2 += -4
    r1 = map[packets]
    call bpf_map_lookup_elem#1
    if r0 == 0x0 goto out
    r1 = 1
    lock *(u64 *)(r0 +0) += r1
out: r0 = 2
    exit
";

#[test]
fn a_program_is_read_from_text() {
    let program = parse_program("count.s", COUNT).unwrap();
    assert_eq!((program.name.as_str(), program.license.as_str()), ("count", "Dual MIT/GPL"));
    assert_eq!((program.maps[0].name.as_str(), program.maps[0].flags), ("packets", 1));
    assert_eq!(program.items[5].code, Code::Insn(Insn::jeq64_imm(R0, 0, 2)));
    assert_eq!(program.items[0].source.as_ref().unwrap().line, 5);
    let listing = Listing::new(&program).to_string();
    assert!(listing.contains("goto L9\n") && listing.contains("r1 = map[packets]"), "{listing}");
    assert_eq!(
        parse_program("listing", &listing).unwrap().bytes(Endian::Little),
        program.bytes(Endian::Little)
    );
}

#[track_caller]
fn rejects(text: &str, wanted: &str) {
    let errors = parse_program("t.s", text).unwrap_err().to_string();
    assert!(errors.contains(wanted), "`{wanted}` is not in\n{errors}");
}

#[test]
fn mistakes_in_text_show_line_column_and_what_was_expected() {
    rejects(
        "r0 = 2\nr1 += *",
        "t.s:2:7: expected a constant or a register, found `*`\n2 | r1 += *\n  |       ^",
    );
    rejects("r0 = 2\nfrob r1", "t.s:2:1: expected");
    rejects("r11 = 2", "t.s:1:1: expected");
    rejects("goto nowhere", "t.s:1:6: no label or function is called `nowhere`");
    rejects("a: exit\na: exit", "t.s:2:1: label `a` is there already, on line 1");
    rejects("r1 = map[x]", "t.s:1:10: no map is called `x`; declare it with `.map`");
    rejects(".map m hsh key 4", "t.s:1:8: no map type is called `hsh`");
    rejects(".map m hash key x", "t.s:1:17: expected a number below 2^32, found `x`");
    rejects(".program p xpd", "no program type is called `xpd`");
    rejects(".frob", "no directive is called `.frob`");
    rejects("call bpf_map_lookup_elem#2", "expected `1`, the number of `bpf_map_lookup_elem`");
    rejects("r1 = 4294967296000000000000", "expected");
    rejects("r1 = *(u8 *)(r2 +70000)", "t.s:1:17: expected an offset of 16 bits");
    rejects(".slot 12", "expected 16 hexadecimal digits");
    rejects("if r1 == 0x0 goto", "t.s:1:18: expected a label or `pc`, found the end of the line");
    rejects("", "t.s:1:1: program `main` has no instructions");
    rejects(
        "\n  .program p xdp\n; none",
        "t.s:2:3: program `p` has no instructions\n2 |   .program p xdp\n  |   ^",
    );
    rejects(
        ".program p xdp\nexit\n.func f static\n",
        "t.s:3:7: function `f` is declared and has no instructions\n3 | .func f static\n  |       ^",
    );
}

#[test]
fn lines_of_a_log_can_be_pasted() {
    let text = "0: (bf) r8 = r1\n1: (b7) r1 = 0 ; R1_w=0\n2: (95) exit";
    assert_eq!(parse_program("log", text).unwrap().items.len(), 3);
}

#[test]
fn names_of_kernel_functions_are_accepted_as_the_log_writes_them() {
    assert_eq!(parse_insn("call bpf_rdonly_cast#54321"), Ok(Insn::call_kfunc(54321, 0)));
    assert_eq!(parse_insn("call unknown#9999").unwrap().to_string(), "call unknown#9999");
}
