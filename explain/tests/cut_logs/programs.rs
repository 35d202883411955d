//! Programs of faults that no recording has, with the logs that our verifier writes of them.

use knockwright_asm::text;
use knockwright_verifier::{Attempt, Privilege, Profile, Verifier};

/// Each with what it's for.
const PROGRAMS: &[(&str, Privilege, &str)] = &[
    (
        "a size that may be negative and must not be 0",
        Privilege::Full,
        "*(u64 *)(r10 -8) = 0\ncall bpf_get_prandom_u32#7\nr2 = r0\nr2 <<= 32\nr2 s>>= 32\nr1 = r10\nr1 += -8\n\
         call bpf_trace_printk#6\nr0 = 2\nexit",
    ),
    (
        "a size that may be 0 and too large",
        Privilege::Full,
        "*(u64 *)(r10 -8) = 0\ncall bpf_get_prandom_u32#7\nr2 = r0\nr2 &= 255\nr1 = r10\nr1 += -8\n\
         call bpf_trace_printk#6\nr0 = 2\nexit",
    ),
    (
        "an index that leads out of both ends",
        Privilege::Full,
        ".map m hash key 4 value 48 entries 4\n*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map[m]\n\
         call bpf_map_lookup_elem#1\nif r0 == 0x0 goto out\nr1 = *(u8 *)(r0 +0)\nr0 += -9\nr1 <<= 1\nr0 += r1\n\
         r0 = *(u16 *)(r0 +0)\nout:\nr0 = 2\nexit",
    ),
    (
        "a key of which a part is written by a function, and a part never",
        Privilege::WithoutPerfmon,
        ".map m hash key 16 value 8 entries 4\nr1 = r10\nr1 += -16\ncall fill\n*(u16 *)(r10 -2) = 0\nr2 = r10\nr2 += -16\n\
         r1 = map[m]\ncall bpf_map_lookup_elem#1\nr0 = 2\nexit\n.func fill\n*(u32 *)(r1 +0) = 1\n*(u8 *)(r1 +8) = 1\nr0 = 0\nexit",
    ),
    (
        "a helper that reads beyond the frame",
        Privilege::Full,
        "*(u64 *)(r10 -8) = 0\nr1 = 0\nr2 = 0\nr3 = r10\nr3 += -8\nr4 = 16\nr5 = 0\ncall bpf_csum_diff#28\nr0 = 2\nexit",
    ),
    (
        "a packet checked for less than its moved pointer needs",
        Privilege::Full,
        "r2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r2\nr4 += 34\nif r4 > r3 goto out\nr2 += 14\nr2 += 12\n\
         r0 = *(u64 *)(r2 +4)\nout:\nr0 = 2\nexit",
    ),
    (
        "a packet checked for less behind a header whose length varies",
        Privilege::Full,
        "r2 = *(u32 *)(r1 +0)\nr3 = *(u32 *)(r1 +4)\nr4 = r2\nr4 += 15\nif r4 > r3 goto out\nr5 = *(u8 *)(r2 +14)\nr5 &= 15\n\
         r5 <<= 2\nr2 += 14\nr2 += r5\nr4 = r2\nr4 += 8\nif r4 > r3 goto out\nr0 = *(u32 *)(r2 +6)\nout:\nr0 = 2\nexit",
    ),
];

/// The logs on each kernel that our verifier imitates, at both levels.
pub(crate) fn logs() -> Vec<(String, String)> {
    let mut logs = Vec::new();
    for (name, privilege, program) in PROGRAMS {
        let program = text::parse_program("test.bpf", &format!(".program p xdp\n{program}")).expect(name);
        for profile in Profile::ALL {
            for level in [1, 2] {
                let attempt = Attempt::new(program.clone()).by(*privilege).at_level(level);
                let verdict = Verifier::new(*profile).run(&attempt);
                assert!(verdict.is_rejected(), "{name} on {}: {verdict:?}", profile.name());
                logs.push((format!("{} {name} {level}", profile.name()), verdict.log));
            }
        }
    }
    logs
}
