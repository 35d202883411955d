//! Pictures of characters, which a terminal and a page show alike.

use knockwright_explain::Ruler;

/// The columns of the object, and of what is beyond it.
const INSIDE: usize = 40;
const OUTSIDE: usize = 12;

/// An object and the bytes that an access may touch: `=` is the object, `#` the access in it, `!` the access outside, which has a
/// scale of its own.
pub(crate) fn ruler(ruler: &Ruler) -> String {
    let size = i128::from(ruler.size.max(1));
    let column = |byte: i64| (i128::from(byte).clamp(0, size) * INSIDE as i128 / size) as usize;
    let (from, to) = (column(ruler.first), column(ruler.end));
    let outside = |is_touched: bool| if is_touched { "!".repeat(OUTSIDE) } else { String::new() };
    let before = outside(ruler.first < 0);
    let after = outside(ruler.end > ruler.size);
    let inside: String = (0..INSIDE).map(|at| if (from..to).contains(&at) { '#' } else { ' ' }).collect();
    let (margin, columns) = (" ".repeat(before.len()), INSIDE + OUTSIDE);
    format!(
        "{margin}{:columns$}  {} has bytes 0 to {}\n{before}{:columns$}  the access may touch bytes {} to {}",
        "=".repeat(INSIDE),
        ruler.name,
        ruler.size - 1,
        inside + &after,
        ruler.first,
        ruler.end - 1,
    )
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
