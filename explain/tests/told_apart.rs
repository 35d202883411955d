//! Logs that differ in little and mean something else.

use std::fmt::Write as _;

use knockwright_asm::{MapType, Program};
use knockwright_explain::{Checker, Class, Diagnosis, Explainer};
use knockwright_verifier::{Attempt, Engine, EngineError, KernelId, Verdict};

fn only(log: &str) -> Diagnosis {
    let mut logs = Explainer::new().explain(log.as_bytes()).unwrap().logs;
    assert_eq!(logs.len(), 1, "{log}");
    logs.remove(0).diagnosis
}

#[test]
fn a_function_called_before_adds_nothing_to_the_arguments_of_the_next() {
    // Both functions get a pointer to the value's start; the first one moves its own by 8.
    let log = "\
func#0 @0
func#1 @10
func#2 @13
3: R6=map_value(map=m,ks=4,vs=16) R10=fp0
3: (bf) r1 = r6                       ; R1_w=map_value(map=m,ks=4,vs=16) R6=map_value(map=m,ks=4,vs=16)
4: (85) call pc+5
caller:
 R6=map_value(map=m,ks=4,vs=16) R10=fp0
callee:
 frame1: R1=map_value(map=m,ks=4,vs=16) R10=fp0
10: (07) r1 += 8
11: (61) r0 = *(u32 *)(r1 +0)
12: (95) exit
returning from callee:
 frame1: R0=scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R10=fp0
to caller at 5:
 R0=scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R6=map_value(map=m,ks=4,vs=16) R10=fp0
5: (bf) r1 = r6
6: (bf) r2 = r0
7: (85) call pc+5
caller:
 R6=map_value(map=m,ks=4,vs=16) R10=fp0
callee:
 frame1: R1=map_value(map=m,ks=4,vs=16) R2=scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R10=fp0
13: (0f) r1 += r2                     ; frame1: R1_w=map_value(map=m,ks=4,vs=16,smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R2=scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff))
14: (71) r0 = *(u8 *)(r1 +0)
R1 unbounded memory access, make sure to bounds check any such access
";
    let guard = only(log).guard.unwrap();
    assert_eq!((guard.insn, guard.condition.as_str()), (13, "r2 <= 15"));
}

#[test]
fn a_comparison_that_decides_nothing_new_teaches_nothing() {
    // The index is compared before it's added, and the log shows no state after that.
    let teaches = |comparison: &str, index: &str| {
        let found = only(&format!(
            "\
5: R0=map_value(map=m,ks=4,vs=48) R1={index} R10=fp0
5: {comparison} goto pc+9
6: (0f) r0 += r1
7: (71) r0 = *(u8 *)(r0 +0)
invalid access to map value, value_size=48 off=60 size=1
R0 max value is outside of the allowed memory range
"
        ));
        let compared = found.cause.iter().find(|cause| cause.insn == 5).unwrap();
        !compared.why.contains("learns nothing")
    };
    let range = "scalar(smin=umin=smin32=umin32=40,smax=umax=smax32=umax32=60)";
    for (comparison, decided) in [
        // 40 to 60 is above 39, so it isn't equal to it; 40 may be the number itself.
        ("(15) if r1 == 0x27", true),
        ("(15) if r1 == 0x28", false),
        ("(15) if r1 == 0x3c", false),
        ("(15) if r1 == 0x3d", true),
        ("(25) if r1 > 0x3c", true),
        ("(25) if r1 > 0x3b", false),
        ("(b5) if r1 <= 0x27", true),
        ("(b5) if r1 <= 0x28", false),
        ("(a5) if r1 < 0x28", true),
        ("(a5) if r1 < 0x29", false),
    ] {
        assert_eq!(teaches(comparison, range), !decided, "{comparison}");
    }
    assert!(!teaches("(15) if r1 == 0x3c", "60") && !teaches("(15) if r1 == 0x5", "60"));
}

/// An XDP program that compares a packet pointer with the packet's end and keeps its context in r6.
fn checked_packet(comparison: &str) -> String {
    format!(
        "\
0: R1=ctx() R10=fp0
0: (bf) r6 = r1                       ; R1=ctx() R6_w=ctx()
1: (61) r2 = *(u32 *)(r6 +0)          ; R2_w=pkt(r=0) R6_w=ctx()
2: (61) r3 = *(u32 *)(r6 +4)          ; R3_w=pkt_end() R6_w=ctx()
3: (bf) r4 = r2                       ; R2_w=pkt(r=0) R4_w=pkt(r=0)
4: (07) r4 += 14                      ; R4_w=pkt(off=14,r=0)
5: {comparison} goto pc+2  ; R3_w=pkt_end() R4_w=pkt(off=14,r=0)
6: (71) r0 = *(u8 *)(r2 +0)
invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0)
R2 offset is outside of the packet
"
    )
}

#[test]
fn packet_pointers_are_known_by_their_states_wherever_they_were_loaded_from() {
    assert_eq!(only(&checked_packet("(2d) if r3 > r4")).class, Class::PacketCheckReversed);
    assert_eq!(only(&checked_packet("(1d) if r3 == r2")).class, Class::PacketCheckReversed);
    assert_eq!(only(&checked_packet("(25) if r5 > 0x4")).class, Class::PacketUnchecked);
}

#[test]
fn a_lost_packet_pointer_is_one_that_was_loaded_from_the_context() {
    // Level 1 of Linux 5.10: no states.
    let log = |base: &str| {
        only(&format!(
            "0: (61) r6 = *(u32 *)({base} +0)\n1: (b7) r2 = 14\n2: (85) call bpf_xdp_adjust_head#44\n\
             3: (71) r0 = *(u8 *)(r6 +0)\nR6 invalid mem access 'inv'\n"
        ))
    };
    assert_eq!(log("r1").class, Class::PacketPointerLost);
    assert_eq!(log("r7").class, Class::NullDereference);
    // What r7 points to isn't known either: it may be a context.
    assert_eq!(log("r7").cause[0].why, "r6 is loaded");
}

#[test]
fn what_is_refused_for_its_form_is_no_registers_fault() {
    for log in [
        "3: (0f) r0 += r1\nBPF_ALU uses reserved fields\n",
        "3: (71) r0 = *(u8 *)(r1 +0)\nBPF_LDX uses reserved fields\n",
    ] {
        assert_eq!(only(log).register, None, "{log}");
    }
}

#[test]
fn the_offset_in_the_instruction_counts_once() {
    // By the message r6 itself lies 10000 bytes from the packet's start: all fits into what a comparison can prove.
    let log = "\
7: (71) r1 = *(u8 *)(r6 +30000)
invalid access to packet, off=40000 size=1, R6(id=0,off=10000,r=34)
R6 offset is outside of the packet
";
    assert_eq!(only(log).guard.unwrap().condition, "r6 + 30001 <= data_end");
    let far = log.replace("40000", "65535").replace("10000", "35535");
    assert_eq!(only(&far).guard, None, "no comparison proves so many bytes");
}

#[test]
fn the_last_logs_are_remembered_for_quotations() {
    // Each log reads another register; the first of so many is quoted after all of them.
    let quoted = |logs: usize| {
        let mut text = String::new();
        for log in 0..logs {
            writeln!(text, "0: R1=ctx() R10=fp0\n0: (b7) r0 = {log} ; R0_w={log}\n1: (bf) r0 = r3\nR3 !read_ok\nprocessed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0").unwrap();
        }
        text.push_str("\nIts first line was this one:\n\n0: (b7) r0 = 0\n1: (bf) r0 = r3\nR3 !read_ok\n");
        Explainer::new().explain(text.as_bytes()).unwrap().logs.len() - logs
    };
    assert_eq!((quoted(1), quoted(64), quoted(65)), (0, 0, 1));
}

/// An engine that has no verdict, and remembers the programs.
#[derive(Default)]
struct Asked(Vec<Program>);

impl Engine for Asked {
    fn kernel(&mut self) -> Result<KernelId, EngineError> {
        Err(EngineError::NotPermitted("a test".to_owned()))
    }

    fn verify(&mut self, attempts: &[Attempt]) -> Result<Vec<Verdict>, EngineError> {
        self.0.extend(attempts.iter().map(|attempt| attempt.program.clone()));
        Ok(attempts.iter().map(|_| Verdict::error(0, "no verdict")).collect())
    }
}

#[test]
fn a_map_without_keys_and_values_is_a_ring_buffer() {
    let log = "\
func#0 @0
0: R1=ctx() R10=fp0
0: (61) r2 = *(u32 *)(r1 +16)         ; R1=ctx() R2_w=scalar(smin=0,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff))
1: (15) if r2 == 0x0 goto pc+1        ; R2_w=scalar(smin=umin=1,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff))
2: (05) goto pc+6
9: (b7) r0 = 2                        ; R0_w=2
10: (95) exit

from 1 to 3: R1=ctx() R2_w=0 R10=fp0
3: (18) r1 = 0xffff888103a45c00       ; R1_w=map_ptr(map=events,ks=0,vs=0)
5: (b7) r2 = 8                        ; R2_w=8
6: (b7) r3 = 0                        ; R3_w=0
7: (85) call bpf_ringbuf_reserve#131  ; R0_w=ringbuf_mem_or_null(id=2,ref_obj_id=2,sz=8) refs=2
8: (7a) *(u64 *)(r0 +0) = 0
R0 invalid mem access 'ringbuf_mem_or_null'
processed 10 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
";
    let mut asked = Asked::default();
    let checker = Checker::new(&mut asked, "a test", |program: &Program| Attempt::new(program.clone()));
    let mut explainer = Explainer::new().checker(checker);
    let found = explainer.explain(log.as_bytes()).unwrap().logs.remove(0).diagnosis;
    drop(explainer);
    assert_eq!(found.class, Class::RingbufOrNull);
    assert!(!asked.0.is_empty(), "{:?}", found.guard);
    for program in asked.0 {
        let [map] = &program.maps[..] else { panic!("{:?}", program.maps) };
        assert_eq!((map.name.as_str(), map.map_type), ("events", MapType::Ringbuf));
        assert!(map.max_entries >= 4096 && map.max_entries.is_power_of_two(), "a ring of whole pages");
    }
}
