//! What helps is said of every rejected log, in each language, and never what is said already.

use knockwright_explain::{Class, Diagnosis, Explainer};
use knockwright_verifier_cases::kernel_range::SERIES;
use knockwright_verifier_cases::packed;

const OWN: &str = include_str!("own/logs.jsonl");

fn explain(log: &str) -> Vec<Diagnosis> {
    let logs = Explainer::new().explain(log.as_bytes()).unwrap().logs;
    logs.into_iter().map(|log| log.diagnosis).collect()
}

/// What is wrong with what helps.
fn wrong(found: &Diagnosis) -> Option<String> {
    if matches!(found.class, Class::Accepted | Class::Unknown) {
        return None;
    }
    let Some(remedy) = found.remedy else { return Some(format!("{}: no remedy", found.class)) };
    let guard = found.guard.as_ref();
    let told: Vec<&str> = [found.fix.as_str(), found.title]
        .into_iter()
        .chain(
            guard.iter().flat_map(|guard| [guard.condition.as_str(), guard.asm.as_str(), guard.dsl.as_str()]),
        )
        .collect();
    [remedy.c, remedy.rust, remedy.asm]
        .into_iter()
        .find(|what| what.is_empty() || told.contains(what))
        .map(|what| format!("{}: `{what}`", found.class))
}

#[test]
fn every_rejected_log_has_a_remedy_that_says_something_else() {
    let own = OWN.lines().map(|line| {
        let entry: serde_json::Value = serde_json::from_str(line).expect("a recorded log");
        entry["log"].as_str().expect("its text").to_owned()
    });
    let mut found: Vec<String> =
        own.flat_map(|log| explain(&log)).filter_map(|found| wrong(&found)).collect();
    for kernel in SERIES {
        for entry in packed::recording(&kernel.to_string()).unwrap().entries {
            if entry.verdict.is_rejected() && entry.level == 1 {
                found.extend(explain(&entry.verdict.log).iter().filter_map(wrong));
            }
        }
    }
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What helps in C and in Rust.
fn remedy(log: &str) -> (&'static str, &'static str) {
    let found = explain(log).remove(0);
    let remedy = found.remedy.unwrap_or_else(|| panic!("{found:#?}"));
    (remedy.c, remedy.rust)
}

#[test]
fn what_helps_depends_on_what_the_log_shows() {
    let packet = |data: u32, end: u32| {
        format!(
            "0: R1=ctx() R10=fp0\n0: (61) r2 = *(u32 *)(r1 +{data})          ; R1=ctx() R2=pkt(r=0)\n1: (61) r3 = *(u32 *)(r1 +{end})          ; R1=ctx() R3=pkt_end()\n2: (71) r0 = *(u8 *)(r2 +0)\ninvalid access to packet, off=0 size=1, R2(id=0,off=0,r=0)\n"
        )
    };
    for (log, c, rust) in [
        (packet(0, 4), "XDP_PASS", "ptr_at::<EthHdr>"),
        (packet(76, 80), "bpf_skb_pull_data", "ctx.load::<T>"),
        (
            "5: (85) call bpf_probe_read_kernel#113\nprogram of this type cannot use helper bpf_probe_read_kernel#113\n".to_owned(),
            "SEC(\"kprobe/",
            "#[kprobe]",
        ),
        (
            "5: (85) call bpf_skb_load_bytes#26\nprogram of this type cannot use helper bpf_skb_load_bytes#26\n".to_owned(),
            "bpf_xdp_load_bytes",
            "#[classifier]",
        ),
        (
            "5: (85) call bpf_ringbuf_reserve#131\ncannot pass map_type 2 into func bpf_ringbuf_reserve#131\n".to_owned(),
            "BPF_MAP_TYPE_RINGBUF",
            "RingBuf::with_byte_size",
        ),
        (
            "5: (85) call bpf_map_lookup_elem#1\nR1 type=fp expected=map_ptr\n".to_owned(),
            "the map itself",
            "COUNTS.get",
        ),
        ("5: (8d) callx r1\nunknown opcode 8d\n".to_owned(), "switch over the functions", "dyn Trait"),
        ("4: (05) goto pc-1\ninfinite loop detected at insn 4\n".to_owned(), "while (1)", "panic handler"),
    ] {
        let (in_c, in_rust) = remedy(&log);
        assert!(in_c.contains(c) && in_rust.contains(rust), "{log}{in_c}\n{in_rust}");
    }
}
