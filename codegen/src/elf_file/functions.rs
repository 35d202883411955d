//! Where the functions of an object start and end.
//!
//! Today's compilers give each function a symbol of type `FUNC` with its size. Old ones and assemblers write symbols without
//! type or size, and a stripped object has none at all. So a function starts
//! * where a symbol of type `FUNC` says so,
//! * at a visible symbol without type (local ones are labels of jumps, as clang before version 9 writes them: `LBB0_3`),
//! * where a call or a callback leads,
//! * and at the start of a section of code; if nothing else names it, the section's name does.
//!
//! Without a size it reaches to the next function or to the section's end.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use knockwright_asm::{Code, Endian, Imm64, Insn, Slot, decode};

use super::{R_BPF_64_32, R_BPF_64_64, Relocation, STB_GLOBAL, STB_LOCAL, STT_FUNC, STT_NOTYPE};
use super::{STV_DEFAULT, Section, Symbol};

/// The length of a slot in bytes.
const SLOT: u64 = Slot::LEN as u64;

/// A section's index and a byte in it.
pub(crate) type Address = (usize, u64);

/// The functions of all sections, by section and in the order of their addresses.
pub(super) fn find(
    sections: &[Section<'_>],
    symbols: &[Symbol],
    called: &BTreeSet<Address>,
) -> HashMap<usize, Vec<Symbol>> {
    let mut of_section: HashMap<usize, Vec<&Symbol>> = HashMap::new();
    for symbol in symbols.iter().filter(|symbol| matches!(symbol.kind, STT_FUNC | STT_NOTYPE)) {
        of_section.entry(symbol.section).or_default().push(symbol);
    }
    let mut functions = HashMap::new();
    for (index, section) in sections.iter().enumerate().filter(|(_, section)| section.is_code()) {
        let symbols = of_section.remove(&index).unwrap_or_default();
        let called = called.range((index, 0)..=(index, u64::MAX)).map(|&(_, start)| start).collect();
        functions.insert(index, of_code(index, section, &symbols, &called));
    }
    functions
}

fn of_code(index: usize, section: &Section<'_>, symbols: &[&Symbol], called: &BTreeSet<u64>) -> Vec<Symbol> {
    let is_func = |symbol: &&&Symbol| symbol.kind == STT_FUNC;
    let mut functions: Vec<Symbol> = symbols.iter().filter(is_func).map(|&symbol| symbol.clone()).collect();
    functions.sort_by_key(|function| function.value);
    let covered = Covered::by(&functions);
    let len = section.data.len() as u64;
    let may_start = |start: u64| {
        let is_known = functions.binary_search_by_key(&start, |function| function.value).is_ok();
        start < len && start % SLOT == 0 && !is_known && !covered.has_inside(start)
    };
    let mut more: BTreeMap<u64, Symbol> = BTreeMap::new();
    for &symbol in symbols.iter().filter(|symbol| symbol.kind == STT_NOTYPE && !symbol.name.is_empty()) {
        let starts = symbol.binding != STB_LOCAL
            || called.contains(&symbol.value)
            || symbol.value == 0 && !is_label(&symbol.name);
        if !starts || !may_start(symbol.value) {
            continue;
        }
        let known = more.entry(symbol.value).or_insert_with(|| symbol.clone());
        if known.binding == STB_LOCAL && symbol.binding != STB_LOCAL {
            known.clone_from(symbol);
        }
    }
    let unnamed = |name, binding, start| Symbol {
        name,
        kind: STT_NOTYPE,
        binding,
        visibility: STV_DEFAULT,
        section: index,
        value: start,
        size: 0,
    };
    for &start in called.iter().filter(|&&start| may_start(start)) {
        let name = || format!("{}_{}", as_name(&section.name), start / SLOT);
        more.entry(start).or_insert_with(|| unnamed(name(), STB_LOCAL, start));
    }
    if may_start(0) {
        more.entry(0).or_insert_with(|| unnamed(as_name(&section.name), STB_GLOBAL, 0));
    }
    functions.extend(more.into_values());
    functions.sort_by_key(|function| function.value);
    set_sizes(&mut functions, len);
    functions
}

/// Gives functions without a size what there is up to the next.
fn set_sizes(functions: &mut [Symbol], len: u64) {
    let mut end = len;
    let mut start = len;
    for function in functions.iter_mut().rev() {
        if function.value < start {
            (end, start) = (start, function.value);
        }
        if function.size == 0 {
            function.size = end.saturating_sub(function.value);
        }
    }
}

/// Whether a name is one that compilers give to targets of jumps.
fn is_label(name: &str) -> bool {
    name.starts_with("LBB") || name.starts_with('.')
}

/// A section's name as that of a function: `kprobe_sys_execve` of `kprobe/sys_execve`.
fn as_name(section: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
    section.trim_start_matches('.').chars().map(plain).collect()
}

/// The bytes that functions with a size take.
struct Covered {
    /// Where each function starts, in order, and the end of the farthest that started until there.
    ends: Vec<(u64, u64)>,
}

impl Covered {
    fn by(functions: &[Symbol]) -> Self {
        let mut farthest = 0;
        let ends = functions.iter().map(|function| {
            farthest = farthest.max(function.value.saturating_add(function.size));
            (function.value, farthest)
        });
        Self { ends: ends.collect() }
    }

    /// Whether a byte lies inside one of them and isn't its first.
    fn has_inside(&self, at: u64) -> bool {
        let before = self.ends.partition_point(|(start, _)| *start < at);
        before.checked_sub(1).and_then(|last| self.ends.get(last)).is_some_and(|(_, end)| *end > at)
    }
}

/// Where calls and addresses of functions lead.
pub(super) fn called(
    sections: &[Section<'_>],
    symbols: &[Symbol],
    relocations: &HashMap<Address, &Relocation>,
    endian: Endian,
) -> BTreeSet<Address> {
    let mut called = BTreeSet::new();
    for (index, section) in sections.iter().enumerate().filter(|(_, section)| section.is_code()) {
        let whole = section.data.len() - section.data.len() % Slot::LEN;
        let mut offset = 0;
        for code in decode(&section.data[..whole], endian).unwrap_or_default() {
            let relocation = relocations.get(&(index, offset)).copied();
            let symbol = relocation.map(|relocation| symbols.get(relocation.symbol));
            let target = target(&code, (index, offset), relocation.map(|r| r.kind), symbol);
            called.extend(target.filter(|(section, _)| sections.get(*section).is_some_and(Section::is_code)));
            offset += code.slots() as u64 * SLOT;
        }
    }
    called
}

/// Where an instruction leads, if it refers to a function: by its relocation or, inside a section, without.
///
/// Source: what clang writes for a call, -1 where the symbol is the function's own and the slot of the function less one
/// where it's the section's; for an address, its distance in bytes from the symbol.
fn target(
    code: &Code,
    (section, offset): Address,
    kind: Option<u32>,
    symbol: Option<Option<&Symbol>>,
) -> Option<Address> {
    let Code::Insn(insn) = code else { return None };
    let (section, start) = match (symbol, kind, insn) {
        (None, _, Insn::CallLocal { off } | Insn::LoadImm64 { value: Imm64::Func(off), .. }) => {
            (section, super::add(offset, (i64::from(*off) + 1) * SLOT as i64))
        }
        (Some(Some(symbol)), Some(R_BPF_64_32), Insn::CallLocal { off }) => {
            (symbol.section, super::add(symbol.value, (i64::from(*off) + 1) * SLOT as i64))
        }
        (Some(Some(symbol)), Some(R_BPF_64_64), Insn::LoadImm64 { value, .. }) => {
            (symbol.section, super::add(symbol.value, i64::from(super::addend(value)?)))
        }
        _ => return None,
    };
    Some((section, u64::try_from(start).ok()?))
}
