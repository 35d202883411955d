use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a function calls itself",
    why: "Functions can't call themselves, directly or through others: the verifier would follow the calls for ever.",
    fix: "Write a loop.",
    lesson: lesson("loops", 60),
    docs: pages::DESIGN,
    when: |e| {
        // Too deep a stack is a recursion if one call made all its frames.
        let repeated = || {
            e.fault.step.is_some_and(|last| {
                let steps = e.fault.path.steps();
                steps[..last].iter().filter(|step| step.slot == steps[last].slot).count() > 2
            })
        };
        (e.is(&[Kind::CallDepth, Kind::ChainDepth]) && repeated())
            || (e.is(&[Kind::BackEdge]) && goes_back_by_call(e))
    },
    remedy: |_| {
        Some(Remedy {
            c: "a loop, with an array in a map for what is left to visit; a program that tail-calls itself goes on up to 33 times",
            rust: "a loop, with an array in a PerCpuArray for what is left to visit",
            asm: "a jump to the head with the arguments changed",
        })
    },
    ..PLAIN
};

fn goes_back_by_call(e: &Evidence<'_>) -> bool {
    let Some(from) = e.number("from").and_then(|from| usize::try_from(from).ok()) else { return false };
    match e.program {
        Some(program) => program
            .slots()
            .any(|(slot, item)| slot == from && matches!(item.code, Code::Insn(Insn::CallLocal { .. }))),
        None => matches!(e.fault.path.reading.listing.get(from), Some(Some((opcode::CALL, _)))),
    }
}
