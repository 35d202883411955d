//! A guard as it is written in assembly, in the DSL and in C.

use super::plan::{Condition, Plan};
use super::search::words;
use crate::numbers::Does;
use crate::reading::SourceText;

/// A guard in the languages that it may be written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) condition: String,
    pub(crate) asm: String,
    pub(crate) dsl: String,
    pub(crate) c: Option<String>,
}

/// Where the guarded value comes from: the source line, and the function that is called there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) line: SourceText,
    pub(crate) callee: Option<String>,
}

/// What the source says of a guarded value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sources<'s> {
    /// The line that uses it.
    pub(crate) used: Option<&'s SourceText>,
    /// The line that made it.
    pub(crate) made: Option<&'s Made>,
    /// The bytes of the access, if the value is a number in its offset.
    pub(crate) element: Option<i128>,
}

/// Writes a guard.
pub(crate) fn render(plan: &Plan, condition: Condition, sources: Sources<'_>) -> Rendered {
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
        Condition::SignedAtMost(limit) => {
            (format!("if {reg} s> {} goto out", hex(limit)), format!("a.goto_if({name}.sgt({limit}), out);"))
        }
        Condition::SignedAtLeast(limit) => {
            (format!("if {reg} s< {} goto out", hex(limit)), format!("a.goto_if({name}.slt({limit}), out);"))
        }
        Condition::NotNegative => {
            (format!("if {reg} s< 0x0 goto out"), format!("a.goto_if({name}.slt(0), out);"))
        }
        Condition::PacketBytes(bytes) => (
            format!("rX = {reg}\nrX += {bytes}\nif rX > rEnd goto out"),
            format!("a.mov(RX, {name});\na.add(RX, {bytes});\na.goto_if(RX.gt(END), out);"),
        ),
    };
    Rendered { condition: words(reg, condition), asm, dsl, c: in_c(plan, condition, sources) }
}

/// A number as the kernel's syntax has it in comparisons: `-0x1` below 0.
fn hex(number: i64) -> String {
    format!("{}{:#x}", if number < 0 { "-" } else { "" }, number.unsigned_abs())
}

/// The guard in C, where the source leaves no doubt which expression is meant.
fn in_c(plan: &Plan, condition: Condition, sources: Sources<'_>) -> Option<String> {
    let is_c = |source: &&SourceText| !is_rust(source);
    let used = sources.used.filter(is_c);
    Some(match condition {
        Condition::NotNull => {
            let made = sources.made.filter(|made| !is_rust(&made.line));
            let variable = made
                .and_then(|made| assigned(&made.line.text, made.callee.as_deref()))
                .or_else(|| dereferenced(&used?.text))?;
            format!("if (!{variable}) return …;")
        }
        Condition::AtMost(limit) => {
            is_index(plan, sources.element?).then_some(())?;
            format!("if ({} > {limit}) return …;", index(&used?.text)?)
        }
        Condition::AtLeast(_)
        | Condition::SignedAtMost(_)
        | Condition::SignedAtLeast(_)
        | Condition::NotNegative => return None,
        Condition::PacketBytes(bytes) => {
            used?;
            format!("if (pointer + {bytes} > data_end) return …;")
        }
    })
}

/// Whether a guarded number can be the index of an element that is accessed whole or in part: it's multiplied by no less than
/// the bytes accessed, and nothing is added to it before.
fn is_index(plan: &Plan, element: i128) -> bool {
    let Some(term) = &plan.term else { return false };
    let last_factor = term.operations.iter().rposition(|operation| matches!(operation.does, Does::Times(_)));
    let scaled = last_factor.map_or(0, |last| last + 1);
    let is_plain = term.operations[..scaled].iter().all(|operation| matches!(operation.does, Does::Times(_)));
    let adds_nothing = scaled > 0 || term.operations.is_empty();
    is_plain && adds_nothing && term.formula().is_some_and(|(factor, _)| factor >= element)
}

fn is_rust(source: &SourceText) -> bool {
    source.file.as_deref().is_some_and(|file| file.ends_with(".rs")) || source.text.starts_with("let ")
}

/// The variable that a line assigns the result of a call to: `state` in `struct ip_state* state = f(x);`. None in doubt: where
/// several statements assign results of calls, and none or more than one of them calls the function that is meant.
fn assigned<'l>(line: &'l str, callee: Option<&str>) -> Option<&'l str> {
    let found: Vec<(&str, &str)> = line.split(';').filter_map(assignment).collect();
    if let [(variable, called)] = found[..] {
        // Another helper's result isn't the one that is meant.
        let is_other = called.starts_with("bpf_") && callee.is_some_and(|callee| callee != called);
        return (!is_other).then_some(variable);
    }
    let mut of_callee = found.iter().filter(|(_, called)| Some(*called) == callee);
    match (of_callee.next(), of_callee.next()) {
        (Some((variable, _)), None) => Some(variable),
        _ => None,
    }
}

/// The variable and the function of a statement `type *variable = (cast)function(…)`.
fn assignment(statement: &str) -> Option<(&str, &str)> {
    let (left, right) = statement.split_once('=')?;
    let is_declarator = |c: char| c.is_alphanumeric() || matches!(c, '_' | '*' | ' ' | '\t');
    if right.starts_with('=') || !left.chars().all(is_declarator) {
        return None;
    }
    let variable = left.trim().rsplit(|c: char| !is_word(c)).next().filter(|name| is_name(name))?;
    let mut right = right.trim();
    while let Some((cast, rest)) = right.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        cast.chars().all(is_declarator).then_some(())?;
        right = rest.trim_start();
    }
    let (function, arguments) = right.split_once('(')?;
    // The call is all there is: its closing parenthesis is the last one.
    let mut depth = 1_usize;
    for (at, c) in arguments.char_indices() {
        depth = match c {
            '(' => depth + 1,
            ')' => depth - 1,
            _ => depth,
        };
        if depth == 0 {
            return (is_name(function) && at + 1 == arguments.len()).then_some((variable, function));
        }
    }
    None
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_name(text: &str) -> bool {
    text.chars().all(is_word) && text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The pointer that a line looks through: `state` in `if (state->step >= n) {`. None if it looks through several.
fn dereferenced(line: &str) -> Option<&str> {
    let mut found = None;
    for (at, _) in line.match_indices("->") {
        let before = &line[..at];
        let name = before.rsplit(|c: char| !is_word(c)).next().filter(|name| is_name(name))?;
        let is_member = before[..before.len() - name.len()].ends_with(['>', '.']);
        if is_member || found.is_some_and(|known| known != name) {
            return None;
        }
        found = Some(name);
    }
    found
}

/// The index of a line's only subscript: `s->step` in `if (port == seq->ports[s->step]) {`. None if it's no variable, or if the
/// line has several.
fn index(line: &str) -> Option<&str> {
    let (open, close) = (line.find('[')?, line.rfind(']')?);
    let index = line.get(open + 1..close)?.trim();
    let mut depth = 0_i32;
    for c in index.chars() {
        depth += i32::from(c == '[') - i32::from(c == ']');
        if depth < 0 {
            return None;
        }
    }
    let plain = index.replace("->", ".");
    let is_path = plain.chars().all(|c| is_word(c) || matches!(c, '.' | '[' | ']'));
    let is_constant = !plain.contains(char::is_lowercase);
    (is_path && !is_constant && plain.starts_with(|c: char| c.is_alphabetic() || c == '_')).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_source() {
        let lookup = Some("bpf_map_lookup_elem");
        for (line, variable) in [
            ("struct ip_state* state = bpf_map_lookup_elem(&m, &k);", Some("state")),
            ("__u32 k = 0; __u64 *v = bpf_map_lookup_elem(&counts, &k);", Some("v")),
            ("__u64 *v = bpf_map_lookup_elem(&counts, &k); __u32 n = 0;", Some("v")),
            ("__u32 k = key(ctx); __u64 *v = bpf_map_lookup_elem(&counts, &k);", Some("v")),
            ("v = (struct v *)bpf_map_lookup_elem(&counts, &k);", Some("v")),
            ("struct config *c = get_config();", Some("c")),
            // Two of the same, another helper's, a sum, a member, a macro's condition: in doubt.
            ("a = bpf_map_lookup_elem(&m, &k); b = bpf_map_lookup_elem(&m, &l);", None),
            ("a = one(x); b = other(y);", None),
            ("__u32 k = bpf_get_prandom_u32();", None),
            ("v = bpf_map_lookup_elem(&m, &k) + 1;", None),
            ("s->v = bpf_map_lookup_elem(&m, &k);", None),
            ("if (!(v = bpf_map_lookup_elem(&m, &k)))", None),
            ("if (a == f(x)) {", None),
            ("__u32 k = 0;", None),
        ] {
            assert_eq!(assigned(line, lookup), variable, "{line}");
        }
        assert_eq!(dereferenced("if (state->sequence_step >= length) {"), Some("state"));
        assert_eq!(dereferenced("if (state->sequence_step >= seq->length) {"), None);
        assert_eq!(index("if (port == seq->ports[state->sequence_step]) {"), Some("state->sequence_step"));
        assert_eq!(index("a[b[i]] = 1;"), Some("b[i]"));
        assert_eq!(dereferenced("a->x = b->y;"), None);
        assert_eq!(dereferenced("a->x->y = 1;"), None);
        assert_eq!(dereferenced("table.state->step = 1;"), None);
        assert_eq!(dereferenced("a->x += a->y;"), Some("a"));
        for line in
            ["return 0;", "a[0] = 1;", "a[i] = b[j];", "a[i + 3]", "a[MOST]", "a[f(i)]", "]a[", "a[i & 7]"]
        {
            assert_eq!(index(line), None, "{line}");
        }
    }
}
