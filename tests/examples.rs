//! The examples, beyond what each tests itself: libbpf-rs loads the same objects, a function of a guest's kernel is measured, and
//! clang's instructions for the same in C are counted beside ours.

use std::ffi::OsString;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use knockwright_asm::{KernelVersion, Program};
use knockwright_kernels::qemu::{GuestCommand, GuestStatus, Stream};
use knockwright_kernels::{self as kernels, qemu};
use knockwright_loader::netns::NetnsPair;
use support::cli::Scratch;
use support::{may_load, skip, static_build};

#[path = "../examples/dispatcher/src/program.rs"]
pub mod dispatcher;
#[path = "../examples/latency-histogram/src/program.rs"]
pub mod latency_histogram;
#[path = "../examples/live/mod.rs"]
mod live;
#[path = "../examples/port-marker/src/program.rs"]
pub mod port_marker;
#[path = "../examples/protocol-counter/src/program.rs"]
pub mod protocol_counter;
#[path = "../examples/rate-limiter/src/program.rs"]
pub mod rate_limiter;
mod support;

/// The loaders with libbpf-rs; else says why they aren't there.
fn loaders(test: &str) -> Option<PathBuf> {
    match static_build::build("examples/with-libbpf") {
        Ok(folder) => Some(folder),
        Err(why) => {
            skip(test, why);
            None
        }
    }
}

/// Takes at least four milliseconds.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn function_of_the_examples_test(round: u32) -> u32 {
    sleep(Duration::from_millis(4));
    black_box(round)
}

#[test]
fn libbpf_rs_loads_the_same_objects() {
    const TEST: &str = "libbpf_rs_loads_the_same_objects";
    if !may_load(TEST) {
        return;
    }
    let Some(folder) = loaders(TEST) else { return };
    let pair = NetnsPair::new().unwrap();
    let interface = NetnsPair::SERVER_INTERFACE;
    let start = |name: &str, arguments: &[&str]| {
        pair.server.run(|| live::Live::start(folder.join(name), arguments)).unwrap()
    };

    let loader = start("protocol-counter", &[interface, "2"]);
    let (server, client) = live::udp(&pair);
    (0..5).for_each(|_| assert_eq!(client.send(b"counted").unwrap(), 7));
    let said = loader.rest();
    assert!(said.lines().any(|line| line == "protocol 17: 5"), "{said}");
    assert_eq!(live::waiting(&server), 5);

    let loader = start("rate-limiter", &[interface, "2"]);
    (0..2000).for_each(|_| assert_eq!(client.send(b"limited").unwrap(), 7));
    assert_eq!(loader.rest().lines().last(), Some("1 addresses seen"));
    // How many beside the burst of 20, its own test says.
    assert!((20..1000).contains(&live::waiting(&server)));

    let loader = start("dispatcher", &[interface, "1"]);
    client.send(b"dropped").unwrap();
    assert_eq!(loader.rest(), "TCP: 0\n");
    assert_eq!(live::waiting(&server), 0);

    live::drop_marked(&pair, 7);
    let (marked, to_marked) = live::udp(&pair);
    let mark = format!("{}=7", marked.local_addr().unwrap().port());
    let loader = start("port-marker", &[interface, "1", &mark]);
    client.send(b"passes").unwrap();
    to_marked.send(b"dropped").unwrap();
    loader.rest();
    assert_eq!((live::waiting(&marked), live::waiting(&server)), (0, 1));

    let this = std::env::current_exe().unwrap();
    let arguments = [this.to_str().unwrap(), "function_of_the_examples_test", "2"];
    let loader = live::Live::start(folder.join("latency-histogram"), &arguments);
    (0..10).for_each(|round| assert_eq!(function_of_the_examples_test(round), round));
    assert_eq!(calls(&loader.rest(), 1 << 21), 10);
}

/// How many calls a histogram has, none of which took less than so many nanoseconds.
fn calls(said: &str, least: u64) -> u64 {
    let count = |line: &str| {
        let mut words = line.split_whitespace().filter_map(|word| word.parse::<u64>().ok());
        let (from, count) = (words.next().unwrap(), words.next().unwrap());
        assert!(from >= least || count == 0, "{said}");
        count
    };
    said.lines().filter(|line| line.contains(" ns ")).map(count).sum()
}

/// The running kernel may have no probes; a guest's has. The loader is all that runs there, and its own sleep is measured.
#[test]
fn a_function_of_a_guests_kernel_is_measured() {
    const TEST: &str = "a_function_of_a_guests_kernel_is_measured";
    if qemu::find_qemu().is_none() {
        skip(TEST, "there is no QEMU: install qemu-system-x86");
        return;
    }
    let image = match kernels::image(KernelVersion::new(6, 12)) {
        Ok(image) => image,
        Err(error) => {
            skip(TEST, error);
            return;
        }
    };
    let Some(folder) = loaders(TEST) else { return };
    let arguments = ["kernel", "hrtimer_nanosleep", "2"].map(OsString::from);
    let command =
        GuestCommand::new(&folder.join("latency-histogram"), &arguments, Duration::from_secs(180)).unwrap();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let ran = command.run(&image, |stream, bytes| match stream {
        Stream::Stdout => stdout.extend_from_slice(bytes),
        Stream::Stderr => stderr.extend_from_slice(bytes),
    });
    let said = String::from_utf8_lossy(&stdout);
    assert_eq!(ran.unwrap().status, GuestStatus::Exit(0), "{said}{}", String::from_utf8_lossy(&stderr));
    assert_eq!(calls(&said, 1 << 30), 1, "{said}");
}

/// Prints a table, and holds each program to at most one instruction more than clang needs.
#[test]
fn the_programs_are_as_short_as_those_of_clang() {
    const TEST: &str = "the_programs_are_as_short_as_those_of_clang";
    const CLANG: &str = "clang-19";
    if !support::has(TEST, CLANG, CLANG) {
        return;
    }
    let scratch = Scratch::new();
    let ours: [(&str, Vec<Program>); 5] = [
        ("protocol-counter", vec![protocol_counter::program().unwrap()]),
        ("rate-limiter", vec![rate_limiter::program().unwrap()]),
        ("port-marker", vec![port_marker::program().unwrap()]),
        (
            "dispatcher",
            [dispatcher::dispatch, dispatcher::count, dispatcher::drop_all].map(|p| p().unwrap()).into(),
        ),
        ("latency-histogram", latency_histogram::programs().unwrap().into()),
    ];
    for (name, programs) in ours {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("examples/{name}/src/program.bpf.c"));
        let object = scratch.path(name);
        let mut clang = Command::new(CLANG);
        clang.args(["-O2", "-g", "-target", "bpf", &support::headers(), "-c", "-o", &object]);
        let ran = clang.arg(&source).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let theirs = knockwright_codegen::read::programs(&std::fs::read(&object).unwrap()).unwrap();
        for program in programs {
            let twin = theirs.iter().find(|twin| twin.name == program.name).unwrap();
            let (ours, theirs) = (program.slot_count(), twin.slot_count());
            eprintln!("{name:<18} {:<16} {ours:>3} slots, {CLANG} {theirs:>3}", program.name);
            assert!(ours <= theirs + 1, "{name} {}: {ours}, {CLANG} needs {theirs}", program.name);
        }
    }
}
