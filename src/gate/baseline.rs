//! What the verifiers said the last time: a file of rows, written by `--save` and compared with by `--baseline`.

use std::collections::{HashMap, HashSet};

use super::objects::normal;
use super::row::Row;

/// The rows of an earlier run.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    rows: Vec<Row>,
    /// The places of rows, by their objects' paths and by the names relative to what was named.
    by_path: HashMap<Key, usize>,
    by_relative: HashMap<Key, usize>,
}

/// Which row it is, whatever it says: object, program, kernel, engine, configuration.
type Key = (String, String, String, String, Option<String>);

/// The key of a row whose object is called like that.
fn key(object: &str, row: &Row) -> Key {
    (object.to_owned(), row.program.clone(), row.kernel.clone(), row.engine.clone(), row.config.clone())
}

impl Baseline {
    /// Reads rows, one JSON object a line.
    ///
    /// # Errors
    /// The line that is no row, counted from 1, and why.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let row = |(index, line): (usize, &str)| {
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", index + 1))
        };
        let rows: Vec<Row> = lines.map(row).collect::<Result<_, _>>()?;
        let mut baseline = Self::default();
        for (place, row) in rows.iter().enumerate() {
            baseline.by_path.insert(key(&normal(&row.object), row), place);
            let relative = row.relative.clone().unwrap_or_else(|| normal(&row.object));
            baseline.by_relative.insert(key(&relative, row), place);
        }
        Ok(Self { rows, ..baseline })
    }

    /// What a row was: of the object at the same path, else of that with the same name relative to what was named.
    pub(crate) fn of(&self, row: &Row) -> Option<&Row> {
        let relative = || self.by_relative.get(&key(row.relative.as_ref()?, row));
        let place = self.by_path.get(&key(&normal(&row.object), row)).or_else(relative)?;
        self.rows.get(*place)
    }

    /// What is odd about it, beside the rows of now: none of them is in it, or some of its own have vanished.
    pub(crate) fn oddities<'r>(&self, now: impl IntoIterator<Item = &'r Row>) -> Option<String> {
        /// How many vanished rows are named.
        const NAMED: usize = 5;
        let (mut found, mut asked) = (HashSet::new(), HashSet::new());
        for row in now {
            asked.insert((row.kernel.as_str(), row.engine.as_str(), row.config.as_deref()));
            found.extend(self.of(row).map(std::ptr::from_ref));
        }
        if found.is_empty() {
            return Some(
                "no row of it is of these objects, kernels, engines and configurations: nothing was compared"
                    .to_owned(),
            );
        }
        let was_asked =
            |row: &&Row| asked.contains(&(row.kernel.as_str(), row.engine.as_str(), row.config.as_deref()));
        let gone: Vec<String> = self
            .rows
            .iter()
            .filter(|row| !found.contains(&std::ptr::from_ref(*row)))
            .filter(was_asked)
            .map(Row::label)
            .collect();
        let more = match gone.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let named = gone.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        (!gone.is_empty()).then(|| format!("of this there is nothing any more: {named}{more}"))
    }
}

/// Rows as a baseline has them.
pub(crate) fn text<'a>(rows: impl IntoIterator<Item = &'a Row>) -> serde_json::Result<String> {
    let mut text = String::new();
    for row in rows {
        text += &serde_json::to_string(row)?;
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::row::tests::row;

    fn relative(object: &str, relative: &str) -> Row {
        Row { relative: Some(relative.to_owned()), ..row(object, "one", 5) }
    }

    #[test]
    fn what_is_saved_is_found_again() {
        let rows = [row("a.o", "one", 5), row("a.o", "two", 6), row("b.o", "one", 7)];
        let baseline = Baseline::read(&text(&rows).unwrap()).unwrap();
        for row in &rows {
            assert_eq!(baseline.of(row), Some(row));
        }
        assert_eq!(baseline.of(&row("c.o", "one", 5)), None);
        assert_eq!(baseline.oddities(&rows), None);
        assert_eq!(
            baseline.oddities(&rows[..2]).unwrap(),
            "of this there is nothing any more: b.o: one on 6.12"
        );
        assert!(baseline.oddities([]).unwrap().starts_with("no row of it"));
    }

    #[test]
    fn the_spelling_of_a_path_makes_no_other_object() {
        let saved = [relative("build/below/a.o", "below/a.o"), relative("b.o", "b.o")];
        let baseline = Baseline::read(&text(&saved).unwrap()).unwrap();
        for (object, name) in [
            ("./build//below/a.o", "below/a.o"),
            ("/home/ci/build/below/a.o", "below/a.o"),
            ("build/x/../below/a.o", "a.o"),
        ] {
            assert_eq!(baseline.of(&relative(object, name)), Some(&saved[0]), "{object}");
        }
        assert_eq!(baseline.of(&relative("./b.o", "b.o")), Some(&saved[1]));
        assert_eq!(baseline.of(&relative("a.o", "a.o")), None);
    }

    #[test]
    fn a_line_that_is_no_row_is_named() {
        let text = text(&[row("a.o", "one", 5)]).unwrap() + "\n{\"object\": 3}\n";
        assert!(Baseline::read(&text).unwrap_err().starts_with("line 3: "));
    }
}
