//! What is said in words isn't contradicted by the log that it's said of.

use knockwright_explain::{Class, Diagnosis, Explainer};

fn only(log: &str) -> Diagnosis {
    let mut logs = Explainer::new().explain(log.as_bytes()).unwrap().logs;
    assert_eq!(logs.len(), 1, "{log}");
    logs.remove(0).diagnosis
}

/// What is said of an instruction.
fn said_of(found: &Diagnosis, insn: usize) -> Vec<&str> {
    found.cause.iter().filter(|cause| cause.insn == insn).map(|cause| cause.why.as_str()).collect()
}

const CALLBACK: &str = "\
8: (85) call bpf_loop#181

from 8 to 18: frame1: R1=scalar() R2=fp[0]-4 R10=fp0 cb
18: frame1: R1=scalar() R2=fp[0]-4 R10=fp0 cb
18: (61) r3 = *(u32 *)(r2 +0)         ; frame1: R2=fp[0]-4 R3=0 cb
19: (0f) r3 += r1                     ; frame1: R1=scalar() R3=scalar() cb
20: (bf) r4 = r10                     ; frame1: R4=fp0 R10=fp0 cb
21: (0f) r4 += r3
math between fp pointer and register with unbounded min value is not allowed
";

#[test]
fn a_callbacks_arguments_come_from_its_helper() {
    let found = only(CALLBACK);
    let why = said_of(&found, 8);
    assert_eq!(why, ["bpf_loop calls the function with r1: any number"], "{found:#?}");
    assert!(found.cause.iter().all(|cause| !cause.why.contains("without a value")), "{found:#?}");
    // What the caller gives in r3 is the callback's r2, or r4 of the other helper.
    let pointer = CALLBACK
        .replace("18: (61) r3 = *(u32 *)(r2 +0)         ; frame1: R2=fp[0]-4 R3=0 cb\n", "")
        .replace(
            "from 8 to 18: frame1: R1=scalar() R2=fp[0]-4",
            "from 8 to 19: frame1: R1=scalar() R2=scalar()",
        )
        .replace(
            "18: frame1: R1=scalar() R2=fp[0]-4 R10=fp0 cb\n",
            "19: frame1: R1=scalar() R2=scalar() R10=fp0 cb\n",
        )
        .replace(
            "19: (0f) r3 += r1                     ; frame1: R1=scalar() R3=scalar() cb",
            "19: (bf) r3 = r2                      ; frame1: R2=scalar(id=1) R3=scalar(id=1) cb",
        )
        .replace("8: (85)", "7: (79) r3 = *(u64 *)(r1 +0)         ; R3=scalar()\n8: (85)");
    let found = only(&pointer);
    assert_eq!(said_of(&found, 8), ["it is passed to the function in r2"], "{found:#?}");
    assert_eq!(said_of(&found, 7).len(), 1, "{found:#?}");
}

#[test]
fn what_is_passed_to_a_function_isnt_lost() {
    let found = only(
        "\
10: R1=scalar() R10=fp0
10: (85) call pc+7
caller:
 R10=fp0
callee:
 frame1: R1=scalar() R10=fp0
18: frame1: R1=scalar() R10=fp0
18: (bf) r6 = r1                      ; frame1: R1=scalar(id=1) R6=scalar(id=1)
19: (bf) r4 = r10                     ; frame1: R4=fp0 R10=fp0
20: (0f) r4 += r6
math between fp pointer and register with unbounded min value is not allowed
",
    );
    assert_eq!(said_of(&found, 10), ["it is passed to the function in r1"], "{found:#?}");
}

#[test]
fn a_constant_of_a_map_is_what_it_is() {
    let log = |loaded: &str| {
        format!(
            "3: R1=map_value(map=.rodata,ks=4,vs=4) R2=fp-8 R10=fp0\n3: (61) r1 = *(u32 *)(r1 +0)          ; R1={loaded}\n4: (0f) r2 += r1                      ; R1={loaded} R2=fp22\n5: (71) r0 = *(u8 *)(r2 +0)\ninvalid read from stack R2 off=22 size=1\n"
        )
    };
    let why = |loaded: &str| said_of(&only(&log(loaded)), 3).join("; ");
    assert_eq!(why("30"), "r1 is loaded from memory: the number 30");
    let any = "scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff))";
    assert_eq!(why(any), "r1 is loaded from memory, four bytes: 0 to 4294967295");
}

#[test]
fn a_function_that_is_checked_by_itself_has_its_start() {
    let log = "\
0: R1=ctx() R10=fp0
0: (b7) r1 = 1                        ; R1=1
1: (85) call pc+1
Func#1 ('w') is global and assumed valid.
2: R0=scalar()
2: (95) exit
Validating w() func#1...
3: R1=scalar() R10=fp0
3: (bf) r2 = r10                      ; R2=fp0 R10=fp0
4: (0f) r2 += r1
math between fp pointer and register with unbounded min value is not allowed
";
    let missing =
        |log: &str| only(log).notes.iter().any(|note| note.contains("the start of the path is missing"));
    assert!(!missing(log), "{:#?}", only(log).notes);
    assert!(missing(&log.replace("Validating w() func#1...\n", "")));
    let start = log.find("3: (bf)").unwrap();
    assert!(missing(&log[start..]));
    assert!(only(log).cause.iter().all(|cause| cause.insn >= 3));
}

#[test]
fn titles_fit_their_messages() {
    let walked = "4: (0f) r2 += r1\n";
    for (log, class, title, fix) in [
        (
            "5: (71) r1 = *(u8 *)(r10 +4)\ninvalid read from stack R10 off=4 size=1\n",
            Class::StackBounds,
            "above",
            "Limit the offset",
        ),
        (
            "5: (7b) *(u64 *)(r10 -520) = r1\ninvalid write to stack R10 off=-520 size=8\n",
            Class::StackBounds,
            "beyond the 512 bytes",
            "Use less stack",
        ),
        (
            "5: (85) call bpf_probe_read_user#112\ninvalid indirect access to stack R1 off=-256 size=511\n",
            Class::HelperReadsStack,
            "a helper would use stack",
            "Pass a size",
        ),
        (
            "4: (0f) r2 += r1\nvalue 4294967295 makes map_value pointer be out of bounds\n",
            Class::MapValueUnbounded,
            "a number that is too large",
            "Compare the number",
        ),
        (
            "4: (0f) r2 += r1\nmap_value pointer offset 1073741822 is not allowed\n",
            Class::MapValueUnbounded,
            "a number that is too large",
            "Compare the number",
        ),
        (
            "4: (0f) r2 += r1\nmath between map_value pointer and register with unbounded min value is not allowed\n",
            Class::MapValueUnbounded,
            "a number without any bound",
            "Compare the number",
        ),
        (
            "5: (18) r2 = 0x5\ncallback function not static\n",
            Class::CallbackWithoutFuncInfo,
            "a callback that isn't static",
            "Make the function static",
        ),
        (
            "number of funcs in func_info doesn't match number of subprogs\n",
            Class::CallbackWithoutFuncInfo,
            "the BTF describes another number",
            "Give the records",
        ),
        (
            "5: (18) r2 = 0x5\nmissing btf func_info\n",
            Class::CallbackWithoutFuncInfo,
            "a callback in a program without BTF",
            "Load the program with BTF",
        ),
        (
            "back-edge from insn 271 to 69\n",
            Class::InfiniteLoop,
            "a jump back, where loops aren't allowed",
            "Load the program with the capability",
        ),
        (
            "4: (05) goto pc-2\ninfinite loop detected at insn 3\n",
            Class::InfiniteLoop,
            "a loop that makes no progress",
            "Count towards",
        ),
    ] {
        let found = only(log);
        assert_eq!(found.class, class, "{log}");
        assert!(found.title.starts_with(title) || found.title.contains(title), "{log}: {}", found.title);
        assert!(found.fix.starts_with(fix), "{log}: {}", found.fix);
    }
    let negative = |kind: &str| {
        only(&format!("{walked}value -2147483648 makes {kind} pointer be out of bounds\n")).notes
    };
    assert!(negative("fp").iter().all(|note| !note.contains("map value")), "{:?}", negative("fp"));
    assert!(negative("map_value").iter().any(|note| note.contains("before the map value")));
}

#[test]
fn a_summary_that_is_cut_is_no_message() {
    let walk = "0: R1=ctx() R10=fp0\n0: (b7) r0 = 0                        ; R0=0\n1: (95) exit\n";
    let summary =
        "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0";
    for end in 11..summary.len() - 1 {
        let found = only(&format!("{walk}{}\n", &summary[..end]));
        assert_ne!(found.class, Class::Accepted, "{}", &summary[..end]);
        assert!(!found.message.contains("processed"), "{}: {}", &summary[..end], found.message);
    }
}

#[test]
fn the_summary_alone_says_that_it_is_all() {
    let summary =
        "processed 77 insns (limit 1000000) max_states_per_insn 0 total_states 3 peak_states 3 mark_read 0\n";
    let notes = only(summary).notes;
    assert!(notes.iter().any(|note| note.contains("if its start is missing, nothing is known")), "{notes:?}");
    // An unknown message is none that no kernel prints.
    let unknown = only(&format!("some new message of a kernel\n{summary}"));
    assert!(unknown.notes.iter().all(|note| !note.contains("no kernel")), "{:?}", unknown.notes);
}
