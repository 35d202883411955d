//! HTML: one self-contained file that needs no network, with pictures of the program, of its registers, and of the object.
//!
//! The file reads without JavaScript too: everything is in the markup, the script only selects. Its policy allows nothing to
//! load and no script but its own, named by its hash, so that a log can't bring one.

mod article;
mod beside;
mod flow;
mod graph;
mod history;
mod layout;
mod ruler;
mod text;
mod timeline;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::Meta;
use crate::class::{Blame, Class};
use crate::counted::counted;
use crate::diagnosis::Explanation;
use history::History;
use text::esc;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// After so many bytes of articles, further logs have no pictures: browsers have to hold the page.
const MOST_BYTES: usize = 8 << 20;

/// So many logs are looked at before the page begins: with no more of them it begins with their list.
const FEW: usize = 3;

/// The most logs that the list at the page's end names.
const MOST_LISTED: usize = 1_000;

/// Writes explanations as a page.
///
/// # Errors
/// What the output says.
pub fn write(out: impl Write, explanations: &[Explanation], meta: &Meta) -> io::Result<()> {
    let mut page = Page { out, written: 0, logs: 0, lessons: meta.lessons.clone() };
    page.out.write_all(head(explanations, Logs::All, meta).as_bytes())?;
    for explanation in explanations {
        page.article(explanation)?;
    }
    page.end(&[], meta)
}

/// A page that is written as its logs come. What is kept is the first few of them, and the titles for a list at the end.
#[derive(Debug)]
pub struct Writer<W> {
    page: Page<W>,
    meta: Meta,
    first: Vec<Explanation>,
    /// The program and the title of each log, once the page has begun.
    listed: Option<Vec<(Option<String>, &'static str)>>,
}

impl<W: Write> Writer<W> {
    /// Begins a page.
    pub fn new(out: W, meta: Meta) -> Self {
        let lessons = meta.lessons.clone();
        Self { page: Page { out, written: 0, logs: 0, lessons }, meta, first: Vec::new(), listed: None }
    }

    /// Writes a log's article.
    ///
    /// # Errors
    /// What the output says.
    pub fn log(&mut self, log: Explanation) -> io::Result<()> {
        let Some(listed) = &mut self.listed else {
            self.first.push(log);
            return if self.first.len() > FEW { self.begin() } else { Ok(()) };
        };
        if listed.len() < MOST_LISTED {
            listed.push((log.diagnosis.program.clone(), log.diagnosis.title));
        }
        self.page.article(&log)
    }

    /// There are many logs: how many won't be known before the end.
    fn begin(&mut self) -> io::Result<()> {
        self.page.out.write_all(head(&self.first, Logs::First, &self.meta).as_bytes())?;
        self.listed = Some(Vec::new());
        std::mem::take(&mut self.first).into_iter().try_for_each(|log| self.log(log))
    }

    /// Ends the page, with what is said beside the logs.
    ///
    /// # Errors
    /// What the output says.
    pub fn finish(mut self, meta: &Meta) -> io::Result<()> {
        (self.meta.outside, self.meta.repeated) = (meta.outside.clone(), meta.repeated);
        match self.listed {
            None => write(self.page.out, &self.first, &self.meta),
            Some(listed) => self.page.end(&listed, &self.meta),
        }
    }
}

/// What is written so far.
#[derive(Debug)]
struct Page<W> {
    out: W,
    written: usize,
    logs: usize,
    /// Where the lessons are.
    lessons: Option<String>,
}

impl<W: Write> Page<W> {
    fn article(&mut self, explanation: &Explanation) -> io::Result<()> {
        self.logs += 1;
        let mut subject = Subject::new(explanation, self.logs, self.written < MOST_BYTES);
        subject.lessons = self.lessons.as_deref();
        let mut text = String::new();
        article::draw(&mut text, &subject).map_err(io::Error::other)?;
        self.written += text.len();
        self.out.write_all(text.as_bytes())
    }

    fn end(mut self, listed: &[(Option<String>, &'static str)], meta: &Meta) -> io::Result<()> {
        if self.logs == 0 {
            self.out.write_all(b"<p>There is no log of the verifier in the input.</p>\n")?;
        }
        let mut end = String::new();
        if let Some(repeated) = meta.repeated_words() {
            let _ = writeln!(end, "<p class=\"quiet\">{repeated}.</p>");
        }
        article::unknown_lines(&mut end, &meta.outside, "outside of all logs").map_err(io::Error::other)?;
        if !listed.is_empty() {
            list(&mut end, listed.iter().map(|(program, title)| (program.as_deref(), *title)));
            if self.logs > listed.len() {
                let more = counted((self.logs - listed.len()) as u64, "more log");
                let _ = writeln!(end, "<p class=\"quiet\">… and {more}.</p>");
            }
        }
        end.push_str(&foot(meta));
        self.out.write_all(end.as_bytes())?;
        self.out.flush()
    }
}

/// The list of all logs.
fn list<'t>(page: &mut String, logs: impl Iterator<Item = (Option<&'t str>, &'t str)>) {
    page.push_str("<nav class=\"logs\" id=\"logs\" aria-label=\"Logs\"><ol>");
    for (number, (program, title)) in logs.enumerate() {
        let program = program.unwrap_or("a program");
        let _ = write!(page, "<li><a href=\"#l{}\">{}: {}</a></li>", number + 1, esc(program), esc(title));
    }
    page.push_str("</ol></nav>\n");
}

/// Which logs a page begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Logs {
    /// All that it has.
    All,
    /// The first: how many are to come isn't known.
    First,
}

/// The start of the page, with the list of its logs, or with a link to it where more logs are to come.
fn head(explanations: &[Explanation], logs: Logs, meta: &Meta) -> String {
    let title = match explanations {
        [only] => format!(
            "{}: {}",
            only.diagnosis.program.as_deref().unwrap_or("BPF program"),
            only.diagnosis.title
        ),
        _ if logs == Logs::First => "Logs of the BPF verifier".to_owned(),
        all => format!("{} logs of the BPF verifier", all.len()),
    };
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"knockwright\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        hash(STYLE),
        hash(SCRIPT),
        esc(&title)
    );
    page.push_str(
        "<a class=\"skip\" href=\"#main\">Skip to the explanation</a>\n<header class=\"bar\"><p class=\"brand\">knockwright explain</p>",
    );
    if let Some(input) = &meta.input {
        let _ = write!(page, "<p class=\"input\">{}</p>", esc(input));
    }
    if logs == Logs::First {
        page.push_str("<p class=\"input\"><a href=\"#logs\">all logs</a></p>");
    }
    page.push_str(
        "<form class=\"search js\" role=\"search\"><input type=\"search\" id=\"search\" placeholder=\"Search\" aria-label=\"Search in logs, source and instructions\" aria-describedby=\"hits\"><span id=\"hits\" role=\"status\"></span></form><p class=\"tools\"><button type=\"button\" id=\"theme\" class=\"js\">Theme: auto</button> <button type=\"button\" id=\"keys\" class=\"js\" aria-haspopup=\"dialog\">Keys <kbd>?</kbd></button></p></header>\n",
    );
    if explanations.len() > 1 && logs == Logs::All {
        list(
            &mut page,
            explanations.iter().map(|log| (log.diagnosis.program.as_deref(), log.diagnosis.title)),
        );
    }
    // A browser lays out what is in view, where there is much.
    let class = if explanations.len() > FEW { " class=\"many\"" } else { "" };
    let _ = writeln!(page, "<main id=\"main\" tabindex=\"-1\"{class}>");
    page
}

fn foot(meta: &Meta) -> String {
    let version = meta.version.as_deref().map(|version| format!(" {}", esc(version))).unwrap_or_default();
    format!(
        "</main>\n<footer><p>Written by knockwright{version}. This file loads nothing, and reads without JavaScript.</p></footer>\n\
         <aside id=\"inspector\" class=\"inspector\" aria-label=\"Selected instruction\" hidden><div class=\"what\" aria-live=\"polite\"></div><button type=\"button\" class=\"close\" aria-label=\"Clear the selection\">×</button></aside>\n\
         <dialog id=\"help\" aria-labelledby=\"helptitle\"><h2 id=\"helptitle\">Keys</h2><dl>\
         <dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>next and previous instruction of the path; arrow keys too, inside the story and the pictures</dd>\
         <dt><kbd>n</kbd> <kbd>p</kbd></dt><dd>next and previous instruction of the story</dd>\
         <dt><kbd>f</kbd></dt><dd>the instruction that fails</dd>\
         <dt><kbd>/</kbd></dt><dd>search: a text, or <kbd>#121</kbd> for an instruction; <kbd>Enter</kbd> and <kbd>Shift</kbd> <kbd>Enter</kbd> for the next and previous place</dd>\
         <dt><kbd>+</kbd> <kbd>-</kbd> <kbd>0</kbd></dt><dd>larger, smaller and original graph</dd>\
         <dt><kbd>t</kbd></dt><dd>theme: auto, dark, light</dd>\
         <dt><kbd>Esc</kbd></dt><dd>clear the selection</dd><dt><kbd>?</kbd></dt><dd>these keys</dd></dl>\
         <form method=\"dialog\"><button>Close</button></form></dialog>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
}

/// The hash of a style or script as a content security policy names it.
fn hash(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(text.as_bytes());
    let mut encoded = String::new();
    for chunk in digest.as_slice().chunks(3) {
        let bits = chunk
            .iter()
            .enumerate()
            .fold(0_u32, |bits, (place, byte)| bits | u32::from(*byte) << (16 - 8 * place));
        for digit in 0..4 {
            let sextet = (bits >> (18 - 6 * digit) & 63) as usize;
            encoded.push(if digit <= chunk.len() { char::from(DIGITS[sextet]) } else { '=' });
        }
    }
    encoded
}

/// A log with what its pictures ask for again and again.
struct Subject<'e> {
    explanation: &'e Explanation,
    /// What its ids start with.
    id: String,
    /// The number in the story, by slot.
    story: BTreeMap<usize, usize>,
    /// The last step of each slot on the path.
    last_steps: BTreeMap<usize, usize>,
    /// The slots that the graph draws or counts.
    listed: BTreeSet<usize>,
    /// The indices of the instructions that the table of the program has.
    rows: Vec<usize>,
    /// Their slots: links lead to them.
    in_table: BTreeSet<usize>,
    with_pictures: bool,
    /// Where the lessons are.
    lessons: Option<&'e str>,
}

impl<'e> Subject<'e> {
    fn new(explanation: &'e Explanation, number: usize, with_pictures: bool) -> Self {
        let mut story = BTreeMap::new();
        for (place, cause) in explanation.diagnosis.cause.iter().enumerate() {
            story.entry(cause.insn).or_insert(place + 1);
        }
        let last_steps =
            explanation.trace.path.iter().enumerate().map(|(number, step)| (step.insn, number)).collect();
        let listed =
            explanation.trace.listing.iter().filter(|_| with_pictures).map(|(slot, ..)| *slot).collect();
        let mut subject = Self {
            explanation,
            id: format!("l{number}"),
            story,
            last_steps,
            listed,
            rows: Vec::new(),
            in_table: BTreeSet::new(),
            with_pictures,
            lessons: None,
        };
        if with_pictures {
            let listing = &explanation.trace.listing;
            subject.rows = beside::rows(listing, &subject.must_be_shown());
            subject.in_table = subject.rows.iter().map(|index| listing[*index].0).collect();
        }
        subject
    }

    /// The indices of the instructions that the table of the program has.
    fn rows(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().copied()
    }

    /// Whether the table of the program has a slot.
    fn is_listed(&self, slot: usize) -> bool {
        self.in_table.contains(&slot)
    }

    /// The slot and the text of an instruction of the listing.
    fn insn(&self, index: usize) -> Option<(usize, &'e str)> {
        self.explanation.trace.listing.get(index).map(|(slot, _, text)| (*slot, text.as_str()))
    }

    /// The start of a link to an instruction; where it isn't drawn, of what looks alike and leads nowhere.
    fn link(&self, slot: usize, class: &str) -> (String, &'static str) {
        if self.listed.contains(&slot) {
            (format!("<a class=\"{class}\" href=\"#{}-i{slot}\" data-i=\"{slot}\">", self.id), "</a>")
        } else {
            (format!("<span class=\"{class}\" data-i=\"{slot}\">"), "</span>")
        }
    }

    fn story_number(&self, slot: usize) -> Option<usize> {
        self.story.get(&slot).copied()
    }

    /// Whether the story tells what a register holds.
    fn tells_of(&self, register: u8) -> bool {
        let start = format!("R{register}=");
        self.explanation.diagnosis.cause.iter().any(|cause| cause.state.starts_with(&start))
    }

    fn is_walked(&self, slot: usize) -> bool {
        self.last_steps.contains_key(&slot)
    }

    fn last_step_of(&self, slot: usize) -> Option<usize> {
        self.last_steps.get(&slot).copied()
    }

    fn fails_at(&self, slot: usize) -> bool {
        let diagnosis = &self.explanation.diagnosis;
        diagnosis.insn == Some(slot) && diagnosis.class != Class::Accepted && diagnosis.blame != Blame::Nobody
    }

    /// The condition that is missing in front of an instruction.
    fn guard_before(&self, slot: usize) -> Option<&'e str> {
        let guard = self.explanation.diagnosis.guard.as_ref()?;
        (guard.insn == slot).then_some(guard.condition.as_str())
    }

    /// The slots that the graph must show.
    fn must_be_shown(&self) -> BTreeSet<usize> {
        let diagnosis = &self.explanation.diagnosis;
        let guard = diagnosis.guard.as_ref().map(|guard| guard.insn);
        self.story.keys().copied().chain(diagnosis.insn).chain(guard).collect()
    }

    /// Where the failing register points to on the ruler at each drawn step, in pixels.
    fn pointer_marks(&self) -> BTreeMap<usize, (f64, f64)> {
        let Some(ruler) = &self.explanation.trace.ruler else { return BTreeMap::new() };
        let scale = ruler::Scale::of(ruler);
        let at_fault = self.explanation.diagnosis.register.as_deref();
        let rows: Vec<History<'_>> = history::histories(&self.explanation.trace);
        let row = rows.iter().rev().find(|row| Some(format!("r{}", row.register).as_str()) == at_fault);
        let mut marks = BTreeMap::new();
        for stretch in row.iter().flat_map(|row| &row.stretches) {
            let points = stretch.holds.kind == "map_value" || stretch.holds.kind.ends_with("mem");
            let Some((low, high)) = stretch.holds.range.filter(|_| points) else { continue };
            let mark = (scale.x(low), scale.x(high.saturating_add(1)));
            marks.extend((stretch.from..stretch.to).map(|step| (step, mark)));
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_base64() {
        // The well-known digest of nothing.
        assert_eq!(hash(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    #[test]
    fn neither_style_nor_script_ends_its_element() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
    }
}
