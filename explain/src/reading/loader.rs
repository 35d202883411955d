//! What loaders say around a log: which program, which error, where the log begins and ends.

use std::sync::LazyLock;

use knockwright_asm::linux::errno;
use knockwright_verifier::message::Read;

/// A line of a loader.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Note<'a> {
    /// As the loader gave it.
    pub(super) program: Option<&'a str>,
    /// As the loader reported it, positive.
    pub(super) errno: Option<i32>,
    /// A log begins after this line.
    pub(super) starts_log: bool,
    /// The log has ended before this line.
    pub(super) ends_log: bool,
    /// The first line of the log, which stands after the loader's words.
    pub(super) first_line: Option<&'a str>,
    /// The log that it speaks of is still to come: libbpf names the error before the log.
    pub(super) is_prelude: bool,
    /// What failed, where it wasn't the program.
    pub(super) failed: Option<Failed>,
    /// The last lines of a log that the loader has shortened to them, joined by `: `.
    pub(super) shortened: Option<&'a str>,
}

/// What a loader couldn't do, beside loading a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failed {
    /// A map wasn't created.
    Map,
    /// The types weren't loaded.
    Types,
    /// The limit of locked memory is too low.
    LockedMemory,
    /// Something that the compiler left open wasn't filled in.
    Relocation,
}

/// The words of loaders for what they couldn't do; the first that a line holds counts.
const FAILED: &[(&str, Failed)] = &[
    ("MEMLOCK", Failed::LockedMemory),
    ("RemoveMemlock", Failed::LockedMemory),
    ("Error in bpf_create_map", Failed::Map),
    ("Error in bpf_object__create_map", Failed::Map),
    ("failed to create map", Failed::Map),
    ("map create: ", Failed::Map),
    ("failed to create: ", Failed::Map),
    ("`bpf_map_create` failed", Failed::Map),
    ("BPF_MAP_CREATE", Failed::Map),
    ("Error loading .BTF into kernel", Failed::Types),
    ("Error loading BTF", Failed::Types),
    ("BPF_BTF_LOAD", Failed::Types),
    ("load BTF: ", Failed::Types),
    ("loading kernel BTF", Failed::Types),
    ("failed to load BTF", Failed::Types),
    ("BEGIN BTF LOAD LOG", Failed::Types),
    ("error relocating", Failed::Relocation),
    ("failed to relocate", Failed::Relocation),
    ("failed to perform CO-RE relocations", Failed::Relocation),
    ("failed to resolve CO-RE relocation", Failed::Relocation),
    ("CO-RE relocate", Failed::Relocation),
    ("apply CO-RE relocations", Failed::Relocation),
    ("bad relocation", Failed::Relocation),
    ("unsatisfied program reference", Failed::Relocation),
];

/// Words that loaders start their lines with, and the verifier doesn't.
const LOADERS: &[&str] = &[
    "libbpf: ",
    "libxdp: ",
    "Error: ",
    "error: ",
    "Verifier analysis:",
    "verifier output:",
    "Verifier output:",
    "Verifier log:",
    "verifier log:",
    "Kernel load log",
    "Prog section ",
    "BPF program load failed",
    "Couldn't load ",
    "failed to load ",
    "load program: ",
    "program ",
    "loading program ",
    " - Type: ",
    " - Attach Type: ",
    " - Instructions: ",
    " - License: ",
    " - Verdict: ",
    "Error fetching program/map!",
    "Unable to load program",
    "Caused by:",
    "bpf: Failed to load",
    "bpf: Argument list too long",
    "-- BEGIN PROG LOAD LOG",
    "-- END PROG LOAD LOG",
];

/// Reads a line of a loader; none if it's none.
pub(super) fn read(line: &str) -> Option<Note<'_>> {
    // The verifier's own lines are by far the most, and none of them starts like this.
    let first = *line.as_bytes().first()?;
    let is_numbered = || line.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(':');
    if matches!(first, b';' | b'R' | b'm' | b'(')
        || line.starts_with("from ")
        || first.is_ascii_digit() && is_numbered()
    {
        return None;
    }
    let text = line.trim_start();
    // States and the tracking of precision of older kernels.
    if text.starts_with('R')
        || ["regs=", "last_idx ", "parent ", "func#", "frame"].iter().any(|start| text.starts_with(start))
    {
        return None;
    }
    if let Some(note) = own(text) {
        return Some(note);
    }
    // libbpf's marks may stand after any words.
    let marked = text.ends_with("LOAD LOG --");
    let begin = marked && text.contains("-- BEGIN PROG LOAD LOG --");
    let end = marked && text.contains("-- END PROG LOAD LOG --");
    let failed = FAILED.iter().find(|(words, _)| text.contains(words)).map(|(_, failed)| *failed);
    let is_shortened = is_shortened(text);
    if !begin
        && !end
        && !is_shortened
        && failed.is_none()
        && !LOADERS.iter().any(|start| text.starts_with(start.trim_start()))
    {
        return None;
    }
    // Some of the verifier's messages start with the word "program" too.
    if Read::of(text).is_some() {
        return None;
    }
    let words = text.trim_end();
    let starts = begin || ["nalysis:", "utput:", "er log:"].iter().any(|word| words.ends_with(word));
    let first_line =
        text.split_once("erifier output: ").map(|(_, line)| line).filter(|line| !line.is_empty());
    let shortened = shortened(words);
    Some(Note {
        program: program(text),
        errno: error_number(first_line.map_or(text, |line| &text[..text.len() - line.len()])),
        starts_log: starts || first_line.is_some(),
        ends_log: end || starts || first_line.is_some(),
        is_prelude: words.contains("BPF program load failed"),
        first_line,
        failed,
        shortened,
    })
}

/// Whether a line is the error of cilium/ebpf, which has the last lines of the log in it, after whatever words.
fn is_shortened(text: &str) -> bool {
    is_in(text, "load program: ") || omitted(text).is_some()
}

/// Whether words stand in a text: quicker than `str::contains` where they are long.
fn is_in(text: &str, words: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), words.as_bytes()).is_some()
}

/// What stands before `(21 line(s) omitted)` or `(truncated, 21 line(s) omitted)`.
fn omitted(text: &str) -> Option<&str> {
    const OMITTED: &str = " line(s) omitted)";
    let before = is_in(text, OMITTED).then(|| text.split_once(OMITTED))??.0;
    before.rsplit_once(" (").map(|(before, _)| before)
}

/// The last lines of the log in an error of cilium/ebpf: `load program: permission denied: LINE: LINE (21 line(s) omitted)`.
fn shortened(text: &str) -> Option<&str> {
    let lines = omitted(text);
    let whole = lines.unwrap_or(text);
    let after_load = whole.rsplit_once("load program: ").map(|(_, rest)| rest);
    let rest = after_load.or(lines)?;
    // The error in words comes first, perhaps after others of the program's own.
    let lower = rest.to_lowercase();
    let words = NAMED.iter().find_map(|Named { words, .. }| {
        let at = lower.find(&format!("{words}: "))?;
        rest.get(at + words.len() + 2..)
    });
    words.or_else(|| rest.split_once(": ").map(|(_, lines)| lines).filter(|_| after_load.is_some()))
}

/// The verdict that `knockwright verify` prints after a log: `knock: rejected at 121: … (errno 13); 89 instructions …`.
fn own(text: &str) -> Option<Note<'_>> {
    if !text.ends_with(" instructions processed") {
        return None;
    }
    let (program, rest) = text.split_once(": ")?;
    let errno = rest.rsplit_once("(errno ").and_then(|(_, rest)| rest.split(')').next()?.parse().ok());
    let is_verdict = rest.starts_with("rejected") || rest.starts_with("accepted");
    is_verdict.then_some(Note { program: Some(program), errno, ends_log: true, ..Note::default() })
}

/// The name in `prog 'knock'`, `` program `knock` ``, `program knock:` or `Prog section 'xdp'`.
fn program(text: &str) -> Option<&str> {
    for (before, after) in
        [("prog '", '\''), ("program `", '`'), ("program \"", '"'), ("Prog section '", '\'')]
    {
        if let Some((_, rest)) = text.split_once(before)
            && let Some((name, _)) = rest.split_once(after)
        {
            return Some(name).filter(|name| !name.is_empty());
        }
    }
    let rest = text.strip_prefix("program ")?;
    let (name, _) = rest.split_once(':')?;
    (!name.is_empty() && !name.contains(' ')).then_some(name)
}

/// The errors of loading that loaders name in words, each with the one whose text they use: the system has none for a number
/// that only the kernel has.
const ERRORS: &[(i32, i32)] = &[
    (errno::EPERM, errno::EPERM),
    (errno::E2BIG, errno::E2BIG),
    (errno::EBADF, errno::EBADF),
    (errno::EACCES, errno::EACCES),
    (errno::EFAULT, errno::EFAULT),
    (errno::EINVAL, errno::EINVAL),
    (errno::ENOSPC, errno::ENOSPC),
    (errno::ENOTSUPP, errno::EOPNOTSUPP),
];

/// An error as a line may name it.
struct Named {
    number: i32,
    /// Its symbol, such as `EINVAL`.
    symbol: &'static str,
    /// Its text in small letters.
    words: String,
}

static NAMED: LazyLock<Vec<Named>> = LazyLock::new(|| {
    let named = |(number, worded): &(i32, i32)| {
        let words = errno::text_of(*worded)?.to_lowercase();
        Some(Named { number: *number, symbol: errno::name_of(*number)?, words })
    };
    ERRORS.iter().filter_map(named).collect()
});

/// The error number in a line.
fn error_number(text: &str) -> Option<i32> {
    if let Some((_, rest)) = text.split_once("os error ") {
        return rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok();
    }
    let lower = text.to_lowercase();
    let says = |named: &&Named| text.contains(named.symbol) || lower.contains(&named.words);
    NAMED.iter().find(says).map(|named| named.number).or_else(|| {
        // `failed: -22`, `unknown error (-524)`, `Unknown error 524`, `errno 22`.
        let marks = [": -", "(-", "nknown error ", "rrno ", "rrno=", "rror code ", "=-"];
        marks.iter().find_map(|mark| {
            let (_, rest) = text.rsplit_once(mark)?;
            let rest = rest.trim_start_matches('-');
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..end].parse().ok()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_errors_of_five_loaders() {
        let libbpf = read("libbpf: prog 'knock': BPF program load failed: -EACCES").unwrap();
        assert_eq!((libbpf.program, libbpf.errno), (Some("knock"), Some(13)));
        assert!(read("libbpf: prog 'knock': -- BEGIN PROG LOAD LOG --").unwrap().starts_log);
        let older = read("libbpf: prog 'knock': BPF program load failed: Permission denied").unwrap();
        assert_eq!(older.errno, Some(13));
        let cilium = read("program knock: load program: permission denied: 3: (71) r0").unwrap();
        assert_eq!((cilium.program, cilium.errno), (Some("knock"), Some(13)));
        let aya = read("Error: the BPF_PROG_LOAD syscall returned Permission denied (os error 13)").unwrap();
        assert_eq!(aya.errno, Some(13));
        let iproute = read("Prog section 'xdp' rejected: Permission denied (13)!").unwrap();
        assert_eq!((iproute.program, iproute.errno), (Some("xdp"), Some(13)));
        let bpftool = read("Error: failed to load object file: -7").unwrap();
        assert_eq!(bpftool.errno, Some(7));
    }

    #[test]
    fn the_verifier_is_no_loader() {
        for line in [
            "0: (b7) r0 = 2",
            "program of this type cannot use helper bpf_x#4",
            "",
            "processed 1 insns",
            "arena",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
