//! Filters of classic BPF as eBPF programs, judged by libpcap: the same answer for the same packet, as XDP, `tc` and socket
//! filter, on the running kernel and on those in QEMU. `KNOCKWRIGHT_COUNT` and `KNOCKWRIGHT_GUEST_COUNT` are how many packets in
//! all, `KNOCKWRIGHT_SEED` starts elsewhere.

#[path = "classic/attach.rs"]
mod attach;
#[path = "classic/filters.rs"]
mod filters;
#[path = "classic/packets.rs"]
mod packets;
mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use knockwright_asm::linux::uapi::TcAction;
use knockwright_asm::{Endian, Program};
use knockwright_differential::random::Random;
use knockwright_kernels::{self as kernels, qemu};
use knockwright_loader::load::{Load, Loaded, Loader, LogLevel};
use knockwright_loader::sys::TestRun;
use knockwright_programs::classic::{Answer, ClassicError, Filter, Hook, Raw};
use knockwright_programs::net::XdpAction;
use support::cli::{Scratch, run};
use support::{may_load, skip};

/// How many packets each filter gets.
const PACKETS: usize = 50;

/// A socket filter of a test run sees the packet without its Ethernet header: so many bytes stand before the packet.
const BEFORE: usize = 14;

const HOOKS: [Hook; 3] = [
    Hook::Xdp(Answer { hit: XdpAction::Drop, miss: XdpAction::Pass }),
    Hook::Tc(Answer { hit: TcAction::Shot, miss: TcAction::Ok }),
    Hook::SocketFilter,
];

fn environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// A filter with the packets and libpcap's answers.
struct Judged {
    /// The expression, or the instructions.
    text: String,
    filter: Filter,
    packets: Vec<(Vec<u8>, u32)>,
}

/// What a hook answers where the filter answers a number.
fn answer(hook: Hook, number: u32) -> u32 {
    match (hook, number) {
        (Hook::Xdp(answer), 0) => answer.miss.number().cast_unsigned(),
        (Hook::Xdp(answer), _) => answer.hit.number().cast_unsigned(),
        (Hook::Tc(answer), 0) => answer.miss.number().cast_unsigned(),
        (Hook::Tc(answer), _) => answer.hit.number().cast_unsigned(),
        (_, number) => number,
    }
}

fn compile(scratch: &Scratch, source: &str, name: &str, flags: &[&str]) -> Option<String> {
    let (source, program) = (scratch.file(&format!("{name}.c"), source), scratch.path(name));
    let ran = Command::new("cc").args(["-O1", &source, "-o", &program]).args(flags).output().ok()?;
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(program)
}

/// libpcap's judge, if its headers are installed.
fn judge(test: &str, scratch: &Scratch) -> Option<String> {
    if !std::path::Path::new("/usr/include/pcap/pcap.h").is_file() {
        skip(test, "libpcap's headers are missing: install libpcap-dev");
        return None;
    }
    compile(scratch, include_str!("classic/judge.c"), "judge", &["-lpcap"])
}

fn record(into: &mut Vec<u8>, kind: u32, bytes: &[u8]) {
    into.extend(kind.to_ne_bytes());
    into.extend((bytes.len() as u32).to_ne_bytes());
    into.extend(bytes);
}

/// Filters and their packets, with the answers. What libpcap doesn't compile is left out.
fn judged(judge: &str, random: &mut Random, count: usize) -> Vec<Judged> {
    let (mut input, mut asked) = (Vec::new(), Vec::new());
    for index in 0..count {
        let text = if index.is_multiple_of(2) {
            let text = filters::expression(random);
            record(&mut input, 0, text.as_bytes());
            text
        } else {
            let raw = filters::raw(random);
            let bytes = |one: &Raw| {
                let head = [one.code.to_ne_bytes(), [one.jt, one.jf]].concat();
                [head, one.k.to_ne_bytes().to_vec()].concat()
            };
            record(&mut input, 1, &raw.iter().flat_map(bytes).collect::<Vec<u8>>());
            raw.iter().map(|raw| format!("{raw}\n")).collect()
        };
        let packets: Vec<Vec<u8>> = (0..PACKETS).map(|_| packets::packet(random)).collect();
        packets.iter().for_each(|packet| record(&mut input, 2, packet));
        asked.push((text, packets));
    }
    let mut child = Command::new(judge).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writing = thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success());
    let mut words = output.stdout.as_chunks::<4>().0.iter();
    let mut next = || *words.next().expect("an answer");
    let mut all = Vec::new();
    for (text, packets) in asked {
        let insn = |next: &mut dyn FnMut() -> [u8; 4]| {
            let [low, high, jt, jf] = next();
            Raw { code: u16::from_ne_bytes([low, high]), jt, jf, k: u32::from_ne_bytes(next()) }
        };
        let insns: Vec<Raw> = (0..u32::from_ne_bytes(next())).map(|_| insn(&mut next)).collect();
        let packets = packets.into_iter().map(|packet| (packet, u32::from_ne_bytes(next()))).collect();
        if !insns.is_empty() {
            let filter = Filter::new(&insns).unwrap_or_else(|error| panic!("{text}: {error}"));
            all.push(Judged { text, filter, packets });
        }
    }
    all
}

fn load(loader: &mut Loader, judged: &Judged, hook: Hook) -> Loaded {
    let program =
        judged.filter.program("filter", hook).unwrap_or_else(|error| panic!("{error}: {}", judged.text));
    let (answer, loaded) = loader.load(&Load::new(&program).at_level(LogLevel::None)).unwrap();
    loaded.unwrap_or_else(|| {
        let again = loader.try_load(&Load::new(&program).at_level(LogLevel::FailingPath)).unwrap();
        panic!("{answer:?} {}\n{}\n{}", judged.text, judged.filter, again.log)
    })
}

/// The packet as a hook's test run wants it.
fn given(hook: Hook, packet: &[u8]) -> Vec<u8> {
    let before = if hook == Hook::SocketFilter { BEFORE } else { 0 };
    [&vec![0; before], packet].concat()
}

#[test]
fn answers_are_those_of_libpcap() {
    const TEST: &str = "answers_are_those_of_libpcap";
    let scratch = Scratch::new();
    let Some(judge) = judge(TEST, &scratch) else { return };
    if !may_load(TEST) {
        return;
    }
    let count = environment("KNOCKWRIGHT_COUNT", 20_000) as usize;
    let mut random = Random::new(environment("KNOCKWRIGHT_SEED", 1));
    let mut loader = Loader::new();
    let (mut filters, mut packets, mut hits) = (0_usize, 0_usize, 0_usize);
    while packets < count {
        for judged in judged(&judge, &mut random, 100) {
            for hook in HOOKS {
                let loaded = load(&mut loader, &judged, hook);
                for (packet, number) in &judged.packets {
                    let run = loaded.test_run(&TestRun::packet(given(hook, packet)));
                    let got =
                        run.unwrap_or_else(|error| panic!("{error}: {hook:?} {packet:02x?}")).return_value;
                    let (text, filter) = (&judged.text, &judged.filter);
                    assert_eq!(got, answer(hook, *number), "{hook:?}: {text}\n{filter}{packet:02x?}");
                }
            }
            hits += judged.packets.iter().filter(|(_, number)| *number != 0).count();
            (filters, packets) = (filters + 1, packets + judged.packets.len());
        }
    }
    eprintln!("{filters} filters, {packets} packets as libpcap has them, {hits} hits, three hooks each");
    assert!(hits * 10 > packets, "{hits} of {packets}");
}

#[test]
fn answers_are_the_same_on_kernels_in_qemu() {
    const TEST: &str = "answers_are_the_same_on_kernels_in_qemu";
    let scratch = Scratch::new();
    let Some(judge) = judge(TEST, &scratch) else { return };
    if qemu::find_qemu().is_none() {
        skip(TEST, "there is no QEMU: install qemu-system-x86");
        return;
    }
    let Some(guest) = compile(&scratch, include_str!("classic/guest.c"), "guest", &["-static"]) else {
        skip(TEST, "there is no C compiler: install build-essential");
        return;
    };
    let count = environment("KNOCKWRIGHT_GUEST_COUNT", 1_000) as usize;
    let (mut random, mut file, mut packets) = (Random::new(7), Vec::new(), 0);
    while packets < count {
        for judged in judged(&judge, &mut random, 20) {
            for (kind, hook) in (1..).zip(HOOKS) {
                let program: Program = judged.filter.program("filter", hook).unwrap();
                record(&mut file, kind, &program.bytes(Endian::NATIVE));
            }
            for (packet, number) in &judged.packets {
                let answers: Vec<u8> =
                    HOOKS.iter().flat_map(|hook| answer(*hook, *number).to_ne_bytes()).collect();
                record(&mut file, 4, &[answers, vec![0; BEFORE], packet.clone()].concat());
            }
            packets += judged.packets.len();
        }
    }
    let file = scratch.file("runs", file);
    for series in support::guests::series() {
        if let Err(error) = kernels::image(series) {
            skip(TEST, error);
            continue;
        }
        let kernel = series.to_string();
        let ran = run(&["run-in-guest", "--kernel", &kernel, "--timeout", "300", &guest, &file]).done();
        eprintln!("{kernel}: {}", ran.trim());
        assert!(ran.contains("runs agree"), "{kernel}: {ran}");
    }
}

/// `tcpdump -ddd tcp port 80`, shortened.
const PORT_80: &str = "\
(000) ldh      [12]
(001) jeq      #0x800           jt 2	jf 8
(002) ldb      [23]
(003) jeq      #0x6             jt 4	jf 8
(004) ldxb     4*([14]&0xf)
(005) ldh      [x + 16]
(006) jeq      #0x50            jt 7	jf 8
(007) ret      #262144
(008) ret      #0
";

#[test]
fn all_that_tcpdump_prints_is_read() {
    let filter: Filter = PORT_80.parse().unwrap();
    assert_eq!(filter.to_string(), PORT_80);
    let raw: Vec<Raw> = filter.insns().iter().map(|insn| insn.encode()).collect();
    let decimal: String = raw.iter().map(|raw| format!("{raw}\n")).collect();
    let c: String = raw
        .iter()
        .map(|Raw { code, jt, jf, k }| format!("{{ 0x{code:x}, {jt}, {jf}, 0x{k:08x} }},\n"))
        .collect();
    for text in [decimal.clone(), format!("{}\n{decimal}", raw.len()), c] {
        assert_eq!(text.parse(), Ok(filter.clone()), "{text}");
    }
    let mut random = Random::new(5);
    for _ in 0..2000 {
        let filter = Filter::new(&filters::raw(&mut random)).unwrap();
        assert_eq!(filter.to_string().parse(), Ok(filter));
    }
}

#[test]
fn what_linux_refuses_is_refused_by_name() {
    let error = |text: &str| text.parse::<Filter>().unwrap_err();
    assert!(matches!(error("ret #1\nfrob"), ClassicError::Line { line: 2, .. }));
    assert!(matches!(error("3\n6 0 0 1\n"), ClassicError::Count { announced: 3, found: 1 }));
    assert!(matches!(error(""), ClassicError::Length(0)));
    assert!(matches!(error("65535 0 0 0"), ClassicError::Unknown { at: 0, .. }));
    assert!(matches!(error("ja 7\nret #0"), ClassicError::JumpBeyond { at: 0 }));
    assert!(matches!(error("ld #0x1"), ClassicError::NoReturn));
    assert!(matches!(error("div #0\nret #0"), ClassicError::Number { at: 0 }));
    assert!(matches!(error("lsh #32\nret #0"), ClassicError::Number { at: 0 }));
    assert!(matches!(error("ld M[3]\nret #0"), ClassicError::Memory { at: 0, word: 3 }));
    assert!(matches!(error("st M[16]\nret #0"), ClassicError::Memory { at: 0, word: 16 }));
    let jumped = "(000) jeq #0x0 jt 1 jf 2\n(001) st M[0]\n(002) ld M[0]\n(003) ret\n";
    assert!(matches!(error(jumped), ClassicError::Memory { at: 2, word: 0 }));
    // Linux goes on past an answer.
    let answered = "jeq #1 jt 3 jf 1\nst M[0]\nja 4\nret #0\nld M[0]\nret";
    assert!(matches!(error(answered), ClassicError::Memory { at: 4, word: 0 }));
    assert!(matches!(error("ld [-4032]\nret"), ClassicError::Fact { at: 0, number: 64 }));
    assert!(matches!(error("ldb [-1]\nret"), ClassicError::Fact { at: 0, number: 4095 }));
    let netlink: Filter = "ld [-4084]\nret".parse().unwrap();
    for hook in HOOKS {
        let error = netlink.program("f", hook).unwrap_err().to_string();
        assert!(error.starts_with("instruction 0: a netlink attribute can't be had in "), "{error}");
    }
    let mark: Filter = "ld [-4076]\nret".parse().unwrap();
    assert!(matches!(mark.program("f", HOOKS[0]), Err(ClassicError::NotHere { what: "the mark", .. })));
    mark.program("f", HOOKS[1]).unwrap();
}

/// Needs no rights: each of the filters is attached to a socket.
#[test]
fn what_linux_takes_is_taken_and_nothing_else() {
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut random = Random::new(environment("KNOCKWRIGHT_SEED", 1));
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..environment("KNOCKWRIGHT_COUNT", 20_000) {
        let raw = attach::maybe_broken(&mut random);
        let (linux, ours) = (attach::is_taken(&socket, &raw), Filter::new(&raw));
        let text: String = raw.iter().map(|raw| format!("{raw}\n")).collect();
        assert_eq!(ours.is_ok(), linux, "Linux takes it: {linux}; {ours:?}\n{text}");
        *if linux { &mut taken } else { &mut refused } += 1;
    }
    eprintln!("{taken} filters that Linux takes, {refused} that it refuses");
    assert!(taken > refused / 10 && refused > taken / 10, "{taken} taken, {refused} refused");
}

/// Facts beside the packet, and offsets from headers, where a test run knows what they are.
#[test]
fn facts_beside_the_packet() {
    if !may_load("facts_beside_the_packet") {
        return;
    }
    let mut loader = Loader::new();
    let mut ask = |text: &str, hook: Hook| {
        let judged = Judged { text: text.to_owned(), filter: text.parse().unwrap(), packets: Vec::new() };
        let mut packet = vec![0_u8; 14];
        packet[12..14].copy_from_slice(&[0x08, 0x00]);
        packet.extend([0x45; 40]);
        let loaded = load(&mut loader, &judged, hook);
        loaded.test_run(&TestRun::packet(packet)).unwrap().return_value
    };
    let socket = Hook::SocketFilter;
    assert_eq!(ask("ldh [-4096]\nret", socket), 0x800, "the protocol");
    assert_eq!(ask("ld [-4048]\nret", socket), 0, "no VLAN tag");
    assert_eq!(ask("ldb [-1048576]\nret", socket), 0x45, "the network header");
    assert_eq!(ask("ldb [-1048575]\nadd #1\nret", socket), 0x46);
    assert_eq!(ask("ldh [-2097140]\nret", socket), 0x800, "the link layer's header");
    assert_eq!(ask("ldx #0x3\nld #0x5\nld [-4056]\nret", socket), 5 ^ 3, "A xor X");
    for (text, hit) in [
        ("ldh [-2097140]\njeq #0x800 jt 2 jf 3\nret #1\nret #0", true),
        ("ldb [-1048576]\njeq #0x45 jt 2 jf 3\nret #1\nret #0", true),
        ("ldb [-1048576]\njeq #0x46 jt 2 jf 3\nret #1\nret #0", false),
        ("ldh [-4096]\njeq #0x800 jt 2 jf 3\nret #1\nret #0", true),
        ("ldx #0xffffffff\nldb [x + 15]\njeq #0x45 jt 3 jf 4\nret #1\nret #0", true),
        ("ldx #0x0\nldb [x + -1]\nret #1", false),
        ("ldb [65536]\nret #1", false),
    ] {
        assert_eq!(ask(text, HOOKS[1]), answer(HOOKS[1], u32::from(hit)), "{text}");
        if !text.contains("[-10") && !text.contains("[-40") {
            assert_eq!(ask(text, HOOKS[0]), answer(HOOKS[0], u32::from(hit)), "{text}");
        }
    }
}
