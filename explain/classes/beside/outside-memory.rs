use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an access leads out of its memory",
    why: "Every byte of an access must lie in the object, for each value that the offset may have.",
    fix: "Bound the offset on the path, and give the log with its states (log level 1 or 2) for the numbers.",
    no_lesson: Some(
        "It's the class of logs that don't show the numbers; where they do, another class has a lesson.",
    ),
    docs: pages::VALUES,
    remedy: |_| {
        Some(Remedy {
            c: "if (index >= sizeof(array) / sizeof(array[0])) return 0;",
            rust: "let Some(entry) = array.get(index) else { return 0 };, or an `if` on the index before the pointer is moved",
            asm: "if r1 > LIMIT goto out, before the number is added to the pointer",
        })
    },
    ..PLAIN
};
