use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an argument of a helper has the wrong type",
    why: "Each helper states which kinds of pointers and numbers it takes in r1 to r5, and the verifier compares the kind in the register with that list.",
    fix: "Pass what the helper's documentation names: a map as the first argument, memory of the stack, of a map value or of a checked packet for data.",
    lesson: lesson("helpers", 10),
    note: |fault| {
        let (message, _) = fault.message.as_ref()?;
        let expected = message.fields.text("expected").filter(|expected| !expected.is_empty())?;
        let reg = fault.register?;
        Some(format!("{reg} may be {} ({expected})", kinds::list(expected)))
    },
    ..PLAIN
};
