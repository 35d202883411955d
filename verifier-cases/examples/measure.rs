//! Prints what a kernel image says of every case, as JSON lines.
#![allow(clippy::print_stdout)]
use knockwright_verifier_cases::catalogue::cases;
use knockwright_verifier_cases::engine::{Engine, Load};
use knockwright_verifier_cases::qemu::QemuEngine;

fn main() {
    let mut args = std::env::args().skip(1);
    let (name, image) = (args.next().unwrap(), args.next().unwrap());
    let mut loads = Vec::new();
    let mut keys = Vec::new();
    for (class, case) in cases() {
        let mut push = |subject: &str, program| {
            keys.push((class.slug, case.name, subject.to_owned()));
            loads.push(Load {
                name: case.name.to_owned(),
                program,
                btf: None,
                flags: case.flags,
                privilege: case.privilege,
                levels: vec![case.log_level],
            });
        };
        push("case", case.build().unwrap());
        if let Some(twin) = case.build_twin() {
            push("twin", twin.unwrap());
        }
    }
    let started = std::time::Instant::now();
    let (kernel, answers) = QemuEngine::new(name, image).verify(&loads).unwrap();
    eprintln!("{} {:?} {} answers", kernel.release, started.elapsed(), answers.len());
    for answer in answers {
        let (class, case, subject) = &keys[answer.load];
        println!(
            "{}",
            serde_json::json!({"kernel": kernel.version.to_string(), "class": class, "case": case, "subject": subject, "attempt": answer.attempt})
        );
    }
}
