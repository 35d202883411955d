//! A program from a log that shows all of it, or the path that failed.

use std::collections::{BTreeMap, BTreeSet};

use knockwright_asm::{
    Cond, Function, Helper, Imm64, Insn, Item, Linkage, MapDef, MapType, ProgType, Program, Reg, Source,
    Width,
};
use knockwright_verifier::log::{PointerKind, RegState, StateText};

use crate::path::Path;

/// The programs that a log may be of: what a log doesn't say (program type, kind of maps) is tried.
pub(crate) struct Rebuilt {
    skeleton: Skeleton,
    /// Instructions are missing, and what stands for them leaves the program.
    pub(crate) in_part: bool,
}

impl Rebuilt {
    /// What a log shows; none if what an address stands for isn't shown, or if instructions are missing and no others can stand
    /// for them.
    pub(crate) fn new(path: &Path<'_>) -> Option<Self> {
        let whole = Skeleton::new(path);
        let in_part = whole.is_none();
        Some(Self { skeleton: whole.or_else(|| Skeleton::in_part(path))?, in_part })
    }

    /// The programs, each made when it's its turn.
    pub(crate) fn programs(&self) -> impl Iterator<Item = Program> {
        const TYPES: [ProgType; 4] =
            [ProgType::Xdp, ProgType::SchedCls, ProgType::SocketFilter, ProgType::CgroupSkb];
        const KINDS: [MapType; 2] = [MapType::Hash, MapType::Array];
        let kinds = if self.skeleton.maps.is_empty() { &KINDS[..1] } else { &KINDS };
        TYPES
            .into_iter()
            .flat_map(move |prog_type| kinds.iter().map(move |kind| self.skeleton.program(prog_type, *kind)))
    }
}

/// What a rebuilt program is called, whatever the log's own name is: programs of the same code are one, then, and asked about once.
const NAME: &str = "rebuilt";

struct Skeleton {
    insns: Vec<(usize, Insn)>,
    functions: Vec<usize>,
    maps: Vec<MapSizes>,
}

impl Skeleton {
    fn new(path: &Path<'_>) -> Option<Self> {
        let mut insns = Vec::new();
        let mut slot = 0;
        while slot < path.reading.listing.len() {
            let insn = path.listed(slot)?;
            insns.push((slot, insn));
            slot += insn.slots();
        }
        let maps = resolve(path, &mut insns)?;
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

    /// The instructions of a path that is known from its start on, with others in place of those that the log doesn't show: they
    /// lead to an exit, whichever of them is come to.
    fn in_part(path: &Path<'_>) -> Option<Self> {
        path.is_whole().then_some(())?;
        let mut shown: BTreeMap<usize, Insn> = BTreeMap::new();
        for (slot, entry) in path.reading.listing.iter().enumerate() {
            if entry.is_some() {
                shown.insert(slot, path.listed(slot)?);
            }
        }
        // Functions of their own, and what only the kernel knows, have no stand-in.
        let is_plain = |insn: &Insn| {
            !matches!(
                insn,
                Insn::CallLocal { .. }
                    | Insn::CallKfunc { .. }
                    | Insn::LoadImm64 { value: Imm64::Func(_), .. }
                    | Insn::MayGoto { .. }
            )
        };
        (shown.contains_key(&0) && shown.values().all(is_plain)).then_some(())?;
        let mut insns = filled(&shown)?;
        let maps = resolve(path, &mut insns)?;
        Some(Self { insns, functions: vec![0], maps })
    }

    fn program(&self, prog_type: ProgType, map_type: MapType) -> Program {
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
            0 => Function::new(NAME, start(slot), Linkage::Global),
            _ => Function::new(format!("f{index}"), start(slot), Linkage::Static),
        });
        let mut program = Program::new(NAME, prog_type);
        program.license = "GPL".to_owned();
        program.items = self.insns.iter().map(|(_, insn)| Item::from(*insn)).collect();
        program.maps = maps.collect();
        program.functions = functions.collect();
        program
    }
}

/// Instructions for all slots: those that are shown, and for the others some that lead to an exit behind the last one.
///
/// None if nothing leads to those others.
fn filled(shown: &BTreeMap<usize, Insn>) -> Option<Vec<(usize, Insn)>> {
    let after = |slot: usize, insn: &Insn| slot + insn.slots();
    let target = |slot: usize, insn: &Insn| slot.checked_add_signed(insn.jump_offset()? as isize + 1);
    // Where the shown instructions lead.
    let next = shown.iter().filter(|(_, insn)| insn.falls_through()).map(|(slot, insn)| after(*slot, insn));
    let jumps = shown.iter().filter_map(|(slot, insn)| target(*slot, insn));
    let entered: BTreeSet<usize> = next.chain(jumps).collect();
    let end = entered.last()?.checked_add(1)?.max(shown.iter().map(|(slot, insn)| after(*slot, insn)).max()?);
    let mut insns: Vec<(usize, Insn)> = Vec::new();
    let mut heads = Vec::new();
    let mut is_left = false;
    let mut slot = 0;
    while slot < end {
        if let Some(insn) = shown.get(&slot) {
            insns.push((slot, *insn));
            slot = after(slot, insn);
            continue;
        }
        is_left |= entered.contains(&slot);
        // A run of stand-ins begins after an instruction that is shown.
        let begins = insns.last().is_none_or(|(before, _)| shown.contains_key(before));
        if begins && !entered.contains(&slot) {
            heads.push(slot);
        }
        let leaves = slot + 1 == end || shown.contains_key(&(slot + 1));
        let stand_in = if leaves {
            Insn::Goto { off: i16::try_from(end - slot - 1).ok()? }
        } else {
            Insn::mov64_imm(Reg::R0, 0)
        };
        insns.push((slot, stand_in));
        slot += 1;
    }
    is_left.then_some(())?;
    // The verifier wants a way to every instruction; to these it's one that is never taken.
    insns.push((end, Insn::mov64_imm(Reg::R0, 0)));
    for (number, head) in heads.into_iter().enumerate() {
        let at = end + 1 + number;
        let off = i16::try_from(head as i64 - at as i64 - 1).ok()?;
        let never =
            Insn::JumpIf { width: Width::W64, cond: Cond::Eq, dst: Reg::R0, src: Source::Imm(1), off };
        insns.push((at, never));
    }
    let last = insns.last().map_or(end, |(slot, _)| slot + 1);
    insns.push((last, Insn::Exit));
    Some(insns)
}

/// Puts the maps that addresses stand for in their place, and gives the maps; none where what one stands for isn't shown.
fn resolve(path: &Path<'_>, insns: &mut [(usize, Insn)]) -> Option<Vec<MapSizes>> {
    let listing = &path.reading.listing;
    let mut maps = Vec::new();
    let addresses = addresses(path)?;
    for (slot, insn) in insns {
        let Insn::LoadImm64 { value, .. } = insn else { continue };
        let text = listing.get(*slot)?.as_ref().map_or("", |(_, text)| text.split("= ").nth(1).unwrap_or(""));
        let looked_up = if addresses.contains_key(slot) { None } else { looked_up(path, *slot) };
        let known = addresses.get(slot).or(looked_up.as_ref());
        match known.or_else(|| addresses_by_text(path, &addresses, text)) {
            Some(Address::Map(map)) => *value = Imm64::MapIdx(index(&mut maps, map)),
            Some(Address::Value(map, off)) => {
                *value = Imm64::MapIdxValue { idx: index(&mut maps, map), off: *off }
            }
            Some(Address::Constant) => {}
            None => return None,
        }
    }
    Some(maps)
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
        let Some(Insn::LoadImm64 { dst, .. }) = path.listed(*slot) else { continue };
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

/// The map that an address must be of whose look-up gives one of its values, where the log shows no state of the address itself, as
/// up to Linux 5.10.
fn looked_up(path: &Path<'_>, slot: usize) -> Option<Address> {
    /// How far the call is looked for, and the first state of its result.
    const NEAR: usize = 16;
    let steps = path.steps();
    let at = steps.iter().position(|step| step.slot == slot)?;
    let Some(Insn::LoadImm64 { dst, .. }) = path.insn(at) else { return None };
    let rest = at + 1..(at + NEAR).min(steps.len());
    let call = rest.clone().find(|step| match path.insn(*step) {
        Some(Insn::CallHelper { .. }) => true,
        Some(insn) => insn.writes().contains(dst),
        None => true,
    })?;
    let Some(Insn::CallHelper { helper }) = path.insn(call) else { return None };
    (dst == Reg::R1 && helper.helper() == Some(Helper::MapLookupElem)).then_some(())?;
    let result = (call + 1..(call + NEAR).min(steps.len()))
        .take_while(|step| {
            *step == call + 1 || !path.insn(step - 1).is_none_or(|insn| insn.writes().contains(Reg::R0))
        })
        .find_map(|step| path.before(step, steps[step].frame, Reg::R0))?;
    let map = result.pointer()?.map?;
    Some(Address::Map((map.name.map(str::to_owned), map.key_size, map.value_size)))
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
