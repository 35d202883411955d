//! The program as the verifier takes it: slots, maps, source lines.

use std::collections::BTreeSet;

use knockwright_asm::btf::{Btf, MapTypes, TypeId};
use knockwright_asm::linux::AttachType;
use knockwright_asm::linux::uapi::map_flags::BPF_F_RDONLY_PROG;
use knockwright_asm::opcode::{self, atomic, pseudo, size};
use knockwright_asm::{Endian, Imm64, Insn, KernelVersion, MapDef, MapType, ProgType, Reg, Slot};

use crate::attempt::Attempt;
use crate::btf::{self, BtfError, FunctionInfo, LineInfo};
use crate::profile::Rules;

/// A map as programs see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MapInfo {
    /// The name; the kernel keeps 15 bytes.
    pub name: String,
    pub map_type: MapType,
    /// The key's size in bytes.
    pub key_size: u32,
    /// The value's size in bytes.
    pub value_size: u32,
    /// The number of entries.
    pub max_entries: u32,
    /// Creation flags.
    pub flags: u32,
    /// The content of a map that nobody can change any more.
    pub constants: Option<Vec<u8>>,
    /// `map_extra`.
    pub extra: u64,
    /// What the maps in it are like.
    pub inner: Option<Box<MapInfo>>,
    /// Whether it comes with the types of its keys and values.
    pub typed: bool,
}

/// Program flags.
pub(crate) mod flag {
    use knockwright_asm::linux::uapi::prog_flags;

    /// `BPF_F_STRICT_ALIGNMENT`: every access must be aligned.
    pub(crate) const STRICT_ALIGNMENT: u32 = prog_flags::BPF_F_STRICT_ALIGNMENT;
    /// `BPF_F_ANY_ALIGNMENT`: only accesses to the stack must be, whatever the other flag says.
    pub(crate) const ANY_ALIGNMENT: u32 = prog_flags::BPF_F_ANY_ALIGNMENT;
    /// `BPF_F_TEST_RND_HI32`: the compiler fills upper halves with anything.
    const RANDOM_UPPER_HALVES: u32 = prog_flags::BPF_F_TEST_RND_HI32;
    /// `BPF_F_TEST_STATE_FREQ`: states are remembered wherever paths meet.
    pub(crate) const EVERY_STATE: u32 = prog_flags::BPF_F_TEST_STATE_FREQ;
    /// `BPF_F_XDP_HAS_FRAGS`: decides where the program may be attached.
    const FRAGS: u32 = prog_flags::BPF_F_XDP_HAS_FRAGS;
    /// Those that are known here.
    pub(crate) const MODELLED: u32 =
        STRICT_ALIGNMENT | ANY_ALIGNMENT | RANDOM_UPPER_HALVES | EVERY_STATE | FRAGS;
}

impl MapInfo {
    /// Whether programs may only read its values: by its flags, or since what a lookup gives is the kernel's own.
    ///
    /// Source: `kernel/bpf/devmap.c`, `dev_map_alloc_check`.
    pub(crate) const fn is_read_only(&self) -> bool {
        self.flags & BPF_F_RDONLY_PROG != 0 || matches!(self.map_type, MapType::Devmap | MapType::DevmapHash)
    }

    /// Whether its values are sockets.
    pub(crate) const fn holds_sockets(&self) -> bool {
        matches!(self.map_type, MapType::Sockmap | MapType::Sockhash)
    }
}

/// The most bytes of a map's name, `BPF_OBJ_NAME_LEN` of `include/uapi/linux/bpf.h` without the NUL at its end.
const MAX_NAME: usize = 15;

impl From<&MapDef> for MapInfo {
    fn from(def: &MapDef) -> Self {
        let mut name = def.name.clone();
        while name.len() > MAX_NAME {
            name.pop();
        }
        Self {
            name,
            map_type: def.map_type,
            key_size: def.key.size(),
            value_size: def.value.size(),
            max_entries: def.max_entries,
            flags: def.flags,
            constants: def.data.clone().filter(|_| def.flags & BPF_F_RDONLY_PROG != 0),
            extra: def.extra,
            inner: def.inner.as_deref().map(|inner| Box::new(Self::from(inner))),
            typed: false,
        }
    }
}

/// What an attempt says that a verdict can depend on and that isn't modelled.
fn beyond(attempt: &Attempt) -> Option<String> {
    let Attempt { program, attach_type, target, .. } = attempt;
    if target.is_some() {
        return Some("programs for a target in the kernel's BTF".to_owned());
    }
    if let Some(attach_type) = attach_type.filter(|attach| !program.prog_type.judges_as_usual(*attach)) {
        let number = || attach_type.to_string();
        let name = AttachType::from_number(attach_type).map_or_else(number, |known| known.to_string());
        return Some(format!("attach type {name}"));
    }
    let used: BTreeSet<usize> = program.items.iter().filter_map(|item| item.code.map()).collect();
    let maps = || program.maps.iter().enumerate().filter(|(index, _)| used.contains(index));
    if let Some((_, map)) = maps().find(|(_, map)| map.inner.is_some() || map.extra != 0) {
        return Some(format!("map `{}`, with what its definition says besides sizes", map.name));
    }
    let btf = attempt.btf.as_ref().filter(|_| !attempt.map_types.is_empty());
    let btf = Btf::parse(&btf?.btf, Endian::Little).ok()?;
    maps().find_map(|(index, map)| {
        let types = attempt.map_types.get(index)?.as_ref()?;
        if map.map_type.facts().needs_types {
            return Some(format!("maps of kind {}", map.map_type));
        }
        let part = btf.special_part(types.value).filter(|_| map.map_type.facts().takes_types)?;
        Some(format!("map `{}`: {part} in its values", map.name))
    })
}

/// The maps of an attempt.
fn maps(attempt: &Attempt) -> Vec<MapInfo> {
    let mut maps: Vec<MapInfo> = attempt.program.maps.iter().map(MapInfo::from).collect();
    let has_both = |types: &MapTypes| types.key != TypeId::VOID && types.value != TypeId::VOID;
    for (map, types) in maps.iter_mut().zip(&attempt.map_types) {
        map.typed = types.as_ref().is_some_and(has_both);
        let inner = types.as_ref().and_then(|types| types.inner.as_deref());
        if let Some(map) = map.inner.as_deref_mut() {
            map.typed = inner.is_some_and(has_both);
        }
    }
    maps
}

/// Where maps, and the values of arrays, lie in the logs printed here, and how far apart: addresses as an x86-64 kernel has
/// them.
const MAPS_AT: u64 = 0xffff_8881_0000_0000;
const MAP_SIZE: u64 = 0x1_0000;
const VALUES_AT: u64 = 0xffff_8881_8000_0000;
const VALUE_SIZE: u64 = 0x10_0000;

/// A program to verify.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Subject {
    /// The kind of program.
    pub prog_type: ProgType,
    /// As the object declares it.
    pub license: String,
    pub slots: Vec<Slot>,
    /// The maps that it names by index.
    pub maps: Vec<MapInfo>,
    /// Program flags, `BPF_F_*`.
    pub flags: u32,
    /// What is asked of the kernel that isn't modelled, if something is.
    pub beyond: Option<String>,
    /// Source lines in the order of their slots.
    pub lines: Vec<LineInfo>,
    /// Functions in the order of their slots; empty without BTF.
    pub functions: Vec<FunctionInfo>,
}

impl Subject {
    /// The program of an attempt. Source lines and functions come from its BTF alone, as the kernel has them.
    pub(crate) fn of(attempt: &Attempt) -> Result<Self, BtfError> {
        let program = &attempt.program;
        let code = program.bytes(Endian::Little);
        let described = match &attempt.btf {
            Some(records) => btf::read(&records.btf, &records.func_info, &records.line_info)?,
            None => btf::Described::default(),
        };
        Ok(Self {
            prog_type: program.prog_type,
            license: program.license.clone(),
            slots: code
                .as_chunks::<8>()
                .0
                .iter()
                .map(|&slot| Slot::from_bytes(slot, Endian::Little))
                .collect(),
            maps: maps(attempt),
            flags: attempt.flags,
            beyond: beyond(attempt).or_else(|| described.handles_exceptions()),
            lines: described.lines,
            functions: described.functions,
        })
    }

    /// Whether the kernel takes its licence as compatible with the GPL, `include/linux/license.h`.
    pub(crate) fn is_gpl_compatible(&self) -> bool {
        matches!(
            self.license.as_str(),
            "GPL" | "GPL v2" | "GPL and additional rights" | "Dual BSD/GPL" | "Dual MIT/GPL" | "Dual MPL/GPL"
        )
    }

    /// The two immediates of an `ld_imm64` as one number.
    fn imm64(&self, slot: usize) -> u64 {
        let half = |slot: usize| self.slots.get(slot).map_or(0, |slot| u64::from(slot.imm as u32));
        half(slot + 1) << 32 | half(slot)
    }

    /// The address that a map's `ld_imm64` shows in the log. Real kernels have other ones at each load.
    pub(crate) fn address(&self, slot: usize) -> Option<u64> {
        let first = self.slots.get(slot)?;
        let index = u64::from(first.imm as u32);
        let second = self.slots.get(slot + 1)?;
        match first.src {
            pseudo::MAP_FD | pseudo::MAP_IDX => Some(MAPS_AT + index * MAP_SIZE),
            pseudo::MAP_VALUE | pseudo::MAP_IDX_VALUE => {
                Some(VALUES_AT + index * VALUE_SIZE + u64::from(second.imm as u32))
            }
            _ => None,
        }
    }
}

/// The instruction of a slot, if it's one that the kernel knows with all fields as they must be.
pub(crate) fn decode(slots: &[Slot], at: usize) -> Option<Insn> {
    use knockwright_asm::Code;
    let mut slot = slots[at];
    if slot.opcode == opcode::EXIT {
        // The kernel doesn't look at the offset of an exit.
        slot.off = 0;
    }
    match Code::decode(slot, slots.get(at + 1).copied()) {
        Code::Insn(insn) => Some(insn),
        Code::Raw(_) => None,
    }
}

/// The first kernel that knows loads that acquire and stores that release.
pub(crate) const ORDERED_ACCESSES: KernelVersion = KernelVersion::new(6, 15);

/// What an instruction's text depends on besides the instruction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// Addresses of maps are shown only to those who may see them.
    pub(crate) addresses: bool,
    /// The kernel's, which may not know the instruction.
    pub(crate) rules: &'a Rules,
}

/// Appends an instruction as the log writes it: `(bf) r8 = r1`.
pub(crate) fn push_insn(
    out: &mut String,
    subject: &Subject,
    insn: Option<&Insn>,
    at: usize,
    shown: Shown<'_>,
) {
    use std::fmt::Write as _;
    let Shown { addresses, rules } = shown;
    let slot = subject.slots[at];
    if insn.is_none() && is_bug(slot, rules.version) {
        let _ = write!(out, "BUG_{:02x}", slot.opcode);
        return;
    }
    let _ = write!(out, "({:02x}) ", slot.opcode);
    match insn {
        Some(Insn::LoadImm64 { dst, value }) => {
            let number = match value {
                Imm64::Const(value) => *value,
                Imm64::MapFd(_) | Imm64::MapFdValue { .. } | Imm64::MapIdx(_) | Imm64::MapIdxValue { .. }
                    if !addresses =>
                {
                    0
                }
                _ => subject.address(at).unwrap_or_else(|| subject.imm64(at)),
            };
            let _ = write!(out, "{dst} = {number:#x}");
        }
        Some(insn) => {
            let _ = write!(out, "{insn}");
        }
        None if slot.opcode == opcode::LD_IMM64 => {
            let secret = !addresses && names_map(slot.src);
            let address = if secret { Some(0) } else { subject.address(at) };
            let number = address.unwrap_or_else(|| subject.imm64(at));
            let _ = write!(out, "r{} = {number:#x}", slot.dst);
        }
        None if matches!(slot.opcode, opcode::TO_LE | opcode::TO_BE | opcode::BSWAP) => {
            let order = match slot.opcode {
                opcode::TO_LE => "le",
                opcode::TO_BE => "be",
                _ => "bswap",
            };
            let _ = write!(out, "r{} = {order}{} r{}", slot.dst, slot.imm, slot.dst);
        }
        None if slot.opcode == opcode::MOV64_X && slot.off == 1 && rules.address_spaces => {
            let (to, from) = ((slot.imm as u32) >> 16, slot.imm & 0xffff);
            let _ = write!(out, "r{} = addr_space_cast(r{}, {to}, {from})", slot.dst, slot.src);
        }
        // `BPF_ADDR_PERCPU`, which only the verifier itself writes, later on.
        None if slot.opcode == opcode::MOV64_X && slot.off == -1 => {
            let _ = write!(out, "r{} = &(void __percpu *)(r{})", slot.dst, slot.src);
        }
        // A number of 32 bits has no sign to extend, but the log shows it.
        None if slot.opcode == opcode::MOV32_X && slot.off == 32 => {
            let _ = write!(out, "w{} = (s32)w{}", slot.dst, slot.src);
        }
        None if slot.opcode == opcode::JCOND && slot.src != 0 => {
            let _ = write!(out, "if r{} (null) 0x{:x} goto pc{:+}", slot.dst, slot.imm, slot.off);
        }
        None if slot.opcode == opcode::CALL && slot.src == pseudo::CALL => {
            let _ = write!(out, "call pc{:+}", slot.imm);
        }
        None if slot.opcode == opcode::CALL && slot.src != 0 => {
            let _ = write!(out, "call unknown#{}", slot.imm);
        }
        None => push_odd(out, slot),
    }
}

/// Whether the log has no instruction for a slot that none is known for: an atomic operation that doesn't exist.
pub(crate) fn is_bug(slot: Slot, kernel: KernelVersion) -> bool {
    let ordered_accesses = kernel >= ORDERED_ACCESSES;
    let known = atomic::reads_and_writes(slot.imm) || atomic::is_ordered_access(slot.imm) && ordered_accesses;
    opcode::is_atomic(slot.opcode) && !known
}

/// Whether the source register of an `ld_imm64` says that it names a map.
fn names_map(source: u8) -> bool {
    matches!(source, pseudo::MAP_FD | pseudo::MAP_VALUE | pseudo::MAP_IDX | pseudo::MAP_IDX_VALUE)
}

/// Appends a slot with a field that should be zero, or a register that doesn't exist: the instruction without the one, with
/// the number of the other.
fn push_odd(out: &mut String, slot: Slot) {
    use std::fmt::Write as _;
    let mut named = slot;
    let (dst, src) = (slot.dst, slot.src);
    // Registers beyond R10 are printed as another one, whose number is replaced afterwards.
    let exists = |reg| reg <= Reg::R10.number();
    if !exists(dst) {
        named.dst = if src == 8 { 7 } else { 8 };
    }
    if !exists(src) {
        named.src = if dst == 9 { 6 } else { 9 };
    }
    // Atomics of 8 and 16 bits.
    let narrow = match opcode::size(slot.opcode) {
        size::H if opcode::is_atomic(slot.opcode) => Some("u16"),
        size::B if opcode::is_atomic(slot.opcode) => Some("u8"),
        _ => None,
    };
    if narrow.is_some() {
        named.opcode = opcode::STX_ATOMIC | size::W;
    }
    for cleared in 0..16_u8 {
        let mut plain = named;
        if cleared & 1 != 0 {
            plain.off = 0;
        }
        if cleared & 2 != 0 {
            plain.imm = 0;
        }
        if cleared & 4 != 0 {
            plain.src = 0;
        }
        if cleared & 8 != 0 {
            plain.dst = 0;
        }
        if let Some(insn) = decode(&[plain], 0) {
            let mut text = insn.to_string();
            if let Some(narrow) = narrow {
                text = text.replace("u32", narrow);
            }
            for (shown, real) in [(named.dst, dst), (named.src, src)] {
                if !exists(real) {
                    for prefix in ['r', 'w'] {
                        text = text.replace(&format!("{prefix}{shown}"), &format!("{prefix}{real}"));
                    }
                }
            }
            out.push_str(&text);
            return;
        }
    }
    let _ = write!(out, "BUG_{:02x}", slot.opcode);
}
