//! Queues and stacks: maps without keys.

use std::marker::PhantomData;

use super::calls::Passed;
use super::map::Outcome;
use super::stack::{Init, Uninit};
use super::{Writer, here};
use crate::builder::MapRef;
use crate::layout::BpfType;
use crate::program::MapDef;
use crate::types::Extent;
use knockwright_linux::map_type::Update;
use knockwright_linux::{Helper, MapType};

/// A queue or a stack of `V`.
#[derive(Debug)]
pub struct Queue<V> {
    pub(super) map: MapRef,
    types: PhantomData<fn() -> V>,
}

copies! { [V] Queue<V>; }

/// Which of the values comes out first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The one that was pushed first: a queue.
    FirstIn,
    /// The one that was pushed last: a stack.
    LastIn,
}

/// # Queues and stacks
impl Writer {
    /// Declares a queue or a stack of at most so many values.
    #[track_caller]
    pub fn queue<V: BpfType>(&self, name: &str, order: Order, max_entries: u32) -> Queue<V> {
        let map_type = match order {
            Order::FirstIn => MapType::Queue,
            Order::LastIn => MapType::Stack,
        };
        let def = MapDef::of(name, map_type, Extent::Bytes(0), Extent::of::<V>(), max_entries);
        Queue { map: self.declare_map(def), types: PhantomData }
    }

    /// `r0 = bpf_map_push_elem(queue, value, flags)`: [`Update::Replace`] takes the oldest value away where the queue is full.
    #[track_caller]
    pub fn push<V>(&mut self, queue: Queue<V>, value: &Init<V>, how: Update) -> Outcome {
        let at = here();
        let value = Passed::init(value);
        self.set_arguments(vec![Passed::map(queue.map), value, Passed::number(how as i32)], at);
        Outcome::at(self.call_helper(Helper::MapPushElem, at))
    }

    /// `r0 = bpf_map_pop_elem(queue, place)`: takes the next value out. The place holds it where that succeeded, else zeros.
    #[track_caller]
    pub fn pop<V>(&mut self, queue: Queue<V>, place: Uninit<V>) -> (Outcome, Init<V>) {
        self.next_of(queue, place, Helper::MapPopElem)
    }

    /// `r0 = bpf_map_peek_elem(queue, place)`: looks at the next value. The place holds it where that succeeded, else zeros.
    #[track_caller]
    pub fn peek<V>(&mut self, queue: Queue<V>, place: Uninit<V>) -> (Outcome, Init<V>) {
        self.next_of(queue, place, Helper::MapPeekElem)
    }

    #[track_caller]
    fn next_of<V>(&mut self, queue: Queue<V>, place: Uninit<V>, helper: Helper) -> (Outcome, Init<V>) {
        let at = here();
        self.set_arguments(vec![Passed::map(queue.map), Passed::room(place.offset)], at);
        let outcome = Outcome::at(self.call_helper(helper, at));
        (outcome, self.initialised(place, at))
    }
}
