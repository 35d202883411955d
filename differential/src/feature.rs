//! What programs contain that is counted by itself.

use knockwright_asm::{Code, Helper, Imm64, Insn, Program};
use knockwright_verifier::Attempt;

/// Something in a program that a summary counts by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Feature {
    /// A loop, or anything else, that `may_goto` ends.
    MayGoto,
    /// A function that `bpf_loop` or `bpf_for_each_map_elem` is to call.
    Callbacks,
    /// A tail call in a function other than the entry.
    TailCallsInFunctions,
    /// Functions with their types.
    Types,
}

impl Feature {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::MayGoto, Self::Callbacks, Self::TailCallsInFunctions, Self::Types];

    /// The words that a summary has for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MayGoto => "may_goto",
            Self::Callbacks => "callbacks",
            Self::TailCallsInFunctions => "tail calls in functions",
            Self::Types => "BTF",
        }
    }

    /// Whether a program contains it.
    pub fn is_in(self, attempt: &Attempt) -> bool {
        let program = &attempt.program;
        let calls = |insn: &Insn, helper: Helper| matches!(insn, Insn::CallHelper { helper: called } if called.helper() == Some(helper));
        let mut insns = placed(program);
        match self {
            Self::MayGoto => insns.any(|(_, insn)| matches!(insn, Insn::MayGoto { .. })),
            Self::Callbacks => {
                let calls_back = |(_, insn): (usize, &Insn)| {
                    calls(insn, Helper::Loop) || calls(insn, Helper::ForEachMapElem)
                };
                insns.any(calls_back)
                    && placed(program)
                        .any(|(_, insn)| matches!(insn, Insn::LoadImm64 { value: Imm64::Func(_), .. }))
            }
            Self::TailCallsInFunctions => {
                let first = placed(program).filter_map(|(slot, insn)| function(slot, insn)).min();
                first.is_some_and(|first| {
                    insns.any(|(slot, insn)| slot as i64 >= first && calls(insn, Helper::TailCall))
                })
            }
            Self::Types => attempt.btf.as_ref().is_some_and(|btf| !btf.func_info.is_empty()),
        }
    }
}

/// The instructions with their slots.
fn placed(program: &Program) -> impl Iterator<Item = (usize, &Insn)> {
    program.slots().filter_map(|(slot, item)| match &item.code {
        Code::Insn(insn) => Some((slot, insn)),
        Code::Raw(_) => None,
    })
}

/// The start of the function that an instruction calls or names.
fn function(slot: usize, insn: &Insn) -> Option<i64> {
    match insn {
        Insn::CallLocal { off } | Insn::LoadImm64 { value: Imm64::Func(off), .. } => {
            Some(slot as i64 + 1 + i64::from(*off))
        }
        _ => None,
    }
    .filter(|&start| start > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{Stage, program};
    use crate::random::Random;

    /// How many of a hundred programs of a stage contain something.
    fn share(stage: Stage, feature: Feature) -> usize {
        let contains = |seed: &u64| feature.is_in(&program(&mut Random::new(*seed), stage));
        (0..100_u64).filter(contains).count()
    }

    #[test]
    fn each_stage_has_what_it_is_named_after() {
        for (stage, feature) in [
            (Stage::MayGoto, Feature::MayGoto),
            (Stage::Callbacks, Feature::Callbacks),
            (Stage::TailCalls, Feature::TailCallsInFunctions),
            (Stage::Types, Feature::Types),
        ] {
            assert!(share(stage, feature) >= 70, "{stage:?}: {}", share(stage, feature));
        }
        for feature in Feature::ALL {
            assert_eq!(share(Stage::Helpers, feature), 0, "{feature:?}");
        }
    }
}
