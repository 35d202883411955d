//! Sets of map types.

use std::fmt;

use crate::MapType;

/// A set of map types: which of them a helper takes.
///
/// ```
/// use knockwright_linux::{MapType, MapTypes};
///
/// const QUEUES: MapTypes = MapTypes::of(&[MapType::Queue, MapType::Stack]);
/// assert!(QUEUES.contains(MapType::Stack) && !QUEUES.contains(MapType::Array));
/// assert_eq!(QUEUES.to_string(), "queue, stack");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MapTypes(u64);

impl MapTypes {
    /// No map type.
    pub const NONE: Self = Self(0);

    /// Every map type.
    pub const ALL: Self = Self::of(MapType::ALL);

    /// These map types.
    pub const fn of(types: &[MapType]) -> Self {
        let mut bits = 0;
        let mut next = 0;
        while next < types.len() {
            bits |= Self::bit(types[next]);
            next += 1;
        }
        Self(bits)
    }

    /// Those of both sets.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that the other set doesn't have.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the set has this map type.
    pub const fn contains(self, map_type: MapType) -> bool {
        self.0 & Self::bit(map_type) != 0
    }

    /// Whether the set has none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its map types, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = MapType> {
        MapType::ALL.iter().copied().filter(move |&map_type| self.contains(map_type))
    }

    const fn bit(map_type: MapType) -> u64 {
        1 << map_type.number()
    }
}

impl fmt::Display for MapTypes {
    /// Writes the names with commas between them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, map_type) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{map_type}")?;
        }
        Ok(())
    }
}
