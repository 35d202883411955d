use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program's signature does not cover it",
    why: "Signed programs are verified together with their maps, which must be frozen, exclusive arrays, named through fd_array.",
    fix: "Sign again with the tool that made the loader program, or load without the signature.",
    no_lesson: Some("It takes a signature by a key that the kernel trusts."),
    blame: Blame::Privilege,
    docs: pages::SIGNING,
    remedy: |_| {
        Some(Remedy {
            c: "bpftool prog load -S -k KEY -i CERT …",
            rust: "load unsigned, or through a signed loader program",
            asm: "fd_array and fd_array_cnt of the load, with the maps that the signature covers",
        })
    },
    ..PLAIN
};
