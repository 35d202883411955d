//! Verdicts of the running kernel on small programs.

mod support;

use knockwright_asm::KernelVersion;
use knockwright_asm::{MapType, ProgType};
use knockwright_loader::kernel::{KernelError, KernelVerifier, LoadOptions, LogLevel, Outcome, Verdict};
use knockwright_loader::privilege::kernel_version;
use knockwright_loader::raw_program::{BtfBlobs, ProgramError, RawProgram};
use knockwright_loader::sys::TestRun;
use support::{NULL_DEREF, PASS, map, may_load, xdp};

fn verify(program: &RawProgram) -> Verdict {
    KernelVerifier::new().verify(program, &LoadOptions::default()).expect("a verdict")
}

fn rejected(program: &RawProgram) -> (i32, Option<usize>, String, Option<u64>) {
    let verdict = verify(program);
    assert_eq!(verdict.outcome, Outcome::Reject, "{}", verdict.log);
    let errno = verdict.errno.expect("a rejection has an error number").0;
    (errno, verdict.insn, verdict.message, verdict.processed)
}

#[test]
fn accepts_with_the_whole_log() {
    if !may_load() {
        return;
    }
    let verdict = verify(&xdp(PASS, vec![]));
    assert_eq!(verdict.outcome, Outcome::Accept);
    assert_eq!((verdict.errno, verdict.insn, verdict.processed), (None, None, Some(2)));
    assert_eq!(verdict.message, "");
    assert!(verdict.log.contains("0: (b7) r0 = 2"), "{}", verdict.log);
}

#[test]
fn unset_return_value() {
    if !may_load() {
        return;
    }
    assert_eq!(
        rejected(&xdp("9500000000000000", vec![])),
        (libc::EACCES, Some(0), "R0 !read_ok".to_owned(), Some(1))
    );
}

#[test]
fn null_dereference_of_a_hash_value() {
    if !may_load() {
        return;
    }
    let program = xdp(NULL_DEREF, vec![map("states", MapType::Hash, 4, 24, 16)]);
    assert_eq!(
        rejected(&program),
        (libc::EACCES, Some(6), "R0 invalid mem access 'map_value_or_null'".to_owned(), Some(6))
    );
}

#[test]
fn unknown_opcode_has_no_instruction() {
    if !may_load() {
        return;
    }
    let (errno, insn, message, _) = rejected(&xdp("ff00000000000000 9500000000000000", vec![]));
    assert_eq!((errno, insn), (libc::EINVAL, None));
    assert!(message.starts_with("unknown opcode ff"), "{message}");
}

#[test]
fn unreachable_code_has_no_instruction() {
    if !may_load() {
        return;
    }
    let (errno, insn, message, _) =
        rejected(&xdp("b700000002000000 9500000000000000 9500000000000000", vec![]));
    assert_eq!((errno, insn, message.as_str()), (libc::EINVAL, None, "unreachable insn 2"));
}

#[test]
fn tail_call_message_runs_into_the_summary() {
    if !may_load() {
        return;
    }
    // r2 = map 0 (a hash); r3 = 0; call bpf_tail_call
    let program = xdp(
        "1852000000000000 0000000000000000 b703000000000000 850000000c000000 b700000000000000 9500000000000000",
        vec![map("m", MapType::Hash, 4, 4, 1)],
    );
    let (_, insn, message, processed) = rejected(&program);
    assert_eq!(insn, Some(3));
    assert!(message.ends_with("prog array map for tail call"), "{message}");
    assert_eq!(processed, Some(3));
}

#[test]
fn too_few_and_too_many_instructions() {
    if !may_load() {
        return;
    }
    assert_eq!(rejected(&xdp("", vec![])), (libc::E2BIG, None, String::new(), None));
    let mut long = "b700000002000000".repeat(1_000_001);
    long.push_str("9500000000000000");
    assert_eq!(rejected(&xdp(&long, vec![])), (libc::E2BIG, None, String::new(), None));
}

#[test]
fn bad_input_is_no_verdict() {
    if !may_load() {
        return;
    }
    let mut verifier = KernelVerifier::new();
    let mut fail =
        |program: &RawProgram| verifier.verify(program, &LoadOptions::default()).expect_err("no verdict");
    let error = fail(&xdp(NULL_DEREF, vec![]));
    assert!(matches!(error, KernelError::Program(ProgramError::NoSuchMap { slot: 3, index: 0, maps: 0 })));
    let error = fail(&xdp(PASS, vec![map("m", MapType::Array, 8, 8, 1)]));
    assert!(error.to_string().contains("map `m` was not created"), "{error}");
    let mut program = xdp(PASS, vec![]);
    program.flags = 1 << 31;
    assert!(matches!(fail(&program), KernelError::BeforeVerifier(_)));
    program.flags = 0;
    program.btf = Some(BtfBlobs { btf: vec![1, 2, 3], ..BtfBlobs::default() });
    assert!(matches!(fail(&program), KernelError::Btf(_)));
}

#[test]
fn log_grows_to_what_the_kernel_wants() {
    if !may_load() {
        return;
    }
    // 4,000 moves make a log of a few hundred kilobytes at level 2: more than the first buffer.
    let mut code = "b700000002000000".repeat(4_000);
    code.push_str("9500000000000000");
    let program = xdp(&code, vec![]);
    let verdict = verify(&program);
    assert_eq!((verdict.outcome, verdict.processed), (Outcome::Accept, Some(4_001)));
    assert!(verdict.log.len() > 100_000, "{}", verdict.log.len());
    assert!(verdict.log.contains("4000: (95) exit"));
    assert!(verdict.log.trim_end().lines().last().unwrap().starts_with("processed 4001 insns"));
}

#[test]
fn log_beyond_the_largest_buffer_falls_back() {
    if !may_load() {
        return;
    }
    let mut code = "b700000002000000".repeat(600_000);
    code.push_str("9500000000000000");
    let verdict = verify(&xdp(&code, vec![]));
    assert_eq!((verdict.outcome, verdict.processed), (Outcome::Accept, Some(600_001)));
    assert!(verdict.log_cut);
    let mut reading = "b700000002000000".repeat(600_000);
    reading.push_str("bf11000000000000 bf22000000000000 9500000000000000");
    let verdict = verify(&xdp(&reading, vec![]));
    assert_eq!((verdict.outcome, verdict.log_cut), (Outcome::Reject, true));
    assert_eq!((verdict.insn, verdict.message.as_str()), (Some(600_001), "R2 !read_ok"));
}

#[test]
fn log_levels() {
    if !may_load() {
        return;
    }
    let mut verifier = KernelVerifier::new();
    let mut log = |program: &RawProgram, log_level, statistics| {
        let options = LoadOptions { log_level, statistics, flags: 0 };
        verifier.verify(program, &options).expect("a verdict")
    };
    let good = xdp(PASS, vec![]);
    let bad = xdp("9500000000000000", vec![]);
    let none = log(&good, LogLevel::None, true);
    assert_eq!((none.outcome, none.log.as_str()), (Outcome::Accept, ""));
    assert_eq!(none.processed, Some(2), "from the program's info");
    assert_eq!(log(&bad, LogLevel::None, false).outcome, Outcome::Reject);
    let summary = log(&good, LogLevel::FailingPath, false);
    assert!(summary.log.starts_with("processed 2 insns"), "{}", summary.log);
    let statistics = log(&bad, LogLevel::EveryPath, true);
    assert!(statistics.log.contains("verification time"), "{}", statistics.log);
    assert_eq!(statistics.message, "R0 !read_ok");
}

/// An accepted program is loaded once, a rejected one twice: however long its log is, if the kernel keeps the log's end.
#[test]
fn a_verdict_without_text_takes_few_loads() {
    if !may_load() {
        return;
    }
    let long = |end: &str| xdp(&format!("{}{end}", "b700000002000000".repeat(20_000)), vec![]);
    let keeps_the_end = kernel_version().unwrap() >= KernelVersion::new(6, 4);
    for (program, loads) in [
        (xdp(PASS, vec![]), 1),
        (long("9500000000000000"), 1),
        (xdp("9500000000000000", vec![]), 2),
        (long("bf220000000000009500000000000000"), if keeps_the_end { 2 } else { 3 }),
        (xdp("", vec![]), 2),
    ] {
        let mut verifier = KernelVerifier::new();
        let brief = verifier.verdict(&program, 0).expect("a verdict");
        assert_eq!(verifier.loads(), loads, "{brief:?}");
        let whole = verify(&program);
        let expected = Verdict { log: String::new(), log_level: LogLevel::None, log_cut: false, ..whole };
        assert_eq!(brief, expected);
    }
}

#[test]
fn program_flags_reach_the_verifier() {
    if !may_load() {
        return;
    }
    // r1 = 0; *(u32 *)(r10 -6) = r1: misaligned, which only BPF_F_STRICT_ALIGNMENT refuses on x86-64
    let mut program = xdp("b701000000000000 b700000002000000 631afaff00000000 9500000000000000", vec![]);
    program.flags = 1;
    let (_, insn, message, _) = rejected(&program);
    assert_eq!(insn, Some(2));
    assert!(message.starts_with("misaligned stack access"), "{message}");
}

#[test]
fn equal_maps_of_one_program_stay_two() {
    if !may_load() {
        return;
    }
    // Both maps are named and their addresses compared: equal would be one map.
    let program = xdp(
        "1851000000000000 0000000000000000 1852000001000000 0000000000000000 b700000002000000 9500000000000000",
        vec![map("m", MapType::Hash, 4, 4, 1), map("m", MapType::Hash, 4, 4, 1)],
    );
    let verdict = verify(&program);
    let addresses: Vec<&str> = verdict
        .log
        .lines()
        .filter(|line| line.contains(": (18)"))
        .filter_map(|line| line.split("= ").nth(1)?.split_whitespace().next())
        .collect();
    assert_eq!(addresses.len(), 2, "{}", verdict.log);
    assert_ne!(addresses[0], addresses[1]);
}

#[test]
fn a_loaded_program_runs() {
    if !may_load() {
        return;
    }
    let mut verifier = KernelVerifier::new();
    // r2 = *(u32 *)(r1 +4); r1 = *(u32 *)(r1 +0); r3 = r1; r3 += 14; r0 = 1; if r3 > r2 goto +1; r0 = 2; exit:
    // drops what is shorter than an Ethernet header, so passes all.
    let program = xdp(
        "6112040000000000 6111000000000000 bf13000000000000 070300000e000000 b700000001000000
         2d23010000000000 b700000002000000 9500000000000000",
        vec![],
    );
    let (verdict, loaded) = verifier.load(&program, &LoadOptions::default()).unwrap();
    assert_eq!(verdict.outcome, Outcome::Accept, "{}", verdict.log);
    let loaded = loaded.unwrap();
    let result = loaded.test_run(&TestRun::packet(vec![0; 64]).repeated(100)).unwrap();
    assert_eq!((result.return_value, result.data.len()), (2, 64));
    assert!(result.duration.as_nanos() < 100_000);
    let info = loaded.info().unwrap();
    assert_eq!((info.name.as_str(), info.prog_type), ("test", ProgType::Xdp.number()));
    // 8 slots, and the exit a second time by the other branch.
    assert_eq!((info.verified_insns, info.btf_id), (9, None));
    assert!(info.xlated_len >= 64);
    let error = loaded.test_run(&TestRun::packet(vec![0; 4])).unwrap_err();
    assert_eq!(error.errno.0, libc::EINVAL);
}

#[test]
fn line_info_reaches_the_log() {
    if !may_load() {
        return;
    }
    // Header, one INT type of 4 bytes called `int`, then the strings.
    let strings = b"\0int\0demo.rs\0let verdict = pass();\0";
    let mut btf = Vec::new();
    btf.extend_from_slice(&0xeb9f_u16.to_le_bytes());
    btf.extend_from_slice(&[1, 0]);
    for number in [24_u32, 0, 16, 16, strings.len() as u32] {
        btf.extend_from_slice(&number.to_le_bytes());
    }
    for number in [1_u32, 1 << 24, 4, 32] {
        btf.extend_from_slice(&number.to_le_bytes());
    }
    btf.extend_from_slice(strings);
    let line_info: Vec<u8> =
        [0_u32, 5, 13, 7 << 10 | 1].iter().flat_map(|number| number.to_le_bytes()).collect();
    let mut program = xdp(PASS, vec![]);
    program.btf = Some(BtfBlobs { btf, func_info: Vec::new(), line_info });
    let verdict = verify(&program);
    assert_eq!(verdict.outcome, Outcome::Accept, "{}", verdict.log);
    assert!(verdict.log.contains("; let verdict = pass();"), "{}", verdict.log);
}

#[test]
fn program_types_that_load_without_a_target() {
    if !may_load() {
        return;
    }
    // r0 = 1; exit: within the range of returns of each of them.
    use ProgType::*;
    for prog_type in [
        SocketFilter,
        Kprobe,
        SchedCls,
        SchedAct,
        Tracepoint,
        Xdp,
        PerfEvent,
        CgroupSkb,
        CgroupSock,
        LwtIn,
        LwtOut,
        LwtXmit,
        SockOps,
        SkSkb,
        CgroupDevice,
        SkMsg,
        RawTracepoint,
        CgroupSockAddr,
        SkReuseport,
        FlowDissector,
        CgroupSysctl,
        CgroupSockopt,
        SkLookup,
    ] {
        let mut program = xdp(support::DROP, vec![]);
        program.prog_type = prog_type;
        match KernelVerifier::new().verify(&program, &LoadOptions::default()) {
            Ok(verdict) => assert_eq!(verdict.outcome, Outcome::Accept, "{prog_type}: {}", verdict.log),
            // The kernel may be built without the type.
            Err(error) => eprintln!("{prog_type}: {error}"),
        }
    }
}

#[test]
fn the_firewall_is_accepted_with_its_source_lines() {
    if !may_load() {
        return;
    }
    let program = knockwright_programs::knock::program();
    let records = knockwright_codegen::kernel_records(&program);
    let btf = BtfBlobs { btf: records.btf, func_info: records.func_info, line_info: records.line_info };
    let (verdict, loaded) =
        KernelVerifier::new().load(&RawProgram::new(&program, Some(btf)), &LoadOptions::default()).unwrap();
    assert_eq!(verdict.outcome, Outcome::Accept, "{}", verdict.log);
    assert!(verdict.log.contains("; let config = p.lookup("), "the log shows lines of Rust: {}", verdict.log);
    let loaded = loaded.unwrap();
    assert!(loaded.info().unwrap().btf_id.is_some());
    assert_eq!(loaded.map("config_map").unwrap().info().value_size, 48);
    assert!(loaded.map("nothing").is_none());
}
