//! Every text that the verifier of eleven kernels can print, against the classes: a text has one, or it is listed with the reason
//! why nobody meets it as the reason of a rejection.
//!
//! `data/kernel-texts.tsv` is what the kernels' images hold; `tests/kernel_texts.rs` of the repository compares it with them.
//! `data/other-texts.txt` is the list, by reason.

#![expect(clippy::print_stdout, reason = "the figures by kernel, with --nocapture")]

use std::collections::{BTreeMap, BTreeSet};

use knockwright_explain::{Class, Explainer};
use knockwright_verifier::message::Read;

const TABLE: &str = include_str!("data/kernel-texts.tsv");
const OTHERS: &str = include_str!("data/other-texts.txt");

/// Formats of which other pieces make a line, with what such a line begins with.
const PIECES: &[(&str, &str)] = &[
    ("%s the register %s has", "At program exit the register R0 has"),
    (
        "At %s the register %s ",
        "At program exit the register R0 has value (0x4d; 0x0) should have been in (0x0; 0x1)",
    ),
    (
        "%s the register R%d is not a known value (%s)\\n",
        "At program exit the register R0 is not a known value (fp)",
    ),
    ("%s\\n", "R7 type=fp expected=map_ptr"),
    ("expected=%s\\n", "R7 type=fp expected=map_ptr"),
    ("expected=%s%s", "R7 type=fp expected=map_ptr"),
    (" or %s%s\\n", "R7 type=fp expected=ptr_ or trusted_ptr_x"),
    (" or %s", "R7 type=fp expected=ptr_ or trusted_ptr_x"),
    ("%s, ", "R7 type=fp expected=fp, map_value"),
    ("arg#%d is %s ", "arg#0 is ptr_ expected ptr_nf_conn or socket"),
    ("%s is %s ", "arg#0 is ptr_ expected ptr_nf_conn or socket"),
    ("expected %s or socket\\n", "arg#0 is ptr_ expected ptr_nf_conn or socket"),
    ("%s is %s expected %s %s", "R1 is ptr_ expected ptr_nf_conn or socket"),
    ("R%d type=%s ", "R7 type=fp expected=map_ptr"),
    ("%s type=%s ", "R7 type=fp expected=map_ptr"),
    (
        " should have been in %s\\n",
        "At program exit the register R0 has value (0x4d; 0x0) should have been in (0x0; 0x1)",
    ),
    (
        " should have been in [%d, %d]\\n",
        "At program exit the register R0 has smin=77 smax=77 should have been in [0, 1]",
    ),
    (" smax=%lld", "At program exit the register R0 has smin=77 smax=77 should have been in [0, 1]"),
    (" smin=%lld", "At program exit the register R0 has smin=77 smax=77 should have been in [0, 1]"),
    ("has value %s", "At program exit the register R0 has value (0x4d; 0x0) should have been in (0x0; 0x1)"),
    (
        "has unknown scalar value",
        "At program exit the register R0 has unknown scalar value should have been in (0x0; 0x1)",
    ),
    (
        " unknown scalar value",
        "At program exit the register R0 has unknown scalar value should have been in [0, 1]",
    ),
    (
        "At program exit the register R0 ",
        "At program exit the register R0 has value (0x4d; 0x0) should have been in (0x0; 0x1)",
    ),
    ("misaligned %saccess off %s+%d size %d\\n", "misaligned value access off 0+1 size 4"),
    ("misaligned %saccess off %s+%d+%d size %d\\n", "misaligned value access off 0+0+1 size 4"),
    ("invalid%s stack %s off=%lld size=%d\\n", "invalid write to stack R10 off=-520 size=8"),
    ("invalid%s stack R%d off=%d size=%d\\n", "invalid read from stack R10 off=-520 size=8"),
    ("invalid%s stack R%d off=%lld size=%d\\n", "invalid write to stack R10 off=-520 size=8"),
    (
        "invalid%s read from stack R%d off %d+%d size %d\\n",
        "invalid indirect read from stack R2 off -8+0 size 8",
    ),
    (
        "invalid%s read from stack R%d var_off %s+%d size %d\\n",
        "invalid indirect read from stack R2 var_off (0x0; 0x4)+0 size 8",
    ),
    (
        "invalid unbounded variable-offset%s stack %s\\n",
        "invalid unbounded variable-offset write to stack R2",
    ),
    (
        "invalid unbounded variable-offset%s stack R%d\\n",
        "invalid unbounded variable-offset write to stack R2",
    ),
    (
        "invalid variable-offset%s stack %s var_off=%s off=%d size=%d\\n",
        "invalid variable-offset write to stack R2 var_off=(0x0; 0x1f) off=-16 size=1",
    ),
    (
        "invalid variable-offset%s stack R%d var_off=%s off=%d size=%d\\n",
        "invalid variable-offset write to stack R2 var_off=(0x0; 0x1f) off=-16 size=1",
    ),
    (
        "invalid variable-offset%s stack R%d var_off=%s size=%d\\n",
        "invalid variable-offset write to stack R2 var_off=(0x0; 0x1f) size=1",
    ),
    (
        "R%d has pointer with unsupported alu operation, %s\\n",
        "R7 has pointer with unsupported alu operation, pointer arithmetic with it prohibited for !root",
    ),
    (
        "R%d has unknown scalar with mixed signed bounds, %s\\n",
        "R7 has unknown scalar with mixed signed bounds, pointer arithmetic with it prohibited for !root",
    ),
    (
        "R%d could not be pushed for speculative verification, %s\\n",
        "R7 could not be pushed for speculative verification, pointer arithmetic with it prohibited for !root",
    ),
    (
        "R%d tried to %s beyond pointer bounds, %s\\n",
        "R7 tried to add beyond pointer bounds, pointer arithmetic with it prohibited for !root",
    ),
    (
        "R%d tried to %s from different maps, paths or scalars, %s\\n",
        "R7 tried to add from different maps, paths or scalars, pointer arithmetic with it prohibited for !root",
    ),
];

/// A text as a kernel may print it, whatever is filled in: `first` for a name at its beginning, `other` for names after that.
fn sample(format: &str, first: &str, other: &str) -> String {
    let mut line = String::new();
    let mut rest = format;
    while let Some((literal, after)) = rest.split_once('%') {
        line.push_str(literal);
        let is_conversion = |c: char| c.is_ascii_alphabetic() && !matches!(c, 'l' | 'z' | 'h');
        let end = after.find(|c| is_conversion(c) || c == '%').expect("a conversion");
        let (flags, conversion) = (&after[..end], after[end..].chars().next().expect("a conversion"));
        line.push_str(match conversion {
            '%' => "%",
            's' | 'c' if line.is_empty() => first,
            's' | 'c' => other,
            'x' if flags.contains('#') => "0x1c",
            'x' => "1c",
            _ if line.ends_with('R') => "7",
            _ => "12",
        });
        rest = &after[end + 1..];
    }
    line + rest
}

/// Lines that a text may make.
fn samples(format: &str) -> Vec<String> {
    match PIECES.iter().find(|(piece, _)| *piece == format) {
        Some((_, line)) => vec![(*line).to_owned()],
        None => {
            let firsts = ["x", "R7", "arg#1"];
            let each = firsts.iter().flat_map(|first| ["x", "R7"].map(|other| sample(format, first, other)));
            each.map(|line| line.replace("\\n", "\n").replace("\\t", "\t").trim_end_matches('\n').to_owned())
                .collect()
        }
    }
}

/// The class of a text.
fn class(format: &str) -> Option<Class> {
    samples(format).iter().find_map(|line| class_of_line(line))
}

/// The class of a line at the end of a log.
fn class_of_line(line: &str) -> Option<Class> {
    let log = format!(
        "0: R1=ctx() R10=fp0\n0: (b7) r0 = 0                       ; R0=0\n{line}\nprocessed 1 insns (limit 1000000) \
         max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
    );
    let explained = Explainer::new().explain(log.as_bytes()).expect("bytes can be read");
    let class = explained.logs.first()?.diagnosis.class;
    let is_class = !matches!(class, Class::Unknown | Class::Accepted);
    is_class.then_some(class)
}

/// The listed texts, by their reason; a star at the end stands for whatever follows.
fn others() -> BTreeMap<&'static str, &'static str> {
    let mut reason = "";
    let mut others = BTreeMap::new();
    for line in OTHERS.lines().skip_while(|line| line.starts_with('#')).filter(|line| !line.is_empty()) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(next) if next.contains(' ') => reason = next,
            _ => {
                assert!(!reason.is_empty(), "`{line}` has no reason");
                assert_eq!(others.insert(line, reason), None, "`{line}` is listed twice");
            }
        }
    }
    others
}

fn listed<'a>(others: &BTreeMap<&'a str, &str>, format: &str) -> Option<&'a str> {
    let is_it = |listed: &&&str| match listed.strip_suffix('*') {
        Some(start) => format.starts_with(start),
        None => **listed == format,
    };
    others.keys().find(is_it).copied()
}

/// The texts of the table with the kernels that have them.
fn table() -> (Vec<&'static str>, Vec<(&'static str, &'static str)>) {
    let mut lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let head = lines.next().expect("a head");
    let releases = head.split('\t').next().expect("releases").split(' ').collect();
    (releases, lines.map(|line| line.split_once('\t').expect("two columns")).collect())
}

#[test]
fn every_text_of_the_kernels_has_a_class_or_is_listed() {
    let (releases, texts) = table();
    let others = others();
    let mut without = Vec::new();
    let mut used = BTreeSet::new();
    // Texts by kernel: with a class, said on the way, listed.
    let mut figures = vec![[0; 3]; releases.len()];
    for (kernels, format) in texts {
        let is_note =
            samples(format).iter().any(|line| Read::of(line).is_none() && Read::of_any(line).is_some());
        let class = class(format);
        let listed = listed(&others, format);
        if class.is_none() && !is_note && listed.is_none() {
            without.push(format);
        }
        used.extend(listed);
        let column = if class.is_some() {
            0
        } else if is_note {
            1
        } else {
            2
        };
        for (figures, has) in figures.iter_mut().zip(kernels.bytes()) {
            figures[column] += usize::from(has == b'x');
        }
    }
    println!("texts by kernel: with a class, said on the way, of something else");
    for (release, [classes, notes, others]) in releases.iter().zip(figures) {
        println!("{release:<10} {classes:>5} {notes:>5} {others:>5}");
    }
    assert!(
        without.is_empty(),
        "{} texts have no class and aren't listed:\n{}",
        without.len(),
        without.join("\n")
    );
    let unused: Vec<&&str> = others.keys().filter(|listed| !used.contains(*listed)).collect();
    assert!(unused.is_empty(), "listed, but no kernel has it: {unused:?}");
}

/// From 7.2 on an argument is called by its register, as in `R1 expected pointer to ctx`; before, as in `arg#0 …`.
#[test]
fn arguments_are_known_by_their_registers() {
    let (releases, texts) = table();
    let is_new = |kernels: &str| {
        releases
            .iter()
            .zip(kernels.bytes())
            .all(|(release, has)| has != b'x' || release.starts_with("7.2") || release.starts_with("7.3"))
    };
    let mut wrong = Vec::new();
    for (_, format) in texts.iter().filter(|(kernels, _)| is_new(kernels)) {
        let Some(rest) = format.strip_prefix("%s ").filter(|rest| rest.ends_with("\\n")) else { continue };
        let line = |first: &str, other: &str| {
            sample(&format!("%s {rest}"), first, other).trim_end_matches("\\n").to_owned()
        };
        let known = |first: &str| ["x", "R7"].iter().find_map(|other| class_of_line(&line(first, other)));
        if let Some(class) = known("arg#1")
            && known("R1") != Some(class)
        {
            wrong.push(format!("{:?}, not {class}: {}", known("R1"), line("R1", "x")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
