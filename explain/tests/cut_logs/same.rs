//! What two diagnoses may differ in: the one of a cut log says less.

use knockwright_explain::{Cause, Class, Diagnosis};

use super::arithmetic;

/// What is said of a cut log and not of the whole one.
pub(crate) fn differences(cut: &Diagnosis, whole: &Diagnosis, log: &str) -> Vec<String> {
    let mut found = Vec::new();
    if cut.class == Class::Accepted {
        found.push(format!("accepted, where the whole is {}", whole.class.slug()));
    }
    // Without the message nothing is known.
    if cut.message != whole.message {
        if cut.derivation.is_some() || cut.guard.is_some() {
            let is_part =
                whole.derivation.as_ref().map(|d| &d.result) == cut.derivation.as_ref().map(|d| &d.result);
            if !is_part && !log.contains(&cut.message) {
                found.push(format!("something is derived without the message: {}", cut.message));
            }
        }
    } else {
        if !general(whole.class).contains(&cut.class) && cut.class != whole.class {
            found.push(format!("class {} for {}", cut.class.slug(), whole.class.slug()));
        }
        if cut.register.is_some() && cut.register != whole.register {
            found.push(format!("register {:?} for {:?}", cut.register, whole.register));
        }
    }
    found.extend(derivation(cut, whole));
    found.extend(guard(cut, whole));
    for cause in &cut.cause {
        // An instruction of a loop has a state each time: a cut log may end with another round.
        let rounds = log.lines().filter(|line| line.starts_with(&format!("{}: (", cause.insn))).count();
        if whole.class == Class::InfiniteLoop && rounds > 1 {
            continue;
        }
        let mut cause = cause.clone();
        // Without a sign of the kernel's version states are written as new kernels write them.
        if cut.kernel_format != whole.kernel_format {
            cause.state.clear();
        }
        found
            .extend(story(&cause, whole, cut.title, log).map(|why| format!("{}: {why}", whole.class.slug())));
    }
    found
}

/// Whether a fragment of a sentence says less than the whole's, or the same in other words.
fn is_less(fragment: &str, fragments: &[&str]) -> bool {
    // What the instruction alone tells.
    const PLAIN: &[&str] = &[
        "it is compared",
        "leaves r1 to r5",
        "gets an address",
        "gets a constant",
        "is what ",
        "is loaded",
        "gets a copy",
        "is changed",
        "is added to",
        "is filled",
    ];
    PLAIN.iter().any(|words| fragment.contains(words)) && !fragment.contains('(')
        || fragments.iter().any(|whole| whole.starts_with(fragment))
        // A pointer that isn't NULL any more.
        || fragment.contains(" is a pointer to ") && !fragment.contains(" at offset ")
            && fragments.iter().any(|whole| whole.ends_with("isn't NULL here"))
        || fragment.strip_prefix("a number from ").is_some_and(|range| fragments.contains(&range))
        || fragment.ends_with(" is any number") && fragments.iter().any(|whole| whole.ends_with(" is no pointer any more"))
        || fragment.ends_with(" is the number 0") && fragments.iter().any(|whole| whole.ends_with(" is NULL here"))
        // Without the state before a comparison nobody knows that it teaches nothing.
        || fragment.split_once(" is ").is_some_and(|(reg, state)| {
            let nothing = format!("the verifier learns nothing of {reg}, {state}");
            fragments.contains(&nothing.as_str())
        })
        || fragment.contains("(a packet pointer) is compared with data_end")
        || fragment.starts_with("the jump is") && fragments.iter().any(|whole| whole.ends_with(fragment))
        || fragment.ends_with("isn't NULL here") && fragments.iter().any(|whole| whole.contains(" is a pointer to "))
}

/// The classes that stand for a class where the log doesn't show what tells it from others of the same message.
fn general(class: Class) -> &'static [Class] {
    match class {
        Class::UninitialisedAfterJoin | Class::CalleeSavedLost | Class::UninitialisedResult => {
            &[Class::UninitialisedRegister, Class::UninitialisedResult, Class::UninitialisedAfterJoin]
        }
        Class::UninitialisedRegister => &[Class::UninitialisedResult, Class::UninitialisedAfterJoin],
        Class::LegacyPacketLoad => &[Class::UninitialisedRegister],
        Class::RelocationMissing => &[Class::ArgumentType],
        Class::GlobalFunctionSignature => &[Class::GlobalFunctionArgument],
        Class::RingbufOrNull => &[Class::MapValueOrNull],
        Class::Recursion => &[Class::CallDepth],
        Class::JumpBetweenFunctions => &[Class::JumpOutOfRange],
        Class::AtomicMisaligned => &[Class::MapValueAlignment],
        Class::MemoryBounds => &[Class::OutsideMemory],
        Class::HelperReadsStack => &[Class::StackBounds, Class::UninitialisedStack],
        Class::HelperPacketArgument | Class::PacketCheckTooShort | Class::PacketUnchecked => {
            &[Class::PacketUnchecked, Class::OutsideMemory]
        }
        Class::UnboundedSize | Class::ZeroSize => {
            &[Class::MapValueOffset, Class::MapValueMax, Class::OutsideMemory, Class::UnboundedSize]
        }
        Class::DoubleRelease | Class::PacketPointerLost | Class::SpilledPointer => {
            &[Class::NullDereference, Class::ArgumentType]
        }
        Class::PacketCheckReversed
        | Class::PacketCheckBeforeOffset
        | Class::PacketLengthCheck
        | Class::PacketOffsetTooLarge => &[Class::PacketUnchecked, Class::OutsideMemory],
        Class::LinkedScalars
        | Class::NotEqualRange
        | Class::EqualityRange
        | Class::DivisionRange
        | Class::LowerHalfCheck
        | Class::SignedBounds
        | Class::SpilledBounds
        | Class::MapValueUnbounded
        | Class::MapValueMax
        | Class::MapValueNegativeIndex
        | Class::MapValueOffset => &[
            Class::MapValueMax,
            Class::MapValueUnbounded,
            Class::MapValueNegativeIndex,
            Class::MapValueOffset,
            Class::OutsideMemory,
        ],
        _ => &[],
    }
}

fn derivation(cut: &Diagnosis, whole: &Diagnosis) -> Option<String> {
    let derived = cut.derivation.as_ref()?;
    let Some(of_whole) = &whole.derivation else {
        return Some(format!("derived `{}`, nothing of the whole", derived.result));
    };
    if derived.result == of_whole.result {
        return None;
    }
    let numbers = |text: &str| arithmetic::result(text).ok().flatten();
    match (numbers(&derived.result), numbers(&of_whole.result)) {
        (Some(some), Some(all)) if some == all => None,
        _ if of_whole.result.starts_with(&derived.result) => None,
        // Which byte isn't written first, by the message alone, where the whole log shows them all.
        (Some(some), Some(all)) if some.value == all.value && derived.result.ends_with(" isn't written") => {
            None
        }
        // That nothing is proven holds as well where nothing can be proven.
        _ if of_whole.result.contains("the farthest that a comparison proves")
            && derived.result.ends_with(" > 0 bytes proven") =>
        {
            None
        }
        _ => Some(format!("derived `{}` for `{}`", derived.result, of_whole.result)),
    }
}

fn guard(cut: &Diagnosis, whole: &Diagnosis) -> Option<String> {
    let said = |of: &knockwright_explain::Guard| (of.register.clone(), of.insn, of.condition.clone());
    let both = |of: &Diagnosis| of.guards.iter().map(said).collect::<Vec<_>>();
    if !cut.guards.is_empty() && both(cut) != both(whole) {
        return Some(format!("guards {:?} for {:?}", both(cut), both(whole)));
    }
    let guard = cut.guard.as_ref()?;
    let of_whole = whole.guard.as_ref();
    if of_whole.map(said) != Some(said(guard)) {
        return Some(format!("guard {:?} for {:?}", said(guard), of_whole.map(said)));
    }
    let (c, of_whole) = (guard.c.as_ref()?, of_whole?.c.as_ref());
    (of_whole != Some(c)).then(|| format!("guard in C `{c}` for {of_whole:?}"))
}

/// A step of the story is the whole one's, or says less of the same instruction.
fn story(cause: &Cause, whole: &Diagnosis, title: &str, log: &str) -> Option<String> {
    let same: Vec<&Cause> =
        whole.cause.iter().filter(|other| other.insn == cause.insn && other.text == cause.text).collect();
    let fragments: Vec<&str> = same.iter().flat_map(|other| fragments(&other.why)).collect();
    if same.is_empty() {
        return None;
    }
    for fragment in self::fragments(&cause.why) {
        if fragment != title && !is_less(fragment, &fragments) {
            return Some(format!("`{fragment}` in {}, where the whole has {fragments:?}", cause.text));
        }
    }
    let plain = |state: &str| state.replace("off=0,", "").replace(",off=0", "").replace(",imm=0", "");
    let is_shown = cause.state.is_empty()
        || same.iter().any(|other| plain(&other.state) == plain(&cause.state))
        || log.contains(&cause.state);
    if !is_shown {
        return Some(format!(
            "state {} at {}, not {:?}",
            cause.state,
            cause.text,
            same.iter().map(|other| &other.state).collect::<Vec<_>>()
        ));
    }
    None
}

fn fragments(why: &str) -> Vec<&str> {
    why.split("; ").flat_map(|part| part.split(": ")).collect()
}
