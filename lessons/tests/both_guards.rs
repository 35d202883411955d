//! Numbers with a bound missing at both ends: two guards, with which together a program passes, and with no weaker of either.

mod support;

use knockwright_asm::{Insn, Item, Program, Reg, Source, text};
use knockwright_explain::{Checker, Class, Diagnosis, Explainer};
use knockwright_kernels::HostEngine;
use knockwright_verifier::{Attempt, Engine, Profile, Verifier};

/// A program, and the two conditions on one register before one of its instructions.
struct Case {
    class: Class,
    attach_type: u32,
    text: &'static str,
    insn: usize,
    both: [&'static str; 2],
}

/// `BPF_CGROUP_UDP4_RECVMSG`, linux/bpf.h: its only result is 1.
const UDP4_RECVMSG: u32 = 19;

const CASES: &[Case] = &[
    // May be negative, and may not be 0.
    Case {
        class: Class::NegativeSize,
        attach_type: 0,
        text: ".program p xdp\n*(u64 *)(r10 -8) = 0\ncall bpf_get_prandom_u32#7\nr2 = r0\nr2 <<= 32\nr2 s>>= 32\nr1 = r10\nr1 += -8\ncall bpf_trace_printk#6\n\
               r0 = 2\nexit",
        insn: 7,
        both: ["r2 >= 1", "r2 <= 8"],
    },
    // May be 0, and too large.
    Case {
        class: Class::ZeroSize,
        attach_type: 0,
        text: ".program p xdp\n*(u64 *)(r10 -8) = 0\ncall bpf_get_prandom_u32#7\nr2 = r0\nr2 &= 255\nr1 = r10\nr1 += -8\ncall bpf_trace_printk#6\nr0 = 2\nexit",
        insn: 6,
        both: ["r2 >= 1", "r2 <= 8"],
    },
    // The pointer stands 9 bytes before the value: small indices lead out in front, large ones behind.
    Case {
        class: Class::MapValueNegativeIndex,
        attach_type: 0,
        text: ".program p xdp\n.map m hash key 4 value 48 entries 4\n*(u32 *)(r10 -4) = 0\nr2 = r10\nr2 += -4\nr1 = map[m]\ncall bpf_map_lookup_elem#1\n\
               if r0 == 0x0 goto out\nr1 = *(u8 *)(r0 +0)\nr0 += -9\nr1 <<= 1\nr0 += r1\nr0 = *(u16 *)(r0 +0)\nout:\nr0 = 2\nexit",
        insn: 9,
        both: ["r1 >= 5", "r1 <= 27"],
    },
    // A result that may only be 1.
    Case {
        class: Class::ResultRange,
        attach_type: UDP4_RECVMSG,
        text: ".program p cgroup_sock_addr\ncall bpf_get_prandom_u32#7\nr0 &= 3\nexit",
        insn: 2,
        both: ["r0 >= 1", "r0 <= 1"],
    },
];

fn attempt(case: &Case, program: &Program) -> Attempt {
    Attempt::new(program.clone()).attached_as(case.attach_type).at_level(Attempt::EVERY_PATH)
}

fn explain(engine: &mut dyn Engine, case: &Case, program: &Program, with_program: bool) -> Diagnosis {
    let verdict = engine.verdict(&attempt(case, program));
    assert!(verdict.is_rejected(), "{}\n{verdict:?}", case.text);
    let checker = Checker::new(engine, "the verifier", |program: &Program| attempt(case, program));
    let programs = if with_program { vec![program.clone()] } else { Vec::new() };
    let explained = Explainer::new().programs(programs).checker(checker).explain(verdict.log.as_bytes());
    explained.unwrap().logs.remove(0).diagnosis
}

/// The program with conditions before an instruction, each by a comparison that sets the register to the limit.
fn guarded(program: &Program, insn: usize, conditions: &[(Reg, &str, i32)]) -> Program {
    let mut changed = program.clone();
    let added = conditions.iter().flat_map(|(reg, sign, limit)| {
        let cond = match *sign {
            ">=" => knockwright_asm::Cond::Ge,
            _ => knockwright_asm::Cond::Le,
        };
        let width = knockwright_asm::Width::W64;
        [
            Insn::JumpIf { width, cond, dst: *reg, src: Source::Imm(*limit), off: 1 },
            Insn::mov64_imm(*reg, *limit),
        ]
    });
    let index = program.slots().position(|(slot, _)| slot == insn).unwrap();
    // No jump of these programs leads over what is put in but those to their ends, which lie as far from there.
    for (at, (slot, _)) in program.slots().enumerate() {
        if let knockwright_asm::Code::Insn(Insn::JumpIf { off, .. }) = &mut changed.items[at].code
            && slot < insn
            && slot + 1 + *off as usize > insn
        {
            *off += i16::try_from(conditions.len() * 2).unwrap();
        }
    }
    changed.items.splice(index..index, added.map(Item::from));
    changed
}

fn holds(engine: &mut dyn Engine, is_asked: fn(&Case) -> bool) {
    for case in CASES.iter().filter(|case| is_asked(case)) {
        let program = text::parse_program("t.bpf", case.text).unwrap();
        for with_program in [true, false] {
            // What a log can't tell, the result's own rules, takes the program.
            if !with_program && case.attach_type != 0 {
                continue;
            }
            let found = explain(engine, case, &program, with_program);
            assert_eq!(found.class, case.class, "{}", case.text);
            assert_eq!(found.guard, None, "{}", case.text);
            let conditions: Vec<&str> = found.guards.iter().map(|guard| guard.condition.as_str()).collect();
            assert_eq!(conditions, case.both, "{}: {:?}", case.text, found.derivation);
            for guard in &found.guards {
                assert!(guard.checked && guard.insn == case.insn, "{}: {guard:?}", case.text);
            }
            let named = format!("`{}` and `{}` before instruction {}", case.both[0], case.both[1], case.insn);
            assert!(found.fix.contains(&named), "{}", found.fix);
        }
        // The same by hand: both pass, and neither of them alone, nor one a step further.
        let parsed = case.both.map(|condition| {
            let mut words = condition.split(' ');
            let mut next = || words.next().unwrap();
            let reg = Reg::from_number(next()[1..].parse().unwrap()).unwrap();
            (reg, next(), next().parse::<i32>().unwrap())
        });
        let [least, most] = parsed;
        let mut passes = |conditions: &[(Reg, &str, i32)]| {
            engine.verdict(&attempt(case, &guarded(&program, case.insn, conditions))).is_accepted()
        };
        assert!(passes(&[least, most]), "{}", case.text);
        for weaker in [
            vec![least],
            vec![most],
            vec![(least.0, least.1, least.2 - 1), most],
            vec![least, (most.0, most.1, most.2 + 1)],
        ] {
            assert!(!passes(&weaker), "{} with {weaker:?}", case.text);
        }
    }
}

#[test]
fn our_verifier_takes_both_and_neither_alone() {
    // It doesn't model programs at a socket's calls.
    holds(&mut Verifier::new(Profile::NEWEST), |case| case.attach_type == 0);
}

#[test]
fn the_kernel_takes_both_and_neither_alone() {
    if support::can_load("the_kernel_takes_both_and_neither_alone") {
        holds(&mut HostEngine::new(), |_| true);
    }
}
