//! Maps that libbpf puts into maps of maps before it loads a program, and the kernel takes or doesn't.
//!
//! A map of maps is made for maps that are like one: of its type, sizes and flags, and of its special parts. Arrays have to have
//! its length too, unless they say that theirs may differ. Written from the behaviour of Linux 5.10 to 7.3.

use knockwright_asm::MapType;
use knockwright_asm::linux::errno::{E2BIG, EINVAL};
use knockwright_asm::linux::map_type::{ANY_LENGTH, RDONLY, WRONLY};

use super::map::{Definition, Map};
use super::references::Filled;
use super::{Taken, refuse};
use crate::btf::Btf;

/// That the kernel takes all that is put into maps of maps.
pub(super) fn all(btf: Option<&Btf>, maps: &[Map<'_>], filled: &[Filled]) -> Taken {
    for (index, map) in maps.iter().enumerate() {
        let mut own: Vec<&Filled> = filled.iter().filter(|filled| filled.map == index).collect();
        // Of several at one place the last stays.
        own.reverse();
        own.sort_by_key(|filled| filled.place);
        own.dedup_by_key(|filled| filled.place);
        for (count, filled) in own.into_iter().enumerate() {
            let fills = |errno, why: &str| {
                let (outer, inner) = (map.name, maps[filled.with].name);
                refuse(
                    errno,
                    format!("map '{outer}': the kernel takes no map '{inner}' at [{}]: {why}", filled.place),
                )
            };
            // Where that is a hash, places are keys.
            let used = if map.is.is(MapType::HashOfMaps) { count as u64 } else { filled.place };
            match &map.is.inner {
                _ if filled.with >= index => return fills(EINVAL, "it's made after it"),
                _ if used >= map.is.max_entries.into() => return fills(E2BIG, "it has no such place"),
                Some(wanted) if !is_alike(btf, wanted, &maps[filled.with].is) => {
                    return fills(EINVAL, "it's unlike those that it's said to hold");
                }
                _ => {}
            }
        }
    }
    Ok(())
}

fn is_alike(btf: Option<&Btf>, wanted: &Definition, is: &Definition) -> bool {
    // What only system calls may do counts for the descriptor, not for the map.
    let lasting = |flags: u32| flags & !(RDONLY | WRONLY);
    let length = |is: &Definition| {
        let counts = is.is(MapType::Array) && is.flags & ANY_LENGTH == 0;
        counts.then_some(is.max_entries)
    };
    let is_special =
        |is: &Definition| is.value.zip(btf).is_some_and(|(value, btf)| btf.special_part(value).is_some());
    (wanted.map_type, wanted.key_size, wanted.value_size) == (is.map_type, is.key_size, is.value_size)
        && lasting(wanted.flags) == lasting(is.flags)
        && length(wanted) == length(is)
        && is_special(wanted) == is_special(is)
}
