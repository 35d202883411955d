//! Accesses to the context, where the program says which it has.

use knockwright_asm::Program;
use knockwright_asm::linux::context::Context;
use knockwright_verifier::message::Kind;

use super::Fault;
use super::derive::{bytes, step};
use crate::derivation::Derivation;

/// An access to a context whose fields are known.
pub(crate) struct Window {
    pub(crate) context: &'static Context,
    /// The bytes of the whole struct.
    pub(crate) whole: i128,
    /// The offset of the first byte.
    pub(crate) offset: i128,
    /// In bytes.
    pub(crate) size: i128,
}

/// The access that the message refuses.
pub(crate) fn window(fault: &Fault<'_>, program: Option<&Program>) -> Option<Window> {
    let (message, _) = fault.message.as_ref().filter(|(message, _)| message.kind == Kind::ContextAccess)?;
    let number = |hole| message.fields.number(hole).map(i128::from);
    let context = program?.prog_type.context()?;
    let last = context.fields?.iter().max_by_key(|field| field.offset)?;
    let whole = i128::from(last.offset + last.size * last.elements.unwrap_or(1));
    Some(Window { context, whole, offset: number("off")?, size: number("size")? })
}

/// How far the access leads beyond the context, if it does.
pub(super) fn derive(fault: &Fault<'_>, program: Option<&Program>) -> Option<Derivation> {
    let Window { context, whole, offset, size } = window(fault, program)?;
    let end = offset.checked_add(size)?;
    let said = step(fault, None, "the offset, by the message".to_owned(), offset.to_string());
    if offset < 0 {
        return Some(Derivation {
            steps: vec![said],
            result: format!("{offset}: {} before the start", bytes(-offset)),
        });
    }
    (end > whole && size > 0).then(|| Derivation {
        steps: vec![
            said,
            step(
                fault,
                fault.step,
                format!("an access of {} ends at {offset} + {size}", bytes(size)),
                end.to_string(),
            ),
        ],
        result: format!("{offset}, + size {size} = {end} > {whole}, the size of struct {}", context.name),
    })
}
