//! Programs of faults that no recording has, with the logs that our verifier writes of them.

use knockwright_asm::text;
use knockwright_verifier::{Attempt, Profile, Verifier};

/// Each with what it's for.
const PROGRAMS: &[(&str, &str)] = &[
    (
        "a size that may be negative and must not be 0",
        "*(u64 *)(r10 -8) = 0\ncall bpf_get_prandom_u32#7\nr2 = r0\nr2 <<= 32\nr2 s>>= 32\nr1 = r10\nr1 += -8\n\
         call bpf_trace_printk#6\nr0 = 2\nexit",
    ),
    (
        "a size that may be 0 and too large",
        "*(u64 *)(r10 -8) = 0\ncall bpf_get_prandom_u32#7\nr2 = r0\nr2 &= 255\nr1 = r10\nr1 += -8\n\
         call bpf_trace_printk#6\nr0 = 2\nexit",
    ),
    (
        "an index that leads out of both ends",
        ".map m hash key 4 value 48 entries 4\n*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map[m]\n\
         call bpf_map_lookup_elem#1\nif r0 == 0x0 goto out\nr1 = *(u8 *)(r0 +0)\nr0 += -9\nr1 <<= 1\nr0 += r1\n\
         r0 = *(u16 *)(r0 +0)\nout:\nr0 = 2\nexit",
    ),
];

/// The logs on each kernel that our verifier imitates, at both levels.
pub(crate) fn logs() -> Vec<(String, String)> {
    let mut logs = Vec::new();
    for (name, program) in PROGRAMS {
        let program = text::parse_program("test.bpf", &format!(".program p xdp\n{program}")).expect(name);
        for profile in Profile::ALL {
            for level in [1, 2] {
                let attempt = Attempt::new(program.clone()).at_level(level);
                let verdict = Verifier::new(*profile).run(&attempt);
                assert!(verdict.is_rejected(), "{name} on {}: {verdict:?}", profile.name());
                logs.push((format!("{} {name} {level}", profile.name()), verdict.log));
            }
        }
    }
    logs
}
