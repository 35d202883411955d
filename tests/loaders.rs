//! One object for every loader: the file that `knockwright build knock` writes, unchanged, through aya, bpftool, `ip` and
//! `xdp-loader`.

mod support;

use std::mem::{offset_of, size_of};
use std::process::Command;

use knockwright_asm::linux::uapi::XdpAction;
use knockwright_asm::{Asm, ProgType, Prototype, Reg::*};
use knockwright_codegen::btf::Kind;
use knockwright_codegen::{Object, Report};
use knockwright_loader::interface::Interface;
use knockwright_loader::netns::{Netns, NetnsPair};
use knockwright_loader::xdp::XdpLoader;
use knockwright_programs::knock::{IpState, KnockConfig, LostEvents, PortSequence};
use support::cli::{Scratch, run};
use support::{has, headers, may_load};

/// The hash that the kernel gives the program's instructions: the same whoever loads it.
fn tag(object: &str) -> String {
    tag_of(object, "knock")
}

/// The same of a program with another name.
fn tag_of(object: &str, name: &str) -> String {
    let object = std::fs::read(object).unwrap();
    // The loader makes sure that the kernel took the BTF.
    let program = XdpLoader::new().load(&object, name).expect("aya loads it");
    assert_eq!(program.info().maps, 4);
    assert!(program.info().line_infos > 100, "{:?}", program.info());
    hex::encode(program.info().tag)
}

/// Runs a command with a BPF file system of its own, which vanishes with it. `ip` and `bpftool` mount one for the whole
/// machine where they find none.
fn with_bpf_file_system(command: &[&str]) -> Command {
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "sh", "-c", "mount -t bpf bpf /sys/fs/bpf && exec \"$@\"", "sh"]).args(command);
    unshare
}

/// What it printed, if it ended well.
#[track_caller]
fn said(mut command: Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{stdout}{stderr}");
    assert!(
        !stderr.contains("without BTF"),
        "libbpf tries again without BTF that the kernel refused: {stderr}"
    );
    stdout
}

fn bpftool(arguments: &[&str]) -> String {
    let mut command = Command::new("bpftool");
    command.args(arguments);
    said(command)
}

/// Checks that an interface has the program, or a dispatcher that calls it.
fn assert_attached(netns: &Netns, interface: &str, tag: &str) {
    let interface = netns.run(|| Interface::named(interface)).unwrap().unwrap();
    let [attached] = interface.xdp[..] else { panic!("{interface:?}") };
    let shown = bpftool(&["-j", "prog", "show", "id", &attached.prog_id.to_string()]);
    let shown = if shown.contains("xdp_dispatcher") { bpftool(&["-j", "prog", "show"]) } else { shown };
    assert!(shown.contains(&format!("\"name\":\"knock\",\"tag\":\"{tag}\"")), "{shown}");
}

#[test]
fn aya_and_bpftool() {
    const TEST: &str = "aya_and_bpftool";
    if !may_load(TEST) || !has(TEST, "bpftool", "bpftool") {
        return;
    }
    let scratch = Scratch::new();
    for name in ["knock", "knock_l3"] {
        aya_and_bpftool_load(&scratch.build(name), name);
    }
}

fn aya_and_bpftool_load(object: &str, name: &str) {
    let script = "bpftool prog load \"$1\" /sys/fs/bpf/knock && bpftool -j prog show pinned /sys/fs/bpf/knock \
        && bpftool prog dump xlated pinned /sys/fs/bpf/knock linum";
    let shown = said(with_bpf_file_system(&["sh", "-c", script, "sh", object]));
    assert!(shown.contains(&format!("\"tag\":\"{}\"", tag_of(object, name))), "{shown}");
    assert!(shown.contains("\"gpl_compatible\":true") && shown.contains("\"btf_id\":"), "{shown}");
    assert!(shown.contains("; let config = p.not_null(config, k.pass); [file:"), "{shown}");
}

#[test]
fn ip_link() {
    const TEST: &str = "ip_link";
    if !may_load(TEST) || !has(TEST, "ip", "iproute2") || !has(TEST, "bpftool", "bpftool") {
        return;
    }
    let scratch = Scratch::new();
    let object = scratch.build("knock");
    let tag = tag(&object);
    let pair = NetnsPair::new().unwrap();
    let set = ["ip", "link", "set", "dev", NetnsPair::SERVER_INTERFACE];
    for mode in ["xdp", "xdpdrv", "xdpgeneric"] {
        let load = [&set[..], &[mode, "obj", &object, "sec", "xdp"]].concat();
        pair.server.run(|| said(with_bpf_file_system(&load))).unwrap();
        assert_attached(&pair.server, NetnsPair::SERVER_INTERFACE, &tag);
        pair.server.run(|| said(with_bpf_file_system(&[&set[..], &[mode, "off"]].concat()))).unwrap();
    }
}

#[test]
fn xdp_loader() {
    const TEST: &str = "xdp_loader";
    if !may_load(TEST) || !has(TEST, "xdp-loader", "xdp-tools") || !has(TEST, "bpftool", "bpftool") {
        return;
    }
    let scratch = Scratch::new();
    let object = scratch.build("knock");
    let tag = tag(&object);
    let pair = NetnsPair::new().unwrap();
    for mode in ["skb", "native"] {
        let load = ["xdp-loader", "load", "-m", mode, NetnsPair::SERVER_INTERFACE, &object];
        pair.server.run(|| said(with_bpf_file_system(&load))).unwrap();
        assert_attached(&pair.server, NetnsPair::SERVER_INTERFACE, &tag);
        let unload = ["xdp-loader", "unload", "--all", NetnsPair::SERVER_INTERFACE];
        pair.server.run(|| said(with_bpf_file_system(&unload))).unwrap();
    }
}

#[test]
fn two_objects_with_variables_are_linked_and_loaded() {
    const TEST: &str = "two_objects_with_variables_are_linked_and_loaded";
    if !may_load(TEST) || !has(TEST, "bpftool", "bpftool") {
        return;
    }
    let scratch = Scratch::new();
    let part = |name: &str| {
        let source = format!(
            ".program {name} xdp\n.license GPL\n.map .bss array key 4 value 4 entries 1 data 00000000\n\
             r1 = map[.bss][0]+0\nr2 = *(u32 *)(r1 +0)\nr2 += 1\n*(u32 *)(r1 +0) = r2\nr0 = 2\nexit\n"
        );
        let (source, object) =
            (scratch.file(&format!("{name}.bpf"), &source), scratch.path(&format!("{name}.o")));
        let written = run(&["asm", &source, "--format", "obj", "-o", &object]);
        assert_eq!(written.status, Some(0), "{}", written.stderr);
        object
    };
    let linked = scratch.path("linked.o");
    bpftool(&["gen", "object", &linked, &part("one"), &part("other")]);
    let script = "bpftool prog loadall \"$1\" /sys/fs/bpf/linked && ls /sys/fs/bpf/linked";
    let shown = said(with_bpf_file_system(&["sh", "-c", script, "sh", &linked]));
    assert_eq!(shown.lines().collect::<Vec<_>>(), ["one", "other"]);
}

/// A function that is generated, as a policy would be, and a program of clang's that calls it.
#[test]
fn a_generated_function_is_called_from_an_object_of_clang() {
    const TEST: &str = "a_generated_function_is_called_from_an_object_of_clang";
    const SOURCE: &str = r#"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern __u64 decide(__u64 length);

SEC("xdp")
int ask(struct xdp_md *ctx)
{
	return decide(ctx->data_end - ctx->data) & 3;
}

char LICENSE[] SEC("license") = "GPL";
"#;
    if !may_load(TEST) || !has(TEST, "bpftool", "bpftool") || !has(TEST, "clang", "clang") {
        return;
    }
    // Frames of at least 100 bytes are dropped.
    let mut a = Asm::new("decide", ProgType::Xdp);
    let drop = a.label("drop");
    a.license("GPL");
    a.goto_if(R1.ge(100), drop);
    a.mov(R0, XdpAction::Pass as i32);
    a.exit();
    a.bind(drop);
    a.mov(R0, XdpAction::Drop as i32);
    a.exit();
    let mut decide = a.finish().unwrap();
    decide.functions[0].prototype = Some(Prototype::numbers(["length"]));
    let scratch = Scratch::new();
    let generated = scratch.path("generated.o");
    let bytes = Object::new().program_in(&decide, ".text").finish().unwrap();
    std::fs::write(&generated, bytes).unwrap();

    let (source, compiled) = (scratch.file("ask.c", SOURCE), scratch.path("ask.o"));
    let mut clang = Command::new("clang");
    clang.args(["-O2", "-g", "-target", "bpf", &headers(), "-c", &source, "-o", &compiled]);
    assert_eq!(said(clang), "");
    let linked = scratch.path("linked.o");
    bpftool(&["gen", "object", &linked, &compiled, &generated]);

    for (length, action) in [(64, 2), (99, 2), (100, 1), (1000, 1)] {
        let packet = scratch.path("packet");
        std::fs::write(&packet, vec![0; length]).unwrap();
        let script = "bpftool prog load \"$1\" /sys/fs/bpf/ask && bpftool -j prog run pinned /sys/fs/bpf/ask data_in \"$2\"";
        let shown = said(with_bpf_file_system(&["sh", "-c", script, "sh", &linked, &packet]));
        assert!(shown.contains(&format!("\"retval\":{action}")), "{length}: {shown}");
    }
}

#[test]
fn bpftool_prints_the_types_by_name() {
    if !has("bpftool_prints_the_types_by_name", "bpftool", "bpftool") {
        return;
    }
    let scratch = Scratch::new();
    let object = scratch.build("knock");
    let dump = bpftool(&["btf", "dump", "file", &object]);
    for part in [
        "STRUCT 'knock_config' size=48 vlen=4",
        "STRUCT 'ip_state' size=16 vlen=2",
        "STRUCT 'port_sequence' size=32 vlen=3",
        "VAR 'ip_tracking_map'",
        "FUNC 'knock' type_id=",
    ] {
        assert!(dump.contains(part), "{part}: {dump}");
    }
    let c = bpftool(&["btf", "dump", "file", &object, "format", "c"]);
    assert!(c.contains("struct ip_state {\n\t__u64 progress;\n\t__u64 opened_at;\n};"), "{c}");
}

/// A struct of the object's BTF: its size in bytes, and the offsets of its members in bytes.
fn layout(report: &Report, wanted: &str) -> (usize, Vec<(String, usize)>) {
    let found = report.types.iter().find_map(|ty| match &ty.kind {
        Kind::Struct { name, size, members } if name == wanted => Some((size, members)),
        _ => None,
    });
    let (&size, members) = found.unwrap_or_else(|| panic!("no struct {wanted}"));
    let member = |member: &knockwright_codegen::btf::Field| {
        assert_eq!(member.bit_offset % 8, 0, "{wanted}.{}", member.name);
        (member.name.clone(), member.bit_offset as usize / 8)
    };
    (size as usize, members.iter().map(member).collect())
}

macro_rules! assert_layout {
    ($report:expr, $rust:ty as $name:literal { $($member:ident),* }) => {
        let members = vec![$((stringify!($member).to_owned(), offset_of!($rust, $member))),*];
        assert_eq!(layout($report, $name), (size_of::<$rust>(), members));
    };
}

#[test]
fn the_object_and_user_space_agree_on_layouts() {
    let scratch = Scratch::new();
    let report = Report::read(&std::fs::read(scratch.build("knock")).unwrap()).unwrap();
    assert_layout!(&report, PortSequence as "port_sequence" { ports, length, timeout_ms });
    assert_layout!(&report, KnockConfig as "knock_config" { target_port, flags, seq, session_timeout });
    assert_layout!(&report, IpState as "ip_state" { progress, opened_at });
    assert_layout!(&report, LostEvents as "lost_count" { count });
    let sizes: Vec<_> = report
        .maps
        .iter()
        .map(|map| (map.name.as_str(), map.key_size as usize, map.value_size as usize))
        .collect();
    assert_eq!(
        sizes,
        [
            ("config_map", size_of::<u32>(), size_of::<KnockConfig>()),
            ("ip_tracking_map", size_of::<u32>(), size_of::<IpState>()),
            ("events", 0, 0),
            ("lost_events", size_of::<u32>(), size_of::<LostEvents>()),
        ]
    );
}
