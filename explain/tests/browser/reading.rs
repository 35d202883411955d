//! The log, the source, the states and the search of a page.
#![allow(clippy::print_stdout)] // figures, for who asks with --nocapture

use serde_json::json;

use super::{Browser, Given, Part, browser, folder, is_quiet, overflows, page, support, text};

#[test]
fn log_and_source_stand_beside_the_story() {
    let Some(mut browser) = browser("log_and_source_stand_beside_the_story") else { return };
    let file = page("beside", &[support::case("6.18", "article-bounds", Given::LogAndProgram)]);
    browser.prefer("light");
    browser.resize(2000, 1100);
    let url = browser.open(&file);
    // The failing instruction's line is marked and in view.
    let line = "document.querySelector('.raw li.sel').textContent";
    assert!(browser.eval(line).as_str().unwrap().starts_with("121: (69)"));
    let in_view = "(() => { const it = document.querySelector('.raw li.sel'), box = it.closest('.scroll').getBoundingClientRect(), at = it.getBoundingClientRect(); return box.top <= at.top && at.bottom <= box.bottom; })()";
    assert_eq!(browser.eval(in_view), json!(true));
    assert_eq!(browser.eval("document.querySelector('.raw li.sel a').dataset.mark"), "✕");
    // In a wide window the log is beside the story.
    let beside = "(() => { const at = (what) => document.querySelector(what).getBoundingClientRect(); return at('.logbox').left >= at('.side').right && at('.logbox').top < at('.story').bottom; })()";
    assert_eq!(browser.eval(beside), json!(true));
    browser.screenshot(&folder().join("beside-2000.png"), Part::Page);
    // A line of the log selects its instruction everywhere, and so does a row of the program.
    browser.click(".raw-i[data-mark=\"2\"]");
    let insn = browser.eval("document.querySelector('.raw-i[data-mark=\"2\"]').dataset.i");
    assert_eq!(browser.eval("document.querySelector('.cause[aria-current]').dataset.i"), insn);
    browser.click(".beside tr[data-i=\"119\"] a");
    assert_eq!(browser.eval("document.querySelector('.cause[aria-current]').dataset.i"), "119");
    // Its source line is on the left.
    let source = "(() => { let row = document.querySelector('.beside tr[data-i=\"119\"]'); while (!row.cells[0].textContent) row = row.previousElementSibling; return row.cells[0].textContent; })()";
    assert!(browser.eval(source).as_str().unwrap().contains("seq->ports[state->sequence_step]"));
    is_quiet(&browser, &url);
    for width in [390, 600, 1280, 2000] {
        browser.resize(width, 900);
        assert_eq!(overflows(&mut browser), json!(null), "{width}");
    }
}

#[test]
fn the_bar_tells_what_changed() {
    let Some(mut browser) = browser("the_bar_tells_what_changed") else { return };
    let file = page("states", &[support::case("6.18", "article-bounds", Given::LogAndProgram)]);
    browser.resize(1280, 900);
    let url = browser.open(&file);
    browser.click(".cause[data-i=\"119\"]");
    let changed = "[...document.querySelector('.states tbody tr').cells].map((it) => it.textContent)";
    let row = browser.eval(changed);
    assert_eq!(row[0], "r1");
    assert!(row[1].as_str().unwrap().contains("umax32=254"), "{row}");
    assert!(row[2].as_str().unwrap().contains("umax32=508"), "{row}");
    assert!(text(&mut browser, ".states thead").contains("beforeafter"));
    browser.screenshot(&folder().join("states.png"), Part::Window);
    // What fails changes nothing.
    browser.press("f");
    assert_eq!(browser.eval("document.querySelectorAll('.states').length"), json!(0));
    let held = text(&mut browser, "#inspector .regs");
    assert!(held.contains("Refused") && held.contains("r7 = map_value"), "{held}");
    is_quiet(&browser, &url);
}

#[test]
fn a_text_is_found_and_a_link_leads_to_its_instruction() {
    let Some(mut browser) = browser("a_text_is_found_and_a_link_leads_to_its_instruction") else { return };
    let file = page("found", &[support::case("6.18", "article-bounds", Given::LogAndProgram)]);
    browser.resize(1280, 900);
    browser.open(&file);
    browser.press("/");
    assert_eq!(browser.eval("document.activeElement.id"), "search");
    let look = |text: &str| {
        format!(
            "(() => {{ const it = document.getElementById('search'); it.value = {}; it.dispatchEvent(new Event('input')); return document.getElementById('hits').textContent; }})()",
            json!(text)
        )
    };
    assert_eq!(browser.eval(&look("no such text")), "nothing");
    let first = browser.eval(&look("R1 <<= 1"));
    assert!(first.as_str().unwrap().starts_with("1 of "), "{first}");
    assert_eq!(browser.eval("document.querySelectorAll('.hit').length"), json!(1));
    browser.press("Enter");
    assert!(text(&mut browser, "#hits").starts_with("2 of "));
    assert_eq!(browser.eval(&look("#119")), "1 of 1");
    assert_eq!(browser.eval("document.querySelector('.cause[aria-current]').dataset.i"), "119");
    // The link of an instruction, and a page that is opened by it.
    let link = browser.eval("document.querySelector('.permalink').hash");
    assert_eq!(link, "#l1-p119");
    assert_eq!(browser.eval("location.hash"), link);
    browser.eval("location.hash = '#l1-p112'");
    let follows = "new Promise((done) => { const look = () => document.querySelector('.cause[aria-current]')?.dataset.i === '112' ? done(true) : requestAnimationFrame(look); look(); })";
    assert_eq!(browser.eval(follows), json!(true));
    assert_eq!(browser.errors, Vec::<String>::new());
}

#[test]
fn everything_that_can_be_used_has_a_name() {
    let Some(mut browser) = browser("everything_that_can_be_used_has_a_name") else { return };
    let file = page("names", &[support::case("7.3", "article-bounds", Given::LogAndProgram)]);
    browser.open(&file);
    browser.press("f");
    let nameless = "[...document.querySelectorAll('button, a, input, [tabindex=\"0\"], section, svg:not([aria-hidden])')].filter((it) => !(it.textContent.trim() || it.getAttribute('aria-label') || it.getAttribute('aria-labelledby') || it.labels?.length) || (it.matches('[tabindex=\"0\"]') && !it.getAttribute('role'))).map((it) => it.outerHTML.slice(0, 120))";
    assert_eq!(browser.eval(nameless), json!([]));
}

/// A walk of ten megabytes, round a loop, to an access that fails.
fn large_log() -> String {
    let mut log = String::from("0: R1=ctx() R10=fp0\n0: (b7) r6 = 0                       ; R6=0\n");
    let mut round = 0;
    while log.len() < 10 << 20 {
        for insn in 1..400 {
            let line = match insn % 5 {
                0 => format!("{insn}: (15) if r6 == 0x{:x} goto pc+1  ; R6={round}\n", insn + 70_000),
                1 => format!("{insn}: (07) r6 += 1   ; R6={}\n", round + 1),
                _ => format!("{insn}: (bf) r7 = r6   ; R6={0} R7={0}\n", round + 1),
            };
            log.push_str(&line);
        }
        log.push_str("400: (05) goto pc-400\n");
        round += 1;
    }
    log.push_str(
        "1: (07) r6 += 1   ; R6=9\n2: (71) r0 = *(u8 *)(r6 +0)\nR6 invalid mem access 'scalar'\n\
         processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n",
    );
    log
}

#[test]
fn the_page_of_a_large_log_opens_in_a_second() {
    let Some(mut browser) = browser("the_page_of_a_large_log_opens_in_a_second") else { return };
    let mut explainer = knockwright_explain::Explainer::new().keeping_text();
    let explained = explainer.explain(large_log().as_bytes()).unwrap();
    let file = page("large", &explained.logs);
    browser.resize(1280, 900);
    // Processor time of the page's process, since other tests and builds take theirs beside it.
    let busy = |browser: &mut Browser| {
        let metrics = browser.call("Performance.getMetrics", json!({}));
        let all = metrics["metrics"].as_array().unwrap();
        all.iter().find(|one| one["name"] == "ProcessTime").unwrap()["value"].as_f64().unwrap()
    };
    browser.open(&file);
    browser.call("Performance.enable", json!({}));
    let before = busy(&mut browser);
    browser.open(&file);
    let took = busy(&mut browser) - before;
    let waited = browser.eval("(() => { const [it] = performance.getEntriesByType('navigation'); return it.loadEventEnd - it.startTime; })()");
    let size = std::fs::metadata(&file).unwrap().len();
    println!(
        "10 MB of log: a page of {size} bytes that opens in {took:.2} s of the processor, {waited} ms by the clock"
    );
    assert!(took > 0.01 && took < 1.0, "{took}");
    assert!(size < 2_000_000, "{size}");
    assert_eq!(
        browser.eval("document.querySelector('.raw li.sel').textContent.startsWith('2: (71)')"),
        json!(true)
    );
}
