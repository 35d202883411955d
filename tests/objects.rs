//! Objects of clang's before the engines: each verdict is the one that the object's loader would get, or `unsupported` with
//! what a program doesn't carry.

mod support;

use std::path::Path;
use std::process::Command;

use knockwright_asm::linux::AttachType;
use knockwright_asm::{Code, Endian, Helper, Insn, ProgType, Reg, Size, encode};
use knockwright_codegen::section_name::{self, Tells};
use knockwright_kernels::HostEngine;
use knockwright_loader::code::usual_attach_type;
use knockwright_verifier::{Attempt, Engine};
use support::cli::{Scratch, run, run_on};
use support::{has, may_load, skip};

/// Programs of which most come with all that a verdict depends on; `codegen/tests/dropped.rs` has them one by one.
const DROPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/codegen/tests/objects/dropped.o");

#[test]
fn what_is_not_carried_is_unsupported_on_every_engine() {
    for (program, verdict, part) in [
        ("freplace", "unsupported", "its target in the kernel's BTF isn't carried"),
        ("struct_ops", "error", "the program is in no struct of functions of the object"),
    ] {
        for engine in [&["--engine", "kernel"][..], &["--engine", "userspace"], &["--kernel", "host"]] {
            if engine[1] != "userspace" && !may_load("what_is_not_carried_is_unsupported_on_every_engine") {
                continue;
            }
            says(program, engine, verdict, part);
        }
    }
}

/// Asks for the verdict on a program of the object.
fn says(program: &str, engine: &[&str], verdict: &str, part: &str) {
    let ran = run(&[&["verify", "--format", "jsonl", "--program", program][..], engine, &[DROPPED]].concat());
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&said["program"], &said["verdict"]), (&program.into(), &verdict.into()), "{said}");
    assert!(said["message"].as_str().unwrap().contains(part), "{said} without `{part}`");
    let status = ["accept", "reject"].iter().position(|word| *word == verdict).unwrap_or(4);
    assert_eq!(ran.status, Some(status as i32), "{program}: {}{}", ran.stdout, ran.stderr);
}

/// What the object says beside the code decides: the kernel's own words, and the user-space verifier's where it models less.
#[test]
fn what_an_object_says_beside_its_code_is_judged() {
    let kernel = &["--engine", "kernel"][..];
    let own = &["--engine", "userspace"][..];
    for (program, verdict, part, unmodelled) in [
        ("recvmsg4", "reject", "should have been in [1, 1]", "program type"),
        ("connect4", "reject", "should have been in [0, 1]", "program type"),
        ("egress", "accept", "", "attach type cgroup_inet_egress"),
        ("devmap", "accept", "", "attach type xdp_devmap"),
        ("calls_pointer", "reject", "Caller passes invalid args into func#1 ('pointer')", "global function"),
        ("calls_context", "accept", "", "global function"),
        ("spin_lock", "accept", "", "map `locks`: a `struct bpf_spin_lock` in its values"),
        ("timer", "accept", "", "a `struct bpf_timer`"),
        ("kptr", "accept", "", "a pointer with the tag `kptr`"),
        ("sk_storage", "reject", "R2 type=ctx expected=sock_common", "maps of kind sk_storage"),
        ("variable_lock", "reject", "bpf_spin_lock cannot be accessed directly", "map `.bss`"),
        ("sleepable", "accept", "", "program type kprobe"),
        ("sleeps_always", "accept", "", "program type syscall"),
        ("tp_btf", "accept", "", "program type tracing"),
        ("iter", "accept", "", "program type tracing"),
    ] {
        says(program, own, "unsupported", unmodelled);
        if may_load("what_an_object_says_beside_its_code_is_judged") {
            says(program, kernel, verdict, part);
        }
    }
    says("frags", own, "accept", "");
}

/// One program that nothing is known of doesn't hide the others' verdicts.
#[test]
fn the_others_of_the_object_have_their_verdicts() {
    let said = run(&["verify", "--engine", "userspace", DROPPED]);
    // `tail_call_void` is rejected.
    assert_eq!(said.status, Some(1), "{}", said.stderr);
    for program in ["ingress", "cpumap", "calls_local", "plain", "variable"] {
        assert!(said.stdout.contains(&format!("\n{program}: accepted; ")), "{program}: {}", said.stdout);
    }
    if may_load("the_others_of_the_object_have_their_verdicts") {
        let said = run(&["verify", "--engine", "kernel", DROPPED]).stdout;
        for program in ["ingress", "cpumap", "tcx", "message", "calls_number", "calls_local", "plain"] {
            assert!(said.contains(&format!("\n{program}: accepted; ")), "{program}: {said}");
        }
    }
}

/// A batch has no place for a target either.
#[test]
fn a_batch_of_programs_that_need_a_target() {
    for prog_type in ["lsm", "ext", "tracing", "struct_ops"] {
        let line = format!(
            r#"{{"name": "n", "prog_type": "{prog_type}", "insns": "b7000000000000009500000000000000"}}"#
        );
        for engine in ["kernel", "userspace"] {
            let ran = run_on(&["verify", "--engine", engine, "--batch", "-"], line.as_bytes());
            assert!(ran.stdout.contains(r#""verdict":"unsupported""#), "{engine}: {}", ran.stdout);
            assert!(ran.stdout.contains(prog_type), "{engine}: {}", ran.stdout);
        }
    }
}

/// Programs that tell attach types apart: every helper, every access to the first bytes of the context, every result that
/// some hook allows.
fn probes() -> Vec<Vec<u8>> {
    let result = |value| [Insn::mov64_imm(Reg::R0, value), Insn::Exit];
    let helpers = Helper::ALL.iter().skip(1).map(|&helper| {
        let helper = helper.into();
        [&[Insn::CallHelper { helper }][..], &result(1)].concat()
    });
    let results = (0..=4).map(|value| result(value).to_vec());
    let accesses = (0..192).step_by(4).flat_map(|off| {
        let sizes = [Size::U8, Size::U16, Size::U32, Size::U64];
        let load = sizes.map(|size| Insn::Load { size, dst: Reg::R2, base: Reg::R1, off });
        let store = sizes.map(|size| Insn::StoreImm { size, base: Reg::R1, off, imm: 0 });
        load.into_iter().chain(store).map(|access| [&[access][..], &result(1)].concat()).collect::<Vec<_>>()
    });
    let all = helpers.chain(results).chain(accesses);
    all.map(|insns| encode(&insns.into_iter().map(Code::Insn).collect::<Vec<_>>(), Endian::NATIVE)).collect()
}

/// What the running kernel says of each probe.
fn verdicts(kernel: &mut HostEngine, prog_type: ProgType, attach_type: u32) -> Vec<String> {
    let verdict = |code: Vec<u8>| {
        let mut attempt = Attempt::of_code("probe", prog_type, &code, Endian::NATIVE, Vec::new()).at_level(0);
        attempt.attach_type = Some(attach_type);
        let verdict = kernel.verdict(&attempt);
        format!("{:?} {} {}", verdict.outcome, verdict.errno, verdict.message)
    };
    probes().into_iter().map(verdict).collect()
}

/// The rows of sections say which attach types make no difference: the running kernel is asked. Those that make one are
/// told apart by some probe.
#[test]
fn attach_types_that_make_no_difference() {
    if !may_load("attach_types_that_make_no_difference") {
        return;
    }
    let mut kernel = HostEngine::new();
    let mut asked: Vec<(ProgType, AttachType)> = Vec::new();
    for (prog_type, section) in section_name::all() {
        let Some(attach) = section.attach.filter(|_| !section.tells.contains(&Tells::Target)) else {
            continue;
        };
        if asked.contains(&(prog_type, attach)) {
            continue;
        }
        asked.push((prog_type, attach));
        let usual = verdicts(&mut kernel, prog_type, usual_attach_type(prog_type));
        let named = verdicts(&mut kernel, prog_type, attach.number());
        let differs = section.tells.contains(&Tells::AttachType);
        assert_eq!(usual != named, differs, "{} with attach type {attach}", section.name);
    }
    assert!(asked.len() > 40, "{asked:?}");
}

/// A program of `objects/sweep.c`, compiled.
struct Compiled {
    name: String,
    object: String,
}

/// Compiles each program of the sweep.
fn sweep(scratch: &Scratch, clang: &str, flag: &str) -> Vec<Compiled> {
    const SWEEP: &str = include_str!("objects/sweep.c");
    let (head, programs) = SWEEP.split_once("//// ").expect("a program");
    let headers = support::headers();
    let compiled = programs.split("\n//// ").map(|program| {
        let (name, body) = program.split_once('\n').expect("a name and a body");
        let source = scratch.file(&format!("{name}.c"), format!("{head}\n{body}\n"));
        let object = scratch.path(&format!("{name}{flag}.o"));
        let mut command = Command::new(clang);
        command
            .args(["-O2", "-target", "bpf", "-mcpu=v3", "-w", &headers, flag, "-c", &source, "-o", &object]);
        let ran = command.output().expect("clang starts");
        assert!(ran.status.success(), "{name}: {}", String::from_utf8_lossy(&ran.stderr));
        Compiled { name: name.to_owned(), object }
    });
    compiled.collect()
}

/// What libbpf and the running kernel say of an object's only program: accepted, rejected, or nothing, where libbpf doesn't
/// take the object to the kernel at all.
fn libbpf(compiled: &Compiled) -> Option<bool> {
    let pin = Path::new("/sys/fs/bpf").join(format!("knockwright-{}-{}", std::process::id(), compiled.name));
    let ran =
        Command::new("bpftool").args(["-d", "prog", "load", &compiled.object]).arg(&pin).output().unwrap();
    let _ = std::fs::remove_file(&pin); // it's there only if the load went well
    let said = String::from_utf8_lossy(&ran.stderr);
    match ran.status.success() {
        true => Some(true),
        false if said.contains("unrecognized ELF section name") => None,
        false => Some(false),
    }
}

#[test]
fn no_verdict_is_another_than_libbpfs() {
    const TEST: &str = "no_verdict_is_another_than_libbpfs";
    let clang =
        ["clang-19", "clang"].into_iter().find(|name| Command::new(name).arg("--version").output().is_ok());
    let Some(clang) = clang else {
        skip(TEST, "no clang is installed");
        return;
    };
    if !may_load(TEST) || !has(TEST, "bpftool", "bpftool") {
        return;
    }
    let scratch = Scratch::new();
    let (mut equal, mut unsupported) = (0, 0);
    for flag in ["-g", "-g0"] {
        for compiled in sweep(&scratch, clang, flag) {
            let expected = libbpf(&compiled);
            for engine in ["kernel", "userspace"] {
                let ran = run(&["verify", "--engine", engine, "--program", "f", &compiled.object]);
                let what = format!("{} {flag}, {engine}: {}{}", compiled.name, ran.stdout, ran.stderr);
                match (ran.status, expected) {
                    (Some(0), Some(true)) | (Some(1), Some(false)) => equal += 1,
                    (Some(0 | 1), None) => {}
                    (Some(4), _) => unsupported += 1,
                    // Without types there are no definitions of maps, and the object can't be read.
                    (Some(3), _) if flag == "-g0" && ran.stderr.contains("relocation") => {}
                    _ => panic!("libbpf says {expected:?} of {what}"),
                }
            }
        }
    }
    // So that the rule isn't kept by refusing everything.
    assert!(equal > 150, "{equal} equal, {unsupported} unsupported");
}
