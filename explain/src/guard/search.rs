//! The exact limit, by asking a verifier: with the guard the program passes, with the next weaker one it doesn't.

use knockwright_asm::linux::context::Holds;
use knockwright_asm::{Code, Insn, Program, Reg};
use knockwright_verifier::log::{PointerKind, RegState};
use knockwright_verifier::message::Read;

use super::checker::Checker;
use super::insert::insert;
use super::liveness::free_registers;
use super::plan::{Condition, Conditions, End, Otherwise, Plan, instructions, packet_instructions};
use crate::analysis::{Fault, is_outside};

/// What the check of a guard came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    /// The condition, or the two, with the exact limits.
    pub(crate) conditions: Conditions,
    /// Whether the program passes with them, and with nothing weaker.
    pub(crate) checked: bool,
    /// Whether the path that the log shows gets past the fault with them, and with nothing weaker: of the rest nothing is known.
    pub(crate) on_path: bool,
    /// The verifier rejects the program at the same place with it too: it's no guard.
    pub(crate) refuted: bool,
    /// In words.
    pub(crate) evidence: String,
}

/// What came of one try.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Try {
    Accepted,
    /// The same instruction is refused still.
    Same,
    /// This fault is gone, and there's another after it.
    Other(String),
}

struct Search<'e, 'c, 'f, 'p> {
    checker: &'e mut Checker<'c>,
    fault: &'f Fault<'f>,
    program: &'p Program,
    plan: &'f Plan,
    slot: usize,
    message: String,
    /// The registers that a guard may use.
    free: Vec<Reg>,
}

/// The most steps that one of two limits is loosened.
const MOST_STEPS: usize = 64;

/// Checks a planned guard, and finds its exact limit.
pub(crate) fn check(checker: &mut Checker<'_>, fault: &Fault<'_>, program: &Program, plan: &Plan) -> Checked {
    let unchecked = |evidence: String| Checked {
        conditions: plan.conditions,
        checked: false,
        on_path: false,
        refuted: false,
        evidence,
    };
    let Some(step) = fault.step else { return unchecked("the fault isn't at an instruction".to_owned()) };
    let slot = fault.path.steps()[step].slot;
    let message = fault.message.as_ref().map_or("", |(_, text)| text).to_owned();
    let name = checker.name().to_owned();
    match checker.ask(program) {
        Err(why) => return unchecked(format!("not checked: {why}")),
        Ok(said) if said.is_accepted => {
            return unchecked(format!("not checked: {name} accepts the program as it is"));
        }
        Ok(said) if said.insn != Some(slot) => {
            let at = said.insn.map_or_else(String::new, |insn| format!(" at {insn}"));
            return unchecked(format!(
                "not checked: {name} rejects the program{at} for another reason: {}",
                said.message
            ));
        }
        Ok(_) => {}
    }
    let free = free_registers(program, plan.slot).into_iter().filter(|reg| *reg != plan.reg).collect();
    let mut search = Search { checker, fault, program, plan, slot, message, free };
    let found = match plan.conditions {
        Conditions { first, second: None } => search.run(first).map(|(found, tried)| (found.into(), tried)),
        Conditions { first, second: Some(second) } => search.both(first, second),
    };
    match found {
        Ok((_, Try::Same)) => Checked {
            refuted: true,
            ..unchecked(format!("not confirmed: {name} rejects the program with it too"))
        },
        Ok((conditions, tried)) => Checked {
            conditions,
            checked: true,
            on_path: false,
            refuted: false,
            evidence: evidence(&name, plan.reg, conditions, &tried),
        },
        Err(why) => unchecked(format!("not checked: {why}")),
    }
}

/// Checks a planned guard on a program of which the log shows one path, and others stand for the rest: the path gets past the
/// fault with what is planned, and not with the next weaker.
pub(crate) fn check_on_path(
    checker: &mut Checker<'_>,
    fault: &Fault<'_>,
    program: &Program,
    plan: &Plan,
) -> Checked {
    let name = checker.name().to_owned();
    let of_same_sort = checker.ask(program).is_ok_and(|said| {
        let kind = Read::of(&said.message).map(|message| message.kind);
        let (Some(kind), Some(told)) = (kind, fault.kind()) else { return false };
        kind == told || is_outside(kind) && is_outside(told)
    });
    let found = check(checker, fault, program, plan);
    // Another limit may be one that the rest of the program depends on.
    let confirms = of_same_sort && found.checked && found.conditions == plan.conditions;
    let weaker: Vec<String> = plan
        .conditions
        .iter()
        .map(|condition| {
            condition
                .weaker()
                .map_or_else(|| "without".to_owned(), |weaker| format!("with {}", words(plan.reg, weaker)))
        })
        .collect();
    let evidence = format!(
        "rebuilt from the path that the log shows: {name} gets past this instruction on it with that, and doesn't {}; the \
         instructions that the log doesn't show aren't checked",
        weaker.join(", nor ")
    );
    if confirms {
        return Checked { checked: false, on_path: true, evidence, ..found };
    }
    let evidence = if found.checked {
        let enough: Vec<String> =
            found.conditions.iter().map(|condition| words(plan.reg, condition)).collect();
        format!("on that path {name} is content with {}", enough.join(" and "))
    } else {
        found.evidence
    };
    Checked { conditions: plan.conditions, checked: false, on_path: false, refuted: false, evidence }
}

/// What was found of conditions, in words.
fn evidence(name: &str, reg: Reg, conditions: Conditions, tried: &Try) -> String {
    let it = if conditions.second.is_some() { "both" } else { "it" };
    if let Try::Other(next) = tried {
        return format!(
            "{name} gets past this instruction with {it}, not with anything weaker; the next fault is: {next}"
        );
    }
    let accepts = format!("{name} accepts the program with {it}");
    let Some(second) = conditions.second else {
        return match conditions.first.weaker() {
            Some(weaker) => format!("{accepts}, and rejects it with {}", words(reg, weaker)),
            None => format!("{accepts}, and rejects it without"),
        };
    };
    let instead = |kept: Condition, condition: Condition| match condition.weaker() {
        Some(weaker) => format!("with {} in place of {}", words(reg, weaker), words(reg, condition)),
        None => format!("with {} alone", words(reg, kept)),
    };
    let first = instead(second, conditions.first);
    format!("{accepts}, and rejects it {first}, and {}", instead(conditions.first, second))
}

/// A condition in words: `r1 <= 19`.
pub(crate) fn words(reg: Reg, condition: Condition) -> String {
    match condition {
        Condition::NotNull => format!("{reg} != 0"),
        Condition::AtMost(limit) => format!("{reg} <= {limit}"),
        Condition::AtLeast(limit) => format!("{reg} >= {limit}"),
        Condition::SignedAtMost(limit) => format!("{reg} s<= {limit}"),
        Condition::SignedAtLeast(limit) => format!("{reg} s>= {limit}"),
        Condition::NotNegative => format!("{reg} s>= 0"),
        Condition::PacketBytes(bytes) => format!("{reg} + {bytes} <= data_end"),
    }
}

impl Search<'_, '_, '_, '_> {
    /// The weakest condition with which the fault is gone, and what came of the program with it.
    fn run(&mut self, planned: Condition) -> Result<(Condition, Try), String> {
        let first = self.attempt(planned)?;
        let Some(weaker) = planned.weaker() else { return Ok((planned, first)) };
        if first != Try::Same {
            if self.attempt(weaker)? == Try::Same {
                return Ok((planned, first));
            }
            return self.bisect(weaker, first);
        }
        // The derivation was too generous: something else narrows too.
        let Condition::AtMost(limit) = planned else { return Ok((planned, Try::Same)) };
        let none = self.attempt(Condition::AtMost(0))?;
        if none == Try::Same {
            return Ok((planned, Try::Same));
        }
        self.between(0, limit, none)
    }

    /// The weakest of two conditions that are needed together; one of them, if the other isn't needed.
    fn both(&mut self, first: Condition, second: Condition) -> Result<(Conditions, Try), String> {
        let mut pair = [first, second];
        let mut outcome = self.attempt_all(&pair)?;
        if outcome == Try::Same {
            return Ok((Conditions { first, second: Some(second) }, outcome));
        }
        for index in [0, 1] {
            let alone = self.attempt(pair[1 - index])?;
            if alone != Try::Same {
                return Ok((pair[1 - index].into(), alone));
            }
            // What is derived is mostly exact: a step at a time goes far enough, or the limit isn't found.
            let mut steps = 0;
            while let Some(weaker) = pair[index].weaker() {
                let mut weakened = pair;
                weakened[index] = weaker;
                match self.attempt_all(&weakened)? {
                    Try::Same => break,
                    other => (pair, outcome) = (weakened, other),
                }
                steps += 1;
                if steps > MOST_STEPS {
                    return Err("weaker limits pass, and the weakest isn't found".to_owned());
                }
            }
        }
        Ok((Conditions { first: pair[0], second: Some(pair[1]) }, outcome))
    }

    /// The derived condition is too strict: looks for the weakest above it.
    fn bisect(&mut self, passes: Condition, outcome: Try) -> Result<(Condition, Try), String> {
        let Some(start) = passes.limit() else { return Ok((passes, outcome)) };
        match passes {
            Condition::AtMost(_) => {
                let mut low = start;
                let mut high = start;
                loop {
                    high = high.saturating_mul(2).max(high.saturating_add(1));
                    if self.attempt(Condition::AtMost(high))? == Try::Same {
                        break self.between(low, high, outcome);
                    }
                    low = high;
                    if high == i64::MAX {
                        // Any number that isn't negative will do: other comparisons bound it above.
                        return Ok(match self.attempt(Condition::NotNegative)? {
                            Try::Same => (Condition::AtMost(high), outcome),
                            outcome => (Condition::NotNegative, outcome),
                        });
                    }
                }
            }
            _ => {
                let mut condition = passes;
                while let Some(weaker) = condition.weaker() {
                    if self.attempt(weaker)? == Try::Same {
                        break;
                    }
                    condition = weaker;
                }
                Ok((condition, outcome))
            }
        }
    }

    /// `low` passes, `high` doesn't.
    fn between(&mut self, mut low: i64, mut high: i64, mut outcome: Try) -> Result<(Condition, Try), String> {
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match self.attempt(Condition::AtMost(middle))? {
                Try::Same => high = middle,
                other => (low, outcome) = (middle, other),
            }
        }
        Ok((Condition::AtMost(low), outcome))
    }

    fn attempt(&mut self, condition: Condition) -> Result<Try, String> {
        self.attempt_all(&[condition])
    }

    /// What comes of the program with conditions, one after the other.
    fn attempt_all(&mut self, conditions: &[Condition]) -> Result<Try, String> {
        let variants = self.variants(conditions);
        if variants.is_empty() {
            return Err("no registers are free for the comparison".to_owned());
        }
        let mut last = Try::Same;
        for insns in variants {
            let Some(guarded) = insert(self.program, self.plan.slot, &insns) else {
                return Err("a jump over the guard would be too long".to_owned());
            };
            let said = self.checker.ask(&guarded)?;
            if said.is_accepted {
                return Ok(Try::Accepted);
            }
            let added: usize = insns.iter().map(Insn::slots).sum();
            let guard = self.plan.slot..self.plan.slot + added;
            let failing = if self.slot >= self.plan.slot { self.slot + added } else { self.slot };
            last = match said.insn {
                // The way out isn't free: a reference is held, or a lock.
                Some(slot) if guard.contains(&slot) => Try::Same,
                // The addition passes, and the access after it is the same fault said differently.
                Some(slot) if slot == failing || self.is_consequence(slot, added, &said.message) => Try::Same,
                _ => return Ok(Try::Other(said.message.into())),
            };
        }
        Ok(last)
    }

    /// Whether a later rejection is of the same pointer: its access is refused now, where its sum was before.
    fn is_consequence(&self, slot: usize, added: usize, message: &str) -> bool {
        let is_sum = matches!(self.fault.insn, Some(Insn::Alu { .. }));
        let bounds = ["outside of the allowed memory range", "is negative", "unbounded memory access"];
        let same_words = message == self.message;
        (is_sum || same_words)
            && slot > self.slot + added
            && slot < self.slot + added + 64
            && bounds.iter().any(|words| message.contains(words))
    }

    /// The ways to write the guard, the plainest first.
    fn variants(&self, conditions: &[Condition]) -> Vec<Vec<Insn>> {
        if let [Condition::PacketBytes(bytes)] = *conditions {
            return self.packet(bytes).into_iter().collect();
        }
        let all = |otherwise| {
            let each = conditions
                .iter()
                .map(|condition| instructions(self.plan, *condition, otherwise, self.free.first().copied()));
            Some(each.collect::<Option<Vec<_>>>()?.concat())
        };
        [Otherwise::Leave, Otherwise::Clamp].into_iter().filter_map(all).collect()
    }

    fn packet(&self, bytes: i64) -> Option<Vec<Insn>> {
        let kind = |reg: Reg| match self.fault.path.before(self.plan.step, self.plan.frame, reg) {
            Some(RegState::Pointer(pointer)) => Some(pointer.kind),
            _ => None,
        };
        let held = Reg::ALL.into_iter().find(|reg| kind(*reg) == Some(PointerKind::PacketEnd));
        let mut usable = self.free.iter().copied().filter(|reg| Some(*reg) != held);
        let scratch = usable.next()?;
        let end = match held {
            Some(reg) => End::Register(reg),
            None => {
                let ctx = Reg::ALL.into_iter().find(|reg| kind(*reg) == Some(PointerKind::Ctx))?;
                let end = self.program.prog_type.context()?.holding(Holds::PacketEnd)?;
                let off = i16::try_from(end.offset).ok()?;
                End::Context { ctx, off, into: usable.find(|reg| *reg != ctx)? }
            }
        };
        packet_instructions(self.plan, bytes, scratch, end)
    }
}

/// Whether a program has only instructions that can be moved.
pub(crate) fn is_whole(program: &Program) -> bool {
    program.items.iter().all(|item| matches!(item.code, Code::Insn(_)))
}
