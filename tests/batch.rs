//! Ten thousand small programs in one batch: each line's verdict, errno, instruction and message are the kernel's own.

mod support;

use std::fmt::Write as _;

use knockwright_asm::linux::errno;
use knockwright_asm::text::parse_program;
use knockwright_asm::{Endian, Program};
use support::cli::run_on;
use support::may_load;

/// A program and what the verifier says of it.
struct Kind {
    text: &'static str,
    verdict: &'static str,
    errno: i32,
    insn: Option<u64>,
    message: &'static str,
    processed: u64,
}

const ACCEPTED: Kind = Kind { text: "", verdict: "accept", errno: 0, insn: None, message: "", processed: 2 };

const KINDS: [Kind; 6] = [
    Kind { text: "r0 = 2\nexit\n", ..ACCEPTED },
    Kind {
        text: "exit\n",
        verdict: "reject",
        errno: errno::EACCES,
        insn: Some(0),
        message: "R0 !read_ok",
        processed: 1,
    },
    Kind {
        text: ".map m hash key 4 value 16 entries 8\nr2 = r10\nr2 += -4\n*(u32 *)(r2 +0) = 7\nr1 = map[m]\n\
               call bpf_map_lookup_elem\nr0 = *(u8 *)(r0 +0)\nexit\n",
        verdict: "reject",
        errno: errno::EACCES,
        insn: Some(6),
        message: "R0 invalid mem access 'map_value_or_null'",
        processed: 6,
    },
    Kind {
        text: ".map m hash key 4 value 16 entries 8\nr2 = r10\nr2 += -4\n*(u32 *)(r2 +0) = 7\nr1 = map[m]\n\
               call bpf_map_lookup_elem\nif r0 == 0x0 goto out\nr0 = *(u8 *)(r0 +15)\nout:\nexit\n",
        processed: 9,
        ..ACCEPTED
    },
    Kind {
        text: "r0 = *(u64 *)(r10 -520)\nexit\n",
        verdict: "reject",
        errno: errno::EACCES,
        insn: Some(0),
        message: "invalid read from stack R10 off=-520 size=8",
        processed: 1,
    },
    // Refused before the first instruction is walked.
    Kind {
        text: "goto pc+3\nexit\n",
        verdict: "reject",
        errno: errno::EINVAL,
        insn: None,
        message: "jump out of range from insn 0 to 4",
        processed: 0,
    },
];

fn line(name: &str, program: &Program) -> String {
    let maps: Vec<serde_json::Value> = program
        .maps
        .iter()
        .map(|map| {
            serde_json::json!({
                "name": map.name, "type": map.map_type.name(), "key_size": map.key.size(),
                "value_size": map.value.size(), "max_entries": map.max_entries,
            })
        })
        .collect();
    let insns = hex::encode(program.bytes(Endian::Little));
    serde_json::json!({ "name": name, "prog_type": "xdp", "insns": insns, "maps": maps }).to_string()
}

#[test]
fn ten_thousand_programs() {
    if !may_load("ten_thousand_programs") {
        return;
    }
    const COUNT: usize = 10_000;
    let programs =
        KINDS.map(|kind| parse_program("test", kind.text).unwrap_or_else(|errors| panic!("{errors}")));
    let mut input = String::new();
    for number in 0..COUNT {
        writeln!(input, "{}", line(&format!("p{number}"), &programs[number % KINDS.len()])).unwrap();
    }
    let ran = run_on(&["verify", "--batch", "-"], input.as_bytes());
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    assert_eq!(ran.stdout.lines().count(), COUNT);
    for (number, line) in ran.stdout.lines().enumerate() {
        let kind = &KINDS[number % KINDS.len()];
        let expected = serde_json::json!({
            "name": format!("p{number}"), "verdict": kind.verdict, "errno": kind.errno, "insn": kind.insn,
            "message": kind.message, "processed": kind.processed,
        });
        let found: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(found, expected);
    }
}
