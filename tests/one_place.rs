//! Facts about Linux stand in `linux/`, and nowhere else: each test here looks for one kind of them in all other sources.
//!
//! Tests and benches are left out, since they say again what they expect; so are comments.

use std::path::{Path, PathBuf};

use knockwright_asm::linux::uapi::{contexts, helper_flags, map_flags, prog_flags, sock_ops, sockets};
use knockwright_asm::linux::{AttachType, errno};
use knockwright_asm::{Helper, ProgType};

/// A source file without its comments and its module of tests.
struct Source {
    /// From the workspace's root on.
    path: PathBuf,
    code: String,
    /// What stands between quotation marks.
    strings: Vec<String>,
}

/// Every source file of the workspace but tests, benches and those below the folders named.
fn sources_outside(of: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    gather(root, root, of, &mut sources);
    assert!(sources.len() > 150, "{} sources are too few to be all", sources.len());
    sources
}

fn gather(root: &Path, folder: &Path, left_out: &[&str], sources: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let below = path.strip_prefix(root).expect("a path below the root").to_owned();
        if path.is_dir() {
            let other = name.starts_with('.') || matches!(name, "target" | "tests" | "benches" | "docs");
            if !other && !left_out.iter().any(|folder| below == Path::new(folder)) {
                gather(root, &path, left_out, sources);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
            let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let (code, strings) = split(text);
            sources.push(Source { path: below, code, strings });
        }
    }
}

/// The code without comments and what strings hold, and the strings.
fn split(text: &str) -> (String, Vec<String>) {
    let (mut code, mut strings) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let (whole, length) = match next {
            '/' if rest.starts_with("//") => ("", rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => ("", rest.find("*/").map_or(rest.len(), |end| end + 2)),
            '\'' => quoted_character(rest),
            'r' if !code.ends_with(|before: char| before.is_alphanumeric() || before == '_')
                && rest[1..].trim_start_matches('#').starts_with('"') =>
            {
                let hashes = rest[1..].bytes().take_while(|&byte| byte == b'#').count();
                let end = format!("\"{}", "#".repeat(hashes));
                let from = hashes + 2;
                let length = rest[from..].find(&end).map_or(rest.len(), |at| from + at + end.len());
                strings.push(rest[from..length.max(from + end.len()) - end.len()].to_owned());
                ("\"\"", length)
            }
            '"' => {
                let length = end_of_string(rest);
                strings.push(rest[1..length.max(2) - 1].to_owned());
                ("\"\"", length)
            }
            other => (&rest[..other.len_utf8()], other.len_utf8()),
        };
        code.push_str(whole);
        rest = &rest[length..];
    }
    (code, strings)
}

/// A character in quotation marks, or the mark of a lifetime.
fn quoted_character(rest: &str) -> (&str, usize) {
    let mut chars = rest.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), Some(escaped)) => {
            let from = 2 + escaped.len_utf8();
            ("' '", rest[from..].find('\'').map_or(rest.len(), |at| from + at + 1))
        }
        (Some(character), Some('\'')) => ("' '", 2 + character.len_utf8()),
        _ => ("'", 1),
    }
}

fn end_of_string(rest: &str) -> usize {
    let mut escaped = true; // the opening mark
    for (at, c) in rest.char_indices() {
        match c {
            '"' if !escaped => return at + 1,
            '\\' if !escaped => escaped = true,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// The numbers written between a word and what follows, as `HelperId::new(` and `)`.
fn numbers_after<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = i32> + 'a {
    code.match_indices(word).filter_map(|(at, _)| {
        let rest = code[at + word.len()..].trim_start();
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    })
}

#[test]
fn comments_strings_and_characters_are_told_apart() {
    let (code, strings) =
        split("a /* b */ \"c // \\\" d\" 'e' '\"' '\\'' &'f x r#\"g \" h\"# br\"i\" // \"j\"\nk");
    assert_eq!(code, "a  \"\" ' ' ' ' ' ' &'f x \"\" br\"\" \nk");
    assert_eq!(strings, ["c // \\\" d", "g \" h", "i"]);
}

// Helpers: `linux/src/helper/`.

#[test]
fn helpers_are_numbered_and_named_in_their_table_alone() {
    let mut faults = Vec::new();
    for Source { path, code, strings } in sources_outside(&["linux"]) {
        let number = |number: &i32| Helper::from_number(*number).is_some();
        let by_number = ["HelperId::new(", "helper.number() =="].iter().flat_map(|word| {
            numbers_after(&code, word).filter(number).map(move |number| format!("{word} {number}"))
        });
        let asks = ["asm", "explain", "verifier"].iter().any(|folder| path.starts_with(folder));
        let by_name = strings.iter().filter(|text| {
            let name = text.split('#').next().unwrap_or_default();
            // A struct of the kernel's has the same name.
            let names_a_struct = name == "bpf_spin_lock";
            asks && !names_a_struct && name.parse::<Helper>().is_ok()
        });
        let constants = code.match_indices("const ").filter_map(|(at, _)| {
            let (name, rest) = code[at + 6..].split_once(": ")?;
            let helper = format!("bpf_{}", name.trim_start_matches("BPF_FUNC_").to_ascii_lowercase());
            let number = ["i32 =", "u32 =", "HelperId ="].iter().any(|ty| rest.starts_with(ty));
            (number && helper.parse::<Helper>().is_ok()).then(|| format!("const {name}"))
        });
        let all = by_number.chain(by_name.cloned()).chain(constants);
        faults.extend(all.map(|what| format!("{}: {what}", path.display())));
    }
    assert!(faults.is_empty(), "helpers outside of linux/: {faults:#?}");
}

// Program types, contexts, constants and error numbers: `linux/src/prog_type.rs`, `attach_type.rs`, `context/`, `uapi/` and
// `errno.rs`.

/// The numbers given to constants, by their names: `const NAME: u32 = 13`.
fn constants(code: &str) -> impl Iterator<Item = (&str, i64)> {
    code.match_indices("const ").filter_map(|(at, _)| {
        let (name, rest) = code[at + 6..].split_once(':')?;
        let (_, value) = rest.split_once(';')?.0.split_once('=')?;
        Some((name.trim(), value.trim().parse().ok()?))
    })
}

#[test]
fn program_types_and_contexts_stand_in_their_tables_alone() {
    let mut faults = Vec::new();
    for Source { path, code, strings } in sources_outside(&["linux"]) {
        let words =
            ["prog_type:", "prog_type ==", "attach_type:", "attach_type ==", "ProgType::from_number("];
        let by_number = words.iter().flat_map(|word| {
            let numbers = numbers_after(&code, word).filter(|number| *number != 0);
            numbers.map(move |number| format!("{word} {number}"))
        });
        let named = constants(&code).filter(|(name, _)| {
            let name = name.to_ascii_lowercase();
            let known = |prefix: &str| {
                name.strip_prefix(prefix).is_some_and(|name| {
                    name.parse::<ProgType>().is_ok() || name.parse::<AttachType>().is_ok()
                })
            };
            known("bpf_prog_type_") || known("bpf_")
        });
        let named = named.map(|(name, _)| format!("const {name}"));
        let contexts = strings.iter().filter(|text| {
            ProgType::ALL
                .iter()
                .any(|prog_type| prog_type.context().is_some_and(|context| context.name == text.as_str()))
        });
        let all = by_number.chain(named).chain(contexts.cloned());
        faults.extend(all.map(|what| format!("{}: {what}", path.display())));
    }
    assert!(faults.is_empty(), "program types and contexts outside of linux/: {faults:#?}");
}

/// The guest's first process is built alone.
#[test]
fn constants_of_the_interface_stand_in_their_lists_alone() {
    let lists =
        [contexts::ALL, helper_flags::ALL, map_flags::ALL, prog_flags::ALL, sock_ops::ALL, sockets::ALL];
    let names: Vec<&str> = lists.iter().flat_map(|list| list.iter()).map(|(name, _)| *name).collect();
    let actions = ["XdpAction", "TcAction", "TcxAction", "SkAction", "NetfilterVerdict", "LwtResult"];
    let mut faults = Vec::new();
    for Source { path, code, .. } in sources_outside(&["linux", "kernels/guest"]) {
        let constants = code.match_indices("const ").filter_map(|(at, _)| {
            let (name, _) = code[at + 6..].split_once(':')?;
            names.contains(&name).then(|| format!("const {name}"))
        });
        let enums = actions
            .iter()
            .map(|action| format!("enum {action} "))
            .filter(|definition| code.contains(definition));
        faults.extend(constants.chain(enums).map(|what| format!("{}: {what}", path.display())));
    }
    assert!(faults.is_empty(), "constants of the interface outside of linux/: {faults:#?}");
}

#[test]
fn error_numbers_and_their_texts_stand_in_their_table_alone() {
    let mut faults = Vec::new();
    for Source { path, code, strings } in sources_outside(&["linux"]) {
        let is_name = |name: &str| errno::all().any(|(_, known, _)| known == name);
        let named =
            constants(&code).filter(|(name, _)| is_name(name)).map(|(name, _)| format!("const {name}"));
        let words = ["errno ==", "errno:", "errno !=", "Errno(", "errno(", "Reject("];
        let by_number = words.iter().flat_map(|word| {
            let numbers = numbers_after(&code, word).filter(|number| errno::name_of(*number).is_some());
            numbers.map(move |number| format!("{word} {number}"))
        });
        let system = code.match_indices("libc::E").filter_map(|(at, _)| {
            let name = code[at + 6..].split(|c: char| !c.is_ascii_alphanumeric()).next()?;
            is_name(name).then(|| format!("libc::{name}"))
        });
        let texts = strings.iter().filter(|text| {
            errno::all().any(|(_, name, words)| name == text.as_str() || words == text.as_str())
        });
        let all = named.chain(by_number).chain(system).chain(texts.cloned());
        faults.extend(all.map(|what| format!("{}: {what}", path.display())));
    }
    assert!(faults.is_empty(), "error numbers outside of linux/: {faults:#?}");
}

// BTF: `btf/src/`.

/// What tells that code reads or writes BTF by its bytes: the magic number, a kind taken out of its word, a kind's number.
const BTF_BY_BYTES: &[&str] = &["0xeb9f", "0x9feb", ">> 24 & 0x1f", ">> 24) & 0x1f", "BTF_KIND_", "BTF_INT_"];

/// Words that a table of kinds would name its numbers by: `const PTR: u32 = 2;`.
const KINDS: &[&str] = &[
    "PTR",
    "ARRAY",
    "STRUCT",
    "UNION",
    "ENUM",
    "FWD",
    "TYPEDEF",
    "VOLATILE",
    "CONST",
    "RESTRICT",
    "FUNC",
    "FUNC_PROTO",
    "VAR",
    "DATASEC",
    "FLOAT",
    "DECL_TAG",
    "TYPE_TAG",
    "ENUM64",
];

#[test]
fn btf_is_read_and_written_in_its_package_alone() {
    let mut faults = Vec::new();
    for Source { path, code, .. } in sources_outside(&["btf"]) {
        let by_bytes =
            BTF_BY_BYTES.iter().filter(|word| code.contains(**word)).map(|word| (*word).to_owned());
        let constants = KINDS.iter().flat_map(|kind| {
            [": u32 =", ": u8 ="].into_iter().map(move |rest| format!("const {kind}{rest}"))
        });
        // `BPF_PSEUDO_FUNC` has the name of a kind, and is a source register.
        let is_opcodes = path.ends_with("asm/src/opcode.rs");
        let named = constants.filter(|constant| !is_opcodes && code.contains(constant.as_str()));
        faults.extend(by_bytes.chain(named).map(|what| format!("{}: {what}", path.display())));
    }
    assert!(faults.is_empty(), "BTF by its bytes outside of btf/: {faults:#?}");
}

#[test]
fn types_that_are_read_are_owned() {
    let leaks = |Source { path, code, .. }: Source| {
        let words = [".leak()", "Box::leak", "Vec::leak", "String::leak"];
        words.iter().find(|word| code.contains(**word)).map(|word| format!("{}: {word}", path.display()))
    };
    let faults: Vec<String> = sources_outside(&[])
        .into_iter()
        .filter(|source| ["btf", "asm", "codegen"].iter().any(|folder| source.path.starts_with(folder)))
        .filter_map(leaks)
        .collect();
    assert!(faults.is_empty(), "memory that nobody frees: {faults:#?}");
}

// One question, one answer: `verifier/src/`.

/// Other meanings of these words have other names.
#[test]
fn there_is_one_engine_one_attempt_and_one_verdict() {
    let mut found = Vec::new();
    for Source { path, code, .. } in sources_outside(&[]) {
        for name in ["Attempt", "Engine", "Verdict"] {
            for kind in ["struct", "enum", "trait", "type"] {
                let definition = format!("{kind} {name}");
                let ends = |at: usize| {
                    !code[at + definition.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
                };
                if code.match_indices(&definition).any(|(at, _)| ends(at)) {
                    found.push(format!("{}: {definition}", path.display()));
                }
            }
        }
    }
    let wanted = [
        "verifier/src/attempt.rs: struct Attempt",
        "verifier/src/engine.rs: trait Engine",
        "verifier/src/verdict.rs: struct Verdict",
    ];
    assert_eq!(found, wanted);
}

#[test]
fn of_the_command_line_only_fuzz_knows_the_random_programs() {
    let users: Vec<PathBuf> = sources_outside(&[])
        .into_iter()
        .filter(|source| source.path.starts_with("src") && source.code.contains("knockwright_differential"))
        .map(|source| source.path)
        .collect();
    assert_eq!(users, [Path::new("src/commands/fuzz.rs")]);
}
