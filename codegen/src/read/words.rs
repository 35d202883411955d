//! What a compiler says of a value in an instruction, in words.

use std::fmt::Write as _;

use crate::btf::{Btf, CoreKind, CoreRecord, Kind, TypeId};

/// How many steps into a type are written.
const MAX_STEPS: usize = 64;

/// A CO-RE relocation: `byte_off task_struct.pid`, `enumval_value bpf_func_id.BPF_FUNC_trace_printk`.
pub(crate) fn of_core_record(btf: &Btf, record: &CoreRecord) -> String {
    let kind = match CoreKind::from_number(record.kind) {
        Some(kind) => kind.label().to_owned(),
        None => format!("kind {}", record.kind),
    };
    format!("{kind} {}", way(btf, record).unwrap_or_else(|| format!("{} {}", record.ty, record.access)))
}

/// The way into a type that a record names; `None` if there is no such way.
fn way(btf: &Btf, record: &CoreRecord) -> Option<String> {
    use CoreKind::{
        EnumvalExists, EnumvalValue, TypeExists, TypeIdLocal, TypeIdTarget, TypeMatches, TypeSize,
    };
    let mut text = match btf.get(record.ty)?.name() {
        "" => btf.c_name(record.ty),
        name => name.to_owned(),
    };
    let mut steps = record.access.split(':').take(MAX_STEPS).map(|step| step.parse::<u32>().ok());
    match CoreKind::from_number(record.kind)? {
        TypeIdLocal | TypeIdTarget | TypeExists | TypeSize | TypeMatches => return Some(text),
        EnumvalExists | EnumvalValue => {
            let (Kind::Enum { values, .. } | Kind::Enum64 { values, .. }) =
                btf.get(btf.resolve(record.ty))?
            else {
                return None;
            };
            let value = values.get(steps.next()?? as usize)?;
            write!(text, ".{}", value.name).ok()?;
            return Some(text);
        }
        _ => {}
    }
    match steps.next()?? {
        0 => {}
        index => write!(text, "[{index}]").ok()?,
    }
    let mut id = record.ty;
    for step in steps {
        id = step_into(btf, id, step?, &mut text)?;
    }
    Some(text)
}

/// Writes a step into a type; gives the type where it leads.
fn step_into(btf: &Btf, id: TypeId, index: u32, text: &mut String) -> Option<TypeId> {
    match btf.get(btf.resolve(id))? {
        Kind::Struct { members, .. } | Kind::Union { members, .. } => {
            let member = members.get(index as usize)?;
            // What is in a nameless struct is named as a part of the whole.
            if !member.name.is_empty() {
                write!(text, ".{}", member.name).ok()?;
            }
            Some(member.ty)
        }
        Kind::Array { element, .. } => {
            write!(text, "[{index}]").ok()?;
            Some(*element)
        }
        _ => None,
    }
}
