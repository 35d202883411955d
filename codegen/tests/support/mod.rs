//! Programs built by hand, and the tools that judge their objects.
#![allow(dead_code, unreachable_pub)] // each test file uses its share

#[path = "skip.rs"]
mod skipping;

use std::borrow::Cow;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

pub use skipping::skip_this as skip;

use knockwright_asm::{
    BpfType, Function, Helper, Imm64, Insn, Item, Linkage, MapDef, MapType, ProgType, Program, Prototype,
    Reg, Size, SourceLine, bpf_struct,
};

bpf_struct! {
    /// What is known of a source address.
    pub struct IpState as "ip_state" {
        /// The number of right knocks so far.
        pub sequence_step: u8,
        /// When the last of them came.
        pub last_packet_time: u64,
        /// Whether all came.
        pub sequence_complete: bool,
    }

    /// The ports to knock at.
    pub struct PortSequence as "port_sequence" {
        /// The ports in order.
        pub ports: [u16; 10],
        /// How many count.
        pub length: u8,
        /// How long a knock may take.
        pub timeout_ms: u64,
    }

    /// The configuration.
    pub struct KnockConfig as "knock_config" {
        /// The protected port.
        pub target_port: u16,
        /// The sequence that opens it.
        pub seq: PortSequence,
        /// How long it stays open.
        pub session_timeout: u64,
    }
}

pub fn item(insn: Insn) -> Item {
    Item::from(insn)
}

pub fn source(line: u32, text: &'static str) -> Option<Arc<SourceLine>> {
    Some(Arc::new(SourceLine {
        file: Cow::Borrowed("src/knock.rs"),
        line,
        column: 5,
        text: Cow::Borrowed(text),
    }))
}

/// Items that all come from one line.
pub fn lined(line: u32, text: &'static str, insns: &[Insn]) -> Vec<Item> {
    let source = source(line, text);
    let item = |&insn| Item::from(insn).with_source(source.clone());
    insns.iter().map(item).collect()
}

pub fn function(name: &str, start: usize, linkage: Linkage, params: &[&str]) -> Function {
    let prototype = (start != 0).then(|| Prototype::numbers(params.iter().copied()));
    Function::new(name, start, linkage).with_prototype(prototype)
}

pub fn map_address(dst: Reg, index: i32) -> Insn {
    Insn::LoadImm64 { dst, value: Imm64::MapIdx(index) }
}

pub fn call(helper: Helper) -> Insn {
    Insn::CallHelper { helper: helper.into() }
}

/// `r0 = 2; exit`: lets every packet pass.
pub fn pass(name: &str) -> Program {
    let mut program = Program::new(name, ProgType::Xdp);
    program.license = "GPL".to_owned();
    program.items = vec![item(Insn::mov64_imm(Reg::R0, 2)), item(Insn::Exit)];
    program.functions = vec![function(name, 0, Linkage::Global, &[])];
    program
}

/// [`pass`] with maps.
pub fn pass_with(maps: Vec<MapDef>) -> Program {
    let mut program = pass("pass");
    program.maps = maps;
    program
}

/// The maps of every shape: typed hash, struct value with arrays, sizes only, ring buffer.
pub fn maps() -> Vec<MapDef> {
    vec![
        MapDef::new::<u32, IpState>("ip_tracking_map", MapType::Hash, 10_000),
        MapDef::new::<u32, KnockConfig>("config_map", MapType::Array, 1),
        MapDef::of_bytes("raw", MapType::LruHash, 16, 12, 64),
        MapDef::new::<u64, [i32; 4]>("preallocated", MapType::Hash, 8).with_flags(1),
        MapDef::ring_buffer("events", 4096),
    ]
}

/// An XDP program that the kernel accepts, with everything that an object links: maps, a static and a global subprogram,
/// a call between them, and a callback.
pub fn knock() -> Program {
    let mut items = Vec::new();
    items.extend(lined(
        10,
        "let state = asm.lookup(ip_tracking, source);",
        &[
            Insn::StoreImm { size: Size::U32, base: Reg::R10, off: -4, imm: 0 },
            Insn::mov64_reg(Reg::R2, Reg::R10),
            Insn::add64_imm(Reg::R2, -4),
            map_address(Reg::R1, 0),
            call(Helper::MapLookupElem),
        ],
    ));
    items.extend(lined(
        11,
        "let state = asm.not_null(state, out);",
        &[Insn::jeq64_imm(Reg::R0, 0, 10)], // slot 6, to 17
    ));
    items.extend(lined(
        12,
        "asm.call(step, state.sequence_step);",
        &[
            Insn::Load { size: Size::U8, dst: Reg::R1, base: Reg::R0, off: 0 },
            Insn::CallLocal { off: 10 }, // slot 8, to `step` at 19
            Insn::mov64_reg(Reg::R1, Reg::R0),
            Insn::CallLocal { off: 11 }, // slot 10, to `limit` at 22
        ],
    ));
    items.extend(lined(
        13,
        "asm.repeat(4, tick);",
        &[
            Insn::mov64_imm(Reg::R1, 4),
            Insn::LoadImm64 {
                dst: Reg::R2,
                value: Imm64::Func(12), // slot 12, to `tick` at 25
            },
            Insn::mov64_imm(Reg::R3, 0),
            Insn::mov64_imm(Reg::R4, 0),
            call(Helper::Loop),
        ],
    ));
    items.extend(lined(
        14,
        "asm.ret(XDP_PASS);",
        &[Insn::mov64_imm(Reg::R0, 2), Insn::Exit], // slot 17
    ));
    let step = items.len();
    items.extend(lined(
        20,
        "let next = asm.add(step, 1);",
        &[
            Insn::add64_imm(Reg::R1, 1),
            Insn::CallLocal { off: 1 /* slot 20, to `limit` at 22 */ },
            Insn::Exit,
        ],
    ));
    let limit = items.len();
    items.extend(lined(
        30,
        "asm.ret(asm.and(step, 15));",
        &[Insn::mov64_reg(Reg::R0, Reg::R1), Insn::and64_imm(Reg::R0, 15), Insn::Exit],
    ));
    let tick = items.len();
    items.extend(lined(40, "asm.ret(0);", &[Insn::mov64_imm(Reg::R0, 0), Insn::Exit]));
    let mut program = Program::new("knock", ProgType::Xdp);
    program.license = "GPL".to_owned();
    program.items = items;
    program.maps = maps();
    program.functions = vec![
        function("knock", 0, Linkage::Global, &[]),
        function("step", step, Linkage::Static, &["step"]),
        function("limit", limit, Linkage::Global, &["step"]),
        function("tick", tick, Linkage::Static, &["index", "context"]),
    ];
    program
}

/// An XDP program that prints a constant text and counts in a variable.
pub fn prints_constant() -> Program {
    let value = |dst, idx, off| Insn::LoadImm64 { dst, value: Imm64::MapIdxValue { idx, off } };
    let mut program = pass("greet");
    let mut items: Vec<Item> = [
        value(Reg::R1, 0, 4),
        Insn::mov64_imm(Reg::R2, 6),
        call(Helper::TracePrintk),
        value(Reg::R1, 1, 0),
        Insn::StoreImm { size: Size::U32, base: Reg::R1, off: 0, imm: 7 },
    ]
    .map(item)
    .into();
    items.append(&mut program.items);
    program.items = items;
    program.maps = vec![
        MapDef::constants("texts", b"bye\0hello\0".to_vec()),
        MapDef::constants("counters", vec![1, 0, 0, 0, 0, 0, 0, 0]).with_flags(0),
        MapDef::constants(".bss", vec![0; 16]).with_flags(0),
    ];
    program
}

/// The layout of a type.
pub fn layout<T: BpfType>() -> knockwright_asm::Type {
    T::TYPE
}

/// Whether this process may load programs and a tool is there; says why not.
pub fn root_with(tool: &str) -> bool {
    let user = Command::new("id").arg("-u").output();
    if !user.is_ok_and(|user| user.stdout == b"0\n") {
        skip("not root");
        return false;
    }
    has(tool)
}

/// Whether a tool is there; says if not.
pub fn has(tool: &str) -> bool {
    let found =
        Command::new(tool).arg("--version").output().is_ok() || Command::new(tool).arg("-V").output().is_ok();
    if !found {
        skip(format_args!("{tool} is not installed"));
    }
    found
}

/// Runs a command, shows what it said if it failed.
#[track_caller]
pub fn run(command: &[&str]) -> Output {
    let output = Command::new(command[0]).args(&command[1..]).output().expect("the command starts");
    assert!(output.status.success(), "{}: {}", command.join(" "), said(&output));
    output
}

pub fn said(output: &Output) -> String {
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A name that no other test or process uses.
pub fn unique(prefix: &str) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{prefix}{}x{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// An object in a file of its own, removed at the end.
pub struct ObjectFile(pub PathBuf);

impl ObjectFile {
    pub fn new(bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("{}.o", unique("knockwright-")));
        std::fs::write(&path, bytes).expect("the temporary directory is writable");
        Self(path)
    }

    pub fn path(&self) -> &str {
        self.0.to_str().expect("the temporary directory's path is UTF-8")
    }
}

impl Drop for ObjectFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
