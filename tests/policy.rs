//! Policies as code: the decision and the counts of a plain model for random packets, and large ones on every kernel at hand.
//! `KNOCKWRIGHT_COUNT` packets for each policy, `KNOCKWRIGHT_SEED` starts elsewhere; `KNOCKWRIGHT_RULES` on kernels in QEMU, which
//! take their time for 15,000.

#[path = "policy/model.rs"]
mod model;
#[path = "policy/random.rs"]
mod random;
mod support;

use std::os::fd::{AsFd, AsRawFd};

use knockwright_asm::linux::uapi::TcAction;
use knockwright_asm::parts::MOST_PARTS;
use knockwright_asm::{Asm, Helper, MapDef, MapType, ProgType, Reg::*};
use knockwright_differential::random::Random;
use knockwright_kernels::{self as kernels, Wanted};
use knockwright_loader::load::{Load, Loaded, Loader, LogLevel};
use knockwright_loader::sys::{TestRun, Update};
use knockwright_programs::net::{XdpAction, ether_type, network_order};
use knockwright_programs::policy::{Action, Decision, Hook, Policy, PolicyError, Rule};
use knockwright_verifier::{Attempt, assert_accepted};
use random::Hosts;
use support::{may_load, skip};

/// The rules of a large policy.
const MANY: usize = 15_000;

fn environment(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// A policy in the kernel, not attached.
struct InKernel {
    parts: Vec<Loaded>,
    hook: Hook,
    logs: usize,
    /// How many instructions the verifier walked, of the part that took most.
    processed: Option<u64>,
}

impl InKernel {
    fn load(policy: &Policy, hook: Hook) -> Self {
        let programs = policy.programs("policy", hook).unwrap();
        let (mut loader, mut parts, mut processed) = (Loader::new(), Vec::new(), None);
        for program in &programs {
            let load = Load::new(program).at_level(LogLevel::None);
            let (answer, loaded) = loader.load_sharing(&load, &parts).unwrap();
            processed = processed.max(answer.verified_insns);
            parts.push(loaded.unwrap_or_else(|| panic!("{}: {answer:?}", program.name)));
        }
        let array = parts[0].map("policy_parts").unwrap();
        for (index, part) in parts.iter().enumerate() {
            let (key, fd) = ((index as u32).to_ne_bytes(), part.as_fd().as_raw_fd().to_ne_bytes());
            array.update(&key, &fd, Update::Any).unwrap();
        }
        let logs = policy.rules.iter().filter(|rule| rule.action == Action::Log).count();
        Self { parts, hook, logs, processed }
    }

    /// A program that has the kernel keep a tag beside the packet, and goes on in the first part.
    fn tagging(&self) -> Loaded {
        let mut a = Asm::new("tagging", ProgType::SchedCls);
        let parts = a.map(MapDef::of_bytes("policy_parts", MapType::ProgArray, 4, 4, MOST_PARTS as u32));
        a.mov(R6, R1);
        a.mov(R2, network_order(ether_type::VLAN));
        a.mov(R3, 7);
        a.call(Helper::SkbVlanPush);
        a.mov(R1, R6);
        a.load_map(R2, parts);
        a.mov(R3, 0);
        a.call(Helper::TailCall);
        a.mov(R0, 99);
        a.exit();
        let program = a.finish().unwrap();
        let load = Load::new(&program).at_level(LogLevel::None);
        let (answer, loaded) = Loader::new().load_sharing(&load, &self.parts).unwrap();
        loaded.unwrap_or_else(|| panic!("{answer:?}"))
    }

    fn judge(&self, frame: &[u8]) -> Decision {
        self.answer(&self.parts[0], frame)
    }

    fn answer(&self, program: &Loaded, frame: &[u8]) -> Decision {
        let number = program.test_run(&TestRun::packet(frame)).unwrap().return_value;
        let (allow, deny) = match self.hook {
            Hook::Xdp => (XdpAction::Pass.number(), XdpAction::Drop.number()),
            Hook::Tc => (TcAction::Ok.number(), TcAction::Shot.number()),
        };
        match number.cast_signed() {
            number if number == allow => Decision::Allow,
            number if number == deny => Decision::Deny,
            number => panic!("the program answers {number}"),
        }
    }

    fn counts(&self) -> Vec<u64> {
        if self.logs == 0 {
            return Vec::new();
        }
        let log = self.parts.iter().find_map(|part| part.map("policy_log")).unwrap();
        let value = log.lookup(&0_u32.to_ne_bytes()).unwrap().unwrap();
        value.as_chunks::<8>().0.iter().map(|bytes| u64::from_ne_bytes(*bytes)).collect()
    }
}

/// How many frames kernel and model were asked about, and how many of them were allowed.
#[derive(Debug, Clone, Copy, Default)]
struct Compared {
    asked: usize,
    allowed: usize,
}

/// Asks kernel and model about random frames, but for those that the kernel makes no test run of.
fn compare(kernel: &InKernel, random: &mut Random, policy: &Policy, hosts: Hosts, frames: usize) -> Compared {
    let hook = kernel.hook;
    let (mut counts, mut compared) = (vec![0_u64; kernel.logs], Compared::default());
    for _ in 0..frames {
        let frame = random::frame(random, policy, hosts);
        if hook == Hook::Tc && !is_whole(&frame) {
            continue;
        }
        let (decision, counted) = model::judge(policy, &frame);
        assert_eq!(kernel.judge(&frame), decision, "{hook:?} {frame:02x?}\n{:#?}", policy.otherwise);
        counted.into_iter().for_each(|log| counts[log] += 1);
        compared.asked += 1;
        compared.allowed += usize::from(decision == Decision::Allow);
    }
    assert_eq!(kernel.counts(), counts);
    compared
}

/// Whether the kernel makes a `tc` test run of a frame: one with a whole IP header after its type.
fn is_whole(frame: &[u8]) -> bool {
    match frame[12..14] {
        [0x08, 0x00] => frame.len() >= 34,
        [0x86, 0xdd] => frame.len() >= 54,
        _ => true,
    }
}

#[test]
fn decisions_and_counts_are_those_of_the_model() {
    if !may_load("decisions_and_counts_are_those_of_the_model") {
        return;
    }
    let mut random = Random::new(environment("KNOCKWRIGHT_SEED", 1));
    let frames = environment("KNOCKWRIGHT_COUNT", 400) as usize;
    let (mut policies, mut packets, mut allowed) = (0, 0, 0);
    for round in 0..30 {
        let policy = random::policy(&mut random, 1 + round * 4, Hosts::Few);
        for hook in [Hook::Xdp, Hook::Tc] {
            let compared = compare(&InKernel::load(&policy, hook), &mut random, &policy, Hosts::Few, frames);
            (packets, allowed) = (packets + compared.asked, allowed + compared.allowed);
        }
        policies += 1;
    }
    eprintln!("{policies} policies, {packets} packets as the model has them, {allowed} allowed");
    assert!(allowed * 10 > packets && allowed * 10 < packets * 9, "{allowed} of {packets}");
}

/// In `tc` the kernel may have taken the outer tag off the packet, and keep it beside it. A program that puts it there goes on in
/// the policy.
#[test]
fn a_tag_beside_the_packet_counts_as_one_in_it() {
    if !may_load("a_tag_beside_the_packet_counts_as_one_in_it") {
        return;
    }
    let mut random = Random::new(environment("KNOCKWRIGHT_SEED", 1));
    let (mut denied, mut allowed) = (0, 0);
    for _ in 0..10 {
        let policy = random::policy(&mut random, 20, Hosts::Few);
        let kernel = InKernel::load(&policy, Hook::Tc);
        let tagging = kernel.tagging();
        for _ in 0..100 {
            let frame = random::frame(&mut random, &policy, Hosts::Few);
            if !is_whole(&frame) {
                continue;
            }
            let mut tagged = frame.clone();
            random::put_tag(&mut random, &mut tagged);
            let decision = model::judge(&policy, &tagged).0;
            assert_eq!(kernel.answer(&tagging, &frame), decision, "{frame:02x?}");
            *if decision == Decision::Allow { &mut allowed } else { &mut denied } += 1;
        }
    }
    eprintln!("{} packets with their outer tag beside them, {allowed} allowed", allowed + denied);
    assert!(allowed > 50 && denied > 50, "{allowed} allowed, {denied} denied");
}

/// A policy of many rules, the same each time.
fn large(rules: usize) -> Policy {
    random::policy(&mut Random::new(15), rules, Hosts::Many)
}

#[test]
fn fifteen_thousand_rules_judge_as_the_model() {
    if !may_load("fifteen_thousand_rules_judge_as_the_model") {
        return;
    }
    let policy = large(MANY);
    let frames = environment("KNOCKWRIGHT_COUNT", 400) as usize;
    for hook in [Hook::Xdp, Hook::Tc] {
        let kernel = InKernel::load(&policy, hook);
        let Compared { asked, allowed } = compare(&kernel, &mut Random::new(3), &policy, Hosts::Many, frames);
        let (parts, processed) = (kernel.parts.len(), kernel.processed);
        eprintln!(
            "{MANY} rules, {hook:?}: {parts} parts, {processed:?} instructions processed at most; {asked} packets as the model \
             has them, {allowed} allowed"
        );
    }
}

/// How long a packet takes that no rule fits, which goes through all of them.
#[test]
fn a_packet_goes_through_all_rules() {
    if !may_load("a_packet_goes_through_all_rules") {
        return;
    }
    let mut stranger = vec![0; 14 + 20 + 8];
    stranger[12..15].copy_from_slice(&[0x08, 0x00, 0x45]);
    stranger[23..30].copy_from_slice(&[17, 0, 0, 203, 0, 113, 9]);
    let mut policy = large(MANY);
    let fits = |rule: &Rule| {
        let rule = Rule { action: Action::Decide(Decision::Allow), ..rule.clone() };
        model::judge(&Policy { rules: vec![rule], otherwise: Decision::Deny }, &stranger).0 == Decision::Allow
    };
    policy.rules.retain(|rule| !fits(rule));
    policy.otherwise = Decision::Deny;
    let kernel = InKernel::load(&policy, Hook::Xdp);
    assert_eq!(kernel.judge(&stranger), Decision::Deny);
    let run = kernel.parts[0].test_run(&TestRun::packet(stranger).repeated(100)).unwrap();
    eprintln!("{} rules that a packet goes through: {:?}", policy.rules.len(), run.duration);
}

#[test]
fn large_policies_are_accepted_by_every_kernel_at_hand() {
    const TEST: &str = "large_policies_are_accepted_by_every_kernel_at_hand";
    let rules = environment("KNOCKWRIGHT_RULES", 4_000) as usize;
    let parts = |hook| large(rules).programs("policy", hook).unwrap();
    // After their beginning, parts for XDP and for `tc` are the same.
    let programs = parts(Hook::Xdp).into_iter().chain(parts(Hook::Tc).into_iter().take(1));
    let attempts: Vec<Attempt> = programs.map(|program| Attempt::new(program).at_level(0)).collect();
    for series in support::guests::series() {
        let engines = kernels::image(series).and_then(|_| kernels::engines(&[Wanted::Series(series)]));
        let mut engines = match engines {
            Ok(engines) => engines,
            Err(error) => {
                skip(TEST, error);
                continue;
            }
        };
        for engine in &mut engines {
            let verdicts = engine.verify(&attempts).unwrap();
            let accepted = verdicts.iter().filter(|verdict| verdict.is_accepted()).count();
            eprintln!("{series}: {rules} rules, {accepted} of {} parts accepted", verdicts.len());
            for (attempt, verdict) in attempts.iter().zip(&verdicts) {
                assert!(verdict.is_accepted(), "{series}: {}: {}", attempt.program.name, verdict.message);
            }
        }
    }
}

#[test]
fn the_verifier_takes_parts_in_a_test_without_root() {
    let policy = random::policy(&mut Random::new(2), 40, Hosts::Few);
    for hook in [Hook::Xdp, Hook::Tc] {
        for program in policy.programs("policy", hook).unwrap() {
            let accepted = assert_accepted(&program);
            assert!(accepted.processed < 20_000, "{}", accepted.processed);
            assert!(accepted.log.contains("exit"));
        }
    }
}

#[test]
fn a_rule_of_two_families_is_refused_by_name() {
    let rules = vec!["allow tcp".parse().unwrap(), "deny from 10.0.0.0/8 to 2001:db8::/32".parse().unwrap()];
    let error = Policy { rules, otherwise: Decision::Deny }.programs("p", Hook::Xdp).unwrap_err();
    assert!(matches!(error, PolicyError::TwoFamilies { index: 1, .. }), "{error}");
}
