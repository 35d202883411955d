//! Trampolines for instruction sets without `gotol`: islands of jumps on the way of those that are too long.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::relax::{is_short, move_positions, slots, target};
use super::{Asm, Label, LabelState, Pending, Target};
use crate::insn::Insn;
use crate::program::Code;

/// How far islands are from each other at first, in slots: a jump reaches the next two.
const DISTANCE: i64 = 15_000;

/// Islands closer than this help no more.
const LEAST_DISTANCE: i64 = 500;

/// How many items are looked at for one that nothing falls through: an island after it needs no jump over itself.
const SEARCHED: usize = 64;

/// Jumps that stand between two items.
struct Island {
    /// It stands before this item.
    before: usize,
    /// Whether the item before goes on into it, so that it begins with a jump over itself.
    fallen_into: bool,
    /// The items that are jumped to from here, each with the jump that wants it first.
    entries: BTreeMap<usize, usize>,
}

impl Island {
    fn len(&self) -> i64 {
        match self.entries.len() {
            0 => 0,
            entries => entries as i64 + i64::from(self.fallen_into),
        }
    }
}

/// Where a jump goes next.
#[derive(Clone, Copy, PartialEq)]
enum Stop {
    /// To its target.
    Target,
    /// To an island.
    Island(usize),
}

/// The slots that an instruction stands at: of one on an island the first and last that it could.
#[derive(Clone, Copy)]
struct From {
    first: i64,
    last: i64,
}

/// The slots that everything comes to stand at.
struct Layout {
    /// Where the items stood without islands.
    slots: Vec<i64>,
    islands: Vec<Island>,
    /// How many slots the islands before each island take, and at the end all.
    grown: Vec<i64>,
}

/// Puts islands where jumps are too long. What they don't help is left, for its error.
pub(super) fn put_in(asm: &mut Asm) {
    let mut distance = DISTANCE;
    while distance >= LEAST_DISTANCE {
        let mut layout = Layout::new(asm, distance);
        if layout.settle(asm) {
            return layout.build(asm);
        }
        distance /= 2;
    }
}

impl Layout {
    fn new(asm: &Asm, distance: i64) -> Self {
        let slots = slots(&asm.items);
        let mut islands: Vec<Island> = Vec::new();
        let goes_on = |item: &Pending| !matches!(&item.code, Code::Insn(insn) if !insn.falls_through());
        let mut next = distance;
        while slots.last().is_some_and(|end| next < *end) {
            let from = slots.partition_point(|slot| *slot < next);
            let apart = |at: &usize| !is_raw(asm, *at) || !is_raw(asm, *at - 1);
            let places = || (from..asm.items.len()).filter(apart);
            let found = places().take(SEARCHED).find(|at| !goes_on(&asm.items[*at - 1]));
            let before = found.or_else(|| places().next()).unwrap_or(asm.items.len());
            if before < asm.items.len() {
                islands.push(Island { before, fallen_into: found.is_none(), entries: BTreeMap::new() });
            }
            next = slots[before] + distance;
        }
        Self { slots, islands, grown: Vec::new() }
    }

    fn measure(&mut self) {
        self.grown.clear();
        let mut grown = 0;
        for island in &self.islands {
            self.grown.push(grown);
            grown += island.len();
        }
        self.grown.push(grown);
    }

    /// The slot of an item.
    fn item(&self, item: usize) -> i64 {
        self.slots[item] + self.grown[self.islands.partition_point(|island| island.before <= item)]
    }

    /// The slots of an island.
    fn island(&self, island: usize) -> From {
        let first = self.slots[self.islands[island].before] + self.grown[island];
        From { first, last: first + self.islands[island].len() }
    }

    /// Where a jump to an item goes next; none if nothing on the way is near enough.
    fn next(&self, from: From, to: usize) -> Option<Stop> {
        let end = self.item(to);
        if reaches(from, From { first: end, last: end }) {
            return Some(Stop::Target);
        }
        let mut between = self.islands.iter().enumerate().map(|(index, _)| (index, self.island(index)));
        let near = |(_, at): &(usize, From)| reaches(from, *at);
        let island = if end > from.last {
            between.rfind(|way| way.1.first > from.last && self.islands[way.0].before <= to && near(way))
        } else {
            between.find(|way| way.1.last < from.first && self.islands[way.0].before > to && near(way))
        };
        island.map(|(index, _)| Stop::Island(index))
    }

    fn jump(&self, item: usize) -> From {
        let slot = self.item(item);
        From { first: slot, last: slot }
    }

    /// Fills the islands until every jump has its way, those on islands too. Whether all have one.
    fn settle(&mut self, asm: &Asm) -> bool {
        loop {
            self.measure();
            let before = self.entries();
            for (index, item) in asm.items.iter().enumerate() {
                let Some(to) = target(asm, item).filter(|_| is_short(&item.code)) else { continue };
                if !self.walk(self.jump(index), to, index) {
                    return false;
                }
            }
            // What earlier rounds put on an island may not be on a way any more, and needs one nevertheless.
            for island in 0..self.islands.len() {
                for (to, asked) in self.islands[island].entries.clone() {
                    if !self.walk(self.island(island), to, asked) {
                        return false;
                    }
                }
            }
            if self.entries() == before {
                return true;
            }
        }
    }

    fn entries(&self) -> usize {
        self.islands.iter().map(|island| island.entries.len()).sum()
    }

    /// Goes from stop to stop, and enters the item at each. Whether it's reached.
    fn walk(&mut self, mut from: From, to: usize, asked: usize) -> bool {
        loop {
            match self.next(from, to) {
                None => return false,
                Some(Stop::Target) => return true,
                Some(Stop::Island(island)) => {
                    from = self.island(island);
                    self.islands[island].entries.entry(to).or_insert(asked);
                }
            }
        }
    }

    /// Writes the islands between the items and sends the jumps there.
    fn build(self, asm: &mut Asm) {
        let mut labels = BTreeMap::new();
        for (number, island) in self.islands.iter().enumerate() {
            for (&to, &jump) in &island.entries {
                let made = asm.items[jump].place.clone();
                let state = LabelState { name: Cow::Borrowed("trampoline"), made, bound: None };
                labels.insert((number, to), asm.hidden_label(state));
            }
        }
        let to_stop = |labels: &BTreeMap<(usize, usize), Label>, from, to, direct| match self.next(from, to) {
            Some(Stop::Island(island)) => Target::Label(labels[&(island, to)]),
            _ => direct,
        };
        for index in 0..asm.items.len() {
            let item = &asm.items[index];
            if let Some(to) = target(asm, item).filter(|_| is_short(&item.code)) {
                asm.items[index].target = to_stop(&labels, self.jump(index), to, item.target);
            }
        }
        let items = std::mem::take(&mut asm.items);
        let (mut grown, mut moved) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len() + 1));
        let mut bound = Vec::new();
        let mut islands = self.islands.iter().enumerate().peekable();
        for (index, item) in items.iter().enumerate() {
            if let Some((number, island)) = islands.next_if(|(_, island)| island.before == index) {
                let jump = |asked: &Pending, target| Pending {
                    code: Code::Insn(Insn::Goto { off: 0 }),
                    target,
                    place: asked.place.clone(),
                    source: asked.source.clone(),
                };
                if island.fallen_into && !island.entries.is_empty() {
                    let place = item.place.clone();
                    let state = LabelState {
                        name: Cow::Borrowed("over"),
                        made: place.clone(),
                        bound: Some((index, place)),
                    };
                    grown.push(jump(item, Target::Label(asm.hidden_label(state))));
                }
                for (&to, &asked) in &island.entries {
                    bound.push((labels[&(number, to)], grown.len(), items[asked].place.clone()));
                    let direct = Target::Label(item_label(asm, &items[asked], to));
                    grown.push(jump(&items[asked], to_stop(&labels, self.island(number), to, direct)));
                }
            }
            moved.push(grown.len());
            grown.push(item.clone());
        }
        moved.push(grown.len());
        asm.items = grown;
        move_positions(asm, &moved);
        for (label, position, place) in bound {
            asm.labels[label.index as usize].bound = Some((position, place));
        }
    }
}

/// Whether an item is a slot as it was given, whose distances nobody adjusts.
fn is_raw(asm: &Asm, item: usize) -> bool {
    matches!(asm.items[item].code, Code::Raw(_))
}

/// A label of an item that a trampoline jumps to.
fn item_label(asm: &mut Asm, asked: &Pending, to: usize) -> Label {
    let place = asked.place.clone();
    let state = LabelState { name: Cow::Borrowed("far"), made: place.clone(), bound: Some((to, place)) };
    asm.hidden_label(state)
}

/// Whether a jump from any of the slots reaches any of the others.
fn reaches(from: From, to: From) -> bool {
    let fits = |from: i64, to: i64| i16::try_from(to - from - 1).is_ok();
    fits(from.first, to.last) && fits(from.last, to.first)
}
