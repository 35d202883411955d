//! Pages of all recorded logs: well-formed, with every link's target, and bounded however long the path.
#![allow(clippy::print_stdout)] // figures, for who asks with --nocapture

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use knockwright_explain::render::{Meta, html};
use knockwright_explain::{Explainer, Explanation};
use support::Given;

fn render(explanations: &[Explanation]) -> String {
    let mut out = Vec::new();
    html::write(&mut out, explanations, &Meta::default()).unwrap();
    String::from_utf8(out).unwrap()
}

/// The value of an attribute in the text of a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// What is wrong with a page: unbalanced tags, ids that are there twice, links that lead nowhere.
fn faults(page: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let (mut ids, mut links) = (BTreeSet::new(), BTreeSet::new());
    let mut rest = page;
    while let Some((_, from)) = rest.split_once('<') {
        let Some((tag, after)) = from.split_once('>') else { break };
        rest = after;
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        if tag.starts_with('/') {
            if open.last() == Some(&name) {
                open.pop();
            } else {
                faults.push(format!("</{name}> in {open:?}"));
                return faults;
            }
            continue;
        }
        if attribute(tag, "id").is_some_and(|id| !ids.insert(id)) {
            faults.push(format!("twice: {tag}"));
        }
        links.extend(attribute(tag, "href").and_then(|link| link.strip_prefix('#')));
        let is_void = matches!(name, "meta" | "input" | "!doctype");
        if !is_void && !tag.ends_with('/') {
            open.push(name);
            // Style and script hold no markup.
            if let "style" | "script" = name {
                let end = rest.find(&format!("</{name}>")).unwrap();
                rest = &rest[end..];
            }
        }
    }
    faults.extend(links.difference(&ids).map(|link| format!("#{link} leads nowhere")));
    if !open.is_empty() {
        faults.push(format!("left open: {open:?}"));
    }
    faults
}

#[test]
fn pages_of_all_recorded_logs_are_whole() {
    let (mut pages, mut largest) = (0, (0, String::new()));
    for kernel in ["5.10", "6.1", "6.18", "7.3"] {
        for entry in support::recording(kernel).entries {
            let Some(explanation) = support::explain(&entry, Given::at_level(entry.level)) else { continue };
            let page = render(&[explanation]);
            let name = format!("{} on {kernel} at level {}", entry.case, entry.level);
            assert_eq!(faults(&page), Vec::<String>::new(), "{name}");
            pages += 1;
            largest = largest.max((page.len(), name));
        }
    }
    println!("{pages} pages, the largest has {} bytes: {}", largest.0, largest.1);
    assert!(pages > 1_500 && largest.0 < 1_500_000, "{pages} {largest:?}");
}

#[test]
fn the_checker_finds_faults() {
    assert_eq!(faults("<p id=\"a\"><a href=\"#a\">x</a></p>"), Vec::<String>::new());
    for bad in ["<p><b></p></b>", "<p>", "<i id=\"a\"></i><i id=\"a\"></i>", "<a href=\"#b\"></a>"] {
        assert!(!faults(bad).is_empty(), "{bad}");
    }
}

#[test]
fn many_logs_share_a_page() {
    let one = support::case("6.18", "article-bounds", Given::LogAndProgram);
    let other = support::case("6.18", "article-null", Given::LogAlone);
    let page = render(&[one, other]);
    assert_eq!(faults(&page), Vec::<String>::new());
    assert!(page.contains("id=\"l2-i72\"") && page.contains("href=\"#l2\""));
    assert_eq!(faults(&render(&[])), Vec::<String>::new());
}

/// The numbers of a text, in order.
fn numbers(text: &str) -> Vec<f64> {
    let parts = text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-')));
    parts.filter_map(|part| part.parse().ok()).collect()
}

/// A block of the graph.
struct Block {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// The width and the height of the graph with its blocks, as they're drawn, without the margin.
fn graph(page: &str) -> (f64, f64, Vec<Block>) {
    let (_, graph) = page.split_once("<svg class=\"graph\"").unwrap();
    let (graph, _) = graph.split_once("</svg>").unwrap();
    let size = |name| attribute(graph, name).unwrap().parse::<f64>().unwrap();
    let blocks = graph.split("<g class=\"block").skip(1).map(|block| {
        let place = numbers(attribute(block, "transform").unwrap());
        let size = |name| attribute(block, name).unwrap().parse::<f64>().unwrap();
        Block { left: place[0], top: place[1], width: size("width"), height: size("height") }
    });
    (size("width"), size("height"), blocks.collect())
}

#[test]
fn the_graph_fits_into_its_picture_and_jumps_leave_from_their_blocks() {
    const MARGIN: f64 = 20.0;
    let mut dots = 0;
    for name in ["article-bounds", "article-null", "index-signed-check", "loop-with-constant-state"] {
        let page = render(&[support::case("6.18", name, Given::LogAndProgram)]);
        let (width, height, blocks) = graph(&page);
        assert!(!blocks.is_empty(), "{name}");
        for block in &blocks {
            let (right, bottom) = (block.left + block.width, block.top + block.height);
            assert!(right + 2.0 * MARGIN <= width && bottom + 2.0 * MARGIN <= height + 0.5, "{name}");
        }
        // A dot is drawn from its left end to the right and back.
        for dot in page.split('M').filter(|path| path.contains("a3 3 0 0 0 6 0")) {
            let (x, y) = (numbers(dot)[0] + 3.0, numbers(dot)[1]);
            let leaves = |block: &Block| {
                x > block.left && x < block.left + block.width && (y - block.top - block.height).abs() < 0.2
            };
            assert!(blocks.iter().any(leaves), "{name}: a jump leaves from {x} {y}");
            dots += 1;
        }
    }
    assert!(dots > 5, "{dots}");
}

#[test]
fn the_last_event_of_the_story_is_the_one_that_fails() {
    let page = render(&[support::case("6.18", "article-bounds", Given::LogAndProgram)]);
    let (_, story) = page.split_once("<ol class=\"story\">").unwrap();
    let (story, _) = story.split_once("</ol>").unwrap();
    let fails: Vec<bool> = story.split("<li>").skip(1).map(|event| event.contains("✕")).collect();
    let (last, before) = fails.split_last().unwrap();
    assert!(*last && !before.contains(&true), "{fails:?}");
}

#[test]
fn numbers_have_their_colour_and_their_bounds_on_the_time_line() {
    let page = render(&[support::case("6.18", "article-bounds", Given::LogAndProgram)]);
    let segments: Vec<&str> =
        page.split("<g class=\"seg ").skip(1).filter(|text| text.contains("umax32=508")).collect();
    let [segment, ..] = segments[..] else { panic!("r1 holds up to 508 on the path") };
    assert!(segment.starts_with("scalar\""), "{segment}");
    assert!(segment.contains("<rect class=\"value\"") && segment.contains(">0…508</text></g>"), "{segment}");
    // The scale of its row.
    assert!(page.contains(">508</text>\n<text class=\"tick end\""));
}

#[test]
fn instructions_that_are_left_out_are_counted_if_there_are_any() {
    let page = render(&[support::case("6.18", "article-bounds", Given::LogAndProgram)]);
    assert!(!page.contains("instructions aren't drawn."));
    let explained = Explainer::new().explain(long_log(30_000, 1).as_bytes()).unwrap();
    assert!(render(&explained.logs).contains(" instructions aren't drawn."));
}

/// A log of a program with a loop in which each round adds one, up to an access that fails.
fn long_log(insns: usize, rounds: usize) -> String {
    let mut log = String::from("0: R1=ctx() R10=fp0\n0: (b7) r6 = 0                       ; R6=0\n");
    for round in 0..rounds {
        for insn in 1..insns {
            match insn % 5 {
                0 => writeln!(log, "{insn}: (15) if r6 == 0x{:x} goto pc+1  ; R6={round}", insn + 70_000),
                1 => writeln!(log, "{insn}: (07) r6 += 1   ; R6={}", round + 1),
                _ => writeln!(log, "{insn}: (bf) r7 = r6   ; R6={0} R7={0}", round + 1),
            }
            .unwrap();
        }
        writeln!(log, "{insns}: (05) goto pc-{insns}").unwrap();
    }
    log.push_str(
        "1: (07) r6 += 1   ; R6=9\n2: (71) r0 = *(u8 *)(r6 +0)\nR6 invalid mem access 'scalar'\n\
         processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
    );
    log
}

#[test]
fn long_programs_and_paths_stay_bounded() {
    for (insns, rounds) in [(2, 50_000), (1_999, 3), (2_000, 40), (30_000, 3)] {
        let explained = Explainer::new().explain(long_log(insns, rounds).as_bytes()).unwrap();
        let start = std::time::Instant::now();
        let page = render(&explained.logs);
        println!("{insns} instructions, {rounds} rounds: {} bytes in {:?}", page.len(), start.elapsed());
        assert_eq!(faults(&page), Vec::<String>::new());
        assert!(page.len() < 1_500_000, "{}", page.len());
        assert!(page.contains("id=\"l1-i2\""), "the failing instruction is drawn");
    }
}

#[test]
fn damaged_logs_make_whole_pages() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let mut pages = 0;
    for kernel in ["5.10", "6.1", "6.18", "7.1", "7.3"] {
        for entry in
            support::recording(kernel).entries.iter().filter(|entry| entry.verdict.log.len() < 60_000)
        {
            let mut log = entry.verdict.log.clone().into_bytes();
            for _ in 0..1 + random(6) {
                let at = random(log.len());
                match random(5) {
                    _ if log.is_empty() => {}
                    0 => log[at] = b"0987654321=()<>&\"' -\n"[random(21)],
                    1 => log.truncate(at),
                    2 => log.drain(..at).for_each(drop),
                    3 => log.splice(at..at, *b"9223372036854775807").for_each(drop),
                    _ => log.splice(at..at, *b"\n18446744073709551615: (05) goto pc-32768\n").for_each(drop),
                }
            }
            let explained = Explainer::new().explain(log.as_slice()).unwrap();
            assert_eq!(
                faults(&render(&explained.logs)),
                Vec::<String>::new(),
                "{}",
                String::from_utf8_lossy(&log)
            );
            let mut sarif = Vec::new();
            knockwright_explain::render::sarif::write(&mut sarif, &explained.logs, &Meta::default()).unwrap();
            pages += explained.logs.len();
        }
    }
    println!("{pages} pages of damaged logs");
    assert!(pages > 1_000);
}
