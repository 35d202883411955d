//! One log as five loaders, terminals and log files show it: the explanation is the same.

use knockwright_explain::{Class, Diagnosis, Explainer};

const LOG: &str = "\
0: R1=ctx() R10=fp0
; __u32 key = 0; @ prog.bpf.c:12
0: (62) *(u32 *)(r10 -4) = 0          ; R10=fp0 fp-8=0000????
1: (bf) r2 = r10                      ; R2_w=fp0 R10=fp0
2: (07) r2 += -4                      ; R2_w=fp-4
; value = bpf_map_lookup_elem(&m, &key); @ prog.bpf.c:13
3: (18) r1 = 0xffff888103a45c00       ; R1_w=map_ptr(map=m,ks=4,vs=48)
5: (85) call bpf_map_lookup_elem#1    ; R0_w=map_value_or_null(id=1,map=m,ks=4,vs=48)
6: (15) if r0 == 0x0 goto pc+5        ; R0_w=map_value(map=m,ks=4,vs=48)
; index = value[0]; @ prog.bpf.c:15
7: (71) r1 = *(u8 *)(r0 +0)           ; R0=map_value(map=m,ks=4,vs=48) R1=scalar(smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff))
8: (25) if r1 > 0x14 goto pc+3        ; R1=scalar(smin=smin32=0,smax=umax=smax32=umax32=20,var_off=(0x0; 0x1f))
; return ports[index]; @ prog.bpf.c:17
9: (67) r1 <<= 1                      ; R1_w=scalar(smin=smin32=0,smax=umax=smax32=umax32=40,var_off=(0x0; 0x3e))
10: (0f) r0 += r1                     ; R0_w=map_value(map=m,ks=4,vs=48,smin=smin32=0,smax=umax=smax32=umax32=40,var_off=(0x0; 0x3e)) R1_w=scalar(smin=smin32=0,smax=umax=smax32=umax32=40,var_off=(0x0; 0x3e))
11: (69) r0 = *(u16 *)(r0 +8)
invalid access to map value, value_size=48 off=48 size=2
R0 max value is outside of the allowed memory range
processed 11 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1
";

fn only(text: &str) -> Diagnosis {
    let mut logs = Explainer::new().explain(text.as_bytes()).unwrap().logs;
    assert_eq!(logs.len(), 1, "{} logs in\n{text}", logs.len());
    logs.remove(0).diagnosis
}

/// What is the same wherever the log comes from.
fn assert_explained(text: &str) -> Diagnosis {
    let found = only(text);
    assert_eq!(
        (found.class, found.insn, found.register.as_deref()),
        (Class::MapValueMax, Some(11), Some("r0")),
        "{text}"
    );
    let derivation = &found.derivation.as_ref().unwrap_or_else(|| panic!("{text}")).result;
    assert_eq!(derivation, "48 = 20*2 + 8, + size 2 = 50 > value_size 48", "{text}");
    let guard = found.guard.as_ref().unwrap();
    assert_eq!((guard.condition.as_str(), guard.insn), ("r1 <= 19", 9));
    found
}

fn each_line(change: impl Fn(usize, &str) -> String) -> String {
    LOG.lines().enumerate().map(|(number, line)| change(number, line) + "\n").collect()
}

#[test]
fn as_the_kernel_writes_it() {
    let found = assert_explained(LOG);
    assert_eq!(found.source.unwrap().line, Some(17));
    assert_eq!(found.kernel_format, Some("6.9 to 6.17"));
    assert_eq!(found.unknown_lines.count, 0);
}

#[test]
fn as_loaders_print_it() {
    let libbpf = format!(
        "libbpf: prog 'knock': BPF program load failed: Permission denied\nlibbpf: prog 'knock': -- BEGIN PROG LOAD LOG --\n\
         {LOG}-- END PROG LOAD LOG --\nlibbpf: prog 'knock': failed to load: -13\nlibbpf: failed to load object 'x.o'\n\
         Error: failed to load object file\n"
    );
    let found = assert_explained(&libbpf);
    assert_eq!((found.program.as_deref(), found.errno), (Some("knock"), Some(13)));
    let aya = format!(
        "Error: the BPF_PROG_LOAD syscall returned Permission denied (os error 13). Verifier output: {LOG}\n\nCaused by:\n    \
         Permission denied (os error 13)\n"
    );
    assert_eq!(assert_explained(&aya).errno, Some(13));
    let debug =
        format!("Error: LoadError {{ io_error: Os {{ code: 13 }}, verifier_log: VerifierLog({LOG:?}) }}\n");
    assert_explained(&debug);
    let cilium = format!(
        "field Knock: program knock: load program: permission denied:\n{}",
        each_line(|_, line| format!("\t{line}"))
    );
    assert_explained(&cilium);
    let iproute = format!(
        "\nProg section 'xdp' rejected: Permission denied (13)!\n - Type:         6\n - Instructions: 14 (0 over limit)\n \
         - License:      GPL\n\nVerifier analysis:\n\n{LOG}\nError fetching program/map!\n"
    );
    let found = assert_explained(&iproute);
    assert_eq!((found.program.as_deref(), found.errno), (Some("xdp"), Some(13)));
}

#[test]
fn shortened_by_a_loader_to_its_last_lines() {
    let found = only(
        "program knock: load program: permission denied: 11: (69) r0 = *(u16 *)(r0 +8): R0 invalid mem access \
         'map_value_or_null' (21 line(s) omitted)",
    );
    assert_eq!(
        (found.class, found.insn, found.program.as_deref()),
        (Class::MapValueOrNull, Some(11), Some("knock"))
    );
    assert_eq!(found.guard.unwrap().condition, "r0 != 0");
}

#[test]
fn after_prefixes_and_in_colours() {
    assert_explained(&each_line(|number, line| format!("[{:5}.{:06}] {line}", 12 + number, number * 977)));
    assert_explained(&each_line(|number, line| {
        format!("Nov 22 21:00:{number:02} host loader[4711]: {line}")
    }));
    assert_explained(&each_line(|number, line| {
        format!("2026-11-22T21:00:{number:02}.123Z ERROR bpf: {line}")
    }));
    assert_explained(&each_line(|_, line| format!("web-1  | {line}")));
    assert_explained(&each_line(|_, line| format!("\u{1b}[31m{line}\u{1b}[0m")));
    assert_explained(&each_line(|_, line| format!("{line}\r")));
    assert_explained(&each_line(|_, line| format!("{line}\r\r")));
}

#[test]
fn wrapped_by_an_author_and_by_a_terminal() {
    let by_author = each_line(|_, line| match line.split_once(" R1=scalar(") {
        Some((before, state)) => format!(
            "{before}\n{:38}; R1=scalar({}",
            "",
            state.replace(",umax", &format!(",\n{:38}; umax", ""))
        ),
        None => line.to_owned(),
    });
    assert_explained(&by_author);
    let by_terminal = each_line(|_, line| {
        let letters: Vec<char> = line.chars().collect();
        let rows: Vec<String> = letters.chunks(80).map(|row| row.iter().collect()).collect();
        if line.contains("scalar(") { rows.join("\n") } else { line.to_owned() }
    });
    assert_explained(&by_terminal);
}

#[test]
fn cut_at_either_end() {
    let (_, without_start) = LOG.split_once("7: (71)").unwrap();
    let found = only(&format!("7: (71){without_start}"));
    assert_eq!(found.derivation.unwrap().result, "48 = 20*2 + 8, + size 2 = 50 > value_size 48");
    assert!(found.notes.iter().any(|note| note.contains("start of the path is missing")));
    let (without_end, _) = LOG.split_once("processed").unwrap();
    let found = assert_explained(without_end);
    assert!(found.notes.iter().any(|note| note.contains("its end may be missing")));
    // The rest of a log whose first half was dropped in the middle of a line.
    let found = only(&LOG[LOG.find("smax=umax=smax32=umax32=255").unwrap()..]);
    assert_eq!(found.class, Class::MapValueMax);
    assert_eq!(found.unknown_lines.count, 0);
}

#[test]
fn several_programs_in_one_file() {
    let head = |name: &str| format!("libbpf: prog '{name}': -- BEGIN PROG LOAD LOG --\n");
    let text = format!(
        "{}{LOG}{}0: R1=ctx() R10=fp0\n0: (bf) r0 = r3\nR3 !read_ok\nprocessed 1 insns (limit 1000000)\n{}processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
        head("a"),
        head("b"),
        head("c")
    );
    let logs = Explainer::new().explain(text.as_bytes()).unwrap().logs;
    let found: Vec<_> =
        logs.iter().map(|log| (log.diagnosis.program.as_deref().unwrap(), log.diagnosis.class)).collect();
    assert_eq!(
        found,
        [("a", Class::MapValueMax), ("b", Class::UninitialisedRegister), ("c", Class::Accepted)]
    );
}

#[test]
fn parser_traps() {
    // No newline before the summary.
    let found = only(
        "0: (85) call bpf_tail_call#12\nexpected prog array map for tail callprocessed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
    );
    assert_eq!((found.class, found.insn), (Class::TailCallMap, Some(0)));
    // A stray quote.
    let found = only(
        "5: (85) call bpf_ringbuf_reserve#131\nR2 is not a known constant'\nprocessed 5 insns (limit 1000000)\n",
    );
    assert_eq!((found.class, found.register.as_deref()), (Class::SizeNotConstant, Some("r2")));
    // The message isn't the last line.
    let found = only(
        "1: (05) goto pc-1\ninfinite loop detected at insn 1\ncur state: R0=2 R10=fp0\nold state: R0=2 R10=fp0\n\
         processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
    );
    assert_eq!(
        (found.class, found.message.as_str()),
        (Class::InfiniteLoop, "infinite loop detected at insn 1")
    );
    // Nothing but the loader's word.
    let found = only("libbpf: prog 'x': BPF program load failed: -E2BIG\n");
    assert_eq!((found.class, found.errno), (Class::TooManyInstructions, Some(7)));
    let found = only("Error: the BPF_PROG_LOAD syscall returned Operation not permitted (os error 1)\n");
    assert_eq!(found.blame, knockwright_explain::Blame::Privilege);
}

#[test]
fn unknown_messages_get_the_mechanical_part() {
    let text = LOG
        .replace(
            "R0 max value is outside of the allowed memory range",
            "R0 is of a kind that kernels of the future refuse",
        )
        .replace("invalid access to map value, value_size=48 off=48 size=2\n", "");
    let found = only(&text);
    assert_eq!(found.class, Class::Unknown);
    assert_eq!(found.message, "R0 is of a kind that kernels of the future refuse");
    assert_eq!(found.insn, Some(11));
    let story: Vec<usize> = found.cause.iter().map(|cause| cause.insn).collect();
    assert_eq!(story, [5, 6, 7, 8, 9, 10, 11]);
}
