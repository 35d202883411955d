//! Relocations in words.

use std::fmt::Write as _;

use super::access::Access;
use super::{About, CoreKind, bare};
use crate::kind::Kind;
use crate::parse::Btf;

/// A relocation as libbpf writes it into its log.
pub(crate) fn describe(btf: &Btf, kind: CoreKind, way: &Access) -> String {
    let root = btf.get(way.root);
    let name = root.map_or("", Kind::name);
    let name = if name.is_empty() { "<anon>" } else { name };
    let mut text = format!("<{}> [{}] {} {name}", kind.label(), way.root.0, word(root));
    // Writing to a string can't fail.
    let _ = match kind.about() {
        About::Type => Ok(()),
        About::Enumerator => enumerator(&mut text, btf, way),
        About::Field => field(&mut text, way),
    };
    text
}

fn enumerator(text: &mut String, btf: &Btf, way: &Access) -> std::fmt::Result {
    let name = way.steps.first().and_then(|step| step.name.as_deref()).unwrap_or_default();
    let index = way.numbers.first().copied().unwrap_or(0) as usize;
    match bare(btf, way.root) {
        Ok((_, Some(Kind::Enum { signed, values, .. }))) => {
            let value = values.get(index).map_or(0, |value| value.value);
            match signed {
                true => write!(text, "::{name} = {}", value as i32),
                false => write!(text, "::{name} = {}", value as u32),
            }
        }
        Ok((_, Some(Kind::Enum64 { signed, values, .. }))) => {
            let value = values.get(index).map_or(0, |value| value.value);
            match signed {
                true => write!(text, "::{name} = {value}"),
                false => write!(text, "::{name} = {}", value as u64),
            }
        }
        _ => Ok(()),
    }
}

fn field(text: &mut String, way: &Access) -> std::fmt::Result {
    for (place, step) in way.steps.iter().enumerate() {
        match &step.name {
            Some(name) => write!(text, ".{name}")?,
            None if place > 0 || step.index > 0 => write!(text, "[{}]", step.index)?,
            None => {}
        }
    }
    let numbers: Vec<String> = way.numbers.iter().map(u32::to_string).collect();
    write!(text, " ({} @ offset {}", numbers.join(":"), way.bit_offset / 8)?;
    match way.bit_offset % 8 {
        0 => write!(text, ")"),
        bits => write!(text, ".{bits})"),
    }
}

/// The word for a kind of type.
fn word(kind: Option<&Kind>) -> String {
    kind.map_or("void", Kind::label).to_lowercase()
}
