use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "something that may sleep is called where nothing may",
    why: "Some helpers, kernel functions and global functions may wait. That takes a program loaded as sleepable, outside of read sections, locks and callbacks.",
    fix: "Load the program as sleepable (where its type allows that), move the call out of the section, or use the variant that does not sleep.",
    lesson: lesson("kernel", 70),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "SEC(\"fentry.s/…\"), SEC(\"lsm.s/…\"), SEC(\"uprobe.s/…\"), SEC(\"iter.s/…\"): with `.s`",
            rust: "#[lsm(hook = \"…\", sleepable)], #[uprobe(sleepable)]",
            asm: "flag BPF_F_SLEEPABLE at load time; no such call between lock and unlock",
        })
    },
    ..PLAIN
};
