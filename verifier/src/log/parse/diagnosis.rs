//! Lines of the block that Linux 7.3 writes after the message.

use super::cursor::Cursor;
use crate::log::line::{Diagnosis, Line};

pub(super) fn failed(text: &str) -> Option<Line<'_>> {
    let (category, title) = text.strip_prefix("Verification failed: ")?.split_once(": ")?;
    Some(Line::Diagnosis(Diagnosis::Failed { category, title }))
}

pub(super) fn diagnosis_row(text: &str, spaces: usize) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(&text[spaces..]);
    let marked = cursor.eat(">>> ").is_some();
    if marked {
        cursor.rest = cursor.rest.trim_start_matches(' ');
    }
    let number = cursor.number()?;
    cursor.eat(" ")?;
    let width = (text.len() - cursor.rest.len()) as u32;
    cursor.eat("| ")?;
    Some(Line::Diagnosis(Diagnosis::Row { marked, width, number, text: cursor.rest }))
}

pub(super) fn diagnosis_label(text: &str, width: u32) -> Option<Diagnosis<'_>> {
    let text = text.strip_prefix("| ")?;
    if let Some(label) = text.strip_prefix("^-- ")
        && let Some((kind, text)) = label.split_once(": ")
        && !kind.is_empty()
        && kind.bytes().all(|byte| byte.is_ascii_lowercase())
    {
        return Some(Diagnosis::Label { width, kind: Some(kind), text });
    }
    Some(Diagnosis::Label { width, kind: None, text })
}

pub(super) fn diagnosis_insn(text: &str) -> Option<Diagnosis<'_>> {
    let mut cursor = Cursor::new(text);
    cursor.eat("insn ")?;
    let slot = cursor.number()?;
    cursor.end()?;
    Some(Diagnosis::Insn(slot))
}

pub(super) fn diagnosis_place(text: &str) -> Option<Diagnosis<'_>> {
    let (function, place) = text.split_once(" @ ")?;
    let (place, column) = place.rsplit_once(':')?;
    let (file, line) = place.rsplit_once(':')?;
    let (mut line, mut column) = (Cursor::new(line), Cursor::new(column));
    let numbers = (line.number()?, column.number()?);
    line.end()?;
    column.end()?;
    Some(Diagnosis::Place { function, file, line: numbers.0, column: numbers.1 })
}
