//! Several logs of one input: attempts of a program, several programs, faults that come again.

#[path = "support/mod.rs"]
mod support;

use knockwright_explain::render::text::{self, Style};
use knockwright_explain::{Class, Explainer, Explanation, Groups};
use knockwright_verifier_cases::record::Entry;
use knockwright_verifier_cases::run::Subject;
use support::recording;

/// A log of the case on the kernel, as libbpf prints it.
fn log(program: &str, kernel: &str, case: &str, subject: Subject, level: u32) -> String {
    let recording = recording(kernel);
    let is_it = |entry: &&Entry| entry.case == case && entry.subject == subject && entry.level == level;
    let entry = recording.entries.iter().find(is_it).unwrap();
    format!(
        "libbpf: prog '{program}': BPF program load failed: -13\n\
         libbpf: prog '{program}': -- BEGIN PROG LOAD LOG --\n{}-- END PROG LOAD LOG --\n",
        entry.verdict.log
    )
}

fn rejected(program: &str, case: &str, level: u32) -> String {
    log(program, "6.18", case, Subject::Case, level)
}

fn accepted(program: &str, case: &str) -> String {
    log(program, "6.18", case, Subject::Twin, 2).replace("BPF program load failed: -13", "loaded")
}

/// The logs in the order in which they are shown, and how many aren't.
fn grouped(input: &str) -> (Vec<Explanation>, usize) {
    let mut shown = Vec::new();
    let mut groups = Groups::new(|log| {
        shown.push(log);
        Ok(())
    });
    Explainer::new().explain_each(input.as_bytes(), |log| groups.log(log)).unwrap();
    let hidden = groups.finish().unwrap();
    (shown, hidden)
}

/// Program, class, and the number of the log.
fn told(logs: &[Explanation]) -> Vec<(Option<&str>, Class, usize)> {
    let logs = logs.iter().map(|log| &log.diagnosis);
    logs.map(|log| (log.program.as_deref(), log.class, log.log)).collect()
}

#[test]
fn two_levels_of_one_attempt_are_one_fault() {
    let input =
        format!("{}{}", rejected("knock", "article-bounds", 1), rejected("knock", "article-bounds", 2));
    let (logs, hidden) = grouped(&input);
    assert_eq!((told(&logs), hidden), (vec![(Some("knock"), Class::MapValueMax, 1)], 0));
    let text = text::render(&logs[0], Style::default());
    assert!(text.contains("note: the same again in log 2 of the input\n"), "{text}");
    assert_eq!(text.matches("error[").count(), 1);
}

#[test]
fn the_same_fault_of_two_programs_is_two() {
    let input = format!("{}{}", rejected("a", "article-bounds", 2), rejected("b", "article-bounds", 2));
    let programs: Vec<_> = grouped(&input).0.into_iter().map(|log| log.diagnosis.program).collect();
    assert_eq!(programs, [Some("a".to_owned()), Some("b".to_owned())]);
}

#[test]
fn what_failed_first_comes_first_and_attempts_stand_together() {
    let input = [
        accepted("fine", "article-bounds"),
        rejected("knock", "article-null", 2),
        rejected("other", "register-never-written", 2),
        rejected("knock", "article-bounds", 2),
        rejected("knock", "article-null", 2),
        accepted("knock", "article-null"),
    ]
    .concat();
    let (logs, hidden) = grouped(&input);
    let order = [
        (Some("knock"), Class::MapValueOrNull, 2),
        (Some("knock"), Class::MapValueMax, 4),
        (Some("other"), Class::UninitialisedRegister, 3),
        (Some("fine"), Class::Accepted, 1),
        (Some("knock"), Class::Accepted, 6),
    ];
    assert_eq!((told(&logs), hidden), (order.to_vec(), 0));
    assert_eq!(logs[0].diagnosis.notes.last().unwrap(), "the same again in log 5 of the input");
    let second = text::render(&logs[1], Style::default());
    assert!(second.contains("program knock, attempt 2"), "{second}");
}

#[test]
fn without_names_nothing_told_may_differ() {
    let bare = |kernel: &str, case: &str, level: u32| {
        let named = log("x", kernel, case, Subject::Case, level);
        let lines = named.lines().filter(|line| !line.starts_with("libbpf: ") && !line.starts_with("-- END"));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let twice = bare("6.18", "article-bounds", 2).repeat(2);
    assert_eq!(grouped(&twice).0.len(), 1);
    // One message at one instruction, and another way there.
    let number = |number: u32| {
        format!(
            "0: R1=ctx() R10=fp0\n0: (b7) r6 = {number}                      ; R6={number}\n\
             1: (61) r0 = *(u32 *)(r6 +0)\nR6 invalid mem access 'scalar'\n\
             processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
        )
    };
    assert_eq!(grouped(&format!("{0}{1}{0}", number(4), number(5))).0.len(), 2);
    let mixed = format!("{}{}", bare("6.18", "article-null", 2), bare("6.18", "article-bounds", 2));
    assert_eq!(grouped(&mixed).0.len(), 2);
}

#[test]
fn of_many_logs_the_later_ones_follow_as_they_come() {
    let one = rejected("knock", "article-bounds", 2);
    let two = rejected("other", "article-null", 2);
    let input = format!("{}{two}{one}{two}", one.repeat(20));
    let (logs, hidden) = grouped(&input);
    let programs: Vec<_> = logs.iter().map(|log| log.diagnosis.program.as_deref().unwrap()).collect();
    assert_eq!(programs, ["knock", "other"]);
    // Sixteen were held, and the first of them names the other fifteen.
    let note = logs[0].diagnosis.notes.last().unwrap();
    assert!(note.ends_with("14, 15 and 16 of the input"), "{note}");
    assert_eq!(hidden, 4 + 1 + 1);
}

#[test]
fn a_reader_of_json_finds_which_log_told_the_same() {
    let one = rejected("knock", "article-bounds", 1);
    let two = rejected("knock", "article-bounds", 2);
    let explained = Explainer::new().explain(format!("{one}{two}").as_bytes()).unwrap();
    let json: Vec<serde_json::Value> =
        explained.logs.iter().map(|log| serde_json::to_value(&log.diagnosis).unwrap()).collect();
    let places: Vec<_> = json.iter().map(|log| (&log["log"], &log["attempt"], &log["same_as"])).collect();
    let number = serde_json::Value::from;
    assert_eq!(places[0], (&number(1), &number(1), &serde_json::Value::Null));
    assert_eq!(places[1], (&number(2), &number(2), &number(1)));
}
