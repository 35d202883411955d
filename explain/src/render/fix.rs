//! A guard as a change to a source file, where nothing about its place is in doubt.

use serde_json::{Value, json};

use super::sarif::uri;
use crate::diagnosis::{Diagnosis, Guard};
use crate::reading::SourceText;

/// The `fix` of a result; none if the guard isn't checked, if it has no C, or if the file doesn't have the line as the log shows
/// it, at the start of a statement in a block.
///
/// `read` gives the text of a source file by the name that the line information has.
pub(super) fn fix(diagnosis: &Diagnosis, read: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
    let guard = diagnosis.guard.as_ref().filter(|guard| guard.checked)?;
    let condition = condition(guard)?;
    let source = place(diagnosis, guard)?;
    let (file, line) = (source.file.as_deref()?, source.line?);
    let text = read(file)?;
    let indent = indent(&text, line, &source.text)?;
    let what = format!(
        "Leave the function if `{condition}`. The verifier accepts the program with that condition; what the function gives back \
         then, 0 here, is yours to choose."
    );
    // An insertion: nothing is deleted in front of the line's first column.
    let region = json!({"startLine": line, "startColumn": 1, "endLine": line, "endColumn": 1});
    Some(json!({
        "description": {"text": what},
        "artifactChanges": [{
            "artifactLocation": {"uri": uri(file)},
            "replacements": [{
                "deletedRegion": region,
                "insertedContent": {"text": format!("{indent}if ({condition})\n{indent}{indent_more}return 0;\n", indent_more = step(&indent))},
            }],
        }],
    }))
}

/// One step of indentation like that of a line.
fn step(indent: &str) -> &'static str {
    if indent.contains('\t') { "\t" } else { "    " }
}

/// The condition under which the function is left, as C has it: `!state`, `step > 19`.
fn condition(guard: &Guard) -> Option<&str> {
    let condition = guard.c.as_deref()?.strip_prefix("if (")?.strip_suffix(") return …;")?;
    // A packet's guard names no variables of the program.
    (!condition.contains("data_end")).then_some(condition)
}

/// The source line before which the guard goes: that of the failing instruction, if it's the guarded one's too.
fn place<'d>(diagnosis: &'d Diagnosis, guard: &Guard) -> Option<&'d SourceText> {
    let failing = diagnosis.source.as_ref()?;
    let guarded = diagnosis.cause.iter().find(|cause| cause.insn == guard.insn)?.source.as_ref()?;
    (guarded == failing).then_some(failing)
}

/// The indentation of a line that begins a statement of a block; none if it may be the only statement of an `if` or the middle of
/// one, or if the file has another text there.
fn indent(text: &str, line: u32, shown: &str) -> Option<String> {
    let index = (line as usize).checked_sub(1)?;
    let lines: Vec<&str> = text.lines().collect();
    let this = *lines.get(index)?;
    let is_statement =
        !["}", "else", "case", "default", "for", "while", "do", "&&", "||", "?", ":", ")", "."]
            .iter()
            .any(|start| this.trim_start().starts_with(start));
    let before = lines[..index].iter().rev().map(|line| line.trim()).find(|line| !line.is_empty())?;
    let ends = before.ends_with([';', '{', '}']) && !before.starts_with("for");
    (is_statement && ends && this.trim() == shown.trim())
        .then(|| this[..this.len() - this.trim_start().len()].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_start_of_a_statement_in_a_block_is_a_place() {
        let text = "int f(void)\n{\n\tint *v = g();\n\n\tx = *v;\n\tif (y)\n\t\tx = *v;\n\telse if (*v)\n\t\treturn x +\n\t\t\t*v;\n}\n";
        let cases = [
            (5, "x = *v;", Some("\t")),
            (5, "x = *w;", None),
            (7, "x = *v;", None),
            (8, "else if (*v)", None),
            (10, "*v;", None),
            (99, "x", None),
            (0, "x", None),
        ];
        for (line, shown, wanted) in cases {
            assert_eq!(indent(text, line, shown).as_deref(), wanted, "{line}");
        }
    }
}
