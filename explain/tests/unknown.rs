//! What a log doesn't say isn't said: no acceptance, no number and no guard that it doesn't hold.

mod support;

use knockwright_explain::{Class, Diagnosis, Explainer, Explanation};
use knockwright_verifier_cases::run::Subject;
use support::Given;

const SUMMARY: &str =
    "processed 77 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";

fn only(log: &str) -> Diagnosis {
    let mut logs = Explainer::new().explain(log.as_bytes()).unwrap().logs;
    assert_eq!(logs.len(), 1, "{log}");
    logs.remove(0).diagnosis
}

#[test]
fn only_what_ends_as_an_accepted_log_is_accepted() {
    let message = "a message of tomorrow\n";
    let known = "expected uninitialized iter_x as arg #1\n";
    let refused = "libbpf: prog 'p': failed to load: -22\n";
    let walk = "func#0 @0\n0: R1=ctx() R10=fp0\n0: (b7) r0 = 0                        ; R0=0\n1: (95) exit\n";
    let two = SUMMARY.replace("77", "2");
    for (log, class, errno) in [
        (SUMMARY.to_owned(), Class::Accepted, None),
        (format!("{walk}{two}"), Class::Accepted, None),
        (format!("{message}{SUMMARY}"), Class::Unknown, None),
        (format!("{known}{SUMMARY}"), Class::IteratorState, None),
        (format!("{known}{SUMMARY}{refused}"), Class::IteratorState, Some(22)),
        (format!("{message}{SUMMARY}{refused}"), Class::Unknown, Some(22)),
        (format!("{walk}{message}{two}"), Class::Unknown, None),
        // Refused by something else than the verifier.
        (format!("{SUMMARY}{refused}"), Class::Unknown, Some(22)),
        (
            format!("{SUMMARY}some words\nlibbpf: prog 'p': failed to load: -524\n"),
            Class::JitRefusal,
            Some(524),
        ),
        (
            format!(
                "libbpf: prog 'p': BPF program load failed: unknown error (-524)\nlibbpf: prog 'p': -- BEGIN PROG LOAD LOG --\n{SUMMARY}-- END PROG LOAD LOG --\n"
            ),
            Class::JitRefusal,
            Some(524),
        ),
        (
            format!(
                "libbpf: prog 'p': BPF program load failed: Unknown error 524\nlibbpf: prog 'p': -- BEGIN PROG LOAD LOG --\n{SUMMARY}-- END PROG LOAD LOG --\n"
            ),
            Class::JitRefusal,
            Some(524),
        ),
        // Fewer instructions than were walked, no exit, no instruction at all.
        (format!("{walk}{SUMMARY}"), Class::Unknown, None),
        (
            format!("func#0 @0\n0: R1=ctx() R10=fp0\n0: (b7) r0 = 0\n{}", SUMMARY.replace("77", "1")),
            Class::Unknown,
            None,
        ),
        (format!("func#0 @0\n{SUMMARY}"), Class::Unknown, None),
    ] {
        let found = only(&log);
        assert_eq!((found.class, found.errno), (class, errno), "{log}");
        assert_eq!(found.fix == "Nothing to do.", class == Class::Accepted, "{log}");
    }
    let by_jit = only(&format!("{SUMMARY}libbpf: prog 'p': failed to load: -524\n"));
    assert!(by_jit.title.contains("accepted the program, and it was refused after that"), "{}", by_jit.title);
    assert!(by_jit.notes.iter().any(|note| note.contains("error 524")), "{:?}", by_jit.notes);
    let unknown = only(&format!("{message}{SUMMARY}"));
    assert_eq!(unknown.message, message.trim_end());
}

/// The result of a derivation.
fn derived(log: &str) -> Option<String> {
    only(log).derivation.map(|derivation| derivation.result)
}

#[test]
fn the_messages_own_numbers_stand_where_states_are_missing() {
    let map_value = |value_size: i64, off: i64, which: &str| {
        format!(
            "16: (63) *(u32 *)(r2 +0) = r1\ninvalid access to map value, value_size={value_size} off={off} size=4\nR2 {which} value is outside of the allowed memory range\n"
        )
    };
    for (log, result) in [
        (map_value(20, 76, "max"), Some("76, + size 4 = 80 > value_size 20")),
        (map_value(20, -3, "min"), Some("-3: 3 bytes before the start")),
        // Numbers that contradict each other.
        (map_value(-5, 76, "max"), None),
        (map_value(80, 76, "max"), None),
        (
            "9: (79) r3 = *(u64 *)(r1 +8)\ninvalid access to memory, mem_size=8 off=24 size=8\nR1 max value is outside of the allowed memory range\n".to_owned(),
            Some("24, + size 8 = 32 > mem_size 8"),
        ),
        (
            "7: (71) r1 = *(u8 *)(r6 +95)\ninvalid access to packet, off=99 size=1, R6(id=2,off=4,r=34)\nR6 offset is outside of the packet\n".to_owned(),
            Some("99 + size 1 = 100 > 34 bytes proven"),
        ),
        (
            "20: (85) call bpf_trace_printk#6\ninvalid access to map value, value_size=64 off=8 size=65\nR1 min value is outside of the allowed memory range\n".to_owned(),
            Some("65 > 56 bytes"),
        ),
        ("9: (79) r3 = *(u64 *)(r1 +8)\nR1 min value is negative, either use unsigned index or do a if (index >=0) check.\n".to_owned(), None),
        ("9: (0f) r3 += r1\nmath between map_value pointer and register with unbounded min value is not allowed\n".to_owned(), None),
        ("20: (85) call bpf_probe_read#4\nR2 unbounded memory access, use 'var &= const' or 'if (var < const)'\n".to_owned(), None),
    ] {
        assert_eq!(derived(&log).as_deref(), result, "{log}");
        assert_eq!(only(&log).guard, None, "{log}");
    }
}

#[test]
fn linux_5_writes_the_state_after_the_access() {
    let found = only(
        "11: (0f) r0 += r1\n12: (71) r0 = *(u8 *)(r0 +0)\n R0_w=map_value(id=0,off=0,ks=4,vs=16,umax_value=255,var_off=(0x0; 0xff)) R10=fp0\n\
         invalid access to map value, value_size=16 off=255 size=1\nR0 max value is outside of the allowed memory range\n",
    );
    let last = found.cause.last().unwrap();
    assert!(last.why.starts_with("r0 is a pointer to a value of a map at offset 0 to 255: "), "{}", last.why);
    assert_eq!(found.derivation.unwrap().result, "255, + size 1 = 256 > value_size 16");
}

#[test]
fn only_sizes_are_guarded_as_sizes() {
    // Three arguments, and none of them a size.
    let log = "\
19: R1=map_ptr(map=m,ks=4,vs=16) R2=fp-8 R3=map_value(map=n,ks=4,vs=8) R4=scalar() R10=fp0
19: (85) call bpf_map_push_elem#87
invalid access to map value, value_size=8 off=0 size=16
R3 min value is outside of the allowed memory range
";
    let found = only(log);
    assert_eq!((found.guard, found.class), (None, Class::MapValueOffset));
    assert_eq!(found.derivation.unwrap().result, "0, + size 16 = 16 > value_size 8");
}

#[test]
fn where_two_bounds_are_missing_none_is_said() {
    // Two numbers without a bound in one offset.
    let two_numbers = "\
12: R0=map_value(map=m,ks=4,vs=64) R1=scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R2=scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R10=fp0
12: (0f) r0 += r1                     ; R0=map_value(map=m,ks=4,vs=64,smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R1=scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff))
13: (0f) r0 += r2                     ; R0=map_value(map=m,ks=4,vs=64,smin=0,smax=umax=0x1fffffffe) R2=scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff))
14: (71) r0 = *(u8 *)(r0 +0)
R0 unbounded memory access, make sure to bounds check any such access
";
    assert_eq!(only(two_numbers).guard, None);
    // A size that may be negative, of a helper that takes no 0: a bound above leaves 0.
    let size = |helper: &str| {
        only(&format!(
            "11: (bf) r2 = r7                      ; R2=scalar(id=1,smax=63) R7=scalar(id=1,smax=63)\n12: R1=map_value(map=m,ks=4,vs=64) R2=scalar(id=1,smax=63) R10=fp0\n12: (85) call {helper}\nR2 min value is negative, either use unsigned or 'var &= const'\n"
        ))
        .guard
    };
    assert_eq!(size("bpf_trace_printk#6"), None);
    // A packet pointer that lies too far for any comparison.
    let far = "\
7: R2=pkt(id=3,r=0,smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R3=pkt_end() R10=fp0
7: (71) r1 = *(u8 *)(r2 +0)
invalid access to packet, off=0 size=1, R2(id=3,off=0,r=0)
R2 offset is outside of the packet
";
    assert_eq!(only(far).guard, None);
}

#[test]
fn other_numbers_take_their_room_and_subtractions_theirs() {
    let guard = |log: &str| only(log).guard.map(|guard| (guard.insn, guard.condition));
    // r1 takes 63 of 64 bytes.
    let two_numbers = "\
12: R0=map_value(map=m,ks=4,vs=64) R1=scalar(smin=smin32=0,smax=umax=smax32=umax32=63,var_off=(0x0; 0x3f)) R7=map_value(map=m,ks=4,vs=64) R10=fp0
12: (79) r2 = *(u64 *)(r7 +0)         ; R2=scalar() R7=map_value(map=m,ks=4,vs=64)
13: (77) r2 >>= 32                    ; R2=scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff))
14: (0f) r0 += r1                     ; R0=map_value(map=m,ks=4,vs=64,smin=smin32=0,smax=umax=smax32=umax32=63,var_off=(0x0; 0x3f)) R1=scalar(smin=smin32=0,smax=umax=smax32=umax32=63,var_off=(0x0; 0x3f))
15: (0f) r0 += r2                     ; R0=map_value(map=m,ks=4,vs=64,smin=0,smax=umax=0x10000003e) R2=scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff))
16: (71) r0 = *(u8 *)(r0 +0)
R0 unbounded memory access, make sure to bounds check any such access
";
    assert_eq!(
        guard(&two_numbers.replace("12: R0", "11: (bf) r1 = r1\n12: R0")),
        None,
        "r1 comes from somewhere"
    );
    let known = two_numbers.replace("12: R0=", "10: (71) r1 = *(u8 *)(r7 +8)\n11: (57) r1 &= 63\n12: R0=");
    assert_eq!(guard(&known), Some((15, "r2 <= 0".to_owned())));
    // What is subtracted lies before the start: the bound comes after the subtraction.
    let subtracted = "\
7: R0=map_value(map=m,ks=4,vs=16) R10=fp0
7: (71) r1 = *(u8 *)(r0 +0)           ; R0=map_value(map=m,ks=4,vs=16) R1=scalar(smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff))
8: (07) r1 += -3                      ; R1=scalar(smin=smin32=-3,smax=smax32=252)
9: (0f) r0 += r1                      ; R0=map_value(map=m,ks=4,vs=16,smin=smin32=-3,smax=smax32=252) R1=scalar(smin=smin32=-3,smax=smax32=252)
10: (71) r0 = *(u8 *)(r0 +0)
R0 min value is negative, either use unsigned index or do a if (index >=0) check.
";
    assert_eq!(guard(subtracted), Some((9, "r1 <= 15".to_owned())));
    assert_eq!(derived(subtracted).as_deref(), Some("-3 = 0 - 3: 3 bytes before the start"));
}

#[test]
fn an_origin_that_isnt_known_isnt_the_start() {
    // What r0 comes with isn't shown; by the message it's 10, or r1 is larger than was shown.
    let log = "\
7: R10=fp0 R9=map_value(map=m,ks=4,vs=16)
7: (71) r1 = *(u8 *)(r9 +0)           ; R1=scalar(smin=smin32=0,smax=umax=smax32=umax32=255,var_off=(0x0; 0xff))
8: (57) r1 &= 40                      ; R1=scalar(smin=smin32=0,smax=umax=smax32=umax32=40,var_off=(0x0; 0x28))
9: (79) r0 = *(u64 *)(r10 -8)
10: (0f) r0 += r1
11: (71) r0 = *(u8 *)(r0 +0)
invalid access to map value, value_size=16 off=50 size=1
R0 max value is outside of the allowed memory range
";
    let found = only(log);
    assert_eq!(found.derivation.unwrap().result, "50, + size 1 = 51 > value_size 16");
    assert_eq!(found.guard, None);
}

#[test]
fn a_message_without_its_instruction_is_none_of_the_one_before() {
    for log in [
        "5: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=m,ks=4,vs=8)\n6: (bf) r6 = r0                       ; R0=map_value_or_null(id=1,map=m,ks=4,vs=8) R6=map_value_or_null(id=1,map=m,ks=4,vs=8)\nR6 invalid mem access 'map_value_or_null'\n",
        "7: (07) r2 += -8                      ; R2=fp-8\nR1 type=fp expected=map_ptr\n",
        "7: (71) r1 = *(u8 *)(r2 +0)\ninvalid access to packet, off=0 size=1, R5(id=0,off=0,r=0)\nR5 offset is outside of the packet\n",
    ] {
        let found = only(log);
        assert_eq!((found.cause, found.derivation, found.guard), (Vec::new(), None, None), "{log}");
        assert_ne!(found.class, Class::Accepted);
    }
    // At level 2 the summary says how many instructions should be there.
    let walk = |walked: u32| {
        only(&format!(
            "func#0 @0\n0: R1=ctx() R10=fp0\n0: (61) r2 = *(u32 *)(r1 +0)          ; R1=ctx() R2=pkt(r=0)\n1: (71) r0 = *(u8 *)(r2 +0)\ninvalid access to packet, off=0 size=1, R2(id=0,off=0,r=0)\nR2 offset is outside of the packet\nprocessed {walked} insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
        ))
    };
    assert!(walk(2).guard.is_some() && walk(5).guard.is_none());
}

#[test]
fn a_near_packet_pointer_isnt_too_far() {
    // What is compared is another pointer, and the one accessed lies at most 95 bytes behind the start.
    let log = "\
1: R1=ctx() R10=fp0
1: (61) r2 = *(u32 *)(r1 +0)          ; R1=ctx() R2=pkt(r=0)
2: (61) r3 = *(u32 *)(r1 +4)          ; R1=ctx() R3=pkt_end()
3: (bf) r5 = r2                       ; R2=pkt(r=0) R5=pkt(r=0)
4: (b7) r4 = 3                        ; R4=3
5: (85) call bpf_get_prandom_u32#7    ; R0=scalar()
6: (57) r0 &= 95                      ; R0=scalar(smin=smin32=0,smax=umax=smax32=umax32=95,var_off=(0x0; 0x5f))
7: (0f) r2 += r0                      ; R0=scalar(smin=smin32=0,smax=umax=smax32=umax32=95,var_off=(0x0; 0x5f)) R2=pkt(id=1,r=0,smin=smin32=0,smax=umax=smax32=umax32=95,var_off=(0x0; 0x5f))
8: (2d) if r5 > r3 goto pc+1          ; R3=pkt_end() R5=pkt(r=0)
9: (71) r0 = *(u8 *)(r2 +0)
invalid access to packet, off=0 size=1, R2(id=1,off=0,r=0)
R2 offset is outside of the packet
";
    let found = only(log);
    assert_ne!(found.class, Class::PacketOffsetTooLarge);
    assert_eq!(found.derivation.unwrap().result, "0 + size 1 = 1 > 0 bytes proven");
}

fn case(name: &str, subject: Subject) -> Explanation {
    let recording = support::recording("6.18");
    let entry = recording
        .entries
        .iter()
        .find(|entry| entry.case == name && entry.level == 2 && entry.subject == subject);
    support::explain(entry.unwrap(), Given::LogAlone).unwrap()
}

#[test]
fn one_signed_comparison_makes_no_signed_bounds() {
    assert_eq!(case("index-signed-check", Subject::Case).diagnosis.class, Class::MapValueNegativeIndex);
    assert_eq!(case("signed-range-from-both-sides", Subject::Twin).diagnosis.class, Class::SignedBounds);
}

#[test]
fn global_functions_that_are_safe_stand_before_the_summary() {
    let log = "Func#1 ('next') is safe for any args that match its prototype\nprocessed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";
    let mut logs = Explainer::new().explain(log.as_bytes()).unwrap().logs;
    assert_eq!(logs.len(), 1);
    assert_eq!(logs.remove(0).diagnosis.class, Class::Accepted);
}
