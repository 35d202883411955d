//! Everything that a diagnosis calculates, calculated again from its own text and from the log's numbers.

use knockwright_explain::{Derivation, Diagnosis};

/// A sum as it is printed: `8 + 254*2`, `(3 + 4)*2 - 1`.
fn evaluate(text: &str) -> Option<i128> {
    let mut rest = text.trim();
    let value = sum(&mut rest)?;
    rest.is_empty().then_some(value)
}

fn sum(rest: &mut &str) -> Option<i128> {
    let mut value = product(rest)?;
    loop {
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("+ ") {
            *rest = after;
            value += product(rest)?;
        } else if let Some(after) = rest.strip_prefix("- ") {
            *rest = after;
            value -= product(rest)?;
        } else {
            return Some(value);
        }
    }
}

fn product(rest: &mut &str) -> Option<i128> {
    let mut value = factor(rest)?;
    while let Some(after) = rest.strip_prefix('*') {
        *rest = after;
        value *= factor(rest)?;
    }
    Some(value)
}

fn factor(rest: &mut &str) -> Option<i128> {
    if let Some(after) = rest.strip_prefix('(') {
        *rest = after;
        let value = sum(rest)?;
        *rest = rest.strip_prefix(')')?;
        return Some(value);
    }
    let sign = usize::from(rest.starts_with('-'));
    let end = rest[sign..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |end| end + sign);
    let value = rest[..end].parse().ok()?;
    *rest = &rest[end..];
    Some(value)
}

/// The first number in a text.
fn first_number(text: &str) -> Option<i128> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let start = if text[..start].ends_with('-') { start - 1 } else { start };
    let mut rest = &text[start..];
    factor(&mut rest)
}

/// The number after a word of a message: `off=76`.
fn said(log: &str, message: &str, word: &str) -> Option<i128> {
    let line = log.lines().rev().find(|line| line.starts_with(message))?;
    let (_, rest) = line.split_once(word)?;
    first_number(rest.split([' ', ',', ')']).next()?)
}

/// `X = formula` or `X` alone.
fn left_side(text: &str) -> Result<i128, String> {
    let (value, formula) = text.split_once(" = ").unwrap_or((text, text));
    let value_of = |text: &str| evaluate(text).ok_or_else(|| format!("`{text}` is no sum"));
    let (value, formula) = (value_of(value)?, value_of(formula)?);
    if value == formula { Ok(value) } else { Err(format!("`{text}`: {formula} isn't {value}")) }
}

fn holds(is: bool, what: &str) -> Result<(), String> {
    if is { Ok(()) } else { Err(format!("`{what}` isn't so")) }
}

/// The numbers of a result: the offset or size that is wrong, where the access ends, and the room that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) value: i128,
    pub(crate) end: Option<i128>,
    pub(crate) room: Option<i128>,
}

/// The numbers of a result, once every relation in it is found to hold.
pub(crate) fn result(text: &str) -> Result<Option<Numbers>, String> {
    let only = |value| Ok(Some(Numbers { value, end: None, room: None }));
    if let Some(found) = unwritten(text) {
        let (first, missing, last) = found.ok_or_else(|| format!("`{text}` names no bytes"))?;
        holds(first <= missing[0].0 && missing.is_sorted(), text)?;
        holds(missing.iter().all(|(from, to)| from <= to && *to <= last), text)?;
        return only(missing[0].0);
    }
    if let Some(rest) = text.strip_prefix("the offset is ") {
        let (low, high) = range(rest.split(',').next().unwrap_or("")).ok_or("no range")?;
        holds(low < high, text)?;
        return only(low);
    }
    let text = &text.replace(" > 1 byte", " > 1 bytes");
    if let Some((left, right)) = text.split_once(", + size ") {
        let value = left_side(left)?;
        let (size, right) = right.split_once(" = ").ok_or("no end")?;
        let (end, room) = right.split_once(" > ").ok_or("no comparison")?;
        let (size, end) = (evaluate(size).ok_or("no size")?, evaluate(end).ok_or("no end")?);
        let room = first_number(room).ok_or("no room")?;
        holds(value + size == end && end > room && size > 0, text)?;
        return Ok(Some(Numbers { value, end: Some(end), room: Some(room) }));
    }
    if let Some((sum, right)) = text.split_once(" bytes proven").and_then(|(text, _)| text.split_once(" > "))
    {
        let (parts, end) = sum.split_once(" = ").ok_or("no end")?;
        let (offset, size) = parts.split_once(" + size ").ok_or("no size")?;
        let number = |text: &str| evaluate(text).ok_or_else(|| format!("`{text}`"));
        let (value, size, end, room) = (number(offset)?, number(size)?, number(end)?, number(right)?);
        holds(value + size == end && end > room && room >= 0, text)?;
        return Ok(Some(Numbers { value, end: Some(end), room: Some(room) }));
    }
    if let Some((left, bytes)) = text.split_once(": ").filter(|(_, rest)| rest.contains(" before ")) {
        let value = left_side(left)?;
        holds(value < 0 && first_number(bytes) == Some(-value), text)?;
        return only(value);
    }
    for (sign, is) in [
        (" <= ", (|a, b| a <= b) as fn(i128, i128) -> bool),
        (" >= ", |a, b| a >= b),
        (" < ", |a, b| a < b),
        (" > ", |a, b| a > b),
    ] {
        if let Some((left, right)) = text.split_once(sign) {
            let (value, room) = (left_side(left)?, first_number(right).ok_or("no limit")?);
            holds(is(value, room), text)?;
            return Ok(Some(Numbers { value, end: None, room: Some(room) }));
        }
    }
    if let Some(rest) = text.strip_prefix("the size may be ") {
        let value = first_number(rest).ok_or("no size")?;
        holds(value <= 0, text)?;
        return only(value);
    }
    let is_plain = text.starts_with("nothing bounds the ") || text.contains(" may be NULL from ");
    holds(is_plain, text)?;
    Ok(None)
}

/// The first byte of an access, the bytes of it that nobody wrote, and its last byte; nothing if a result is about something else.
type Unwritten = (i128, Vec<(i128, i128)>, i128);

fn unwritten(text: &str) -> Option<Option<Unwritten>> {
    let (text, others) = text.split_once("; ").unwrap_or((text, ""));
    let text = text.strip_suffix(" written")?;
    let text = text.strip_suffix(" isn't").or_else(|| text.strip_suffix(" aren't"))?;
    let read = || {
        let (missing, all) = text.split_once(' ')?.1.split_once(" of ")?;
        let missing: Option<Vec<_>> = missing.split(" and ").map(range).collect();
        let (first, last) = range(all)?;
        let missing = missing.filter(|missing| !missing.is_empty())?;
        // What one instruction writes isn't missing.
        let writes = others
            .split(", ")
            .filter_map(|other| other.split_once(" writes "))
            .flat_map(|(_, bytes)| bytes.split(" and "));
        let written: Option<Vec<_>> = writes.map(range).collect();
        let meets = |one: (i128, i128), other: (i128, i128)| one.0 <= other.1 && other.0 <= one.1;
        let is_sound =
            written?.iter().all(|part| part.0 <= part.1 && !missing.iter().any(|byte| meets(*part, *byte)));
        is_sound.then_some((first, missing, last))
    };
    Some(read())
}

/// The bytes of a message such as `invalid read from stack R2 off -8+4 size 8`, and the one that isn't written.
fn stack_bytes(log: &str) -> Option<(i128, Option<i128>, i128)> {
    let line = log.lines().rev().find(|line| line.starts_with("invalid ") && line.contains(" stack "))?;
    let (off, size) = line.split_once("off")?.1.split_once(" size")?;
    let size = first_number(size)?;
    let off = off.trim_start_matches(['=', ' ']);
    let (off, at) = off.split_once('+').map_or((off, None), |(off, at)| (off, first_number(at)));
    let off = first_number(off)?;
    Some((off, at.map(|at| off + at), off + size - 1))
}

/// A step's value: one number, or two.
fn range(text: &str) -> Option<(i128, i128)> {
    let (low, high) = text.split_once(" to ").unwrap_or((text, text));
    Some((evaluate(low)?, evaluate(high)?))
}

/// What an instruction's text makes of a range.
fn apply(text: &str, (low, high): (i128, i128)) -> Option<(i128, i128)> {
    let (_, operation) = text.split_once(' ')?;
    let (operator, number) = operation.split_once(' ')?;
    let number: i128 = number.parse().ok()?;
    let each = |value: i128| {
        Some(match operator {
            "<<=" => value << number,
            "*=" => value * number,
            "+=" => value + number,
            "-=" => value - number,
            _ => return None,
        })
    };
    Some((each(low)?, each(high)?))
}

/// The steps, each from the ones before it.
fn steps(derivation: &Derivation) -> Result<(), String> {
    let mut number: Option<(i128, i128)> = None;
    let mut offset = (0, 0);
    for step in &derivation.steps {
        let shown = range(&step.value);
        let what = format!("{} {}", step.value, step.text);
        if step.text.ends_with(" is added to the pointer") {
            let (Some((low, high)), Some(shown)) = (number.take(), shown) else { continue };
            offset = (offset.0 + low, offset.1 + high);
            holds(shown == offset, &what)?;
        } else if let Some((_, sum)) = step.text.split_once(" ends at ") {
            holds(evaluate(sum).map(|end| (end, end)) == shown, &what)?;
        } else if let Some(before) = number
            && let Some(after) = apply(&step.text, before)
        {
            if let Some(shown) = shown {
                holds(shown == after, &what)?;
                number = Some(shown);
            }
        } else if let Some((_, added)) = step.text.split_once(" += ").filter(|_| number.is_none()) {
            if let Some(added) = evaluate(added) {
                holds(shown == Some((added, added)), &what)?;
                offset = (offset.0 + added, offset.1 + added);
            }
        } else if let Some((_, gone)) = step.text.split_once(" -= ").filter(|_| number.is_none()) {
            if let Some(gone) = evaluate(gone) {
                holds(shown == Some((-gone, -gone)), &what)?;
                offset = (offset.0 - gone, offset.1 - gone);
            }
        } else if step.text.contains("own offset is") || step.text.contains("comes with the offset") {
            holds(first_number(step.text.rsplit(' ').next().unwrap_or("")).map(|n| (n, n)) == shown, &what)?;
            if step.text.contains("comes with") {
                offset = shown.unwrap_or(offset);
            }
        } else if [" points to ", "by the message", "are proven", "bytes proven"]
            .iter()
            .any(|words| step.text.contains(words))
        {
        } else {
            number = shown;
        }
        if let Some((low, high)) = shown {
            holds(low <= high, &what)?;
        }
        // A range in a step's words is the step's own.
        if let Some((_, words)) = step.text.split_once("is a number from ")
            && let (Some(words), Some(shown)) = (range(words), shown)
        {
            holds(words == shown, &what)?;
        }
    }
    Ok(())
}

/// What a diagnosis says and its own numbers or the log's message contradict.
pub(crate) fn mistakes(diagnosis: &Diagnosis, log: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |result: Result<(), String>| found.extend(result.err());
    if let Some(derivation) = &diagnosis.derivation {
        match result(&derivation.result) {
            Err(why) => check(Err(why)),
            Ok(Some(numbers)) => check(by_message(diagnosis, &numbers, &derivation.result, log)),
            Ok(None) => {}
        }
        check(steps(derivation));
    }
    for guard in diagnosis.conditions() {
        check(guard_holds(diagnosis, log, guard));
    }
    if let [one, other] = diagnosis.guards.as_slice() {
        let is_room = one.register == other.register && one.insn == other.insn && one.limit <= other.limit;
        check(holds(
            is_room && diagnosis.guard.is_none(),
            &format!("{} and {}", one.condition, other.condition),
        ));
    }
    found
}

/// The numbers of the message are those of the result.
fn by_message(diagnosis: &Diagnosis, numbers: &Numbers, text: &str, log: &str) -> Result<(), String> {
    if let Some(Some((first, missing, last))) = unwritten(text)
        && let Some((off, at, end)) = stack_bytes(log)
    {
        let is_first = at.is_none_or(|at| at == missing[0].0);
        return holds((first, last) == (off, end) && is_first, &format!("{text} by the message"));
    }
    let is_of =
        |what: &str| text.ends_with(&format!(" bytes{what}")) || text.ends_with(&format!(" 1 byte{what}"));
    if is_of(" proven") {
        let of = |word| said(log, "invalid access to packet", word);
        let range = of("r=").map(|range| range.max(0));
        for (message, shown) in [(of("off="), Some(numbers.value)), (range, numbers.room)] {
            holds(message.is_none_or(|message| Some(message) == shown), &format!("{text} by the message"))?;
        }
        return Ok(());
    }
    for (message, whole) in
        [("invalid access to map value, ", "value_size="), ("invalid access to memory, ", "mem_size=")]
    {
        let (Some(off), Some(size), Some(whole)) =
            (said(log, message, "off="), said(log, message, " size="), said(log, message, whole))
        else {
            continue;
        };
        let is_size = is_of("") || text.starts_with("the size may be");
        let good = if is_size {
            (numbers.value == size || numbers.value < 0)
                && numbers.room.is_none_or(|room| room == whole - off)
        } else {
            numbers.value == off
                && numbers.end.is_none_or(|end| end == off + size)
                && numbers.room.is_none_or(|room| room == whole)
        };
        holds(good, &format!("{text}, with off={off} size={size} of {whole} at {}", diagnosis.message))?;
    }
    Ok(())
}

/// A bound is one that the number's own range goes beyond, by the derivation's figures.
fn guard_holds(diagnosis: &Diagnosis, log: &str, guard: &knockwright_explain::Guard) -> Result<(), String> {
    holds(guard.c.as_deref().is_none_or(|c| !c.contains("(0 ")), guard.c.as_deref().unwrap_or(""))?;
    let Some(limit) = guard.limit.map(i128::from) else { return Ok(()) };
    let what = format!("guard `{}` of {}", guard.condition, diagnosis.message);
    if guard.condition.ends_with("data_end") {
        let size = said(log, "invalid access to packet", " size=");
        return holds(size.is_none_or(|size| limit >= size), &what);
    }
    if guard.condition.contains(" <= ") {
        let whole = said(log, "invalid access to map value, ", "value_size=")
            .or_else(|| said(log, "invalid access to memory, ", "mem_size="));
        holds(whole.is_none_or(|whole| limit <= whole), &what)?;
        let ranges: Vec<(i128, i128)> = diagnosis
            .derivation
            .iter()
            .flat_map(|derivation| {
                derivation
                    .steps
                    .iter()
                    .filter(|step| step.value.contains(" to "))
                    .filter_map(|step| range(&step.value))
            })
            .collect();
        let goes_beyond = ranges.iter().any(|(low, high)| *high > limit || *low < 0);
        holds(ranges.is_empty() || goes_beyond, &format!("{what}: {ranges:?}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_calculated() {
        assert_eq!(evaluate("8 + 254*2"), Some(516));
        assert_eq!(evaluate("(3 + 4)*2 - 1"), Some(13));
        assert_eq!(evaluate("-1 - 4"), Some(-5));
        assert_eq!(evaluate("8 +"), None);
    }

    #[test]
    fn what_is_wrong_is_found() {
        for text in [
            "95 > 65535, the farthest that a comparison proves",
            "0, + size 4 = 4 > value_size 20",
            "-2147483648 = 15: 2147483648 bytes before the start",
            "-1 = 15 - 1: 1 byte before the start",
            "13 + size 2 = 15 > 15 bytes proven",
            "516 = 8 + 254*3, + size 2 = 518 > value_size 48",
            "64 > 64 bytes",
            "the size may be 4",
        ] {
            assert!(result(text).is_err(), "{text}");
        }
        assert!(result("516 = 8 + 254*2, + size 2 = 518 > value_size 48").is_ok());
    }
}
