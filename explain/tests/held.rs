//! What a program holds: the story says where it begins, where it ends, and which way leaves the end out.

use knockwright_asm::text;
use knockwright_explain::{Cause, Explainer};
use knockwright_verifier::{Attempt, Profile, Verifier};

fn story(log: &str) -> Vec<Cause> {
    Explainer::new().explain(log.as_bytes()).unwrap().logs.remove(0).diagnosis.cause
}

/// The recorded log of a program of `own/` on the newest kernel that is asked for all of them.
fn own(name: &str) -> String {
    let logs = include_str!("own/logs.jsonl").lines().map(|line| {
        let log: serde_json::Value = serde_json::from_str(line).unwrap();
        log
    });
    let mut of_name = logs.filter(|log| log["name"] == name && log["kernel"] == "host");
    of_name.next().unwrap_or_else(|| panic!("no log of {name}"))["log"].as_str().unwrap().to_owned()
}

fn assert_told(story: &[Cause], insn: usize, words: &str) {
    let told = story.iter().any(|cause| cause.insn == insn && cause.why.contains(words));
    let shown: Vec<_> = story.iter().map(|cause| (cause.insn, &cause.text, &cause.why)).collect();
    assert!(told, "`{words}` at {insn} isn't in {shown:#?}");
    assert!(story.windows(2).all(|pair| pair[0].insn != pair[1].insn), "one line each: {shown:#?}");
}

#[test]
fn each_own_log_tells_what_is_held() {
    for (name, insn, words) in [
        // References.
        ("task_not_released", 2, "what is never given back is acquired here"),
        ("object_not_dropped", 3, "what is never given back is acquired here"),
        ("dynptr_not_given_back", 6, "what is never given back is acquired here"),
        ("thrown_with_something_held", 1, "what is never given back is acquired here"),
        ("record_submitted_twice", 9, "bpf_ringbuf_submit gives it back"),
        // Iterators.
        ("iterator_not_ended", 4, "what is never given back is acquired here"),
        ("iterator_made_twice", 5, "bpf_iter_num_new makes the iterator"),
        ("iterator_ended_twice", 5, "bpf_iter_num_new makes the iterator"),
        ("iterator_ended_twice", 7, "bpf_iter_num_destroy ends the iterator"),
        // Sections and locks.
        ("read_section_left_open", 0, "the read section begins here"),
        ("preemption_left_disabled", 0, "preemption is switched off here"),
        ("interrupts_left_off", 2, "interrupts are switched off here"),
        ("interrupts_restored_in_another_order", 3, "bpf_local_irq_save saves the flags there"),
        ("interrupts_restored_in_another_order", 7, "interrupts are switched off here"),
        ("lock_left_held", 10, "the lock is taken here"),
        ("lock_taken_twice", 10, "the lock is taken here"),
        ("call_with_the_lock_held", 10, "the lock is taken here"),
        // Dynptrs.
        ("dynptr_made_twice", 7, "bpf_ringbuf_reserve_dynptr makes the dynptr"),
        ("dynptr_overwritten", 7, "bpf_ringbuf_reserve_dynptr makes the dynptr"),
        ("dynptr_of_another_kind", 7, "bpf_dynptr_from_mem makes the dynptr"),
        // Callbacks.
        ("callback_gives_seven", 5, "bpf_loop calls the function at 8 back"),
        ("thrown_in_a_callback", 5, "bpf_loop calls the function at 8 back"),
    ] {
        assert_told(&story(&own(name)), insn, words);
    }
}

#[test]
fn the_way_that_gives_back_is_named_where_the_path_leaves_it_out() {
    let program = text::parse_program(
        "test.bpf",
        ".program p xdp\n.map m ringbuf entries 4096\nr1 = map[m]\nr2 = 8\nr3 = 0\ncall bpf_ringbuf_reserve#131\n\
         if r0 == 0x0 goto out\nr6 = r0\ncall bpf_get_prandom_u32#7\nif r0 > 7 goto out\nr1 = r6\nr2 = 0\n\
         call bpf_ringbuf_discard#133\nout:\nr0 = 2\nexit",
    )
    .unwrap();
    for level in [1, 2] {
        let verdict = Verifier::new(Profile::NEWEST).run(&Attempt::new(program.clone()).at_level(level));
        let story = story(&verdict.log);
        assert_told(&story, 4, "what is never given back is acquired here");
        // At level 1 the log has the path that failed, and the way that it left out isn't in it.
        let shows = verdict.log.contains("call bpf_ringbuf_discard");
        let told = story.iter().any(|cause| {
            cause.insn == 8
                && cause
                    .why
                    .contains("the other way leads to bpf_ringbuf_discard at 11, which this path leaves out")
        });
        assert_eq!(told, shows, "{}\n{story:#?}", verdict.log);
    }
}

#[test]
fn a_slice_that_a_call_takes_away() {
    let log = "0: R1=ctx() R10=fp0\n0: (bf) r6 = r1                       ; R1=ctx() R6=ctx()\n\
               1: (b7) r2 = 0                        ; R2=0\n2: (bf) r3 = r10                      ; R3=fp0 R10=fp0\n\
               3: (07) r3 += -16                     ; R3=fp-16\n\
               4: (85) call bpf_dynptr_from_skb#65231        ; R0=scalar() fp-16=dynptr_skb(id=1,dynptr_id=1)\n\
               5: (bf) r1 = r10                      ; R1=fp0 R10=fp0\n6: (07) r1 += -16                     ; R1=fp-16\n\
               7: (b7) r2 = 0                        ; R2=0\n8: (b7) r3 = 0                        ; R3=0\n\
               9: (b7) r4 = 14                       ; R4=14\n\
               10: (85) call bpf_dynptr_slice#65222          ; R0=mem_or_null(id=3,sz=14)\n\
               11: (15) if r0 == 0x0 goto pc+5       ; R0=mem(sz=14)\n12: (bf) r7 = r0                      ; R0=mem(sz=14) R7=mem(sz=14)\n\
               13: (bf) r1 = r6                      ; R1=ctx() R6=ctx()\n14: (b7) r2 = 0                       ; R2=0\n\
               15: (85) call bpf_skb_pull_data#39    ; R0=scalar()\n16: (71) r0 = *(u8 *)(r7 +0)\n\
               R7 invalid mem access 'scalar'\nprocessed 17 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";
    let story = story(log);
    assert_told(&story, 10, "bpf_dynptr_slice returns NULL or");
    assert_told(&story, 15, "bpf_skb_pull_data may move the packet: r7 is a plain number from here on");
    // A write to the dynptr does the same, and moves nothing.
    let log = log.replace("bpf_skb_pull_data#39", "bpf_dynptr_write#202");
    let story = self::story(&log);
    assert_told(&story, 15, "bpf_dynptr_write takes the slice of 10 away: r7 is a plain number from here on");
}

#[test]
fn packets_that_a_call_moves() {
    // The call is in the story, though it touches no register of it.
    let log = "0: (61) r2 = *(u32 *)(r1 +0)          ; R1=ctx() R2_w=pkt(r=0)\n1: (bf) r6 = r2                       ; R2_w=pkt(r=0) R6_w=pkt(r=0)\n\
               2: (b7) r2 = 4                        ; R2_w=4\n3: (85) call bpf_xdp_adjust_head#44   ; R0_w=scalar()\n\
               4: (71) r0 = *(u8 *)(r6 +0)\nR6 invalid mem access 'scalar'\n\
               processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";
    assert_told(&story(log), 3, "bpf_xdp_adjust_head may move the packet");
}
