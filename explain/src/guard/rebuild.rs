//! A program from a log that shows all of it.

use std::collections::BTreeMap;

use knockwright_asm::{Function, Imm64, Insn, Item, Linkage, MapDef, MapType, ProgType, Program};
use knockwright_verifier::log::{PointerKind, RegState, StateText};

use crate::path::Path;
use crate::reading::decode;

/// The programs that a log may be of: what a log doesn't say (program type, kind of maps) is tried.
///
/// Empty if instructions are missing, or what an address stands for isn't shown.
pub(crate) fn candidates(path: &Path<'_>, name: &str) -> Vec<Program> {
    let Some(skeleton) = Skeleton::new(path) else { return Vec::new() };
    let mut found = Vec::new();
    for prog_type in [ProgType::Xdp, ProgType::SchedCls, ProgType::SocketFilter, ProgType::CgroupSkb] {
        let plain = [MapType::Hash, MapType::Array];
        let kinds: &[MapType] = if skeleton.maps.is_empty() { &plain[..1] } else { &plain };
        for kind in kinds {
            found.push(skeleton.program(name, prog_type, *kind));
        }
    }
    found
}

struct Skeleton {
    insns: Vec<(usize, Insn)>,
    functions: Vec<usize>,
    maps: Vec<(Option<String>, u32, u32)>,
}

impl Skeleton {
    fn new(path: &Path<'_>) -> Option<Self> {
        let listing = &path.reading.listing;
        let mut insns = Vec::new();
        let mut slot = 0;
        while slot < listing.len() {
            let (opcode, text) = listing[slot].as_ref()?;
            let insn = decode(*opcode, text)?;
            insns.push((slot, insn));
            slot += insn.slots();
        }
        let mut maps = Vec::new();
        let addresses = addresses(path)?;
        for (slot, insn) in &mut insns {
            let Insn::LoadImm64 { value, .. } = insn else { continue };
            let text = listing[*slot].as_ref().map_or("", |(_, text)| text.split("= ").nth(1).unwrap_or(""));
            match addresses.get(slot).or_else(|| addresses_by_text(path, &addresses, text)) {
                Some(Address::Map(map)) => *value = Imm64::MapIdx(index(&mut maps, map)),
                Some(Address::Value(map, off)) => {
                    *value = Imm64::MapIdxValue { idx: index(&mut maps, map), off: *off }
                }
                Some(Address::Constant) => {}
                None => return None,
            }
        }
        // Every way must lead to an instruction that is shown.
        let end = slot;
        let shown = |slot: i64| {
            usize::try_from(slot).is_ok_and(|slot| insns.binary_search_by_key(&slot, |(at, _)| *at).is_ok())
        };
        for (slot, insn) in &insns {
            if let Some(off) = insn.jump_offset()
                && !shown(*slot as i64 + 1 + i64::from(off))
            {
                return None;
            }
            if let Insn::CallLocal { off } = insn
                && !shown(*slot as i64 + 1 + i64::from(*off))
            {
                return None;
            }
            if matches!(insn, Insn::CallKfunc { .. } | Insn::LoadImm64 { value: Imm64::Func(_), .. }) {
                return None;
            }
        }
        let ends = insns.last().is_some_and(|(_, insn)| !insn.falls_through());
        if !ends || insns.is_empty() || end == 0 {
            return None;
        }
        let mut functions: Vec<usize> = insns
            .iter()
            .filter_map(|(slot, insn)| match insn {
                Insn::CallLocal { off } => slot.checked_add_signed(*off as isize + 1),
                _ => None,
            })
            .chain([0])
            .collect();
        functions.sort_unstable();
        functions.dedup();
        Some(Self { insns, functions, maps })
    }

    fn program(&self, name: &str, prog_type: ProgType, map_type: MapType) -> Program {
        let maps = self.maps.iter().enumerate().map(|(index, (name, key, value))| {
            let is_ring = *key == 0 && *value == 0;
            let name = name.clone().unwrap_or_else(|| format!("m{index}"));
            let map_type = match map_type {
                _ if is_ring => MapType::Ringbuf,
                other if other.facts().key_size.is_some_and(|size| size != *key) => MapType::Hash,
                other => other,
            };
            MapDef::of_bytes(&name, map_type, *key, *value, if is_ring { 4096 } else { 16 })
        });
        let start = |slot: &usize| self.insns.iter().position(|(at, _)| at == slot).unwrap_or(0);
        let functions = self.functions.iter().enumerate().map(|(index, slot)| match index {
            0 => Function::new(name, start(slot), Linkage::Global),
            _ => Function::new(format!("f{index}"), start(slot), Linkage::Static),
        });
        let mut program = Program::new(name, prog_type);
        program.license = "GPL".to_owned();
        program.items = self.insns.iter().map(|(_, insn)| Item::from(*insn)).collect();
        program.maps = maps.collect();
        program.functions = functions.collect();
        program
    }
}

type MapSizes = (Option<String>, u32, u32);

enum Address {
    Map(MapSizes),
    Value(MapSizes, i32),
    Constant,
}

fn index(maps: &mut Vec<MapSizes>, map: &MapSizes) -> i32 {
    let index = maps.iter().position(|known| known == map).unwrap_or_else(|| {
        maps.push(map.clone());
        maps.len() - 1
    });
    i32::try_from(index).unwrap_or(i32::MAX)
}

/// What the 64-bit loads that the log shows give, by slot; none for something else than a number, a map or a map's value.
fn addresses(path: &Path<'_>) -> Option<BTreeMap<usize, Address>> {
    let mut found = BTreeMap::new();
    let dialect = path.reading.trail.dialect();
    for (slot, text) in &path.reading.loads {
        let (opcode, insn) = path.reading.listing.get(*slot)?.as_ref()?;
        let Some(Insn::LoadImm64 { dst, .. }) = decode(*opcode, insn) else { continue };
        let Some(state) = StateText::new(text).reg(dst.number(), dialect) else { continue };
        let address = match state {
            RegState::Scalar(_) => Address::Constant,
            RegState::Pointer(pointer) => {
                let map = pointer.map?;
                let sizes = (map.name.map(str::to_owned), map.key_size, map.value_size);
                match pointer.kind {
                    PointerKind::MapPtr => Address::Map(sizes),
                    PointerKind::MapValue => {
                        Address::Value(sizes, i32::try_from(pointer.constant_offset()?).ok()?)
                    }
                    _ => return None,
                }
            }
            RegState::Unknown(_) => return None,
        };
        found.insert(*slot, address);
    }
    Some(found)
}

/// The same address elsewhere in the program is the same map; small numbers are constants.
fn addresses_by_text<'a>(
    path: &Path<'_>,
    known: &'a BTreeMap<usize, Address>,
    text: &str,
) -> Option<&'a Address> {
    let text = text.trim();
    if text.contains('<') {
        return None;
    }
    if text.len() <= 12 {
        return Some(&Address::Constant);
    }
    known.iter().find_map(|(slot, address)| {
        let (_, other) = path.reading.listing.get(*slot)?.as_ref()?;
        (other.split("= ").nth(1)?.trim() == text).then_some(address)
    })
}
