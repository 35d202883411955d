use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "something is given back twice",
    why: "Submitting, discarding or releasing ends the life of what was acquired: every register and slot that held it becomes a plain number.",
    fix: "Use it before it is given back, and give it back once on every path.",
    lesson: lesson("references", 20),
    when: |e| {
        let number = matches!(e.text("held"), Some("scalar" | "inv"));
        let argument =
            e.is(&[Kind::ArgumentType]) && number && e.fault.step.is_some_and(|step| releases(e.fault, step));
        argument || e.held() == Some(Held::Released)
    },
    loses_pointer: true,
    turn: |fault, last| {
        let (step, name) = call_before(fault, last, releases)?;
        let reg = fault.register_name();
        Some((step, format!("{name} gives it back: {reg} is a plain number from here on")))
    },
    ..PLAIN
};
