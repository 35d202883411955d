//! `verify` before libbpf: of each program of `objects/programs`, compiled by each clang that is here, `verify --engine kernel`
//! says what libbpf gets from the running kernel: verdict, error number, message, instruction, count. Where libbpf writes over the
//! kernel's message, to name what the kernel hasn't, `verify` names the same beside the message.
//!
//! What still differs stands in `objects/known-differences.tsv`. The list is exact: a difference that isn't in it fails, and
//! so does one in it that is gone. `.ci/regenerate differences` takes out what is gone, and adds nothing.

#[path = "support/oracle.rs"]
mod oracle;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;

use knockwright_asm::KernelVersion;
use knockwright_kernels::{self as kernels, Wanted, qemu};
use knockwright_loader::privilege::kernel_release;
use knockwright_verifier::Profile;
use oracle::{CLANGS, Clang, Judge, Row, compile};
use support::cli::{Scratch, run};
use support::{may_load, skip};

/// What differs, the first of these that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The object isn't read.
    Unread,
    /// The program isn't among those that are read.
    Missing,
    /// libbpf has no such program.
    Extra,
    /// There is a verdict where libbpf gets none.
    OnlyOurs,
    /// What the program needs isn't carried.
    Unsupported,
    /// The load failed for another reason than the program.
    Failed,
    /// Accepted, where the kernel rejects.
    FalseAccept,
    /// Rejected, where the kernel accepts.
    FalseReject,
    Errno,
    Message,
    Insn,
    Processed,
}

impl Kind {
    const ALL: [(Self, &'static str); 12] = [
        (Self::Unread, "unread"),
        (Self::Missing, "missing"),
        (Self::Extra, "extra"),
        (Self::OnlyOurs, "only-ours"),
        (Self::Unsupported, "unsupported"),
        (Self::Failed, "failed"),
        (Self::FalseAccept, "false-accept"),
        (Self::FalseReject, "false-reject"),
        (Self::Errno, "errno"),
        (Self::Message, "message"),
        (Self::Insn, "insn"),
        (Self::Processed, "processed"),
    ];

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find_map(|(kind, its)| (its == word).then_some(kind))
    }

    /// What differs between libbpf's row and ours, if anything does.
    fn between(libbpf: &Row, ours: &Row) -> Option<Self> {
        if !libbpf.is_verdict() {
            // What libbpf refuses is refused here, by its error number, or not judged.
            return match ours.errno {
                _ if ours.is_verdict() => Some(Self::OnlyOurs),
                0 => None,
                errno => (errno != libbpf.errno).then_some(Self::Errno),
            };
        }
        match (ours.verdict.as_str(), libbpf.verdict.as_str()) {
            ("unsupported", _) => Some(Self::Unsupported),
            ("accept", "reject") => Some(Self::FalseAccept),
            ("reject", "accept") => Some(Self::FalseReject),
            ("accept" | "reject", _) => {
                let parts = [
                    (libbpf.errno != ours.errno, Self::Errno),
                    (!libbpf.says_as(ours), Self::Message),
                    (libbpf.insn != ours.insn, Self::Insn),
                    (libbpf.processed != ours.processed, Self::Processed),
                ];
                parts.into_iter().find_map(|(differs, kind)| differs.then_some(kind))
            }
            _ => Some(Self::Failed),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::ALL.into_iter().find_map(|(kind, word)| (kind == *self).then_some(word));
        f.pad(word.unwrap_or_default())
    }
}

/// A program of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    /// The object's file without its ending.
    object: String,
    program: String,
}

/// The program of libbpf and of `verify`, side by side.
#[derive(Debug)]
struct Pair {
    name: Name,
    libbpf: Option<Row>,
    ours: Option<Row>,
    /// What `verify` said where it said nothing of the program.
    why_none: String,
}

impl Pair {
    /// Of rows that were found by their names.
    fn of(name: Name, libbpf: &Row, ours: Option<&Row>) -> Self {
        Self { name, libbpf: Some(libbpf.clone()), ours: ours.cloned(), why_none: String::new() }
    }

    fn kind(&self) -> Option<Kind> {
        match (&self.libbpf, &self.ours) {
            (Some(libbpf), Some(ours)) => Kind::between(libbpf, ours),
            (Some(libbpf), None) if !libbpf.is_verdict() => None,
            (Some(_), None) => Some(if self.why_none.is_empty() { Kind::Missing } else { Kind::Unread }),
            (None, Some(ours)) => Some(if ours.is_verdict() { Kind::OnlyOurs } else { Kind::Extra }),
            (None, None) => None,
        }
    }

    /// What differs, in a kernel or by a verifier that's named, and both sides.
    fn told_of(&self, kernel: &str, kind: Kind) -> String {
        format!("{kernel}: {} {}: {kind}\n{}", self.name.object, self.name.program, self.told())
    }

    /// Both sides, for a message.
    fn told(&self) -> String {
        let side = |row: &Option<Row>| match row {
            Some(row) => {
                let words = row.reason.as_deref().filter(|_| !row.is_verdict()).unwrap_or(&row.message);
                let Row { verdict, errno, insn, processed, .. } = row;
                format!("{verdict} {errno} at {insn:?} after {processed:?}: {words}")
            }
            None => self.why_none.clone(),
        };
        format!("    libbpf: {}\n    verify: {}\n", side(&self.libbpf), side(&self.ours))
    }
}

/// What both say of an object.
fn pairs(judge: &Judge, object: &Path) -> Vec<Pair> {
    let stem = object.file_stem().unwrap().to_str().unwrap();
    let path = object.to_str().unwrap();
    let ran = run(&["verify", "--engine", "kernel", "--log-level", "1", "--format", "jsonl", path]);
    let by_program = |rows: Vec<Row>| {
        // An object as a whole has no name.
        let named = rows.into_iter().filter_map(|row| Some((row.program.clone()?, row)));
        let named = named.filter(|(name, _)| !name.is_empty());
        named.collect::<BTreeMap<_, _>>()
    };
    let mut ours = by_program(Row::read_all(&ran.stdout));
    let why_none = ran.stderr.trim().to_owned();
    let name = |program: String| Name { object: stem.to_owned(), program };
    let judged = judge.ask(object);
    // Of an object that libbpf refuses as a whole there is one row.
    let whole = judged.iter().find(|row| row.program.is_none()).cloned();
    let judged = by_program(judged).into_iter();
    let mut pairs: Vec<_> = judged
        .map(|(program, row)| Pair {
            libbpf: Some(row),
            ours: ours.remove(&program),
            name: name(program),
            why_none: why_none.clone(),
        })
        .collect();
    let only_ours = ours.into_iter().map(|(program, row)| Pair {
        name: name(program),
        libbpf: whole.clone(),
        ours: Some(row),
        why_none: String::new(),
    });
    pairs.extend(only_ours);
    pairs
}

/// A line of the list: the clang is none where all that compile the object agree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    name: Name,
    clang: Option<u32>,
    kind: Kind,
}

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/objects/known-differences.tsv");

const HEAD: &str = "object\tprogram\tclang\tkind\n";

/// Reads the list.
fn known() -> BTreeSet<Known> {
    let text = std::fs::read_to_string(LIST).unwrap_or_default();
    let read = |line: &str| {
        let [object, program, clang, kind] = line.split('\t').collect::<Vec<_>>()[..] else { return None };
        let name = Name { object: object.to_owned(), program: program.to_owned() };
        let clang = if clang == "*" { None } else { Some(clang.parse().ok()?) };
        Some(Known { name, clang, kind: Kind::of_word(kind)? })
    };
    text.lines().skip(1).map(|line| read(line).unwrap_or_else(|| panic!("{LIST}: {line}"))).collect()
}

fn write_list(known: &BTreeSet<Known>) {
    let mut text = HEAD.to_owned();
    for Known { name: Name { object, program }, clang, kind } in known {
        let clang = clang.map_or_else(|| "*".to_owned(), |version| version.to_string());
        writeln!(text, "{object}\t{program}\t{clang}\t{kind}").unwrap();
    }
    std::fs::write(LIST, text).unwrap();
}

/// What was found, by program and compiler.
type Found = BTreeMap<Name, BTreeMap<u32, Option<Kind>>>;

/// The lines that say what was found.
fn lines(found: &Found) -> BTreeSet<Known> {
    let mut lines = BTreeSet::new();
    for (name, by_clang) in found {
        let kinds: BTreeSet<_> = by_clang.values().collect();
        let alike = kinds.len() == 1;
        for (clang, kind) in by_clang {
            let Some(kind) = *kind else { continue };
            lines.insert(Known { name: name.clone(), clang: (!alike).then_some(*clang), kind });
        }
    }
    lines
}

/// The list made to speak of single compilers, of those that are here.
fn spelt_out(known: &BTreeSet<Known>, found: &Found) -> BTreeSet<Known> {
    let each = |line: &Known| {
        let clangs = found.get(&line.name).into_iter().flat_map(|by_clang| by_clang.keys().copied());
        let meant = clangs.filter(|clang| line.clang.is_none_or(|only| only == *clang)).collect::<Vec<_>>();
        meant.into_iter().map(|clang| Known { clang: Some(clang), ..line.clone() }).collect::<Vec<_>>()
    };
    known.iter().flat_map(each).collect()
}

/// A table of what was found: programs by kind and compiler.
fn table(found: &Found) -> String {
    let mut counts: BTreeMap<(Option<Kind>, u32), usize> = BTreeMap::new();
    for (clang, kind) in found.values().flatten() {
        *counts.entry((*kind, *clang)).or_default() += 1;
    }
    let clangs: BTreeSet<_> = counts.keys().map(|(_, clang)| *clang).collect();
    let kinds: BTreeSet<_> = counts.keys().map(|(kind, _)| *kind).collect();
    let mut text = format!("{:<14}", "");
    for clang in &clangs {
        write!(text, "{:>10}", format!("clang-{clang}")).unwrap();
    }
    for kind in kinds {
        let word = kind.map_or_else(|| "as libbpf".to_owned(), |kind| kind.to_string());
        write!(text, "\n{word:<14}").unwrap();
        for clang in &clangs {
            write!(text, "{:>10}", counts.get(&(kind, *clang)).unwrap_or(&0)).unwrap();
        }
    }
    text + "\n"
}

#[test]
fn every_program_has_the_verdict_that_libbpf_gets() {
    const TEST: &str = "every_program_has_the_verdict_that_libbpf_gets";
    let clangs = Clang::installed();
    if !may_load(TEST) || clangs.is_empty() && !skip(TEST, "no clang of the versions 14, 19 and 22") {
        return;
    }
    let judge = match Judge::build() {
        Ok(judge) => judge,
        Err(why) => {
            skip(TEST, why);
            return;
        }
    };
    let scratch = Scratch::new();
    let objects = compile(&clangs, Path::new(&scratch.path("objects")));
    let ask = |clang: u32, objects: &[PathBuf]| {
        objects.iter().flat_map(|object| pairs(&judge, object)).map(|pair| (clang, pair)).collect::<Vec<_>>()
    };
    let pairs: Vec<_> = thread::scope(|scope| {
        let ask = &ask;
        let threads: Vec<_> =
            objects.iter().map(|(clang, objects)| scope.spawn(|| ask(clang.version, objects))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut found = Found::new();
    let mut told = BTreeMap::new();
    for (clang, pair) in &pairs {
        found.entry(pair.name.clone()).or_default().insert(*clang, pair.kind());
        told.insert((pair.name.clone(), *clang), pair.told());
    }
    eprintln!("{}", table(&found));
    compare(&found, &told);
    // The sources are there to be judged, not to be refused.
    let judged = pairs.iter().filter(|(_, pair)| pair.libbpf.as_ref().is_some_and(Row::is_verdict)).count();
    assert!(judged > 400 * clangs.len(), "libbpf has a verdict on {judged} programs only");
}

/// The kernels in QEMU that are asked too: an old one without much of what libbpf asks for, and two with other formats of logs.
const KERNELS: [KernelVersion; 3] =
    [KernelVersion::new(6, 1), KernelVersion::new(6, 12), KernelVersion::new(7, 3)];

/// What `verify --kernel` says of every program is what libbpf gets in the same guest.
///
/// libbpf finds no configuration in the guests, and ours is read beside the kernel's image, so that programs which ask for it
/// may have a verdict here alone. The addresses of the kernel's variables aren't carried into guests.
#[test]
fn libbpf_gets_the_same_in_guests() {
    const TEST: &str = "libbpf_gets_the_same_in_guests";
    let (Some(clang), Some(_)) = (Clang::installed().pop(), qemu::find_qemu()) else {
        skip(TEST, "needs a clang and qemu-system-x86");
        return;
    };
    let images = KERNELS.map(Wanted::Series);
    let (judge, images) = match (Judge::build(), kernels::images(&images)) {
        (Ok(judge), Ok(images)) => (judge, images),
        (judge, images) => {
            skip(TEST, judge.err().or_else(|| Some(images.err()?.to_string())).unwrap_or_default());
            return;
        }
    };
    let scratch = Scratch::new();
    let folder = scratch.path("objects");
    let objects = compile(&[clang], Path::new(&folder)).into_values().next().unwrap_or_default();
    let paths: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
    let kernels = images.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(",");
    let ours = run(&["verify", "--kernel", &kernels, "--log-level", "1", "--format", "jsonl", &folder]);
    let ours = Row::read_all(&ours.stdout);
    let known = known();
    let mut wrong = String::new();
    let judged = thread::scope(|scope| {
        let (judge, paths) = (&judge, &paths);
        let ask = |(kernel, image): (String, PathBuf)| {
            scope.spawn(move || (kernel, judge.ask_in_guest(paths, &image)))
        };
        let threads: Vec<_> = images.into_iter().map(ask).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    for (kernel, judged) in judged {
        let ours: BTreeMap<Name, &Row> =
            ours.iter().filter(|row| row.kernel.as_ref() == Some(&kernel)).filter_map(named).collect();
        assert!(judged.iter().filter(|row| row.is_verdict()).count() > 400, "{kernel}: {}", judged.len());
        // One that libbpf refuses as a whole has one row without a name.
        let refused = judged.iter().filter(|row| row.program.is_none()).flat_map(|row| {
            let is_of_it = |(name, _): &(&Name, _)| Some(name.object.as_str()) == stem(row);
            ours.iter().filter(is_of_it).map(move |(name, _)| (name.clone(), row))
        });
        for (name, libbpf) in judged.iter().filter_map(named).chain(refused) {
            let ours = ours.get(&name).copied();
            let pair = Pair::of(name, libbpf, ours);
            let Some(kind) = pair.kind() else { continue };
            let is_known = |line: &Known| line.name == pair.name && line.kind == kind;
            let lacks_configuration = || libbpf.reason.as_ref().is_some_and(|why| why.contains("Kconfig"));
            let is_of_guests = match kind {
                Kind::OnlyOurs | Kind::Errno => lacks_configuration(),
                Kind::Unsupported => pair.name.object == "ksyms",
                _ => false,
            };
            if !known.iter().any(is_known) && !is_of_guests {
                wrong += &pair.told_of(&kernel, kind);
            }
        }
    }
    let imitated = KernelVersion::new(6, 12).to_string();
    let truth = ours.iter().filter(|row| row.kernel.as_ref() == Some(&imitated));
    wrong += &user_space_beside(&imitated, &folder, truth);
    assert!(wrong.is_empty(), "{wrong}");
}

/// The verifier in user space says of every program what the running kernel says, or that it doesn't model it.
#[test]
fn user_space_says_what_the_running_kernel_does_or_nothing() {
    const TEST: &str = "user_space_says_what_the_running_kernel_does_or_nothing";
    let release = kernel_release();
    let imitated = Profile::ALL.iter().find(|profile| release.split('-').next() == Some(profile.release()));
    let Some(profile) = imitated else {
        eprintln!("{TEST}: left out, for Linux {release} isn't imitated");
        return;
    };
    let Some(clang) = Clang::installed().pop().filter(|_| may_load(TEST)) else {
        skip(TEST, "needs a clang");
        return;
    };
    let scratch = Scratch::new();
    let folder = scratch.path("objects");
    compile(&[clang], Path::new(&folder));
    let ran = run(&["verify", "--engine", "kernel", "--log-level", "1", "--format", "jsonl", &folder]);
    let truth = Row::read_all(&ran.stdout);
    let wrong = user_space_beside(profile.release(), &folder, truth.iter());
    assert!(wrong.is_empty(), "{wrong}");
}

/// Where the verifier in user space differs from what a kernel says of the objects in a folder, but for `unsupported`.
fn user_space_beside<'a>(kernel: &str, folder: &str, truth: impl Iterator<Item = &'a Row>) -> String {
    let asked =
        ["verify", "--engine", "userspace", "--kernel", kernel, "--log-level", "1", "--format", "jsonl"];
    let ran = run(&[&asked[..], &[folder]].concat());
    let rows = Row::read_all(&ran.stdout);
    let by_name: BTreeMap<Name, &Row> = rows.iter().filter_map(named).collect();
    let (mut alike, mut unmodelled, mut wrong) = (0, 0, String::new());
    for (name, truth) in truth.filter_map(named).filter(|(_, row)| row.is_verdict()) {
        let ours = by_name.get(&name).copied();
        let pair = Pair::of(name, truth, ours);
        match pair.kind() {
            None => alike += 1,
            Some(Kind::Unsupported) => unmodelled += 1,
            Some(kind) => wrong += &pair.told_of(&format!("{kernel} in user space"), kind),
        }
    }
    eprintln!("{kernel} in user space: {alike} as the kernel, {unmodelled} not modelled");
    assert!(alike > 170, "only {alike} programs have a verdict");
    wrong
}

/// A row by its program, if it's one of a program.
fn named(row: &Row) -> Option<(Name, &Row)> {
    Some((Name { object: stem(row)?.to_owned(), program: row.program.clone()? }, row))
}

/// The name of a row's object, without its ending.
fn stem(row: &Row) -> Option<&str> {
    Path::new(row.object.as_ref()?).file_stem()?.to_str()
}

/// Holds what was found against the list.
fn compare(found: &Found, told: &BTreeMap<(Name, u32), String>) {
    let is = spelt_out(&lines(found), found);
    if std::env::var_os("KNOCKWRIGHT_REGENERATE").is_some() {
        let listed = known();
        let stays = |line: &Known| spelt_out(&BTreeSet::from([line.clone()]), found).is_subset(&is);
        write_list(&listed.into_iter().filter(stays).collect());
    }
    let listed = known();
    let should = spelt_out(&listed, found);
    let mut wrong = String::new();
    for line in is.symmetric_difference(&should) {
        let Known { name, clang, kind } = line;
        let clang = clang.unwrap_or_default();
        let what = if is.contains(line) { "differs" } else { "is listed and differs no longer" };
        writeln!(wrong, "{} {} clang-{clang}: {kind} {what}", name.object, name.program).unwrap();
        wrong += told.get(&(name.clone(), clang)).map_or("", String::as_str);
    }
    // An object that none of the compilers here can make says nothing.
    if found.values().any(|by_clang| by_clang.len() == CLANGS.len()) {
        for line in listed.iter().filter(|line| !found.contains_key(&line.name)) {
            writeln!(wrong, "{} {} is listed and not there", line.name.object, line.name.program).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
