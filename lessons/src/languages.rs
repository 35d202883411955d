//! The program of a side in the languages that it is written in: Rust, as the catalogue has it, and C where it was compiled from it.

use std::collections::BTreeMap;

use knockwright_verifier_cases::catalogue;

use crate::lesson::Side;

/// The most lines that are shown.
const MOST_LINES: usize = 60;

impl Side {
    /// The program in other languages than assembly: name, language of the fence, and code.
    pub fn languages(&self) -> Vec<(&'static str, &'static str, String)> {
        let rust = self.rust().map(|code| ("Rust", "rust", code));
        let c = self.c().map(|code| ("C", "c", code));
        rust.into_iter().chain(c).collect()
    }

    /// The lines of the catalogue that emit the program; none if it's emitted elsewhere, or by too many.
    fn rust(&self) -> Option<String> {
        let file = format!("catalogue/{}.rs", self.class);
        let places = self.program.items.iter().filter_map(|item| item.place.as_ref());
        let lines: Vec<u32> =
            places.filter(|place| place.file.ends_with(&file)).map(|place| place.line).collect();
        let (first, last) = (*lines.iter().min()?, *lines.iter().max()?);
        let (first, count) = (first.checked_sub(1)? as usize, (last - first + 1) as usize);
        let source: Vec<&str> = catalogue::source(self.class)?.lines().skip(first).take(count).collect();
        (source.len() == count && count <= MOST_LINES).then(|| dedented(&source))
    }

    /// The lines of C that the program's instructions were compiled from, if they are few enough to read.
    fn c(&self) -> Option<String> {
        let sources = self.program.items.iter().filter_map(|item| item.source.as_ref());
        let lines: BTreeMap<u32, &str> = sources
            .filter(|line| line.file.ends_with(".c"))
            .map(|line| (line.line, line.text.as_ref()))
            .collect();
        if lines.is_empty() {
            return None;
        }
        let near = self.story_lines();
        let shown = lines.iter().filter(|(number, _)| {
            lines.len() <= MOST_LINES / 2 || near.iter().any(|line| number.abs_diff(*line) <= 2)
        });
        let text: String = shown.map(|(number, text)| format!("/* {number:>4} */ {text}\n")).collect();
        (!text.is_empty()).then_some(text)
    }

    /// The source lines of the story.
    fn story_lines(&self) -> Vec<u32> {
        let causes = self.explanation.iter().flat_map(|explanation| &explanation.diagnosis.cause);
        causes.filter_map(|cause| cause.source.as_ref()?.line).collect()
    }
}

/// Lines without the indentation that all of them have.
fn dedented(lines: &[&str]) -> String {
    let indent = |line: &&&str| line.len() - line.trim_start().len();
    let common =
        lines.iter().filter(|line| !line.trim().is_empty()).map(|line| indent(&line)).min().unwrap_or(0);
    lines.iter().map(|line| format!("{}\n", line.get(common..).unwrap_or_default())).collect()
}

#[cfg(test)]
mod tests {
    use crate::lesson;

    #[test]
    fn lessons_show_their_programs_in_rust_and_the_articles_in_c() {
        let exercise = lesson("packet-check-reversed").unwrap().exercises().next().unwrap();
        let [(name, _, code)] = &exercise.fault.languages()[..] else {
            panic!("{:?}", exercise.fault.languages())
        };
        assert_eq!(*name, "Rust");
        assert!(code.contains("a.goto_if(R0.le(R3), out);") && !code.contains("gt(R3)"), "{code}");
        let repair = exercise.repair.unwrap().languages();
        assert!(repair[0].2.contains("a.goto_if(R0.gt(R3), out);"), "{repair:?}");
        let article = lesson("article-null").unwrap().exercises().find(|one| one.case.name == "article-null");
        let code = article.unwrap().fault.languages();
        assert!(
            code.iter().any(|(name, _, code)| *name == "C" && code.contains("bpf_map_lookup_elem")),
            "{code:?}"
        );
    }
}
