use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a call of a helper that does not exist",
    why: "This kernel has no helper of this number.",
    fix: "Use a helper that the kernel has; 195896080 is a CO-RE relocation that failed.",
    blame: Blame::Kernel,
    lesson: lesson("helpers", 90),
    note: |fault| {
        let (message, _) = fault.message.as_ref()?;
        let number = i32::try_from(message.fields.number("number")?).ok()?;
        let helper = Helper::from_number(number)?;
        let since = helper.callers().iter().map(|callers| callers.since).min()?;
        Some(format!("helper {number} is {}, which Linux has since {since}", helper.name()))
    },
    ..PLAIN
};
