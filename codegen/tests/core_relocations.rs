//! CO-RE relocations, judged by libbpf: what its debug log says that it has put into each instruction, on this kernel.
//!
//! Needs clang, bpftool, root and a kernel with BTF; says `skipped: …` without, and with `CI=true` that's a failure.

mod support;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use knockwright_asm::{Code, Endian, HelperId, Imm64, Insn, Program, encode};
use knockwright_codegen::btf::core::{KernelTypes, Relocator};
use knockwright_codegen::btf::{self, Btf, Ext, Kind};
use knockwright_codegen::read::{self, Choice, KernelFacts, POISON, PoisonCause};
use support::{ObjectFile, has, root_with, said, skip};

const KERNEL_BTF: &str = "/sys/kernel/btf/vmlinux";

/// The types of the running kernel, if it has any.
pub fn kernel() -> Option<&'static KernelFacts> {
    static KERNEL: OnceLock<Option<KernelFacts>> = OnceLock::new();
    let read = || {
        let bytes = std::fs::read(KERNEL_BTF).ok()?;
        let btf = Btf::parse(&bytes, btf::Endian::NATIVE).expect("the kernel's BTF");
        Some(KernelTypes::new(Arc::new(btf)).into())
    };
    let kernel = KERNEL.get_or_init(read).as_ref();
    if kernel.is_none() {
        skip(format_args!("no {KERNEL_BTF}"));
    }
    kernel
}

/// The C of `objects/core/`, compiled; `None` where clang isn't there.
fn compiled(name: &str) -> Option<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/objects/core");
    let source = std::fs::read_to_string(format!("{folder}/{name}.c")).unwrap();
    compile(&source, folder)
}

fn compile(source: &str, include: &str) -> Option<Vec<u8>> {
    let clang =
        ["clang-19", "clang"].into_iter().find(|clang| Command::new(clang).arg("--version").output().is_ok());
    let Some(clang) = clang else {
        skip("clang is not installed");
        return None;
    };
    let (input, output) = (ObjectFile::new(source.as_bytes()), ObjectFile::new(b""));
    let done = Command::new(clang)
        .args([
            "-O2",
            "-g",
            "-target",
            "bpf",
            "-x",
            "c",
            "-I",
            include,
            "-c",
            input.path(),
            "-o",
            output.path(),
        ])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", said(&done));
    Some(std::fs::read(output.path()).unwrap())
}

/// What libbpf says of one relocation.
#[derive(Debug, Default, PartialEq)]
struct Judged {
    /// The relocation in its words.
    text: String,
    program: String,
    slot: usize,
    value: Option<i64>,
    bytes: Option<u32>,
    poisoned: bool,
    /// The object is refused for it.
    refused: bool,
}

/// What bpftool, and libbpf in it, say of an object that it's to load.
fn bpftool_log(object: &[u8]) -> String {
    let file = ObjectFile::new(object);
    let pins = format!("/sys/fs/bpf/{}", support::unique("core"));
    // It fails to load, as soon as the first program does. The relocations come before.
    let output =
        Command::new("bpftool").args(["-d", "prog", "loadall", file.path(), &pins]).output().unwrap();
    let _ = std::fs::remove_dir_all(&pins);
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

/// What libbpf says of each relocation of an object, by its number.
fn judged(object: &[u8]) -> BTreeMap<usize, Judged> {
    let log = bpftool_log(object);
    let mut all: BTreeMap<usize, Judged> = BTreeMap::new();
    for line in log.lines() {
        let Some((program, rest)) =
            line.strip_prefix("libbpf: prog '").and_then(|rest| rest.split_once("': relo #"))
        else {
            continue;
        };
        let Some((number, said)) = rest.split_once(": ") else { continue };
        let Ok(number) = number.parse() else { continue };
        let one = all.entry(number).or_default();
        program.clone_into(&mut one.program);
        if said.starts_with('<') {
            said.clone_into(&mut one.text);
        } else if let Some(rest) = said.strip_prefix("patched insn #") {
            let (slot, rest) = rest.split_once(' ').unwrap();
            one.slot = slot.parse().unwrap();
            let to = rest.rsplit_once("-> ").unwrap().1;
            match rest.contains("mem_sz") {
                true => one.bytes = Some(to.parse().unwrap()),
                false => one.value = Some(to.parse::<u64>().unwrap() as i64),
            }
        } else if said.starts_with("failed to ") {
            one.refused = true;
        } else if let Some(rest) = said.strip_prefix("substituting insn #") {
            // Of two slots it names the second after the first, or before.
            let slot = rest.split_once(' ').unwrap().0.parse().unwrap();
            one.slot = if one.poisoned { one.slot.min(slot) } else { slot };
            one.poisoned = true;
        }
    }
    all
}

/// Each relocation of an object in words, in its order.
fn texts(object: &[u8]) -> Vec<String> {
    let elf = goblin::elf::Elf::parse(object).unwrap();
    let section = |name: &str| {
        let is_it =
            |header: &&goblin::elf::SectionHeader| elf.shdr_strtab.get_at(header.sh_name) == Some(name);
        &object[elf.section_headers.iter().find(is_it).unwrap().file_range().unwrap()]
    };
    let types = Btf::parse(section(".BTF"), btf::Endian::Little).unwrap();
    let ext = Ext::parse(section(".BTF.ext"), &types, btf::Endian::Little).unwrap();
    let records = ext.core_relocations.iter().flat_map(|block| &block.records);
    records.map(|record| Relocator::describe(&types, record).unwrap()).collect()
}

/// The slot of a program with a number, as bytes.
fn slot_of(program: &Program, slot: usize) -> [u8; 8] {
    let codes: Vec<Code> = program.items.iter().map(|item| item.code).collect();
    *encode(&codes, Endian::Little)[8 * slot..].first_chunk().expect("the slot is there")
}

/// Compares each relocation of an object with libbpf's. Gives their number.
fn compare(object: &[u8]) -> usize {
    let Some(kernel) = kernel() else { return 0 };
    let judged = judged(object);
    let readings = read::readings_on(object, &Choice::default(), Some(kernel)).unwrap();
    let texts = texts(object);
    // It ends at the first that it refuses.
    let refuses = judged.values().next_back().is_some_and(|last| last.refused);
    assert!(refuses || judged.len() == texts.len(), "{judged:#?}");
    for (number, one) in &judged {
        assert_eq!(one.text, texts[*number], "relocation {number}");
        let reading = readings.iter().find(|reading| reading.name == one.program).unwrap();
        if one.refused {
            let error = reading.program.as_ref().unwrap_err();
            assert!(error.to_string().contains(&one.text), "{one:?}: {error}");
            assert!(error.loader_errno().is_some());
            continue;
        }
        let program = match &reading.program {
            Ok(program) => program,
            // What is refused later in the same program.
            Err(_)
                if refuses && judged.values().next_back().is_some_and(|last| last.program == one.program) =>
            {
                continue;
            }
            Err(error) => panic!("{one:?}: {error}"),
        };
        let bytes = slot_of(program, one.slot);
        let poisoned = reading.poisoned.iter().find(|poisoned| poisoned.slot == one.slot);
        assert_eq!(one.poisoned, poisoned.is_some(), "{one:?} {:?}", reading.poisoned);
        if let Some(poisoned) = poisoned {
            assert_eq!(poisoned.relocation, one.text);
            assert_eq!(bytes[..4], [0x85, 0, 0, 0], "{one:?}");
            assert_eq!(bytes[4..], POISON.to_le_bytes(), "{one:?}");
            continue;
        }
        let found = match bytes[0] & 7 {
            0 => {
                let high = slot_of(program, one.slot + 1);
                let low = i32::from_le_bytes(*bytes.last_chunk().unwrap());
                i64::from(i32::from_le_bytes(*high.last_chunk().unwrap())) << 32 | i64::from(low as u32)
            }
            1..=3 => i16::from_le_bytes([bytes[2], bytes[3]]).into(),
            _ => i32::from_le_bytes(*bytes.last_chunk().unwrap()).into(),
        };
        assert_eq!(Some(found), one.value, "{one:?}");
        if let Some(expected) = one.bytes {
            let size = [4, 2, 1, 8][usize::from(bytes[0] >> 3 & 3)];
            assert_eq!(size, expected, "{one:?}");
        }
    }
    judged.len()
}

/// Whether libbpf can be asked here.
fn can_judge() -> bool {
    root_with("bpftool") && has("clang-19") && kernel().is_some()
}

#[test]
fn every_kind_is_resolved_as_libbpf_does() {
    if !can_judge() {
        return;
    }
    let object = compiled("kinds").unwrap();
    assert_eq!(compare(&object), 55);
}

#[test]
fn loads_and_stores_change_their_size_as_libbpf_has_it() {
    if !can_judge() {
        return;
    }
    let object = compiled("sizes").unwrap();
    assert_eq!(compare(&object), 11);
    let readings = read::readings_on(&object, &Choice::default(), kernel()).unwrap();
    let causes = |name: &str| {
        let reading = readings.iter().find(|reading| reading.name == name).unwrap();
        reading.poisoned.iter().map(|poisoned| poisoned.cause).collect::<Vec<_>>()
    };
    assert_eq!(causes("unsigned_ones"), []);
    assert_eq!(causes("wide_signed"), [PoisonCause::OtherSize]);
    assert_eq!(causes("other_kind"), [PoisonCause::Missing]);
}

#[test]
fn names_of_the_kernel_get_the_numbers_that_libbpf_gives_them() {
    if !can_judge() {
        return;
    }
    let object = compiled("names").unwrap();
    let log = bpftool_log(&object);
    let number = |name: &str| -> Option<i32> {
        let line = log.lines().find(|line| line.contains(&format!(" ksym) '{name}': resolved to ")))?;
        line.rsplit_once('[')?.1.split_once(']')?.0.parse().ok()
    };
    let readings = read::readings_on(&object, &Choice::default(), kernel()).unwrap();
    let codes = |name: &str| -> Vec<Code> {
        let reading = readings.iter().find(|reading| reading.name == name).unwrap();
        reading.program.as_ref().unwrap().items.iter().map(|item| item.code).collect()
    };
    let calls = |code: &Code| match code {
        Code::Insn(Insn::CallKfunc { btf_id, module: 0 }) => Some(*btf_id),
        _ => None,
    };
    let (lock, unlock) = (number("bpf_rcu_read_lock"), number("bpf_rcu_read_unlock"));
    assert!(lock.is_some() && unlock.is_some(), "{log}");
    let called: Vec<Option<i32>> = codes("functions").iter().filter_map(calls).map(Some).collect();
    assert_eq!(called, [lock, unlock]);
    // What isn't there is a helper that no kernel has, by its place among the names.
    for (name, helper) in
        [("guarded", 2_002_000_002), ("unguarded", 2_002_000_002), ("of_another_type", 2_002_000_005)]
    {
        let call = Code::Insn(Insn::CallHelper { helper: HelperId::new(helper) });
        assert!(codes(name).contains(&call), "{name}: {:?}", codes(name));
    }
    let address = |code: &Code| match code {
        // Its own variable is in a map.
        Code::Insn(Insn::LoadImm64 { value: Imm64::MapIdxValue { .. }, .. }) => None,
        Code::Insn(Insn::LoadImm64 { value, .. }) => Some(*value),
        _ => None,
    };
    let addresses: Vec<Imm64> = codes("variables").iter().filter_map(address).collect();
    let id = kernel().unwrap().types.as_ref().unwrap().variable("runqueues").unwrap().0 as i32;
    assert_eq!(number("runqueues"), Some(id), "{log}");
    assert_eq!(addresses, [Imm64::Const(0), Imm64::BtfId { id, module_fd: 0 }]);
}

#[test]
fn what_the_kernel_lacks_refuses_the_object() {
    if !can_judge() {
        return;
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/objects/core");
    let of = |declaration: &str, name: &str| {
        let source = format!(
            "#include \"core.h\"\nextern {declaration} __attribute__((section(\".ksyms\")));\n\
             SEC(\"tc\") int uses(void *ctx) {{ out = (unsigned long long)&{name}; return 0; }}\n\
             SEC(\"tc\") int other(void *ctx) {{ return 0; }}\n"
        );
        let object = compile(&source, folder).unwrap();
        let readings = read::readings_on(&object, &Choice::default(), kernel()).unwrap();
        let log = bpftool_log(&object);
        assert!(log.contains(&format!("ksym) '{name}'")) && log.contains("failed to load object"), "{log}");
        readings.into_iter().map(|reading| reading.program.unwrap_err().to_string()).collect::<Vec<_>>()
    };
    for (declaration, name, why) in [
        ("int no_such_variable", "no_such_variable", "the kernel has none"),
        ("unsigned long long *runqueues", "runqueues", "the kernel's has another type"),
    ] {
        let refused = of(declaration, name);
        assert_eq!(refused.len(), 2);
        assert!(refused.iter().all(|said| said.contains(why)), "{refused:?}");
    }
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        ((self.0 >> 33) as usize) % limit.max(1)
    }

    fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == 0
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// A member for a struct of C that may stand for one of the kernel's.
struct Member {
    name: String,
    kind: MemberKind,
}

#[derive(Clone, Copy, PartialEq)]
enum MemberKind {
    Number,
    BitField,
    Pointer,
    Array,
    Compound,
}

/// The members of a struct of the kernel by name, those of members without a name among them.
fn members(btf: &Btf, id: btf::TypeId, depth: u32, to: &mut Vec<Member>) {
    let Some(Kind::Struct { members: all, .. } | Kind::Union { members: all, .. }) = btf.get(btf.resolve(id))
    else {
        return;
    };
    for member in all {
        let kind = match btf.get(btf.resolve(member.ty)) {
            Some(Kind::Struct { .. } | Kind::Union { .. }) if member.name.is_empty() && depth > 0 => {
                members(btf, member.ty, depth - 1, to);
                continue;
            }
            Some(Kind::Struct { .. } | Kind::Union { .. }) => MemberKind::Compound,
            Some(Kind::Ptr { .. }) => MemberKind::Pointer,
            Some(Kind::Array { .. }) => MemberKind::Array,
            _ if member.bit_width > 0 => MemberKind::BitField,
            _ => MemberKind::Number,
        };
        if !member.name.is_empty() && to.iter().all(|other| other.name != member.name) {
            to.push(Member { name: member.name.clone(), kind });
        }
    }
}

/// A struct of C after one of the kernel: some of the members, in another order, of other sizes and now and then of another
/// kind; and a program that asks for all of it.
fn variant(dice: &mut Dice, number: usize, name: &str, mut members: Vec<Member>) -> String {
    const NUMBERS: [&str; 6] =
        ["unsigned char", "short", "unsigned short", "int", "unsigned int", "unsigned long long"];
    let (mut fields, mut code) = (String::new(), String::new());
    for _ in 0..4 + dice.below(8) {
        if members.is_empty() {
            break;
        }
        let Member { mut name, kind } = members.swap_remove(dice.below(members.len()));
        if dice.one_in(12) {
            name.push_str("_gone");
        }
        let kind = match dice.one_in(15) {
            true => *dice.of(&[MemberKind::Number, MemberKind::Pointer, MemberKind::Array]),
            false => kind,
        };
        let field = match kind {
            MemberKind::Number => format!("{} {name};", dice.of(&NUMBERS)),
            MemberKind::BitField => format!("unsigned {name} : {};", 1 + dice.below(5)),
            MemberKind::Pointer => format!("void *{name};"),
            MemberKind::Array => format!("{} {name}[{}];", dice.of(&NUMBERS), 1 + dice.below(9)),
            MemberKind::Compound => format!("struct {{ int x; }} {name};"),
        };
        let field = if dice.one_in(4) { format!("union {{ {field} long pad_{name}; }};") } else { field };
        fields.push_str(&format!("\t{field}\n"));
        let is_number = matches!(kind, MemberKind::Number | MemberKind::BitField);
        for ask in ["offset_of", "size_of", "exists", "is_signed", "shift_left", "shift_right"] {
            if (is_number || matches!(ask, "offset_of" | "size_of" | "exists")) && dice.one_in(2) {
                code.push_str(&format!("\tout = {ask}(p->{name});\n"));
            }
        }
        match kind {
            MemberKind::Number | MemberKind::Pointer if dice.one_in(2) => {
                code.push_str(&format!("\tout = (unsigned long long)p->{name};\n"));
            }
            MemberKind::Number if dice.one_in(2) => code.push_str(&format!("\tp->{name} = 1;\n")),
            MemberKind::Array => code.push_str(&format!("\tout = p->{name}[0];\n")),
            _ => {}
        }
    }
    for ask in ["type_exists", "type_size", "type_matches", "kernel_id", "local_id"] {
        code.push_str(&format!("\tout = {ask}(struct {name});\n"));
    }
    format!(
        "struct KERNEL {name} {{\n{fields}}};\nSEC(\"socket\") int p{number}(struct {name} *p)\n{{\n{code}\treturn 0;\n}}\n"
    )
}

#[test]
fn variants_of_the_kernels_structs_are_resolved_as_libbpf_does() {
    if !can_judge() {
        return;
    }
    let Some(kernel) = kernel().and_then(|kernel| kernel.types.as_ref()) else { return };
    let is_struct = |kind: &Kind| matches!(kind, Kind::Struct { name, members, .. } if !name.is_empty() && !members.is_empty());
    let structs: Vec<(btf::TypeId, &str)> =
        kernel.btf().iter().filter(|(_, kind)| is_struct(kind)).map(|(id, kind)| (id, kind.name())).collect();
    let rounds = std::env::var("CORE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(4);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/objects/core");
    let mut compared = 0;
    for round in 0..rounds {
        let mut dice = Dice(round);
        let mut source = String::from("#include \"core.h\"\n");
        for number in 0..12 {
            let (id, name) = *dice.of(&structs);
            let mut all = Vec::new();
            members(kernel.btf(), id, 3, &mut all);
            source.push_str(&variant(&mut dice, number, &format!("{name}___v{number}"), all));
        }
        compared += compare(&compile(&source, folder).unwrap());
    }
    assert!(compared > rounds as usize * 50, "{compared} relocations compared");
}
