//! What programs ask of a kernel by name beside its types: its release and its configuration, from where a loader finds them or
//! from beside the kernel's image.

mod support;

use std::process::Command;

use support::cli::{Scratch, command, run_with};
use support::has;

/// Programs that are rejected where a value isn't the one that they expect.
const SOURCE: &str = r#"
#define SEC(name) __attribute__((section(name), used))
#define KCONFIG __attribute__((section(".kconfig")))
#define WEAK __attribute__((weak))
struct context { unsigned int data; };
extern unsigned int LINUX_KERNEL_VERSION KCONFIG;
extern unsigned int CONFIG_HZ KCONFIG WEAK;
extern char CONFIG_LOCALVERSION[8] KCONFIG WEAK;
extern _Bool LINUX_HAS_SYSCALL_WRAPPER KCONFIG WEAK;
SEC("xdp") int version(struct context *c) { return LINUX_KERNEL_VERSION == 0x060c75 ? 2 : *(int *)(long)c->data; }
SEC("xdp") int frequency(struct context *c) { return CONFIG_HZ == 321 ? 2 : *(int *)(long)c->data; }
SEC("xdp") int name(struct context *c) { return CONFIG_LOCALVERSION[1] == 'k' ? 2 : *(int *)(long)c->data; }
SEC("xdp") int wrapper(struct context *c) { return LINUX_HAS_SYSCALL_WRAPPER ? 2 : *(int *)(long)c->data; }
char _license[] SEC("license") = "GPL";
"#;

/// The object; `None` where clang isn't there.
fn object(scratch: &Scratch, source: &str) -> Option<String> {
    if !has("kernel_facts", "clang-19", "clang-19") {
        return None;
    }
    let (file, object) = (scratch.path("source.c"), scratch.path("source.o"));
    std::fs::write(&file, source).unwrap();
    let done =
        Command::new("clang-19").args(["-O2", "-g", "-target", "bpf", "-c", &file, "-o", &object]).status();
    assert!(done.unwrap().success());
    Some(object)
}

/// The verdicts of the user-space verifier as Linux 6.12.117, whose image is in a folder.
fn verdicts(folder: &str, arguments: &[&str]) -> Vec<(String, String)> {
    let verify = ["verify", "--engine", "userspace", "--kernel", "6.12", "--format", "jsonl"];
    let mut asked = command(&[&verify[..], arguments].concat());
    asked.env("KNOCKWRIGHT_KERNELS", folder);
    let ran = run_with(asked, b"");
    let word = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let rows = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap());
    rows.map(|row: serde_json::Value| (word(&row, "verdict"), word(&row, "message"))).collect()
}

/// A kernel's types without any that programs ask for.
fn types() -> Vec<u8> {
    use knockwright_codegen::btf::{Builder, Endian, IntEncoding};
    let mut types = Builder::new();
    types.add_int("int", 4, IntEncoding::SIGNED);
    types.finish(Endian::Little)
}

#[test]
fn a_configuration_beside_an_image_is_the_kernels() {
    let scratch = Scratch::new();
    let Some(object) = object(&scratch, SOURCE) else { return };
    let folder = scratch.path("kernels");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(format!("{folder}/vmlinuz-6.12.117-own"), types()).unwrap();

    // Without one the release alone is known.
    let alone = verdicts(&folder, &[&object]);
    assert_eq!(alone[0].0, "accept", "{alone:?}");
    for (verdict, message) in &alone[1..] {
        let why = "of the kernel by name, which only a loader with the kernel's configuration and release can look up";
        assert!(verdict == "unsupported" && message.contains(why), "{alone:?}");
    }

    let config = "CONFIG_HZ=321\nCONFIG_LOCALVERSION=\"-kw\"\nCONFIG_ARCH_HAS_SYSCALL_WRAPPER=y\nCONFIG_KPROBE_EVENTS=y\n";
    std::fs::write(format!("{folder}/config-6.12.117-own"), config).unwrap();
    let known = verdicts(&folder, &[&object]);
    assert!(known.iter().all(|(verdict, _)| verdict == "accept"), "{known:?}");
    // Other values than the kernel's, as `--set` gives them.
    let other = verdicts(&folder, &["--set", "CONFIG_HZ=7", "--set", "LINUX_KERNEL_VERSION=8", &object]);
    let words: Vec<&str> = other.iter().map(|(verdict, _)| verdict.as_str()).collect();
    assert_eq!(words, ["reject", "reject", "accept", "accept"], "{other:?}");

    std::fs::write(format!("{folder}/config-6.12.117-own"), "CONFIG_HZ=y\n").unwrap();
    for (verdict, message) in verdicts(&folder, &[&object]) {
        let why = "refers to `CONFIG_HZ` of the kernel by name, and its value there, y, isn't one of the variable's type";
        assert!(verdict == "error" && message.contains(why), "{verdict}: {message}");
    }
}

#[test]
fn what_no_kernel_can_have_is_refused_by_name() {
    let scratch = Scratch::new();
    let source = |declaration: &str, name: &str| {
        format!(
            "extern {declaration} __attribute__((section(\".kconfig\")));\n\
             __attribute__((section(\"xdp\"), used)) int reads(void *c) {{ return *(volatile char *)&{name}; }}\n"
        )
    };
    let folder = scratch.path("kernels");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(format!("{folder}/vmlinuz-6.12.117"), types()).unwrap();
    std::fs::write(format!("{folder}/config-6.12.117"), "CONFIG_HZ=100\n").unwrap();
    for (declaration, name, why) in [
        ("int LINUX_SOMETHING", "LINUX_SOMETHING", "libbpf makes up no such value"),
        ("int SOMETHING", "SOMETHING", "libbpf makes up no such value"),
        ("int CONFIG_NOTHING", "CONFIG_NOTHING", "its configuration hasn't set it"),
        ("int CONFIG_HZ[2]", "CONFIG_HZ", "a value of the configuration is a _Bool"),
        ("struct { int a; } CONFIG_HZ", "CONFIG_HZ", "a value of the configuration is a _Bool"),
        ("signed char CONFIG_HZ", "CONFIG_HZ", ""),
        ("_Bool CONFIG_HZ", "CONFIG_HZ", "its value there, 100, isn't one of the variable's type"),
        ("char CONFIG_HZ[4]", "CONFIG_HZ", "its value there, 100, isn't one of the variable's type"),
    ] {
        let Some(object) = object(&scratch, &source(declaration, name)) else { return };
        let rows = verdicts(&folder, &[&object]);
        let (verdict, message) = &rows[0];
        let wanted = if why.is_empty() { "accept" } else { "error" };
        assert!(verdict == wanted && message.contains(why), "{declaration}: {rows:?}");
    }
}
