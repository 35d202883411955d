//! The commands that README and docs show print what stands below them.
//!
//! A fenced block of the language `console` is run, the blocks of a page in one folder and in their order: `$` starts a command,
//! lines up to an `END` belong to it where it has a here-document, and what follows is what it prints on both streams. `[…]` on a
//! line of its own stands for any number of lines, `…` in a line for anything. `console root` needs the right to load programs,
//! `console root 6.18` besides that series as the running kernel.
//! Commands for a machine's owner (installation, network interfaces) stand in `sh` blocks, which aren't run.

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use knockwright_loader::privilege;
use support::may_load;
use support::skip::excuse;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What a block needs to be run.
#[derive(Clone, Copy)]
enum Needs<'p> {
    Nothing,
    Root,
    /// Root on a kernel of this series.
    Kernel(&'p str),
}

impl<'p> Needs<'p> {
    /// What stands after the three backticks; none for a block that isn't run.
    fn of(language: &'p str) -> Option<Self> {
        match language.strip_prefix("console")? {
            "" => Some(Self::Nothing),
            " root" => Some(Self::Root),
            other => other.strip_prefix(" root ").map(Self::Kernel),
        }
    }

    /// Whether it's there; else says why the commands are left out.
    fn is_there(self) -> bool {
        const TEST: &str = "commands_print_what_the_pages_show";
        match self {
            Self::Nothing => true,
            Self::Root => may_load(TEST),
            Self::Kernel(series) => {
                let release = privilege::kernel_release();
                let is_it = release.starts_with(&format!("{series}."));
                may_load(TEST) && (is_it || excuse(TEST, format_args!("Linux {release} is not {series}")))
            }
        }
    }
}

/// A command of a page with what it prints.
struct Step<'p> {
    line: usize,
    needs: Needs<'p>,
    command: String,
    printed: Vec<String>,
}

/// The README, and the pages of `docs/` by name.
fn pages() -> Vec<PathBuf> {
    let is_page = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let docs = std::fs::read_dir(Path::new(ROOT).join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> = docs.filter(is_page).collect();
    pages.sort();
    pages.insert(0, Path::new(ROOT).join("README.md"));
    pages
}

fn steps(page: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    let mut block: Option<Needs<'_>> = None;
    let mut in_document = false;
    for (index, line) in page.lines().enumerate() {
        match (block, line.strip_prefix("```")) {
            (None, Some(language)) => block = Needs::of(language),
            (Some(_), Some("")) => block = None,
            (None, None) => {}
            (Some(needs), _) => {
                if let Some(command) = line.strip_prefix("$ ").filter(|_| !in_document) {
                    in_document = command.contains("<<'END'");
                    let command = command.to_owned();
                    steps.push(Step { line: index + 1, needs, command, printed: Vec::new() });
                } else if in_document {
                    let step = steps.last_mut().expect("a here-document has its command");
                    write!(step.command, "\n{line}").unwrap();
                    in_document = line != "END";
                } else {
                    let step = steps.last_mut().unwrap_or_else(|| panic!("line {}: no command", index + 1));
                    step.printed.push(line.trim_end().to_owned());
                }
            }
        }
    }
    steps
}

/// What a command prints on both streams.
fn printed(command: &str, folder: &Path) -> Vec<String> {
    let commands = Path::new(env!("CARGO_BIN_EXE_knockwright")).parent().unwrap();
    let path = format!("{}:{}", commands.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {}\n}} 2>&1", command.replace("sudo ", ""))])
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .expect("sh runs");
    String::from_utf8_lossy(&output.stdout).lines().map(|line| line.trim_end().to_owned()).collect()
}

/// Whether a line is the one on the page, in which `…` stands for anything.
fn is_line(shown: &str, line: &str) -> bool {
    let mut pieces = shown.split('…');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether the lines are those of the page, in which `[…]` stands for any number of them.
fn are_lines(shown: &[String], lines: &[String]) -> bool {
    match shown.split_first() {
        None => lines.is_empty(),
        Some((cut, rest)) if cut == "[…]" => {
            (0..=lines.len()).any(|skipped| are_lines(rest, &lines[skipped..]))
        }
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, others)| is_line(first, line) && are_lines(rest, others))
        }
    }
}

#[test]
fn commands_print_what_the_pages_show() {
    let mut wrong = String::new();
    let mut run = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let name = page.strip_prefix(ROOT).unwrap().display();
        for step in steps(&text) {
            if !step.needs.is_there() {
                continue;
            }
            let lines = printed(&step.command, folder.path());
            run += 1;
            if !are_lines(&step.printed, &lines) {
                let start = lines.iter().take(40).fold(String::new(), |text, line| text + line + "\n");
                write!(wrong, "\n{name}:{}: $ {}\nprints\n{start}", step.line, step.command).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(run >= 15, "only {run} commands are shown");
}

#[test]
fn cuts_stand_for_what_is_left_out() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<String>>();
    let printed = lines("a\nb 12 ms\nc\nd");
    for same in ["a\nb 12 ms\nc\nd", "a\nb … ms\nc\nd", "[…]\nd", "a\n[…]", "a\n[…]\nb …\n[…]\nd", "[…]"]
    {
        assert!(are_lines(&lines(same), &printed), "{same}");
    }
    for other in ["", "a", "a\nb\nc\nd", "a\nb … s\nc\nd…e", "[…]\nc", "a\n[…]\nb…\nd", "b\n[…]"]
    {
        assert!(!are_lines(&lines(other), &printed), "{other}");
    }
    assert!(!is_line("aXa…a", "aXa"), "a letter isn't counted twice");
}
