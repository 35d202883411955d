//! Logs in every form that people paste them in: class, instruction and register are those of the log as the kernel wrote it,
//! and nothing else is a log.

#[path = "forms/wrapped.rs"]
mod wrapped;

use std::collections::BTreeMap;

use knockwright_explain::{Class, Diagnosis, Explainer};
use knockwright_verifier_cases::packed;
use knockwright_verifier_cases::record::Entry;
use knockwright_verifier_cases::run::Subject;
use wrapped::{FORMS, Form, Keeps, Log};

/// What is wrapped: kernel, case and level. Ten kinds of faults in the dialects of ten kernels.
const LOGS: &[(&str, &str, u32)] = &[
    ("5.10", "lookup-load-unchecked", 1),
    ("6.1", "article-bounds", 2),
    ("6.12", "packet-load-unchecked", 1),
    ("6.16", "register-never-written", 2),
    ("6.17", "index-mask-border", 1),
    ("6.18", "packet-end-load", 2),
    ("6.19", "ringbuf-record-leaked", 1),
    ("7.0", "size-one-too-large", 2),
    ("7.1", "stack-too-deep", 1),
    ("7.3", "article-bounds", 1),
];

fn entry(kernel: &str, case: &str, level: u32) -> Entry {
    let recording = packed::recording(kernel).unwrap();
    let is_it = |entry: &&Entry| entry.case == case && entry.level == level && entry.subject == Subject::Case;
    let found = recording.entries.iter().find(is_it);
    found.unwrap_or_else(|| panic!("{kernel} has no recording of {case} at level {level}")).clone()
}

fn explain(text: &str) -> Vec<Diagnosis> {
    let explained = Explainer::new().explain(text.as_bytes()).unwrap();
    explained.logs.into_iter().map(|log| log.diagnosis).collect()
}

/// What a form must not change. Of the last lines alone the class may be one that stands for several.
fn mistake(form: &Form, log: &Log<'_>, whole: &Diagnosis) -> Option<String> {
    let text = (form.wrap)(log);
    let found = explain(&text);
    let [found] = found.as_slice() else { return Some(format!("{} logs", found.len())) };
    let place = |diagnosis: &Diagnosis| (diagnosis.insn, diagnosis.register.clone());
    if form.keeps == Keeps::All && place(found) != place(whole) {
        return Some(format!("{:?} instead of {:?}", place(found), place(whole)));
    }
    match form.keeps {
        Keeps::All => {
            let said = |diagnosis: &Diagnosis| {
                let guard = diagnosis.guard.as_ref().map(|guard| guard.condition.clone());
                let derived = diagnosis.derivation.as_ref().map(|derivation| derivation.result.clone());
                (diagnosis.class, diagnosis.message.clone(), derived, guard, diagnosis.cause.len())
            };
            (said(found) != said(whole)).then(|| format!("{:?} instead of {:?}", said(found), said(whole)))
        }
        Keeps::LastLines => {
            let alone = explain(&last_lines(log.text));
            let said = |diagnosis: &Diagnosis| (diagnosis.class, diagnosis.message.clone(), place(diagnosis));
            let expected = said(&alone[0]);
            (said(found) != expected).then(|| format!("{:?} instead of {expected:?}", said(found)))
        }
    }
}

/// The last instruction and the last message before the summary.
fn last_lines(log: &str) -> String {
    let lines = wrapped::before_the_end(log);
    lines[lines.len().saturating_sub(2)..].join("\n") + "\n"
}

#[test]
fn every_form_is_read() {
    let mut wrong: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (kernel, case, level) in LOGS {
        let entry = entry(kernel, case, *level);
        let whole = explain(&entry.verdict.log);
        let [whole] = whole.as_slice() else { panic!("{kernel} {case}") };
        let log = Log { text: &entry.verdict.log, errno: entry.verdict.errno };
        for form in FORMS {
            if let Some(mistake) = mistake(form, &log, whole) {
                wrong.entry(form.name).or_default().push(format!("{kernel} {case}: {mistake}"));
            }
        }
    }
    let mistakes: usize = wrong.values().map(Vec::len).sum();
    let list: Vec<String> =
        wrong.iter().map(|(form, mistakes)| format!("{form}:\n  {}", mistakes.join("\n  "))).collect();
    assert!(wrong.is_empty(), "{mistakes} of {} mistaken\n{}", LOGS.len() * FORMS.len(), list.join("\n"));
}

#[test]
fn what_loaders_say_without_a_log_has_a_class() {
    for (text, class, errno) in [
        (
            "bpf: Argument list too long. Program knock too large (113 insns), at most 4096 insns\n",
            Class::TooManyInstructions,
            Some(7),
        ),
        ("libbpf: map 'm': failed to create: Invalid argument(-22)\n", Class::MapCreation, Some(22)),
        (
            "libbpf: Error in bpf_create_map_xattr(m):Operation not permitted(-1). Retrying without BTF.\n",
            Class::MapCreation,
            Some(1),
        ),
        (
            "loading objects: field M: map create: operation not permitted (MEMLOCK may be too low, consider rlimit.RemoveMemlock)\n",
            Class::LockedMemory,
            Some(1),
        ),
        (
            "libbpf: Error loading .BTF into kernel: -22. BTF is mandatory, can't proceed.\n",
            Class::BtfRefused,
            Some(22),
        ),
        (
            "Error: failed to load BTF: the `BPF_BTF_LOAD` syscall failed: Invalid argument (os error 22)\n",
            Class::BtfRefused,
            Some(22),
        ),
        ("Error: error relocating function: unknown relocation target\n", Class::RelocationMissing, None),
        ("libbpf: prog 'p': failed to load: -524\n", Class::Unknown, Some(524)),
    ] {
        let found = explain(text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!((found[0].class, found[0].errno), (class, errno), "{text}");
    }
}

#[test]
fn the_block_of_7_3_alone_says_what_it_says() {
    let entry = entry("7.3", "article-bounds", 1);
    let (_, block) = entry.verdict.log.split_once("\n\n").unwrap();
    assert!(block.starts_with("Verification failed: "));
    let found = explain(block);
    let [found] = found.as_slice() else { panic!("{} logs", found.len()) };
    let words = found.kernel.as_ref().unwrap();
    assert_eq!((words.category.as_str(), words.title.as_str()), ("Memory Safety", "Access outside bounds"));
    assert_eq!((found.class, found.insn), (Class::MapValueMax, Some(121)));
    assert_eq!(found.register.as_deref(), Some("r7"));
    assert_eq!(found.message, "Memory Safety: Access outside bounds");
}

#[test]
fn blocks_alone_are_told_of_with_or_without_the_summary() {
    let recording = packed::recording("7.3").unwrap();
    let mut same_class = 0;
    let mut blocks = 0;
    for entry in recording.entries.iter().filter(|entry| entry.level == 1) {
        let Some(at) = entry.verdict.log.find("Verification failed: ") else { continue };
        let (name, block) = (&entry.case, &entry.verdict.log[at..]);
        // Some messages stand between the block and the summary.
        let end = block.find("processed ").unwrap_or(block.len());
        let whole = explain(&entry.verdict.log).remove(0);
        let message_follows = block[..end].lines().last().is_some_and(|line| !line.is_empty());
        let found = explain(&block[..end]);
        let [alone] = found.as_slice() else { panic!("{name}: {} logs", found.len()) };
        assert_ne!(alone.class, Class::Unknown, "{name}: {:?}", alone.kernel);
        blocks += 1;
        same_class += usize::from(alone.class == whole.class);
        if message_follows {
            continue;
        }
        // The block shows the instruction also where the log before it has none.
        assert!(
            whole.insn.is_none() || alone.insn == whole.insn,
            "{name}: {:?} {:?}",
            alone.insn,
            whole.insn
        );
        if let (Some(alone), Some(whole)) = (&alone.register, &whole.register) {
            assert_eq!(alone, whole, "{name}");
        }
        let [ref summed] = explain(block)[..] else { panic!("{name}") };
        assert_eq!((summed.class, summed.insn), (alone.class, alone.insn), "{name}");
    }
    // The others are of classes that only the log before the block tells from their general one.
    assert!(blocks > 90 && same_class * 2 > blocks, "{same_class} of {blocks}");
}
