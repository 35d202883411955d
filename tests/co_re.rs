//! CO-RE through the command line: the same object is another program for each kernel's types.

mod support;

use std::process::Command;

use knockwright_codegen::btf::{Builder, Endian, Field, IntEncoding, Kind, TypeId};
use support::cli::{Scratch, run};
use support::has;

/// A program whose result and instructions depend on the kernel's `struct guarded`.
const SOURCE: &str = r#"
#define SEC(name) __attribute__((section(name), used))
struct guarded { int first; int wanted; int maybe; } __attribute__((preserve_access_index));
SEC("socket") int place(struct guarded *at)
{
    return __builtin_preserve_field_info(at->wanted, 0);
}
SEC("socket") int guards(struct guarded *at)
{
    if (__builtin_preserve_field_info(at->maybe, 2))
        return __builtin_preserve_field_info(at->maybe, 0);
    return 1;
}
SEC("socket") int careless(struct guarded *at)
{
    return __builtin_preserve_field_info(at->maybe, 0);
}
char _license[] SEC("license") = "GPL";
"#;

/// The program's object; `None` where clang isn't there.
fn object(scratch: &Scratch) -> Option<String> {
    if !has("co_re", "clang-19", "clang-19") {
        return None;
    }
    let (source, object) = (scratch.path("guarded.c"), scratch.path("guarded.o"));
    std::fs::write(&source, SOURCE).unwrap();
    let done = Command::new("clang-19")
        .args(["-O2", "-g", "-target", "bpf", "-c"])
        .arg(&source)
        .arg("-o")
        .arg(&object)
        .status();
    assert!(done.unwrap().success());
    Some(object)
}

/// A file with the types of a kernel that has such members at such bytes.
fn kernel(scratch: &Scratch, name: &str, members: &[(&str, u32)]) -> String {
    let mut types = Builder::new();
    let int = types.add_int("int", 4, IntEncoding::SIGNED);
    let member = |&(name, byte): &(&str, u32)| Field {
        name: name.to_owned(),
        ty: int,
        bit_offset: byte * 8,
        bit_width: 0,
    };
    let members = members.iter().map(member).collect();
    assert_ne!(types.add(Kind::Struct { name: "guarded".to_owned(), size: 64, members }), TypeId::VOID);
    let file = scratch.path(name);
    std::fs::write(&file, types.finish(Endian::Little)).unwrap();
    file
}

#[test]
fn an_object_is_made_for_the_kernel_whose_types_are_named() {
    let scratch = Scratch::new();
    let Some(object) = object(&scratch) else { return };
    let old = kernel(&scratch, "old", &[("wanted", 12), ("maybe", 20)]);
    let new = kernel(&scratch, "new", &[("wanted", 40)]);
    let verify = |program: &str, types: &str| {
        let verify = ["verify", "--engine", "userspace", "--log", "--program", program, "--btf"];
        run(&[&verify[..], &[types, &object]].concat())
    };
    for (program, types, line) in [
        ("place", &old, "(b7) r0 = 12"),
        ("place", &new, "(b7) r0 = 40"),
        ("guards", &old, "= 20"),
        ("guards", &new, "r0 = 1"),
        ("careless", &old, "(b7) r0 = 20"),
    ] {
        let log = verify(program, types).done();
        assert!(log.contains(line), "{program}: {log}");
    }
    let ran = verify("careless", &new);
    assert_eq!(ran.status, Some(1));
    assert!(ran.stdout.contains("invalid func unknown#195896080"), "{}", ran.stdout);
    let note = "note: careless: instruction 0: the kernel has nothing for CO-RE relocation <byte_off> ";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
    assert!(ran.stderr.contains("struct guarded.maybe (0:2 @ offset 8)"), "{}", ran.stderr);

    let json = run(&["verify", "--engine", "userspace", "--format", "jsonl", "--btf", &new, &object]);
    let rows: Vec<serde_json::Value> =
        json.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let poisoned: Vec<bool> = rows.iter().map(|row| row.get("poisoned").is_some()).collect();
    assert_eq!(poisoned, [false, false, true]);
}

#[test]
fn without_types_it_is_unsupported_and_bad_ones_are_bad_input() {
    let scratch = Scratch::new();
    let Some(object) = object(&scratch) else { return };
    let json = run(&["inspect", "--format", "json", &object]).done();
    assert!(json.contains("field_exists guarded.maybe"), "{json}");
    run(&["disasm", &object]).done();
    let ran = run(&["verify", "--engine", "userspace", "--kernel", "6.8", &object]);
    // Nothing can be said of Linux 6.8, unless somebody has put one into the cache.
    if ran.status != Some(0) && ran.status != Some(1) {
        assert_eq!(ran.status, Some(4), "{}", ran.stderr);
        assert!(
            ran.stdout.contains("CO-RE relocations, which are applied by the kernel's BTF"),
            "{}",
            ran.stdout
        );
        assert!(ran.stderr.starts_with("note: no types of the kernel"), "{}", ran.stderr);
    }
    let bad = run(&["verify", "--engine", "userspace", "--btf", "/dev/null", &object]).failed(3);
    assert!(bad.contains("/dev/null: neither BTF, nor an ELF file, nor a kernel image"), "{bad}");
    let bad = run(&["verify", "--engine", "userspace", "--btf", "/dev/null", &object, &object]).failed(3);
    assert!(bad.contains("/dev/null: neither BTF, nor an ELF file, nor a kernel image"), "{bad}");
}
