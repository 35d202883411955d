use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a global function has a type that is not supported",
    why: "Global functions take up to five numbers or pointers to things of known size, and give a number.",
    fix: "Return an int, pass larger things by pointer, or make the function static.",
    no_lesson: Some(
        "Functions of cases take at most five numbers and give one; it takes other types to break the rule.",
    ),
    docs: pages::TYPES,
    remedy: |_| {
        Some(Remedy {
            c: "__noinline int f(struct s *p): no struct by value, no pointer as result; or static",
            rust: "return i32 or u64 and take references; or #[inline(always)]",
            asm: "a BTF prototype with at most five arguments and a number as result",
        })
    },
    // The caller's message comes after that of the function.
    when: |e| e.is(&[Kind::CallerArguments]) && e.fault.detail(Kind::GlobalFunctionSignature).is_some(),
    ..PLAIN
};
