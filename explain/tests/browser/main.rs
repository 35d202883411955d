//! The page in a browser: what a click and a key do, that nothing is loaded, and that it reads in light, dark, narrow and
//! without JavaScript.

mod chromium;
mod reading;
#[path = "../support/skip.rs"]
mod skipping;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use chromium::{Browser, Part};
use knockwright_explain::Explanation;
use knockwright_explain::render::{Meta, html};
use serde_json::{Value, json};
use support::Given;

/// A browser, or the reason why there is none. In CI a skip is a failure.
fn browser(test: &str) -> Option<Browser> {
    if let Some(program) = chromium::installed() {
        return Some(Browser::start(&program, test));
    }
    let reason = "no command `chromium`: install chromium";
    skipping::skip(test, reason);
    None
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn page(name: &str, explanations: &[Explanation]) -> PathBuf {
    let file = folder().join(format!("{name}.html"));
    let mut meta = Meta::default();
    (meta.version, meta.input) = (Some("0.1.0".to_owned()), Some(format!("{name}.log")));
    html::write(std::fs::File::create(&file).unwrap(), explanations, &meta).unwrap();
    file
}

/// What is selected in the story, the graph, the time line, the table and the bar below.
const SELECTION: &str = "[
    [...document.querySelectorAll('.cause[aria-current]')].map((it) => it.dataset.i).join(),
    [...document.querySelectorAll('.graph .i.sel')].map((it) => it.dataset.i).join(),
    document.querySelector('.timeline .cursor').dataset.i,
    [...document.querySelectorAll('.path tr.sel')].map((it) => it.dataset.i).join(),
    document.querySelector('#inspector').hidden ? '' : document.querySelector('#inspector strong').textContent.split(':')[0],
]";

fn text(browser: &mut Browser, selector: &str) -> String {
    let found = browser.eval(&format!("document.querySelector({}).textContent", json!(selector)));
    found.as_str().unwrap().to_owned()
}

fn overflows(browser: &mut Browser) -> Value {
    browser.eval(
        "(() => { const root = document.documentElement; if (root.scrollWidth <= root.clientWidth) return null;
            return [...document.querySelectorAll('*')].filter((it) => it.getBoundingClientRect().right > root.clientWidth && !it.closest('.scroll')).map((it) => it.className + ' ' + it.tagName).join(', ') || root.scrollWidth; })()",
    )
}

fn is_quiet(browser: &Browser, url: &str) {
    assert_eq!(browser.errors, Vec::<String>::new());
    assert_eq!(browser.requests, [url], "only the file itself is asked for");
}

#[test]
fn the_articles_second_fault_by_mouse_and_keys() {
    let Some(mut browser) = browser("the_articles_second_fault_by_mouse_and_keys") else { return };
    let file = page("article-bounds", &[support::case("6.18", "article-bounds", Given::LogAndProgram)]);
    browser.prefer("light");
    browser.resize(1280, 900);
    let url = browser.open(&file);
    assert!(text(&mut browser, "h2").contains("behind the map value"));

    // At first the failing instruction is selected, and the bar below waits for the reader.
    assert_eq!(browser.eval(SELECTION), json!(["121", "121", "121", "121", ""]));
    assert_eq!(
        browser.eval("(() => { const box = document.querySelector('.graphbox').getBoundingClientRect(), it = document.querySelector('.graph .i.sel').getBoundingClientRect(); return box.top <= it.top && it.bottom <= box.bottom; })()"),
        json!(true),
        "the failing instruction is in view"
    );
    browser.screenshot(&folder().join("article-light.png"), Part::Page);

    // A click in any picture selects in all of them.
    browser.click(".cause[data-i=\"119\"]");
    assert_eq!(browser.eval(SELECTION), json!(["119", "119", "119", "119", "119"]));
    let bar = text(&mut browser, "#inspector");
    assert!(bar.contains("r1 <<= 1") && bar.contains("seq->ports[state->sequence_step]"), "{bar}");
    assert!(bar.contains("umax=smax32=umax32=508") && bar.contains("r7 = map_value"), "{bar}");
    browser.click(".graph .i[data-i=\"112\"] rect");
    assert_eq!(browser.eval(SELECTION), json!(["112", "112", "112", "112", "112"]));
    browser.click(".timeline .seg[data-r=\"7\"] .band");
    let selected = browser.eval(SELECTION);
    assert_ne!(selected[2], json!("112"));
    assert!(selected[1] == selected[2] && selected[2] == selected[3], "{selected}");
    browser.screenshot(&folder().join("article-selected.png"), Part::Window);

    // Keys: along the path, along the story, to the fault, and away.
    browser.press("f");
    assert_eq!(browser.eval(SELECTION)[2], "121");
    browser.press("k");
    assert_eq!(browser.eval(SELECTION), json!(["120", "120", "120", "120", "120"]));
    browser.press("j");
    browser.press("p");
    browser.press("p");
    assert_eq!(browser.eval(SELECTION)[0], "119");
    browser.eval("document.querySelector('.cause').focus()");
    browser.press("ArrowDown");
    browser.press("ArrowUp");
    browser.press("Enter");
    assert_eq!(browser.eval(SELECTION)[1], browser.eval("document.activeElement.dataset.i"));
    browser.press("Escape");
    assert_eq!(browser.eval(SELECTION), json!(["", "", "", "", ""]));
    browser.press("?");
    assert_eq!(browser.eval("document.querySelector('dialog').open"), json!(true));
    browser.press("Escape");
    assert_eq!(browser.eval("document.querySelector('dialog').open"), json!(false));

    // The ruler: its members, the window and the end of the object.
    let ruler = text(&mut browser, "svg.ruler");
    for wanted in ["seq.ports[10]", "470 bytes outside", "48", "518", "end of the object"] {
        assert!(ruler.contains(wanted), "{wanted} is missing in {ruler}");
    }
    assert_eq!(
        browser.eval("(() => { const x = (what) => document.querySelector(what).getBoundingClientRect(); return x('.ruler .outside').left >= x('.ruler .object').right - 1 && x('.ruler .inside').right <= x('.ruler .object').right + 1; })()"),
        json!(true)
    );
    browser.press("f");
    let pointer = browser.eval("Number(document.querySelector('.pointer').getAttribute('x'))");
    assert!(pointer.as_f64().unwrap() > 0.0, "the ruler shows where the register points to: {pointer}");

    // The guard in three forms.
    browser.click("label[for=\"l1-form1\"]");
    assert_eq!(browser.eval("getComputedStyle(document.querySelector('.form1')).display"), "block");
    assert_eq!(browser.eval("getComputedStyle(document.querySelector('.form0')).display"), "none");
    assert!(text(&mut browser, ".guard").contains("derived, not checked"));

    // The graph's size.
    browser.press("+");
    assert!(browser.eval("document.querySelector('.graph').clientWidth > document.querySelector('.graph').viewBox.baseVal.width").as_bool().unwrap());
    browser.press("0");
    is_quiet(&browser, &url);
}

#[test]
fn light_dark_narrow_and_print() {
    let Some(mut browser) = browser("light_dark_narrow_and_print") else { return };
    let file = page("article-null", &[support::case("6.18", "article-null", Given::LogAlone)]);
    browser.prefer("dark");
    browser.resize(1280, 900);
    let url = browser.open(&file);
    let ground = "getComputedStyle(document.body).backgroundColor";
    let dark = browser.eval(ground);
    browser.screenshot(&folder().join("null-dark.png"), Part::Page);
    assert_eq!(low_contrast(&mut browser), json!([]));
    browser.press("t");
    assert_eq!(browser.eval(ground), dark, "dark on request is dark");
    browser.press("t");
    let light = browser.eval(ground);
    assert_ne!(light, dark);
    assert_eq!(text(&mut browser, "#theme"), "Theme: light");
    assert_eq!(low_contrast(&mut browser), json!([]));
    browser.press("t");
    let printed = "getComputedStyle(document.querySelector('.tools')).display";
    assert_ne!(browser.eval(printed), "none");
    browser.call("Emulation.setEmulatedMedia", json!({"media": "print"}));
    assert_eq!(browser.eval(printed), "none");
    assert_eq!(
        browser.eval("getComputedStyle(document.querySelector('.path .scroll')).overflowY"),
        "visible"
    );
    browser.call("Emulation.setEmulatedMedia", json!({"media": ""}));
    browser.prefer("light");
    browser.resize(360, 740);
    assert_eq!(overflows(&mut browser), Value::Null);
    browser.screenshot(&folder().join("null-narrow.png"), Part::Page);
    browser.resize(1280, 900);
    // What can be reached by the keyboard shows that it is.
    browser.eval("document.activeElement.blur()");
    browser.press("Tab");
    assert_eq!(browser.eval("document.activeElement.className"), "skip");
    browser.press("Tab");
    assert_ne!(browser.eval("getComputedStyle(document.activeElement).outlineStyle"), "none");
    is_quiet(&browser, &url);
    let wide =
        page("article-bounds-narrow", &[support::case("6.18", "article-bounds", Given::LogAndProgram)]);
    browser.resize(360, 740);
    browser.open(&wide);
    assert_eq!(overflows(&mut browser), Value::Null);
    browser.screenshot(&folder().join("article-narrow.png"), Part::Page);
}

/// Text whose colour is too near to its ground's: less than 4.5 to 1, as WCAG counts.
fn low_contrast(browser: &mut Browser) -> Value {
    browser.eval(
        r#"(() => {
            const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
            const rgb = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
            const light = ([r, g, b]) => { const part = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }; return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
            const bad = [];
            for (const it of document.querySelectorAll('body *')) {
                const own = [...it.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
                if (!own || it.closest('svg, script, style, dialog:not([open]), [hidden]') || !it.getClientRects().length) continue;
                let holder = it, ground = [0, 0, 0, 0];
                while (holder && ground[3] === 0) { ground = rgb(getComputedStyle(holder).backgroundColor); holder = holder.parentElement; }
                const [one, two] = [light(rgb(getComputedStyle(it).color)), light(ground)];
                const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
                if (ratio < 4.5) bad.push(it.tagName + '.' + it.className + ' ' + ratio.toFixed(2));
            }
            for (const it of document.querySelectorAll('svg text, svg tspan')) {
                const style = getComputedStyle(it);
                let holder = it, ground = [0, 0, 0, 0];
                while (holder && ground[3] === 0) { ground = rgb(getComputedStyle(holder).backgroundColor); holder = holder.parentElement; }
                const below = it.closest('.i, .mark') && (it.tagName === 'tspan' ? it.parentElement : it).parentElement.querySelector(it.matches('.num, .mark text') ? ':scope > circle' : ':scope > rect');
                if (below && rgb(getComputedStyle(below).fill)[3] === 255 && getComputedStyle(below).opacity === '1') ground = rgb(getComputedStyle(below).fill);
                const [one, two] = [light(rgb(style.fill)), light(ground)];
                const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
                if (ratio < 4.5) bad.push('svg ' + it.textContent + ' ' + ratio.toFixed(2));
            }
            return bad;
        })()"#,
    )
}

#[test]
fn several_logs_are_apart() {
    let Some(mut browser) = browser("several_logs_are_apart") else { return };
    let logs = [
        support::case("6.18", "article-bounds", Given::LogAndProgram),
        support::case("7.3", "article-null", Given::LogAndProgram),
    ];
    let file = page("two", &logs);
    browser.resize(1280, 900);
    let url = browser.open(&file);
    let selected =
        "['l1', 'l2'].map((id) => document.querySelector('#' + id + ' .timeline .cursor').dataset.i)";
    // The second is not in view yet.
    assert_eq!(browser.eval(selected), json!(["121", null]));
    browser.click("#l2 .cause[data-i=\"71\"]");
    assert_eq!(browser.eval(selected), json!(["121", "71"]));
    // Keys go where the reader was last.
    browser.eval("document.activeElement.blur()");
    browser.press("k");
    assert_eq!(browser.eval(selected), json!(["121", "69"]));
    browser.click("#l1 .graph .i[data-i=\"118\"] rect");
    browser.press("j");
    assert_eq!(browser.eval(selected), json!(["119", "69"]));
    is_quiet(&browser, &url);

    // Of many logs, one that comes into view shows its fault.
    let many: Vec<Explanation> = (0..90).map(|_| logs[0].clone()).collect();
    let file = page("many", &many);
    let url = browser.open(&file);
    browser.eval("document.querySelector('#l40').scrollIntoView()");
    let waits = "new Promise((done) => { const look = () => document.querySelector('#l40 .cursor').dataset.i === '121' ? done(true) : requestAnimationFrame(look); look(); })";
    assert_eq!(browser.eval(waits), json!(true));
    assert!(text(&mut browser, "#l90").contains("No pictures"), "the page is bounded");
    is_quiet(&browser, &url);
}

#[test]
fn reads_without_javascript() {
    let Some(mut browser) = browser("reads_without_javascript") else { return };
    let file = page("plain", &[support::case("6.18", "article-bounds", Given::LogAndProgram)]);
    browser.call("Emulation.setScriptExecutionDisabled", json!({"value": true}));
    browser.resize(1280, 900);
    let url = browser.open(&file);
    let visible = text(&mut browser, "main");
    for wanted in
        ["516 = 8 + 254*2", "r1 <= 19", "R7 max value is outside", "seq.ports[10]", "knock.bpf.c:140"]
    {
        assert!(visible.contains(wanted), "{wanted}");
    }
    assert_eq!(browser.eval("document.documentElement.classList.contains('script')"), json!(false));
    // A link of the story leads to the graph.
    browser.click(".cause[data-i=\"119\"]");
    assert_eq!(browser.eval("location.hash"), "#l1-i119");
    assert_eq!(browser.eval("document.querySelector('.graph .i:target').dataset.i"), "119");
    browser.screenshot(&folder().join("plain.png"), Part::Window);
    is_quiet(&browser, &url);
}

#[test]
fn a_log_brings_no_markup() {
    let Some(mut browser) = browser("a_log_brings_no_markup") else { return };
    let evil = "<script>window.stolen = 1</script><img src=x onerror='window.stolen=2'>\"'></textarea>";
    let mut explanation = support::case("6.18", "article-bounds", Given::LogAndProgram);
    let diagnosis = &mut explanation.diagnosis;
    diagnosis.message = evil.to_owned();
    diagnosis.program = Some(evil.to_owned());
    diagnosis.notes.push(evil.to_owned());
    diagnosis.unknown_lines.count = 30;
    diagnosis.unknown_lines.first = vec![evil.to_owned(), "\u{1b}[31m\0\u{202e}".to_owned()];
    for cause in &mut diagnosis.cause {
        (cause.text, cause.why, cause.state) = (evil.to_owned(), evil.to_owned(), evil.to_owned());
        if let Some(source) = &mut cause.source {
            source.text = evil.to_owned();
            source.file = Some(evil.to_owned());
        }
    }
    let guard = diagnosis.guard.as_mut().unwrap();
    (guard.asm, guard.condition, guard.evidence) = (evil.to_owned(), evil.to_owned(), evil.to_owned());
    let ruler = explanation.trace.ruler.as_mut().unwrap();
    ruler.name = evil.to_owned();
    ruler.fields.iter_mut().for_each(|field| field.name = evil.to_owned());
    explanation.trace.listing.iter_mut().for_each(|(_, _, text)| *text = evil.to_owned());
    for step in &mut explanation.trace.path {
        step.text = evil.to_owned();
        for register in &mut step.registers {
            (register.state, register.kind) = (evil.to_owned(), evil.to_owned());
        }
    }
    let file = page("evil", &[explanation]);
    browser.resize(1280, 900);
    let url = browser.open(&file);
    assert_eq!(browser.eval("[window.stolen === undefined, document.images.length, document.scripts.length, document.querySelectorAll('textarea, [onerror]').length]"), json!([true, 0, 1, 0]));
    assert_eq!(text(&mut browser, ".message"), evil);
    // The policy would have stopped it too.
    browser.eval("(() => { const it = document.createElement('script'); it.textContent = 'window.stolen = 3'; document.body.append(it); })()");
    assert_eq!(browser.eval("window.stolen === undefined"), json!(true));
    assert_eq!(browser.requests, [url]);
}
