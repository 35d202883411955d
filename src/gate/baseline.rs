//! What the verifiers said the last time: a file of rows, written by `--save` and compared with by `--baseline`.

use std::collections::HashMap;

use super::row::{Key, Row};

/// The rows of an earlier run.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    rows: Vec<Row>,
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
        Ok(Self { rows: lines.map(row).collect::<Result<_, _>>()? })
    }

    /// The rows by which they are.
    pub(crate) fn by_key(&self) -> HashMap<Key<'_>, &Row> {
        self.rows.iter().map(|row| (row.key(), row)).collect()
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

    #[test]
    fn what_is_saved_is_found_again() {
        let rows = [row("a.o", "one", 5), row("a.o", "two", 6), row("b.o", "one", 7)];
        let baseline = Baseline::read(&text(&rows).unwrap()).unwrap();
        let by_key = baseline.by_key();
        for row in &rows {
            assert_eq!(by_key[&row.key()], row);
        }
        assert!(!by_key.contains_key(&row("c.o", "one", 5).key()));
    }

    #[test]
    fn a_line_that_is_no_row_is_named() {
        let text = text(&[row("a.o", "one", 5)]).unwrap() + "\n{\"object\": 3}\n";
        assert!(Baseline::read(&text).unwrap_err().starts_with("line 3: "));
    }
}
