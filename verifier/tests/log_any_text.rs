//! Any text is read without a panic, and prints as it was: recorded logs with lines cut, spliced and garbled.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use knockwright_verifier::log::{self, Dialect, Line, Parser, Reader};
use proptest::prelude::*;
use proptest::sample::Index;

/// The lines of all recordings' logs.
static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../verifier-cases/logs");
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "gz") {
            let mut text = String::new();
            GzDecoder::new(File::open(&path).unwrap()).read_to_string(&mut text).unwrap();
            for recording in text.lines().skip(1) {
                let value: serde_json::Value = serde_json::from_str(recording).unwrap();
                lines.extend(
                    value["observation"]["log"].as_str().unwrap_or_default().lines().map(str::to_owned),
                );
            }
        }
    }
    lines.sort_unstable();
    lines.dedup();
    lines
});

/// Pieces that lines are made of.
const PIECES: &[&str] = &[
    " ",
    "  ",
    ":",
    ": ",
    ";",
    "; ",
    "=",
    ",",
    "(",
    ")",
    "-",
    "+",
    "0",
    "00",
    "9",
    "0x",
    "0x0",
    "ffffffffffffffff",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999",
    "P",
    "R",
    "R1=",
    "R11=",
    "R256=",
    "fp",
    "fp-",
    "fp-8=",
    "fp[1]",
    "_w",
    "_rwD",
    "scalar(",
    "inv",
    "mmmm",
    "????????",
    "0000",
    "id=1+",
    "smin=umin=",
    "var_off=(",
    "var_off=(0x0; 0x0)",
    "imm=",
    "map=",
    " frame",
    " frame1:",
    " refs=",
    " cb",
    "goto pc+1 ",
    "(bf) ",
    "BUG_",
    "\t",
    " // ",
    "processed ",
    "processed 3 insns (limit 1) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0",
    "| ",
    ">>> ",
    "^-- error: ",
    "é",
    "\u{fffd}",
    "\r",
    "\0",
    "\u{1b}[31m",
    "from ",
    " to ",
    "mark_precise: frame",
    "subprog#",
    "safe",
];

#[derive(Debug, Clone)]
enum Change {
    Cut(Index, Index),
    Insert(Index, Index),
    Double(Index, Index),
    Splice(Index, Index, Index),
    Any(String),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        (at(), at()).prop_map(|(from, to)| Change::Cut(from, to)),
        (at(), at()).prop_map(|(place, piece)| Change::Insert(place, piece)),
        (at(), at()).prop_map(|(from, to)| Change::Double(from, to)),
        (at(), at(), at()).prop_map(|(line, here, there)| Change::Splice(line, here, there)),
        any::<String>().prop_map(Change::Any),
    ]
}

/// A place between two characters.
fn place(text: &str, index: &Index) -> usize {
    let mut at = index.index(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn apply(text: &mut String, change: &Change) {
    let span = |text: &str, a: &Index, b: &Index| {
        let (a, b) = (place(text, a), place(text, b));
        a.min(b)..a.max(b)
    };
    match change {
        Change::Cut(a, b) => {
            let span = span(text, a, b);
            // A few characters: what is left still looks like a line.
            let few = text[span.clone()].chars().take(1 + span.end % 7).map(char::len_utf8).sum::<usize>();
            text.replace_range(span.start..span.start + few, "");
        }
        Change::Insert(at, piece) => text.insert_str(place(text, at), PIECES[piece.index(PIECES.len())]),
        Change::Double(a, b) => {
            let span = span(text, a, b);
            let copy = text[span.clone()].to_owned();
            text.insert_str(span.end, &copy);
        }
        Change::Splice(line, here, there) => {
            let other = &LINES[line.index(LINES.len())];
            text.truncate(place(text, here));
            text.push_str(&other[place(other, there)..]);
        }
        Change::Any(other) => text.push_str(other),
    }
    text.retain(|c| c != '\n');
}

/// The lines without their ends, which are `\n` or `\r\n`; the last may end with `\r` alone.
fn lines_of(text: &str) -> Vec<String> {
    let ends = text.split_inclusive('\n').map(|line| line.strip_suffix('\n').unwrap_or(line));
    ends.map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned()).collect()
}

/// Reads a line in every way there is, and its states in every dialect.
fn check(text: &str, parser: &mut Parser) {
    for line in [log::parse(text), parser.parse(text)] {
        assert_eq!(line.to_string(), text);
        let (_, _) = (line.message(), line.summary());
        if let Line::Precision(
            log::Precision::Before { regs, stack, .. } | log::Precision::Parent { regs, stack, .. },
        ) = line
        {
            let _ = regs.iter().chain(stack.iter()).count();
        }
        let Some(state) = line.state() else { continue };
        let guess = Dialect::of_state(state.text());
        for dialect in Dialect::ALL.iter().chain(guess) {
            let parsed = state.parse(dialect);
            for other in Dialect::ALL {
                let _ = parsed.display(other).to_string();
            }
            for (number, _, value) in &parsed.regs {
                let _ = (state.reg(*number, dialect), value.constant(), value.id());
                if let Some(pointer) = value.pointer() {
                    let _ = (
                        pointer.type_name(),
                        pointer.constant_offset(),
                        pointer.min_offset(),
                        pointer.max_offset(),
                    );
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn garbled_lines_print_as_they_are(
        lines in prop::collection::vec((any::<Index>(), prop::collection::vec(change(), 0..5)), 1..6),
    ) {
        let mut parser = Parser::new();
        for (line, changes) in lines {
            let mut text = LINES[line.index(LINES.len())].clone();
            changes.iter().for_each(|change| apply(&mut text, change));
            check(&text, &mut parser);
        }
    }

    #[test]
    fn any_text_prints_as_it_is(text in "[^\n]{0,60}") {
        check(&text, &mut Parser::new());
    }

    #[test]
    fn pieces_print_as_they_are(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..12)) {
        check(&pieces.concat(), &mut Parser::new());
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let lossy = String::from_utf8_lossy(&bytes).into_owned();
        let mut reader = Reader::new(&bytes[..]);
        let mut read = Vec::new();
        while let Some(line) = reader.next_line().unwrap() {
            read.push(line.to_string());
        }
        prop_assert_eq!(&read, &lines_of(&lossy));
        let copied: Vec<_> = Reader::new(&bytes[..]).map(|line| line.unwrap()).collect();
        prop_assert!(copied.iter().map(log::OwnedLine::text).eq(read.iter().map(String::as_str)));
        prop_assert_eq!(log::lines(&lossy).map(|line| line.to_string()).collect::<Vec<_>>(), read);
    }
}

#[test]
fn a_line_without_end_takes_bounded_memory() {
    let long = "x".repeat(3 << 20);
    let input = format!("{long}\r\n0: (95) exit");
    let mut reader = Reader::new(input.as_bytes());
    let length = reader.next_line().unwrap().unwrap().to_string().len();
    assert!(length <= 1 << 20, "{length}");
    assert!(matches!(reader.next_line().unwrap(), Some(Line::Insn(_))));
    assert_eq!((reader.line_number(), reader.cut_lines()), (2, 1));
}
