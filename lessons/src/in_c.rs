//! Faults and repairs in C: for each class a file with a program for each side, or why C has no such fault. A test compiles them
//! and asks the verifiers.

use std::fmt::Write as _;

use knockwright_asm::linux::uapi::prog_flags::BPF_F_STRICT_ALIGNMENT;
use knockwright_verifier::Privilege;

use crate::lesson::Lesson;

/// What a lesson has to say in C.
#[derive(Debug, Clone, Copy)]
pub enum InC {
    /// The fault and its repair.
    Code(Code),
    /// C has no such fault.
    Never(Never),
}

/// A file that clang takes, with a program `fault` and a program `repair`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Code {
    /// The file.
    pub text: &'static str,
    /// Options of clang's beside the usual ones.
    pub flags: &'static [&'static str],
    /// The first version of clang that makes this of it, if older ones don't.
    pub oldest_clang: Option<u32>,
    /// The last version of clang that makes this of it, if newer ones make something else.
    pub newest_clang: Option<u32>,
    /// The class of the fault, where the lesson is about what is accepted.
    pub fault_of: Option<&'static str>,
    /// Who loads it.
    pub privilege: Privilege,
    /// `BPF_F_*` program flags.
    pub load_flags: u32,
}

/// Why C can't make a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Never {
    /// No compiler writes the instruction.
    Encoding,
    /// A compiler writes only what some kernel has.
    Newer,
    /// Compilers place functions and jumps themselves.
    Targets,
    /// What a loader puts in.
    Loader,
}

impl Never {
    /// The reason as a sentence.
    pub const fn why(self) -> &'static str {
        match self {
            Self::Encoding => {
                "C has no such fault: no compiler writes these instructions. They come from bytes that were put together by hand \
                 or by a tool."
            }
            Self::Newer => {
                "C has no such fault on the newest kernels: clang writes only instructions that some kernel has. With \
                 `-mcpu=v3` and `-mcpu=v4` it writes such as came with Linux 5.12 and 6.6, and older kernels refuse those like this."
            }
            Self::Targets => {
                "C has no such fault: the compiler places functions and jumps itself. It comes from code that was put together or \
                 changed after that."
            }
            Self::Loader => {
                "C has no such fault: it names a map or a variable of the kernel's, and the loader puts in its number. It comes from \
                 code that no loader has prepared."
            }
        }
    }
}

impl Code {
    /// A file that root loads and every clang takes.
    const fn of(text: &'static str) -> Self {
        Self {
            text,
            flags: &[],
            oldest_clang: None,
            newest_clang: None,
            fault_of: None,
            privilege: Privilege::Full,
            load_flags: 0,
        }
    }

    const fn flags(mut self, flags: &'static [&'static str]) -> Self {
        self.flags = flags;
        self
    }

    const fn since_clang(mut self, version: u32) -> Self {
        self.oldest_clang = Some(version);
        self
    }

    const fn until_clang(mut self, version: u32) -> Self {
        self.newest_clang = Some(version);
        self
    }

    const fn fault_of(mut self, class: &'static str) -> Self {
        self.fault_of = Some(class);
        self
    }

    /// Whether a version of clang makes this of it.
    pub fn is_for_clang(&self, version: u32) -> bool {
        self.oldest_clang.is_none_or(|oldest| oldest <= version)
            && self.newest_clang.is_none_or(|newest| version <= newest)
    }

    const fn without_perfmon(mut self) -> Self {
        self.privilege = Privilege::WithoutPerfmon;
        self
    }

    const fn load_flags(mut self, flags: u32) -> Self {
        self.load_flags = flags;
        self
    }

    /// What has to be known besides the file, in sentences: nothing of most.
    pub fn notes(&self) -> String {
        let mut notes = String::new();
        if !self.flags.is_empty() {
            let _ = write!(notes, " Compiled with `{}`.", self.flags.join(" "));
        }
        if let Some(oldest) = self.oldest_clang {
            let _ = write!(notes, " By clang from {oldest} on.");
        }
        if let Some(newest) = self.newest_clang {
            let _ = write!(notes, " By clang up to {newest}: newer ones make something else of it.");
        }
        if self.privilege == Privilege::WithoutPerfmon {
            notes.push_str(" Loaded without CAP_PERFMON.");
        }
        if self.load_flags == BPF_F_STRICT_ALIGNMENT {
            notes.push_str(" Loaded with BPF_F_STRICT_ALIGNMENT.");
        }
        if let Some(class) = self.fault_of {
            let _ = write!(notes, " The fault is one of `{class}`.");
        }
        notes.trim_start().to_owned()
    }
}

impl InC {
    /// What a lesson says before the code, or instead of it.
    pub fn words(&self) -> String {
        match self {
            Self::Code(code) => {
                format!("The fault, and what the verifier accepts. {}", code.notes()).trim_end().to_owned()
            }
            Self::Never(never) => never.why().to_owned(),
        }
    }

    /// The file, if there is one.
    pub const fn text(&self) -> Option<&'static str> {
        match self {
            Self::Code(code) => Some(code.text),
            Self::Never(_) => None,
        }
    }
}

impl Lesson {
    /// The fault in C beside its repair, or why there is none.
    ///
    /// # Panics
    /// Never: a test holds that every class of the catalogue has its row.
    pub fn in_c(&self) -> &'static InC {
        let row = IN_C.iter().find(|(class, _)| *class == self.class.slug);
        &row.expect("every class has its row").1
    }
}

/// Each class with its file, or why it has none.
pub const IN_C: &[(&str, InC)] = &[
    ("arena", InC::Code(Code::of(include_str!("../c/arena.c")).since_clang(19))),
    ("argument-type", InC::Code(Code::of(include_str!("../c/argument-type.c")))),
    ("array-constant-key", InC::Code(Code::of(include_str!("../c/array-constant-key.c")))),
    ("atomic-encoding", InC::Never(Never::Newer)),
    ("atomic-misaligned", InC::Code(Code::of(include_str!("../c/atomic-misaligned.c")))),
    ("atomic-target", InC::Code(Code::of(include_str!("../c/atomic-target.c")))),
    ("bounded-loop", InC::Code(Code::of(include_str!("../c/bounded-loop.c")).fault_of("infinite-loop"))),
    ("buffer-bounds", InC::Code(Code::of(include_str!("../c/buffer-bounds.c")))),
    ("call-depth", InC::Code(Code::of(include_str!("../c/call-depth.c")))),
    ("call-target", InC::Never(Never::Targets)),
    ("callback-result", InC::Code(Code::of(include_str!("../c/callback-result.c")))),
    (
        "callback-without-func-info",
        InC::Code(Code::of(include_str!("../c/callback-without-func-info.c")).flags(&["-g0"])),
    ),
    ("callee-saved-lost", InC::Code(Code::of(include_str!("../c/callee-saved-lost.c")))),
    ("combined-stack", InC::Code(Code::of(include_str!("../c/combined-stack.c")))),
    ("compiler-trap", InC::Code(Code::of(include_str!("../c/compiler-trap.c")).since_clang(21))),
    ("constant-string", InC::Code(Code::of(include_str!("../c/constant-string.c")))),
    ("context-access", InC::Code(Code::of(include_str!("../c/context-access.c")))),
    ("context-modified", InC::Code(Code::of(include_str!("../c/context-modified.c")))),
    ("dead-branch", InC::Code(Code::of(include_str!("../c/dead-branch.c")).fault_of("null-dereference"))),
    ("division-by-zero", InC::Code(Code::of(include_str!("../c/division-by-zero.c")))),
    ("division-range", InC::Code(Code::of(include_str!("../c/division-range.c")))),
    ("double-release", InC::Code(Code::of(include_str!("../c/double-release.c")))),
    ("dynptr-argument", InC::Code(Code::of(include_str!("../c/dynptr-argument.c")))),
    ("dynptr-overwritten", InC::Code(Code::of(include_str!("../c/dynptr-overwritten.c")))),
    ("equality-range", InC::Code(Code::of(include_str!("../c/equality-range.c")))),
    ("exception", InC::Code(Code::of(include_str!("../c/exception.c")))),
    ("falls-off-the-end", InC::Code(Code::of(include_str!("../c/falls-off-the-end.c")).until_clang(20))),
    ("frame-pointer-write", InC::Code(Code::of(include_str!("../c/frame-pointer-write.c")))),
    ("global-function-argument", InC::Code(Code::of(include_str!("../c/global-function-argument.c")))),
    ("gpl-only", InC::Code(Code::of(include_str!("../c/gpl-only.c")))),
    ("helper-not-for-type", InC::Code(Code::of(include_str!("../c/helper-not-for-type.c")))),
    ("helper-packet-argument", InC::Code(Code::of(include_str!("../c/helper-packet-argument.c")))),
    ("helper-reads-stack", InC::Code(Code::of(include_str!("../c/helper-reads-stack.c")))),
    ("incomplete-ld-imm64", InC::Never(Never::Encoding)),
    ("infinite-loop", InC::Code(Code::of(include_str!("../c/infinite-loop.c")))),
    ("invalid-register", InC::Never(Never::Encoding)),
    ("irq-flag", InC::Code(Code::of(include_str!("../c/irq-flag.c")))),
    ("iterator-state", InC::Code(Code::of(include_str!("../c/iterator-state.c")))),
    ("jump-between-functions", InC::Never(Never::Targets)),
    ("jump-out-of-range", InC::Code(Code::of(include_str!("../c/jump-out-of-range.c")))),
    ("kernel-struct-access", InC::Code(Code::of(include_str!("../c/kernel-struct-access.c")))),
    ("kernel-symbol", InC::Never(Never::Loader)),
    ("kfunc-argument", InC::Code(Code::of(include_str!("../c/kfunc-argument.c")))),
    ("kptr", InC::Code(Code::of(include_str!("../c/kptr.c")).since_clang(19))),
    ("legacy-packet-load", InC::Code(Code::of(include_str!("../c/legacy-packet-load.c")))),
    ("linked-scalars", InC::Code(Code::of(include_str!("../c/linked-scalars.c")))),
    ("lock-place", InC::Code(Code::of(include_str!("../c/lock-place.c")))),
    ("lock-region", InC::Code(Code::of(include_str!("../c/lock-region.c")))),
    ("lower-half-check", InC::Code(Code::of(include_str!("../c/lower-half-check.c")))),
    ("map-access-flags", InC::Code(Code::of(include_str!("../c/map-access-flags.c")))),
    ("map-descriptor", InC::Never(Never::Loader)),
    ("map-internals", InC::Code(Code::of(include_str!("../c/map-internals.c")))),
    ("map-not-for-program", InC::Code(Code::of(include_str!("../c/map-not-for-program.c")))),
    ("map-pointer-arithmetic", InC::Code(Code::of(include_str!("../c/map-pointer-arithmetic.c")))),
    ("map-struct-read", InC::Code(Code::of(include_str!("../c/map-struct-read.c")).without_perfmon())),
    ("map-type", InC::Code(Code::of(include_str!("../c/map-type.c")))),
    (
        "map-value-alignment",
        InC::Code(Code::of(include_str!("../c/map-value-alignment.c")).load_flags(BPF_F_STRICT_ALIGNMENT)),
    ),
    ("map-value-max", InC::Code(Code::of(include_str!("../c/map-value-max.c")))),
    ("map-value-negative-index", InC::Code(Code::of(include_str!("../c/map-value-negative-index.c")))),
    ("map-value-offset", InC::Code(Code::of(include_str!("../c/map-value-offset.c")))),
    ("map-value-or-null", InC::Code(Code::of(include_str!("../c/map-value-or-null.c")))),
    ("map-value-unbounded", InC::Code(Code::of(include_str!("../c/map-value-unbounded.c")))),
    ("memory-bounds", InC::Code(Code::of(include_str!("../c/memory-bounds.c")))),
    ("negative-size", InC::Code(Code::of(include_str!("../c/negative-size.c")))),
    ("not-equal-range", InC::Code(Code::of(include_str!("../c/not-equal-range.c")))),
    ("null-dereference", InC::Code(Code::of(include_str!("../c/null-dereference.c")))),
    ("nullable-argument", InC::Code(Code::of(include_str!("../c/nullable-argument.c")))),
    ("or-null-argument", InC::Code(Code::of(include_str!("../c/or-null-argument.c")))),
    ("or-null-arithmetic", InC::Code(Code::of(include_str!("../c/or-null-arithmetic.c")))),
    ("owned-object", InC::Code(Code::of(include_str!("../c/owned-object.c")))),
    (
        "packet-alignment",
        InC::Code(Code::of(include_str!("../c/packet-alignment.c")).load_flags(BPF_F_STRICT_ALIGNMENT)),
    ),
    ("packet-check-before-offset", InC::Code(Code::of(include_str!("../c/packet-check-before-offset.c")))),
    ("packet-check-reversed", InC::Code(Code::of(include_str!("../c/packet-check-reversed.c")))),
    ("packet-check-too-short", InC::Code(Code::of(include_str!("../c/packet-check-too-short.c")))),
    ("packet-end-access", InC::Code(Code::of(include_str!("../c/packet-end-access.c")))),
    ("packet-length-check", InC::Code(Code::of(include_str!("../c/packet-length-check.c")))),
    ("packet-offset-too-large", InC::Code(Code::of(include_str!("../c/packet-offset-too-large.c")))),
    ("packet-pointer-lost", InC::Code(Code::of(include_str!("../c/packet-pointer-lost.c")))),
    ("packet-unchecked", InC::Code(Code::of(include_str!("../c/packet-unchecked.c")))),
    ("packet-write", InC::Code(Code::of(include_str!("../c/packet-write.c")))),
    ("pointer-comparison", InC::Code(Code::of(include_str!("../c/pointer-comparison.c")).without_perfmon())),
    ("pointer-far-offset", InC::Code(Code::of(include_str!("../c/pointer-far-offset.c")))),
    ("pointer-into-map", InC::Code(Code::of(include_str!("../c/pointer-into-map.c")).without_perfmon())),
    ("pointer-operator", InC::Code(Code::of(include_str!("../c/pointer-operator.c")))),
    ("pointer-plus-pointer", InC::Code(Code::of(include_str!("../c/pointer-plus-pointer.c")))),
    ("preemption-section", InC::Code(Code::of(include_str!("../c/preemption-section.c")))),
    ("program-type-rules", InC::Code(Code::of(include_str!("../c/program-type-rules.c")))),
    ("rcu-section", InC::Code(Code::of(include_str!("../c/rcu-section.c")))),
    ("recursion", InC::Code(Code::of(include_str!("../c/recursion.c")))),
    ("reference-leak", InC::Code(Code::of(include_str!("../c/reference-leak.c")))),
    ("relocation-missing", InC::Code(Code::of(include_str!("../c/relocation-missing.c")))),
    ("reserved-field", InC::Never(Never::Newer)),
    ("result-range", InC::Code(Code::of(include_str!("../c/result-range.c")))),
    ("returned-pointer", InC::Code(Code::of(include_str!("../c/returned-pointer.c")).without_perfmon())),
    ("returned-stack-pointer", InC::Code(Code::of(include_str!("../c/returned-stack-pointer.c")))),
    ("ringbuf-or-null", InC::Code(Code::of(include_str!("../c/ringbuf-or-null.c")))),
    (
        "same-instruction-different-pointers",
        InC::Code(Code::of(include_str!("../c/same-instruction-different-pointers.c"))),
    ),
    ("scalar-minus-pointer", InC::Code(Code::of(include_str!("../c/scalar-minus-pointer.c")))),
    (
        "shared-null-check",
        InC::Code(Code::of(include_str!("../c/shared-null-check.c")).fault_of("map-value-or-null")),
    ),
    ("shift-count", InC::Code(Code::of(include_str!("../c/shift-count.c")))),
    ("signed-bounds", InC::Code(Code::of(include_str!("../c/signed-bounds.c")))),
    ("size-not-constant", InC::Code(Code::of(include_str!("../c/size-not-constant.c")))),
    ("sleeping-call", InC::Code(Code::of(include_str!("../c/sleeping-call.c")))),
    ("special-field", InC::Code(Code::of(include_str!("../c/special-field.c")))),
    (
        "speculative-arithmetic",
        InC::Code(Code::of(include_str!("../c/speculative-arithmetic.c")).without_perfmon()),
    ),
    ("spilled-bounds", InC::Code(Code::of(include_str!("../c/spilled-bounds.c")))),
    ("spilled-pointer", InC::Code(Code::of(include_str!("../c/spilled-pointer.c")))),
    ("spin-lock-without-btf", InC::Code(Code::of(include_str!("../c/spin-lock-without-btf.c")))),
    ("stack-alignment", InC::Code(Code::of(include_str!("../c/stack-alignment.c")))),
    ("stack-bounds", InC::Code(Code::of(include_str!("../c/stack-bounds.c")))),
    ("stack-variable-offset", InC::Code(Code::of(include_str!("../c/stack-variable-offset.c")))),
    ("subprogram-result", InC::Code(Code::of(include_str!("../c/subprogram-result.c")))),
    ("tail-call-in-function", InC::Code(Code::of(include_str!("../c/tail-call-in-function.c")))),
    ("tail-call-map", InC::Code(Code::of(include_str!("../c/tail-call-map.c")))),
    ("too-many-instructions", InC::Code(Code::of(include_str!("../c/too-many-instructions.c")))),
    ("too-many-jumps", InC::Code(Code::of(include_str!("../c/too-many-jumps.c")))),
    ("unbounded-size", InC::Code(Code::of(include_str!("../c/unbounded-size.c")))),
    (
        "uninitialised-after-join",
        InC::Code(
            Code::of(include_str!("../c/uninitialised-after-join.c"))
                .flags(&["-Wno-sometimes-uninitialized"]),
        ),
    ),
    ("uninitialised-dynptr", InC::Code(Code::of(include_str!("../c/uninitialised-dynptr.c")))),
    ("uninitialised-register", InC::Code(Code::of(include_str!("../c/uninitialised-register.c")))),
    (
        "uninitialised-result",
        InC::Code(Code::of(include_str!("../c/uninitialised-result.c")).flags(&["-Wno-return-type"])),
    ),
    (
        "uninitialised-stack",
        InC::Code(Code::of(include_str!("../c/uninitialised-stack.c")).without_perfmon()),
    ),
    ("unknown-helper", InC::Code(Code::of(include_str!("../c/unknown-helper.c")))),
    ("unknown-kfunc", InC::Code(Code::of(include_str!("../c/unknown-kfunc.c")))),
    ("unknown-opcode", InC::Never(Never::Newer)),
    ("unreachable-instruction", InC::Code(Code::of(include_str!("../c/unreachable-instruction.c")))),
    ("untrusted-pointer", InC::Code(Code::of(include_str!("../c/untrusted-pointer.c")))),
    ("zero-size", InC::Code(Code::of(include_str!("../c/zero-size.c")))),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons;

    #[test]
    fn every_lesson_shows_c_or_says_why_not() {
        let mut classes: Vec<&str> = lessons().map(|lesson| lesson.class.slug).collect();
        classes.sort_unstable();
        let rows: Vec<&str> = IN_C.iter().map(|(class, _)| *class).collect();
        assert_eq!(rows, classes);
        for (class, in_c) in IN_C {
            let words = in_c.words();
            match in_c {
                InC::Code(code) => {
                    assert!(code.text.contains(" fault(") && code.text.contains(" repair("), "{class}");
                    assert!(code.text.lines().count() < 60, "{class} is long to read");
                }
                InC::Never(_) => assert!(words.starts_with("C has no such fault"), "{class}: {words}"),
            }
            assert!(words.ends_with('.'), "{class}: {words}");
        }
    }

    #[test]
    fn what_has_to_be_known_is_said() {
        let notes = |class: &str| crate::lesson(class).unwrap().in_c().words();
        let plain = "The fault, and what the verifier accepts.";
        assert_eq!(notes("map-value-max"), plain);
        assert_eq!(notes("uninitialised-stack"), format!("{plain} Loaded without CAP_PERFMON."));
        assert_eq!(notes("packet-alignment"), format!("{plain} Loaded with BPF_F_STRICT_ALIGNMENT."));
        assert_eq!(notes("arena"), format!("{plain} By clang from 19 on."));
        assert_eq!(notes("callback-without-func-info"), format!("{plain} Compiled with `-g0`."));
        assert_eq!(notes("bounded-loop"), format!("{plain} The fault is one of `infinite-loop`."));
        assert!(notes("unknown-opcode").contains("-mcpu=v4"));
    }
}
