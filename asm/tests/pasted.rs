//! Text that the verifier and bpftool have written is read as the code that it's about.

use knockwright_asm::text::{Text, parse_programs, parse_text};
use knockwright_asm::{Code, Endian, HelperId, Imm64, Insn, Reg};

fn text(text: &str) -> Text {
    parse_text("pasted", text).unwrap_or_else(|errors| panic!("{errors}"))
}

fn codes(source: &str) -> Vec<Code> {
    let [parsed] = text(source).programs.try_into().expect("one program");
    parsed.program.items.iter().map(|item| item.code).collect()
}

fn insn(text: &str) -> Code {
    Code::Insn(knockwright_asm::text::parse_insn(text).unwrap())
}

#[test]
fn a_log_gives_each_instruction_once() {
    let log = "func#0 @0\nLive regs before insn:\n      0: .1........ (b7) r0 = 0\n\
        0: R1=ctx() R10=fp0\n; int x = 0; @ a.c:3\n0: (b7) r0 = 0                       ; R0_w=0\n\
        1: (15) if r1 == 0x0 goto pc+1         ; R1=ctx()\n2: (b7) r0 = 1\n\
        mark_precise: frame0: last_idx 2 first_idx 0 subseq_idx -1 \n\
        mark_precise: frame0: regs=r0 stack= before 1: (15) if r1 == 0x0 goto pc+1\n\
        3: (95) exit\n\nfrom 1 to 3: R0=0 R10=fp0\n3: R0=0 R10=fp0\n3: (95) exit\n\
        At program exit the register R0 has smin=0 smax=0 should have been in [1, 2]\n\
        processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";
    let wanted = ["r0 = 0", "if r1 == 0x0 goto pc+1", "r0 = 1", "exit"].map(insn);
    assert_eq!(codes(log), wanted);
    assert_eq!(text(log).notes, Vec::<String>::new());
}

#[test]
fn what_a_log_does_not_show_is_filled_and_said() {
    let log = "0: R1=ctx() R10=fp0\n0: (18) r1 = 0xffff888100000000\n2: (05) goto pc+2\n5: (95) exit\n\
        processed 3 insns (limit 1000000) max_states_per_insn 0\n";
    let wanted = ["r1 = 0xffff888100000000", "goto pc+2", "goto pc-1", "goto pc-1", "exit"].map(insn);
    assert_eq!(codes(log), wanted);
    assert_eq!(
        text(log).notes,
        [
            "the log doesn't show the slots 3 to 4: `goto pc-1` stands there, as the kernel puts it where no path leads"
        ]
    );
    let cut = "0: R1=ctx() R10=fp0\n0: (15) if r1 == 0x0 goto pc+4\n1: (71) r0 = *(u8 *)(r1 +0)\nR1 invalid mem access\n";
    assert_eq!(text(cut).notes, ["the log ends after slot 1, and the program goes on"]);
    let error = parse_text("log", "func#0 @0\n999999: (95) exit\n").unwrap_err().to_string();
    assert!(error.contains("slots 0 to 999998: too many"), "{error}");
}

#[test]
fn logs_of_two_programs_are_not_mixed() {
    let log = "func#0 @0\n0: (b7) r0 = 0\n1: (95) exit\nfunc#0 @0\n0: (b7) r0 = 1\n1: (95) exit\n";
    let error = parse_text("log", log).unwrap_err().to_string();
    assert!(error.starts_with("log:5:9: instruction 0 is another one on line 2"), "{error}");
}

#[test]
fn what_is_no_instruction_in_a_log_is_said_once() {
    let log = "func#0 @0\nR1 type=ctx expected=fp\nprocessed 0 insns (limit 1000000)\n";
    assert_eq!(parse_text("log", log).unwrap_err().errors().len(), 1);
    let noise: String = (0..5000).map(|n| format!("{n}: (b7) r0 ~ {n}\n")).collect();
    let error = parse_text("log", &format!("func#0 @0\n{noise}")).unwrap_err().to_string();
    assert!(error.lines().count() < 80 && error.ends_with("and 4980 more"), "{error}");
}

#[test]
fn a_dump_of_bpftool_is_read_as_its_bytes() {
    let dump = "int entry(struct xdp_md * ctx):\n; int x = lookup(1); @ a.c:9\n   0: (18) r1 = map[id:17]\n\
           2: (18) r2 = map[id:18][0]+8\n   4: (18) r3 = subprog[+6]\n\
       18 43 00 00 06 00 00 00 00 00 00 00 00 00 00 00\n\
           6: (85) call pc+4#bpf_prog_6deef7357e7b4530_sub\n   7: (85) call __htab_map_lookup_elem#-12345\n\
           8: (85) call bpf_ktime_get_ns#20352\n   9: (85) call bpf_map_lookup_elem#1\n  10: (95) exit\n\
       bpf_prog_6deef7357e7b4530_sub:\n  11: (bf) r1 = &(void __percpu *)(r0)\n  12: (b7) r0 = 2\n  13: (95) exit\n";
    let load = |dst, value| Code::Insn(Insn::LoadImm64 { dst, value });
    let helper = |number| Code::Insn(Insn::CallHelper { helper: HelperId::new(number) });
    let codes = codes(dump);
    assert_eq!(
        codes[..7],
        [
            load(Reg::R1, Imm64::MapFd(17)),
            load(Reg::R2, Imm64::MapFdValue { fd: 18, off: 8 }),
            load(Reg::R3, Imm64::Func(6)),
            Code::Insn(Insn::CallLocal { off: 4 }),
            helper(-12345),
            helper(20352),
            helper(1),
        ]
    );
    let Code::Raw(percpu) = codes[8] else { panic!("{}", codes[8]) };
    assert_eq!((percpu.opcode, percpu.dst, percpu.src, percpu.off), (0xbf, 1, 0, -1));
    assert_eq!(codes.len(), 11);
}

#[test]
fn excerpts_of_a_log_are_code_and_messages() {
    let excerpt = "9: (71) r1 = *(u8 *)(r0 +0)\n10: (95) exit\nR0 invalid mem access 'map_value_or_null'\n";
    assert_eq!(codes(excerpt).len(), 2);
    let error = parse_text("t.s", "9: (71) r1 = *(u8 *)(r0 +0)\nr0 = = 2\n").unwrap_err().to_string();
    assert!(error.starts_with("t.s:2:6"), "{error}");
    // A text without any slot is a person's.
    let error = parse_text("t.s", "r0 = 0\nR0 invalid mem access\n").unwrap_err().to_string();
    assert!(error.starts_with("t.s:2:1"), "{error}");
}

#[test]
fn names_of_the_kernel_sections_and_byte_orders() {
    let source = ".program p\n.section cgroup/sock1\n.endian big\n.license GPL\n.extern CONFIG_HZ weak\n\
        r1 = extern[CONFIG_HZ]\nr2 = extern[other]+0x10\ncall bpf_rdonly_cast#extern\ncall bpf_rdonly_cast#extern\nexit\n";
    let parsed = text(source);
    assert_eq!(parsed.endian, Some(Endian::Big));
    let [only] = parsed.programs.as_slice() else { panic!("one program") };
    assert_eq!(only.section.as_deref(), Some("cgroup/sock1"));
    let externs: Vec<(&str, bool, &[usize])> =
        only.program.externs.iter().map(|named| (named.name.as_str(), named.weak, &named.uses[..])).collect();
    assert_eq!(
        externs,
        [("CONFIG_HZ", true, &[0][..]), ("other", false, &[1]), ("bpf_rdonly_cast", false, &[2, 3])]
    );
    let listing = knockwright_asm::text::Listing::new(&only.program)
        .with_section("cgroup/sock1")
        .without_type()
        .with_endian(Endian::Big)
        .to_string();
    assert_eq!(text(&listing).programs, {
        let mut again = text(&listing).programs;
        for (item, was) in again[0].program.items.iter_mut().zip(&only.program.items) {
            assert_eq!(item.code, was.code);
        }
        assert_eq!(again[0].program.externs, only.program.externs);
        again
    });
    assert_eq!(
        parse_programs("t.s", &listing).unwrap()[0].bytes(Endian::Big),
        only.program.bytes(Endian::Big)
    );
}

#[test]
fn zeros_at_the_end_of_contents_may_be_left_out() {
    let source = ".map .bss array key 4 value 1000 entries 1 data 0102 zeros\nr0 = 0\nexit\n";
    let [parsed] = text(source).programs.try_into().expect("one program");
    let data = parsed.program.maps[0].data.as_deref().unwrap();
    assert_eq!((data.len(), &data[..3]), (1000, &[1, 2, 0][..]));
    let listing = knockwright_asm::text::Listing::new(&parsed.program).to_string();
    assert!(listing.contains(" data 0102 zeros\n"), "{listing}");
    let all = ".map .bss array key 4 value 100 entries 1 zeros\nr0 = 0\nexit\n";
    let [parsed] = text(all).programs.try_into().expect("one program");
    assert_eq!(parsed.program.maps[0].data.as_deref(), Some(&[0; 100][..]));
    let listing = knockwright_asm::text::Listing::new(&parsed.program).to_string();
    assert!(listing.contains(".map .bss array key 4 value 100 entries 1 zeros\n"), "{listing}");
    // Nobody reserves gigabytes for a line of text.
    let huge = ".map m array key 4 value 4000000000 entries 1 data 00 zeros\nr0 = 0\nexit\n";
    let error = parse_text("t.s", huge).unwrap_err().to_string();
    assert!(error.contains("more than 256 MiB"), "{error}");
}
