//! A guard as it is written in assembly, in the DSL and in C.

use super::plan::{Condition, Plan};
use super::search::words;
use crate::reading::SourceText;

/// A guard in the languages that it may be written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) condition: String,
    pub(crate) asm: String,
    pub(crate) dsl: String,
    pub(crate) c: Option<String>,
}

/// Writes a guard; `source` is the source line of the faulty instruction, `made` the one that made the value.
pub(crate) fn render(
    plan: &Plan,
    condition: Condition,
    source: Option<&SourceText>,
    made: Option<&SourceText>,
) -> Rendered {
    let reg = plan.reg;
    let name = format!("R{}", reg.number());
    let (asm, dsl) = match condition {
        Condition::NotNull => (format!("if {reg} == 0x0 goto out"), format!("a.goto_if({name}.eq(0), out);")),
        Condition::AtMost(limit) => {
            (format!("if {reg} > {limit:#x} goto out"), format!("a.goto_if({name}.gt({limit}), out);"))
        }
        Condition::AtLeast(limit) => {
            (format!("if {reg} < {limit:#x} goto out"), format!("a.goto_if({name}.lt({limit}), out);"))
        }
        Condition::NotNegative => {
            (format!("if {reg} s< 0x0 goto out"), format!("a.goto_if({name}.slt(0), out);"))
        }
        Condition::PacketBytes(bytes) => (
            format!("rX = {reg}\nrX += {bytes}\nif rX > rEnd goto out"),
            format!("a.mov(RX, {name});\na.add(RX, {bytes});\na.goto_if(RX.gt(END), out);"),
        ),
    };
    Rendered { condition: words(reg, condition), asm, dsl, c: in_c(condition, source, made) }
}

fn in_c(condition: Condition, source: Option<&SourceText>, made: Option<&SourceText>) -> Option<String> {
    let is_c = |source: &&SourceText| !is_rust(source);
    let source = source.filter(is_c);
    Some(match condition {
        Condition::NotNull => {
            let variable = made
                .filter(is_c)
                .and_then(|made| assigned(&made.text))
                .or_else(|| dereferenced(&source?.text))?;
            format!("if (!{variable}) return …;")
        }
        Condition::AtMost(limit) => {
            let index = index(&source?.text)?;
            format!("if ({index} > {limit}) return …;")
        }
        Condition::AtLeast(_) | Condition::NotNegative => return None,
        Condition::PacketBytes(bytes) => {
            source?;
            format!("if (pointer + {bytes} > data_end) return …;")
        }
    })
}

fn is_rust(source: &SourceText) -> bool {
    source.file.as_deref().is_some_and(|file| file.ends_with(".rs")) || source.text.starts_with("let ")
}

/// The variable that a line assigns the result of a call to: `state` in `struct ip_state* state = f(x);`.
fn assigned(line: &str) -> Option<&str> {
    let (left, right) = line.split_once('=')?;
    if right.starts_with('=') || !right.contains('(') || left.contains('(') {
        return None;
    }
    let name = left.trim().rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    (!name.is_empty()).then_some(name)
}

/// The pointer that a line looks through first: `state` in `if (state->step >= n) {`.
fn dereferenced(line: &str) -> Option<&str> {
    let at = line.find("->")?;
    let name = line[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    (!name.is_empty()).then_some(name)
}

/// The index of a line's last subscript: `s->step` in `if (port == seq->ports[s->step]) {`.
fn index(line: &str) -> Option<&str> {
    let close = line.rfind(']')?;
    let mut depth = 0;
    for (at, c) in line[..=close].char_indices().rev() {
        match c {
            ']' => depth += 1,
            '[' => {
                depth -= 1;
                if depth == 0 {
                    return Some(line[at + 1..close].trim()).filter(|text| !text.is_empty());
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_source() {
        assert_eq!(assigned("struct ip_state* state = bpf_map_lookup_elem(&m, &k);"), Some("state"));
        assert_eq!(assigned("if (a == f(x)) {"), None);
        assert_eq!(dereferenced("if (state->sequence_step >= seq->length) {"), Some("state"));
        assert_eq!(index("if (port == seq->ports[state->sequence_step]) {"), Some("state->sequence_step"));
        assert_eq!(index("a[b[i]] = 1;"), Some("b[i]"));
        assert_eq!(index("return 0;"), None);
    }
}
