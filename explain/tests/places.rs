//! Accesses to the stack, to packets, to buffers and to the context: their numbers, and the picture of what they touch.

use knockwright_asm::text;
use knockwright_explain::{Explainer, Explanation, Measured};
use knockwright_verifier::{Attempt, Privilege, Profile, Verifier};

/// The explanation of how our verifier refuses a program, from the log alone or with the program.
fn refused(program: &str, privilege: Privilege, with_program: bool) -> Explanation {
    let program = text::parse_program("test.bpf", program).unwrap();
    let attempt = Attempt::new(program.clone()).by(privilege).at_level(2);
    let verdict = Verifier::new(Profile::NEWEST).run(&attempt);
    assert!(verdict.is_rejected(), "{verdict:?}");
    let programs = if with_program { vec![program] } else { Vec::new() };
    explained(&verdict.log, Explainer::new().programs(programs))
}

fn explained(log: &str, mut explainer: Explainer<'_>) -> Explanation {
    explainer.explain(log.as_bytes()).unwrap().logs.remove(0)
}

/// The steps of the numbers, each with its instruction, and the result.
fn numbers(explanation: &Explanation) -> (Vec<(Option<usize>, String, String)>, String) {
    let derivation = explanation.diagnosis.derivation.clone().expect("numbers");
    let steps = derivation.steps.into_iter().map(|step| (step.insn, step.text, step.value)).collect();
    (steps, derivation.result)
}

fn step(insn: impl Into<Option<usize>>, text: &str, value: &str) -> (Option<usize>, String, String) {
    (insn.into(), text.to_owned(), value.to_owned())
}

/// What stands on the ruler: its first byte and size, its parts, and the first byte accessed with the one behind the last.
type Drawn = (i64, i64, Vec<(String, i64, i64)>, i64, i64);

fn drawn(explanation: &Explanation, measured: Measured) -> Drawn {
    let ruler = explanation.trace.ruler.clone().expect("a ruler");
    assert_eq!(ruler.measured, measured, "{ruler:?}");
    let parts = ruler.fields.iter().map(|field| {
        let from = ruler.start + i64::from(field.offset);
        (field.name.clone(), from, from + i64::from(field.size))
    });
    (ruler.start, ruler.size, parts.collect(), ruler.first, ruler.end)
}

fn part(name: &str, from: i64, to: i64) -> (String, i64, i64) {
    (name.to_owned(), from, to)
}

#[test]
fn bytes_of_a_key_that_nobody_wrote() {
    // A function writes the first half of the key; the upper half is written in part.
    let found = refused(
        ".program p xdp\n.map m hash key 16 value 8 entries 4\nr1 = r10\nr1 += -16\ncall fill\n\
         *(u16 *)(r10 -2) = 0\nr2 = r10\nr2 += -16\nr1 = map[m]\ncall bpf_map_lookup_elem#1\nr0 = 2\nexit\n\
         .func fill\n*(u64 *)(r1 +0) = 1\nr0 = 0\nexit",
        Privilege::WithoutPerfmon,
        false,
    );
    assert_eq!(
        numbers(&found),
        (
            vec![
                step(11, "*(u64 *)(r1 +0) = 1 writes", "bytes -16 to -9"),
                step(3, "*(u16 *)(r10 -2) = 0 writes", "bytes -2 to -1"),
            ],
            "bytes -8 to -3 of -16 to -1 aren't written; 11 writes -16 to -9, 3 writes -2 to -1".to_owned()
        ),
        "{:?}",
        found.diagnosis.message
    );
    let parts = vec![
        part("never written", -32, -16),
        part("written", -16, -8),
        part("never written", -8, -2),
        part("written", -2, 0),
    ];
    assert_eq!(drawn(&found, Measured::Stack), (-512, 512, parts, -16, 0));
}

#[test]
fn a_helper_that_may_write_leaves_open_what_was_written() {
    // As the log of a kernel that shows no states: what the helper wrote isn't known.
    let log = "0: (bf) r1 = r10\n1: (07) r1 += -16\n2: (b7) r2 = 8\n3: (85) call bpf_get_current_comm#16\n\
               4: (79) r0 = *(u64 *)(r10 -8)\ninvalid read from stack off -8+0 size 8\n\
               processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";
    let found = explained(log, Explainer::new());
    let (steps, result) = numbers(&found);
    assert_eq!(result, "byte -8 of -8 to -1 isn't written");
    assert_eq!(steps, [step(None, "the byte, by the message", "-8")]);
    let (.., parts, _, _) = drawn(&found, Measured::Stack);
    assert_eq!(parts, [], "nothing is known of any byte");
}

#[test]
fn a_size_that_leads_out_of_the_frame() {
    let found = refused(
        ".program p xdp\n*(u64 *)(r10 -8) = 0\nr1 = 0\nr2 = 0\nr3 = r10\nr3 += -8\nr4 = 16\nr5 = 0\n\
         call bpf_csum_diff#28\nr0 = 2\nexit",
        Privilege::Full,
        false,
    );
    assert_eq!(numbers(&found).1, "-8, + size 16 = 8 > 0, the end of the frame");
    let parts = vec![part("never written", -24, -8), part("written", -8, 0)];
    assert_eq!(drawn(&found, Measured::Stack), (-512, 512, parts, -8, 8));
}

#[test]
fn a_variable_offset_on_the_stack() {
    let found = refused(
        ".program p xdp\nr1 = *(u32 *)(r1 +16)\nr1 &= 15\nr2 = r10\nr2 += -8\nr2 += r1\n*(u8 *)(r2 +0) = 1\n\
         r0 = 2\nexit",
        Privilege::Full,
        false,
    );
    assert_eq!(numbers(&found).1, "7 = -8 + 15, + size 1 = 8 > 0, the end of the frame");
    let (.., first, end) = drawn(&found, Measured::Stack);
    assert_eq!((first, end), (-8, 8));
    // Checked before the store, the numbers are the same, and the guard keeps the whole in the frame.
    assert_eq!(found.diagnosis.guard.unwrap().condition, "r1 <= 7");
}

#[test]
fn a_packet_pointer_that_moves_after_its_check() {
    let found = refused(
        ".program p xdp\nr2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r2\nr4 += 34\nif r4 > r3 goto out\n\
         r2 += 14\nr2 += 12\nr0 = *(u64 *)(r2 +4)\nout:\nr0 = 2\nexit",
        Privilege::Full,
        false,
    );
    let steps = vec![
        step(4, "r4 is compared with data_end: the bytes before it are proven", "34"),
        step(5, "r2 += 14", "14"),
        step(6, "r2 += 12", "12"),
        step(7, "the instruction's own offset is 4", "4"),
        step(7, "an access of 8 bytes at offset 30", "38"),
    ];
    assert_eq!(numbers(&found), (steps, "30 + size 8 = 38 > 34 bytes proven".to_owned()));
    assert_eq!(drawn(&found, Measured::Packet), (0, 34, vec![], 30, 38));
    assert_eq!(found.trace.ruler.unwrap().name, "the packet");
}

#[test]
fn a_packet_behind_a_header_whose_length_varies() {
    let found = refused(
        ".program p xdp\nr2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r2\nr4 += 15\nif r4 > r3 goto out\n\
         r5 = *(u8 *)(r2 +14)\nr5 &= 15\nr5 <<= 2\nr2 += r5\nr4 = r2\nr4 += 8\nif r4 > r3 goto out\n\
         r0 = *(u32 *)(r2 +6)\nout:\nr0 = 2\nexit",
        Privilege::Full,
        false,
    );
    assert_eq!(numbers(&found).1, "6 + size 4 = 10 > 8 bytes proven");
    assert_eq!(numbers(&found).0[0].0, Some(11), "the check of the moved pointer");
    assert_eq!(drawn(&found, Measured::Packet), (0, 8, vec![], 6, 10));
    assert_eq!(found.trace.ruler.unwrap().name, "the packet behind the offset that varies");
}

#[test]
fn a_buffer_takes_constants_from_its_start_on() {
    let of = |name: &str| {
        let logs = include_str!("own/logs.jsonl").lines().map(|line| {
            let log: serde_json::Value = serde_json::from_str(line).unwrap();
            log
        });
        let log = logs.into_iter().find(|log| log["name"] == name).unwrap();
        numbers(&explained(log["log"].as_str().unwrap(), Explainer::new())).1
    };
    assert_eq!(of("before_the_buffer"), "-8: 8 bytes before the start");
    assert_eq!(of("somewhere_in_the_buffer"), "the offset is 0 to 7, and a buffer takes constants only");
}

#[test]
fn the_fields_of_a_context_where_the_program_is_at_hand() {
    let program = ".program p xdp\nr0 = *(u32 *)(r1 +24)\nexit";
    assert_eq!(
        refused(program, Privilege::Full, false).trace.ruler,
        None,
        "the log doesn't say which context it is"
    );
    let found = refused(program, Privilege::Full, true);
    assert_eq!(numbers(&found).1, "24, + size 4 = 28 > 24, the size of struct xdp_md");
    let (start, size, parts, first, end) = drawn(&found, Measured::Context);
    assert_eq!((start, size, first, end), (0, 24, 24, 28));
    assert_eq!(parts[0], part("data", 0, 4));
    // A field of the wrong width lies inside.
    let inside = refused(".program p xdp\nr0 = *(u16 *)(r1 +0)\nexit", Privilege::Full, true);
    assert_eq!(inside.diagnosis.derivation, None);
    assert_eq!(drawn(&inside, Measured::Context).3, 0);
}
