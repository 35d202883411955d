//! The constants of the kernel's interface against what says them elsewhere: the BTF of the running kernel, which has the
//! enums, and the headers of this machine, which have the macros.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use knockwright_asm::Endian;
use knockwright_asm::linux::uapi::{
    LwtResult, NetfilterVerdict, SkAction, TcAction, TcxAction, XdpAction, classic, contexts, helper_flags,
    map_flags, prog_flags, sock_ops, sockets,
};
use knockwright_codegen::btf::{Btf, Kind};
use support::cli::Scratch;
use support::skip;

const BTF: &str = "/sys/kernel/btf/vmlinux";

/// The headers that define what no enum has.
const HEADERS: &[&str] = &[
    "linux/bpf.h",
    "linux/filter.h",
    "linux/in.h",
    "linux/in6.h",
    "linux/netfilter.h",
    "linux/pkt_cls.h",
    "linux/tcp.h",
    "sys/socket.h",
    "asm/socket.h",
];

/// Every name and number here.
fn constants() -> Vec<(&'static str, i64)> {
    let lists = [
        classic::ALL,
        contexts::ALL,
        helper_flags::ALL,
        map_flags::ALL,
        prog_flags::ALL,
        sock_ops::ALL,
        sockets::ALL,
    ];
    let mut all: Vec<(&str, i64)> = lists.concat();
    all.extend(XdpAction::ALL.iter().map(|one| (one.name(), i64::from(one.number()))));
    all.extend(TcAction::ALL.iter().map(|one| (one.name(), i64::from(one.number()))));
    all.extend(TcxAction::ALL.iter().map(|one| (one.name(), i64::from(one.number()))));
    all.extend(SkAction::ALL.iter().map(|one| (one.name(), i64::from(one.number()))));
    all.extend(NetfilterVerdict::ALL.iter().map(|one| (one.name(), i64::from(one.number()))));
    all.extend(LwtResult::ALL.iter().map(|one| (one.name(), i64::from(one.number()))));
    all
}

/// Every enumerator of the running kernel, by its name.
fn enumerators() -> Option<BTreeMap<String, i64>> {
    let btf = Btf::parse(&std::fs::read(BTF).ok()?, Endian::NATIVE).expect("the kernel's BTF");
    let mut found = BTreeMap::new();
    for (_, kind) in btf.iter() {
        if let Kind::Enum { values, .. } | Kind::Enum64 { values, .. } = kind {
            found.extend(values.iter().map(|one| (one.name.clone(), one.value)));
        }
    }
    Some(found)
}

#[test]
fn enums_are_those_of_the_running_kernel() {
    let Some(kernel) = enumerators() else {
        skip("enums_are_those_of_the_running_kernel", "the kernel has no BTF");
        return;
    };
    let mut asked = 0;
    for (name, number) in constants() {
        if let Some(theirs) = kernel.get(name) {
            assert_eq!(*theirs, number, "{name}");
            asked += 1;
        }
    }
    assert!(asked > 150, "{asked}");
}

/// What the headers of this machine don't have yet isn't asked.
#[test]
fn macros_are_those_of_the_headers() {
    const TEST: &str = "macros_are_those_of_the_headers";
    let compilers = ["clang-19", "clang", "cc"];
    let Some(compiler) =
        compilers.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok())
    else {
        skip(TEST, "no C compiler is installed");
        return;
    };
    let mut source = String::new();
    for header in HEADERS {
        let _ = writeln!(source, "#if __has_include(<{header}>)\n#include <{header}>\n#endif");
    }
    let kernel = enumerators().unwrap_or_default();
    let macros = constants().into_iter().filter(|(name, _)| !kernel.contains_key(*name));
    let mut asked = Vec::new();
    for (name, number) in macros {
        let _ = writeln!(source, "#ifdef {name}\n_Static_assert({name} == {number}, \"{name}\");\n#endif");
        asked.push(name);
    }
    let scratch = Scratch::new();
    let file = scratch.file("macros.c", source);
    let ran =
        Command::new(compiler).args(["-fsyntax-only", "-w", &file]).output().expect("the compiler starts");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert!(asked.len() > 40, "{asked:?}");
}
