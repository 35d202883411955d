//! Pictures of characters, which a terminal and a page show alike.

use knockwright_explain::{Measured, Ruler};

/// The columns of the object, and of what is beyond it.
const INSIDE: usize = 40;
const OUTSIDE: usize = 12;

/// An object and the bytes that an access may touch: `=` is the object, `#` the access in it, `!` the access outside, which has a
/// scale of its own.
pub(crate) fn ruler(ruler: &Ruler) -> String {
    let (start, end) = ruler.view();
    let (start, end) = (i128::from(start), i128::from(end.max(start + 1)));
    let column =
        |byte: i64| ((i128::from(byte).clamp(start, end) - start) * INSIDE as i128 / (end - start)) as usize;
    let (from, to) = (column(ruler.first), column(ruler.end));
    let outside = |is_touched: bool| if is_touched { "!".repeat(OUTSIDE) } else { String::new() };
    let before = outside(ruler.first < ruler.start);
    let after = outside(ruler.end > ruler.object_end());
    let inside: String =
        (0..INSIDE).map(|at| if ruler.size > 0 && (from..to).contains(&at) { '#' } else { ' ' }).collect();
    let (margin, columns) = (" ".repeat(before.len()), INSIDE + OUTSIDE);
    format!(
        "{margin}{:columns$}  {}\n{before}{:columns$}  the access may touch bytes {} to {}",
        if ruler.size > 0 { "=".repeat(INSIDE) } else { String::new() },
        whole(ruler),
        inside + &after,
        ruler.first,
        ruler.end - 1,
    )
}

/// What stands in the first line, in words.
fn whole(ruler: &Ruler) -> String {
    let (name, first, last) = (&ruler.name, ruler.view().0, ruler.object_end() - 1);
    match ruler.measured {
        Measured::Packet if ruler.size == 0 => format!("{name}: nothing is proven"),
        Measured::Packet => format!("{name}: bytes {first} to {last} are proven"),
        Measured::Stack if first > ruler.start => {
            format!("{name} has bytes {} to {last}, from {first} on", ruler.start)
        }
        _ => format!("{name} has bytes {first} to {last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson;

    #[test]
    fn an_access_beyond_the_end_is_drawn_there() {
        let exercise =
            lesson("article-bounds").unwrap().exercises().find(|one| one.case.name == "article-bounds");
        let explanation = exercise.unwrap().fault.explanation.unwrap();
        let text = ruler(explanation.trace.ruler.as_ref().unwrap());
        assert!(text.contains("bytes 0 to 47") && text.contains("bytes 8 to 517"), "{text}");
        let access = text.lines().nth(1).unwrap();
        assert!(access.starts_with("      #") && access.contains("#!!!"), "{text}");
    }
}
