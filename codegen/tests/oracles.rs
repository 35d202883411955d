//! Loaders on this machine take our objects: bpftool, `ip` and xdp-loader, all with the kernel behind them.
//!
//! Each test says `skipped: …` where the tool or the permission is missing; with `CI=true` that's a failure.

mod support;

use std::process::Command;

use knockwright_asm::{Helper, Insn, Item, MapDef, MapType, ProgType, Program, Reg, Size};
use knockwright_codegen::Object;
use support::{
    ObjectFile, call, function, has, item, knock, pass, prints_constant, root_with, run, said, unique,
};

/// A network namespace with a device `v0`, removed at the end.
struct Namespace(String);

impl Namespace {
    fn new() -> Self {
        let name = unique("kw");
        run(&["ip", "netns", "add", &name]);
        let namespace = Self(name);
        run(&["ip", "-n", &namespace.0, "link", "add", "v0", "type", "veth", "peer", "name", "v1"]);
        run(&["ip", "-n", &namespace.0, "link", "set", "v0", "up"]);
        namespace
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.0]).output();
    }
}

/// Loads all programs of an object with bpftool and returns what the kernel then says of one.
///
/// The pins live in a BPF file system of a mount namespace of its own, and vanish with it.
fn bpftool_load(object: &[u8], name: &str) -> String {
    const SCRIPT: &str = "mount -t bpf bpf /sys/fs/bpf && cd /sys/fs/bpf && bpftool prog loadall \"$1\" /sys/fs/bpf/p \
        && bpftool -j prog show pinned \"p/$2\" && bpftool prog dump xlated pinned \"p/$2\" linum";
    let file = ObjectFile::new(object);
    let output = run(&["unshare", "-m", "sh", "-c", SCRIPT, "sh", file.path(), name]);
    // libbpf tries again without types when the kernel refuses them; other loaders don't.
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(!complaints.contains("without BTF"), "{complaints}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn bpftool_prints_the_types_as_c() {
    if !has("bpftool") {
        return;
    }
    let file = ObjectFile::new(&Object::new().program(&knock()).finish().unwrap());
    let output = run(&["bpftool", "btf", "dump", "file", file.path(), "format", "c"]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "typedef unsigned char __u8;",
        "typedef unsigned long long __u64;",
        "struct ip_state {\n\t__u8 sequence_step;\n\t__u64 last_packet_time;\n\t_Bool sequence_complete;\n};",
        "struct port_sequence {\n\t__u16 ports[10];\n\t__u8 length;\n\t__u64 timeout_ms;\n};",
        "struct knock_config {\n\t__u16 target_port;\n\tstruct port_sequence seq;\n\t__u64 session_timeout;\n};",
        "struct xdp_md {\n\t__u32 data;\n\t__u32 data_end;\n\t__u32 data_meta;\n\t__u32 ingress_ifindex;\n",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

#[test]
fn bpftool_lists_functions_and_maps() {
    if !has("bpftool") {
        return;
    }
    let file = ObjectFile::new(&Object::new().program(&knock()).finish().unwrap());
    let output = run(&["bpftool", "btf", "dump", "file", file.path()]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "FUNC 'knock' type_id=",
        "linkage=global",
        "FUNC 'step' type_id=",
        "linkage=static",
        "VAR 'ip_tracking_map' type_id=",
        "DATASEC '.maps' size=",
    ] {
        assert!(text.contains(part), "no {part:?} in\n{text}");
    }
}

#[test]
fn bpftool_loads_a_program_with_maps_subprograms_and_callback() {
    if !root_with("bpftool") {
        return;
    }
    let said = bpftool_load(&Object::new().program(&knock()).finish().unwrap(), "knock");
    assert!(said.contains("\"btf_id\":"), "the kernel didn't take the BTF: {said}");
    for line in [
        "; let state = asm.lookup(ip_tracking, source); [file:src/knock.rs line_num:10 line_col:5]",
        "; let next = asm.add(step, 1); [file:src/knock.rs line_num:20 line_col:5]",
        "step(__u64 step)",
    ] {
        assert!(said.contains(line), "no {line:?} in\n{said}");
    }
}

#[test]
fn bpftool_loads_a_program_without_a_source_line() {
    if !root_with("bpftool") {
        return;
    }
    let mut program = knock();
    program.items.iter_mut().for_each(|item| item.source = None);
    let said = bpftool_load(&Object::new().program(&program).finish().unwrap(), "knock");
    assert!(said.contains("\"btf_id\":"), "the kernel didn't take the BTF: {said}");
    assert!(said.contains("; knock [file:(no source)"), "{said}");
}

#[test]
fn bpftool_loads_a_program_with_constants_and_variables() {
    if !root_with("bpftool") {
        return;
    }
    let said = bpftool_load(&Object::new().program(&prints_constant()).finish().unwrap(), "greet");
    assert!(said.contains("\"btf_id\":"), "the kernel didn't take the BTF: {said}");
    assert!(said.contains("[0]+4"), "no address inside a map: {said}");
}

#[test]
fn bpftool_makes_maps_of_maps_and_with_a_number_more() {
    if !root_with("bpftool") {
        return;
    }
    let mut bloom = MapDef::of_bytes("bloom", MapType::BloomFilter, 0, 8, 100);
    bloom.extra = 7;
    let mut outer = MapDef::of_bytes("outer", MapType::HashOfMaps, 4, 4, 3);
    outer.inner = Some(Box::new(MapDef::of_bytes("outer.inner", MapType::Array, 4, 16, 8)));
    let mut program = pass("pass");
    program.maps = vec![bloom, outer];
    let said = bpftool_load(&Object::new().program(&program).finish().unwrap(), "pass");
    assert!(said.contains("\"btf_id\":"), "the kernel didn't take the BTF: {said}");
}

#[test]
fn bpftool_loads_several_programs_of_one_section() {
    if !root_with("bpftool") {
        return;
    }
    let (one, two, knock) = (pass("one"), pass("two"), knock());
    let object = Object::new().program(&one).program(&knock).program(&two).finish().unwrap();
    let said = bpftool_load(&object, "two");
    assert!(said.contains("\"name\":\"two\""), "{said}");
}

#[test]
fn bpftool_loads_programs_of_types_with_a_declared_context() {
    if !root_with("bpftool") {
        return;
    }
    for prog_type in [
        ProgType::SocketFilter,
        ProgType::SchedCls,
        ProgType::CgroupSkb,
        ProgType::CgroupSock,
        ProgType::Kprobe,
        ProgType::Tracepoint,
        ProgType::RawTracepoint,
        ProgType::PerfEvent,
        ProgType::SockOps,
        ProgType::SkMsg,
        ProgType::SkSkb,
        ProgType::LwtIn,
        ProgType::LwtXmit,
        ProgType::FlowDissector,
        ProgType::CgroupDevice,
    ] {
        let mut program = pass("entry");
        program.prog_type = prog_type;
        program.items[0] = item(Insn::mov64_imm(Reg::R0, 0));
        let said = bpftool_load(&Object::new().program(&program).finish().unwrap(), "entry");
        assert!(said.contains("\"btf_id\":"), "{prog_type}: the kernel didn't take the BTF: {said}");
    }
}

/// A program that calls `bpf_trace_printk`, which the kernel only gives to programs with a licence compatible to the GPL.
fn prints(license: &str) -> Program {
    let text = i32::from_le_bytes(*b"hi\0\0");
    let store = Insn::StoreImm { size: Size::U32, base: Reg::R10, off: -4, imm: text };
    let mut program = pass("prints");
    program.license = license.to_owned();
    let mut items: Vec<Item> = [
        store,
        Insn::mov64_reg(Reg::R1, Reg::R10),
        Insn::add64_imm(Reg::R1, -4),
        Insn::mov64_imm(Reg::R2, 4),
        call(Helper::TracePrintk),
    ]
    .map(item)
    .into();
    items.append(&mut program.items);
    program.items = items;
    program.functions = vec![function("prints", 0, knockwright_asm::Linkage::Global, &[])];
    program
}

#[test]
fn bpftool_takes_the_dual_licence_for_gpl_only_helpers() {
    if !root_with("bpftool") {
        return;
    }
    for license in ["GPL", "Dual MIT/GPL"] {
        let said = bpftool_load(&Object::new().program(&prints(license)).finish().unwrap(), "prints");
        assert!(said.contains("\"gpl_compatible\":true"), "{license}: {said}");
    }
}

#[test]
fn ip_attaches_by_section_and_by_name() {
    if !root_with("ip") {
        return;
    }
    for license in ["GPL", "Dual MIT/GPL"] {
        let licensed = |mut program: Program| {
            program.license = license.to_owned();
            program
        };
        let (knock, prints) = (licensed(knock()), prints(license));
        let greet = licensed(prints_constant());
        let object = Object::new().program(&knock).program(&prints).program(&greet);
        let file = ObjectFile::new(&object.finish().unwrap());
        let namespace = Namespace::new();
        // `ip` mounts a BPF file system where it finds none: in a mount namespace of its own that leaves nothing behind.
        let script = "mount -t bpf bpf /sys/fs/bpf && exec \"$@\"";
        let ip = ["unshare", "-m", "sh", "-c", script, "sh", "ip", "-n", &namespace.0];
        let set = [&ip[..], &["link", "set", "v0"]].concat();
        for choice in [["sec", "xdp"], ["program", "prints"], ["program", "greet"]] {
            run(&[&set[..], &["xdpgeneric", "obj", file.path()], &choice].concat());
            let shown = run(&["ip", "-n", &namespace.0, "link", "show", "v0"]);
            assert!(said(&shown).contains("xdpgeneric"), "{license}: {}", said(&shown));
            run(&[&set[..], &["xdpgeneric", "off"]].concat());
        }
    }
}

#[test]
fn xdp_loader_attaches() {
    if !root_with("xdp-loader") {
        return;
    }
    for program in [knock(), prints("Dual MIT/GPL"), prints_constant()] {
        let file = ObjectFile::new(&Object::new().program(&program).finish().unwrap());
        let namespace = Namespace::new();
        let inside = ["ip", "netns", "exec", &namespace.0, "xdp-loader"];
        // `ip netns exec` gives the command a /sys of its own, without the BPF file system.
        run(&[&inside[..], &["load", "-m", "skb", "-n", &program.name, "v0", file.path()]].concat());
        let status = run(&[&inside[..], &["status", "v0"]].concat());
        assert!(said(&status).contains(&program.name), "{}", said(&status));
        run(&[&inside[..], &["unload", "-a", "v0"]].concat());
    }
}
