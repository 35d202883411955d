//! What the picture of a cut log may show: what that of the whole log shows, or less.

use knockwright_explain::{Explanation, Field, Measured, Ruler};

/// What a ruler of a cut log shows and that of the whole doesn't.
pub(crate) fn differences(cut: &Explanation, whole: &Explanation) -> Vec<String> {
    let Some(ruler) = &cut.trace.ruler else { return Vec::new() };
    let mut found = inside(ruler);
    // Without the message nothing says which access is meant.
    if cut.diagnosis.message != whole.diagnosis.message {
        return found;
    }
    let Some(all) = &whole.trace.ruler else {
        found.push(format!("a ruler of {}, none of the whole", ruler.name));
        return found;
    };
    // The message alone has one end of the window, and what is cut may be what the log's own numbers disagree with.
    let is_one = |ruler: &Ruler| ruler.end - ruler.first == ruler.access;
    let lies_in = |one: &Ruler, other: &Ruler| one.first >= other.first && one.end <= other.end;
    let is_part = lies_in(ruler, all) || is_one(all) && lies_in(all, ruler);
    let is_same = (ruler.measured, ruler.start, ruler.access) == (all.measured, all.start, all.access);
    if !is_part || !is_same || ruler.size != all.size {
        found.push(format!("the ruler {} for {}", shown(ruler), shown(all)));
    }
    if ruler.measured == Measured::Stack {
        found.extend(ruler.fields.iter().flat_map(|field| bytes(ruler, field)).filter_map(|(byte, name)| {
            let of_whole = all.fields.iter().flat_map(|field| bytes(all, field)).find(|(at, _)| *at == byte);
            let is_shown = byte >= all.view().0;
            (is_shown && of_whole != Some((byte, name)))
                .then(|| format!("byte {byte} is {name}, by the whole {of_whole:?}"))
        }));
    }
    found
}

fn bytes<'r>(ruler: &'r Ruler, field: &'r Field) -> impl Iterator<Item = (i64, &'r str)> {
    let from = ruler.start + i64::from(field.offset);
    (from..from + i64::from(field.size)).map(|byte| (byte, field.name.as_str()))
}

fn shown(ruler: &Ruler) -> String {
    let Ruler { name, size, first, end, access, .. } = ruler;
    format!("{name} ({size}): {first} to {end} by {access}")
}

/// What a ruler's own figures contradict.
fn inside(ruler: &Ruler) -> Vec<String> {
    let is_sound = ruler.first < ruler.end && ruler.access <= ruler.end - ruler.first && ruler.size >= 0;
    let end = ruler.fields.iter().map(|field| i64::from(field.offset) + i64::from(field.size)).max();
    let fits = end.is_none_or(|end| end <= ruler.size);
    (!is_sound || !fits).then(|| shown(ruler)).into_iter().collect()
}
