//! Loads of small programs: what the running kernel answers.

mod support;

use knockwright_asm::{Endian, MapDef, MapType, ProgType, Program};
use knockwright_btf::{Builder, IntEncoding, KernelRecords, LineRecord};
use knockwright_loader::code::ProgramError;
use knockwright_loader::load::{Answer, Load, LoadError, Loader, LogLevel};
use knockwright_loader::sys::TestRun;
use support::{NULL_DEREF, PASS, may_load, xdp};

fn load(program: &Program) -> Answer {
    Loader::new().try_load(&Load::new(program)).expect("the verifier judges it")
}

#[test]
fn bad_input_is_no_verdict() {
    if !may_load() {
        return;
    }
    let mut loader = Loader::new();
    let mut fail = |load: &Load<'_>| loader.try_load(load).expect_err("no answer of the verifier");
    let error = fail(&Load::new(&xdp(NULL_DEREF, vec![])));
    assert!(matches!(error, LoadError::Program(ProgramError::NoSuchMap { slot: 3, index: 0, maps: 0 })));
    let error = fail(&Load::new(&xdp(PASS, vec![MapDef::of_bytes("m", MapType::Array, 8, 8, 1)])));
    assert!(error.to_string().contains("map `m` was not created"), "{error}");
    let program = xdp(PASS, vec![]);
    const UNKNOWN_FLAG: u32 = 1 << 31;
    let unknown_flag = Load::new(&program).with_flags(UNKNOWN_FLAG);
    assert!(matches!(fail(&unknown_flag), LoadError::BeforeVerifier(_)));
    let damaged = KernelRecords { btf: vec![1, 2, 3], ..KernelRecords::default() };
    assert!(matches!(fail(&Load::new(&program).with_btf(&damaged)), LoadError::Btf(_)));
    let cut = KernelRecords { func_info: vec![0; 7], ..KernelRecords::default() };
    let error = fail(&Load::new(&program).with_btf(&cut));
    assert!(matches!(error, LoadError::Program(ProgramError::PartialRecord { bytes: 7, .. })), "{error}");
}

#[test]
fn equal_maps_of_one_program_stay_two() {
    if !may_load() {
        return;
    }
    // Both maps are named and their addresses compared: equal would be one map.
    let program = xdp(
        "1851000000000000 0000000000000000 1852000001000000 0000000000000000 b700000002000000 9500000000000000",
        vec![MapDef::of_bytes("m", MapType::Hash, 4, 4, 1), MapDef::of_bytes("m", MapType::Hash, 4, 4, 1)],
    );
    let verdict = load(&program);
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
    let mut loader = Loader::new();
    // r2 = *(u32 *)(r1 +4); r1 = *(u32 *)(r1 +0); r3 = r1; r3 += 14; r0 = 1; if r3 > r2 goto +1; r0 = 2; exit:
    // drops what is shorter than an Ethernet header, so passes all.
    let program = xdp(
        "6112040000000000 6111000000000000 bf13000000000000 070300000e000000 b700000001000000
         2d23010000000000 b700000002000000 9500000000000000",
        vec![],
    );
    let (answer, loaded) = loader.load(&Load::new(&program)).unwrap();
    assert!(answer.is_accepted(), "{}", answer.log);
    let loaded = loaded.unwrap();
    let result = loaded.test_run(&TestRun::packet(vec![0; 64]).repeated(100)).unwrap();
    assert_eq!((result.return_value, result.data.len()), (2, 64));
    assert!(result.duration.as_nanos() < 100_000);
    let info = loaded.info().unwrap();
    assert_eq!((info.name.as_str(), info.prog_type), ("test", ProgType::Xdp.number()));
    // 8 slots, and the exit a second time by the other branch.
    assert_eq!((info.verified_insns, info.btf_id), (Some(9), None));
    assert!(info.xlated_len >= 64);
    let error = loaded.test_run(&TestRun::packet(vec![0; 4])).unwrap_err();
    assert_eq!(error.errno.0, libc::EINVAL);
}

#[test]
fn line_info_reaches_the_log() {
    if !may_load() {
        return;
    }
    let mut btf = Builder::new();
    btf.add_int("int", 4, IntEncoding::SIGNED);
    let (file, text) = (btf.string("demo.rs"), btf.string("let verdict = pass();"));
    let line = LineRecord { offset: 0, file: String::new(), line: 7, column: 1, text: String::new() };
    let record = [line.offset, file, text, line.line_col()];
    let line_info = record.iter().flat_map(|number| number.to_ne_bytes()).collect();
    let btf = btf.finish(Endian::NATIVE);
    let records = KernelRecords { btf, func_info: Vec::new(), line_info };
    let program = xdp(PASS, vec![]);
    let verdict = Loader::new().try_load(&Load::new(&program).with_btf(&records)).unwrap();
    assert!(verdict.is_accepted(), "{}", verdict.log);
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
        match Loader::new().try_load(&Load::new(&program)) {
            Ok(answer) => assert!(answer.is_accepted(), "{prog_type}: {}", answer.log),
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
    let (verdict, loaded) = Loader::new().load(&Load::new(&program).with_btf(&records)).unwrap();
    assert!(verdict.is_accepted(), "{}", verdict.log);
    assert!(verdict.log.contains("; let config = p.lookup("), "the log shows lines of Rust: {}", verdict.log);
    let loaded = loaded.unwrap();
    assert!(loaded.info().unwrap().btf_id.is_some());
    assert_eq!(loaded.map("config_map").unwrap().info().value_size, 48);
    assert!(loaded.map("nothing").is_none());
}

#[test]
fn a_program_without_a_log_tells_its_own_count() {
    if !may_load() {
        return;
    }
    let program = xdp(PASS, vec![]);
    let quiet = Load::new(&program).at_level(LogLevel::None);
    let answer = Loader::new().try_load(&quiet).unwrap();
    assert_eq!((answer.is_accepted(), answer.log.as_str(), answer.verified_insns), (true, "", Some(2)));
    let statistics = Loader::new().try_load(&quiet.with_statistics()).unwrap();
    assert!(statistics.log.contains("processed 2 insns"), "{}", statistics.log);
    let statistics = Load::new(&program).with_statistics();
    let answer = Loader::new().try_load(&statistics).unwrap();
    assert!(answer.log.contains("verification time"), "{}", answer.log);
}
