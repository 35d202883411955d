//! Programs with what each profile says of them: those whose kernels are at hand must say it too.

mod support;

use knockwright_asm::linux::errno::{EACCES, EINVAL};
use knockwright_differential::compare::{Agreement, compare, own_answer};
use knockwright_verifier::{Attempt, Outcome, Profile, Verdict, Verifier};
use support::{imitated, program};

/// What a kernel says.
#[derive(Debug, Clone, Copy)]
enum Says {
    Accepted,
    Rejected(i32, &'static str),
}
use Says::{Accepted, Rejected};

/// A program and what 6.8, 6.12.117, 6.18.15 and 6.18.44 say of it. The first one's sources say it, since no
/// distribution has the kernel.
struct Row {
    what: &'static str,
    text: &'static str,
    says: [Says; Profile::ALL.len()],
}

const ROWS: &[Row] = &[
    Row {
        what: "the user's number in every program type since 6.16",
        text: ".program t xdp\ncall bpf_get_current_uid_gid#15\nr0 = 2\nexit\n",
        says: [
            Rejected(EINVAL, "program of this type cannot use helper bpf_get_current_uid_gid#15"),
            Rejected(EINVAL, "program of this type cannot use helper bpf_get_current_uid_gid#15"),
            Accepted,
            Accepted,
        ],
    },
    Row {
        what: "the process's number in every program type since 6.10",
        text: ".program t cgroup_skb\ncall bpf_get_current_pid_tgid#14\nr0 = 1\nexit\n",
        says: [
            Rejected(EINVAL, "program of this type cannot use helper bpf_get_current_pid_tgid#14"),
            Accepted,
            Accepted,
            Accepted,
        ],
    },
    Row {
        what: "the class of the task's cgroup",
        text: ".program t socket_filter\ncall bpf_get_cgroup_classid#17\nr0 = 0\nexit\n",
        says: [
            Rejected(EINVAL, "program of this type cannot use helper bpf_get_cgroup_classid#17"),
            Rejected(EINVAL, "program of this type cannot use helper bpf_get_cgroup_classid#17"),
            Accepted,
            Accepted,
        ],
    },
    Row {
        what: "a signal",
        text: ".program t sched_cls\nr1 = 9\ncall bpf_send_signal#109\nr0 = 0\nexit\n",
        says: [
            Rejected(EINVAL, "program of this type cannot use helper bpf_send_signal#109"),
            Rejected(EINVAL, "program of this type cannot use helper bpf_send_signal#109"),
            Accepted,
            Accepted,
        ],
    },
    Row {
        what: "a loop whose number of rounds is a pointer",
        text: ".program t socket_filter\ncall bpf_loop#181\nr0 = 0\nexit\n",
        says: [
            Rejected(EACCES, "R2 !read_ok"),
            Rejected(EACCES, "R1 type=ctx expected=scalar"),
            Rejected(EACCES, "R2 !read_ok"),
            Rejected(EACCES, "R2 !read_ok"),
        ],
    },
    Row {
        what: "an index around zero, sign-extended by shifts",
        text: ".program t socket_filter\n.map values array key 4 value 32 entries 1\n\
               *(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map[values]\ncall bpf_map_lookup_elem#1\n\
               if r0 == 0x0 goto out\nr7 = r0\ncall bpf_get_prandom_u32#7\nr6 = r0\nr6 &= 15\nr6 += -5\n\
               r6 <<= 32\nr6 s>>= 32\nr6 += 5\nr7 += r6\nr0 = *(u8 *)(r7 +0)\nout:\nr0 = 0\nexit\n",
        says: [
            Rejected(EINVAL, "value -2147483643 makes map_value pointer be out of bounds"),
            Accepted,
            Rejected(EINVAL, "value -2147483643 makes map_value pointer be out of bounds"),
            Accepted,
        ],
    },
    Row {
        what: "may_goto since 6.9",
        text: ".program t socket_filter\n.slot e500010000000000\nr0 = 0\nr0 = 0\nexit\n",
        says: [Rejected(EINVAL, "unknown opcode e5"), Accepted, Accepted, Accepted],
    },
    Row {
        what: "may_goto to the next instruction since 6.14",
        text: ".program t socket_filter\n.slot e500000000000000\nr0 = 0\nexit\n",
        says: [
            Rejected(EINVAL, "unknown opcode e5"),
            Rejected(EINVAL, "invalid may_goto off 0 imm 0"),
            Accepted,
            Accepted,
        ],
    },
    Row {
        what: "casts between address spaces since 6.9",
        text: ".program t socket_filter\nr2 = 0\n.slot bf22010001000000\nr0 = 0\nexit\n",
        says: [
            Rejected(EINVAL, "BPF_MOV uses reserved fields"),
            Rejected(
                EINVAL,
                "addr_space_cast insn can only be used in a program that has an associated arena",
            ),
            Rejected(
                EINVAL,
                "addr_space_cast insn can only be used in a program that has an associated arena",
            ),
            Rejected(
                EINVAL,
                "addr_space_cast insn can only be used in a program that has an associated arena",
            ),
        ],
    },
    Row {
        what: "loads that acquire since 6.15",
        text: ".program t socket_filter\n*(u64 *)(r10 -8) = 0\n.slot dba0f8ff00010000\nr0 = 0\nexit\n",
        says: [
            Rejected(EINVAL, "BPF_ATOMIC uses invalid atomic opcode 100"),
            Rejected(EINVAL, "BPF_ATOMIC uses invalid atomic opcode 100"),
            Accepted,
            Accepted,
        ],
    },
    Row {
        what: "narrow stores that release since 6.15",
        text: ".program t socket_filter\nr2 = 0\n*(u64 *)(r10 -8) = 0\n.slot d32af8ff10010000\nr0 = 0\nexit\n",
        says: [
            Rejected(EINVAL, "unknown opcode d3"),
            Rejected(EINVAL, "unknown opcode d3"),
            Accepted,
            Accepted,
        ],
    },
];

fn attempt(row: &Row) -> Attempt {
    program(row.text)
}

fn check(row: &Row, says: Says, seen: &Verdict, whose: &str) {
    let (verdict, errno, message) = match says {
        Accepted => (Outcome::Accept, 0, ""),
        Rejected(errno, message) => (Outcome::Reject, errno, message),
    };
    let what = row.what;
    assert_eq!(
        (seen.outcome, seen.errno, seen.message.as_str()),
        (verdict, errno, message),
        "{what} on {whose}"
    );
}

#[test]
fn profiles_say_it() {
    for row in ROWS {
        for (&profile, says) in Profile::ALL.iter().zip(row.says) {
            let seen = own_answer(&Verifier::new(profile), &attempt(row));
            check(row, says, &seen, profile.name());
        }
    }
}

#[test]
fn kernels_say_it() {
    let attempts: Vec<Attempt> = ROWS.iter().map(attempt).collect();
    for mut pair in imitated("kernels_say_it") {
        let profile = Profile::from_version(pair.release.split(['+', '-']).next().unwrap()).unwrap();
        let place = Profile::ALL.iter().position(|known| *known == profile).unwrap();
        let answers = compare(pair.kernel.as_mut(), &pair.own, &attempts, None)
            .unwrap_or_else(|error| panic!("{error}"));
        for (row, found) in ROWS.iter().zip(answers) {
            let what = row.what;
            assert_eq!(found.agreement, Agreement::Whole, "{what} on {}: {found:?}", pair.release);
            check(row, row.says[place], &found.theirs, &pair.release);
        }
    }
}
