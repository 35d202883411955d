//! The verifier without a kernel and without a privilege, and beside the kernel.

mod support;

use knockwright_verifier_cases::catalogue;
use support::cli::{Scratch, command, run, run_on, run_unprivileged, run_with};
use support::{may_load, skip};

#[test]
fn objects_batches_and_cases_need_no_privilege() {
    let scratch = Scratch::new();
    let object = scratch.build("knock");
    let ran = run_unprivileged(&["verify", &object], b"");
    assert!(ran.stderr.contains("note: verified in user space, as Linux "), "{}", ran.stderr);
    let said = ran.done();
    assert!(said.contains("knock: accepted; 3186 instructions processed"), "{said}");

    let line = r#"{"name": "n1", "prog_type": "xdp", "insns": "9500000000000000"}"#;
    let said = run_unprivileged(&["verify", "--batch", "-"], line.as_bytes());
    assert_eq!(said.status, Some(1), "{}", said.stderr);
    assert!(said.stdout.contains(r#""message":"R0 !read_ok""#), "{}", said.stdout);

    let said = run_unprivileged(&["cases", "run"], b"").done();
    assert!(said.contains("all as expected"), "{said}");
    let said = run_unprivileged(&["cases", "show", "article-null", "article-bounds"], b"").done();
    assert!(said.contains("11 of 11 lines") && said.contains("20 of 20 lines"), "{said}");
}

#[test]
fn the_catalogue_is_as_expected_on_every_kernel_that_is_imitated() {
    let kernels = "6.12,6.18.15,6.18";
    let said = run(&["cases", "run", "--engine", "userspace", "--kernel", kernels]).done();
    let programs: usize = catalogue::cases().map(|(_, case)| 1 + usize::from(case.twin.is_some())).sum();
    let summary = format!(" on 3 kernels, {} programs verified in ", 3 * programs);
    assert!(said.contains(&summary), "{said}");
    assert!(said.contains("all as expected"), "{said}");
}

/// The article was written on Linux 6.8. Its text stands in the tests of the cases; these are the lines that no later kernel
/// writes.
#[test]
fn the_articles_logs_as_linux_6_8_wrote_them() {
    let scratch = Scratch::new();
    let by_6_8 = ["verify", "--engine", "userspace", "--kernel", "6.8", "--log"];
    let log = |program: &str| {
        let object = scratch.build(program);
        let ran = run(&[&by_6_8[..], &[&object]].concat());
        assert_eq!(ran.status, Some(1), "{}", ran.stderr);
        ran.stdout
    };
    let null = log("article-null");
    for line in [
        "\n0: (bf) r8 = r1                       ; R1=ctx() R8_w=ctx()\n1: (b7) r1 = 0                        ; R1_w=0\n",
        "\n71: (85) call bpf_map_lookup_elem#1   ; R0=map_value_or_null(id=2,map=ip_tracking_map,ks=4,vs=24)\n",
        "\n72: (71) r1 = *(u8 *)(r0 +0)\nR0 invalid mem access 'map_value_or_null'\nprocessed 70 insns (limit 1000000) \
         max_states_per_insn 1 total_states 7 peak_states 7 mark_read 4\n",
    ] {
        assert!(null.contains(line), "{line}: {null}");
    }
    let bounds = log("article-bounds");
    for line in [
        "\n72: (55) if r0 != 0x0 goto pc+37 110: R0=map_value(map=ip_tracking_map,ks=4,vs=24) R6=2 ",
        "\n118: (07) r7 += 8                     ; R7_w=map_value(map=config_map,ks=4,vs=48,off=8)\n",
        "\nprocessed 89 insns (limit 1000000) max_states_per_insn 1 total_states 8 peak_states 8 mark_read 5\n",
    ] {
        assert!(bounds.contains(line), "{line}: {bounds}");
    }
}

#[test]
fn versions_and_what_is_not_modelled() {
    let scratch = Scratch::new();
    let object = scratch.build("pass");
    let userspace = ["verify", "--engine", "userspace", &object, "--kernel"];
    let said = run(&[&userspace[..], &["5.10"]].concat()).failed(4);
    assert!(said.contains("doesn't imitate Linux 5.10; it does 6.8, 6.12.117, 6.18.15, 6.18.44"), "{said}");
    for kernels in ["6.18,6.12", "all"] {
        let said = run(&[&userspace[..], &[kernels]].concat()).done();
        assert!(said.contains("\n  6.12     accept           2"), "{said}");
    }
    // call bpf_perf_event_read
    let line = r#"{"name": "n", "prog_type": "xdp", "insns": "85000000160000009500000000000000"}"#;
    let ran = run_on(&["verify", "--engine", "userspace", "--batch", "-"], line.as_bytes());
    assert_eq!(ran.status, Some(4), "{}", ran.stderr);
    assert!(ran.stdout.contains(r#""verdict":"unsupported""#), "{}", ran.stdout);
    assert!(ran.stdout.contains(r#""message":"bpf_perf_event_read""#), "{}", ran.stdout);
}

#[test]
fn random_programs_beside_the_running_kernel() {
    const TEST: &str = "random_programs_beside_the_running_kernel";
    if !may_load(TEST) {
        return;
    }
    let scratch = Scratch::new();
    let output = scratch.path("differ.jsonl");
    let fuzz = ["fuzz", "verifier", "--seed", "20", "--count", "3000", "--output", &output];
    let ran = run(&fuzz);
    if ran.status == Some(4) && ran.stderr.contains("doesn't imitate") {
        skip(TEST, ran.stderr.trim());
        return;
    }
    let said = ran.done();
    assert!(said.contains("3000 programs on Linux "), "{said}");
    assert!(!std::path::Path::new(&output).exists(), "{said}");
    let said = run(&[&fuzz[..], &["--without-perfmon", "--count", "1000"]].concat());
    // The last of two counts would be a usage error.
    assert_eq!(said.status, Some(2));
    let fuzz =
        ["fuzz", "verifier", "--seed", "21", "--count", "1000", "--without-perfmon", "--output", &output];
    run(&fuzz).done();
}

#[test]
fn fuzzing_without_privileges_says_so() {
    let said = run_unprivileged(&["fuzz", "verifier", "--count", "10"], b"").failed(4);
    assert!(said.contains("run as root"), "{said}");
}

/// A usage error wherever the kernels are: on a machine without any, too.
#[test]
fn fuzzing_takes_one_kernel_at_a_time() {
    for cache in [std::env::var_os("XDG_CACHE_HOME"), Some("/nonexistent".into())] {
        let mut fuzz = command(&["fuzz", "verifier", "--kernel", "all"]);
        if let Some(cache) = cache {
            fuzz.env("XDG_CACHE_HOME", cache);
        }
        let said = run_with(fuzz, b"").failed(2);
        assert!(said.contains("one kernel at a time"), "{said}");
    }
}
