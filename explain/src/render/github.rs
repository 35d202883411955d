//! Annotations of GitHub Actions: a log is one line, shown beside the source line of the fault.

use std::io::{self, Write};

use knockwright_verifier::annotation::Annotation;

use crate::diagnosis::{Diagnosis, Explanation};

/// Writes the annotation of a log. One of an accepted program has none, nor has a fault that an earlier log of the input told.
///
/// # Errors
/// What the output says.
pub fn write(out: &mut impl Write, log: &Explanation) -> io::Result<()> {
    let diagnosis = &log.diagnosis;
    let severity = diagnosis.blame.severity().filter(|_| diagnosis.same_as.is_none());
    let Some(severity) = severity else { return Ok(()) };
    let source = diagnosis.source.as_ref();
    let annotation = Annotation {
        severity,
        file: source.and_then(|source| source.file.as_deref()),
        line: source.and_then(|source| source.line),
        title: &title(diagnosis),
        message: &message(diagnosis),
    };
    writeln!(out, "{annotation}")
}

fn title(diagnosis: &Diagnosis) -> String {
    let class = diagnosis.class.slug();
    match (&diagnosis.program, diagnosis.insn) {
        (Some(program), Some(insn)) => format!("{class}: {program} at instruction {insn}"),
        (Some(program), None) => format!("{class}: {program}"),
        (None, Some(insn)) => format!("{class} at instruction {insn}"),
        (None, None) => class.to_owned(),
    }
}

/// The verifier's message, the numbers, and what to do: in C, where the source is.
fn message(diagnosis: &Diagnosis) -> String {
    let mut lines = vec![diagnosis.message.clone()];
    lines.extend(diagnosis.derivation.as_ref().map(|derivation| derivation.result.clone()));
    match &diagnosis.guard {
        Some(guard) => {
            let checked = if guard.checked { "checked" } else { "derived" };
            let place = format!("`{}` before instruction {} ({checked})", guard.condition, guard.insn);
            lines.push(guard.c.as_ref().map_or(place.clone(), |c| format!("{place}: {c}")));
        }
        None => lines.push(diagnosis.fix.clone()),
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Explainer;

    fn annotations(log: &str) -> String {
        let mut out = Vec::new();
        for log in Explainer::new().explain(log.as_bytes()).unwrap().logs {
            write(&mut out, &log).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_rejection_is_one_line_beside_its_source() {
        let log = "libbpf: prog 'count': -- BEGIN PROG LOAD LOG --\n\
                   ; __u64 *value = bpf_map_lookup_elem(&packets, &key); @ count.bpf.c:7\n\
                   6: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=packets,ks=4,vs=8)\n\
                   ; *value += 1; @ count.bpf.c:8\n\
                   7: (79) r1 = *(u64 *)(r0 +0)\n\
                   R0 invalid mem access 'map_value_or_null'\n\
                   processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n\
                   -- END PROG LOAD LOG --\n";
        assert_eq!(
            annotations(log),
            "::error file=count.bpf.c,line=8,title=map-value-or-null%3A count at instruction 7::R0 invalid mem access \
             'map_value_or_null'%0Ar0 may be NULL from 6 to 7: nothing on the way compares it with NULL%0A`r0 != 0` before instruction 7 (derived): if (!value) return …;\n"
        );
    }

    #[test]
    fn who_is_to_blame_decides_how_bad_it_is() {
        let accepted = "func#0 @0\n0: (b7) r0 = 2\n1: (95) exit\nprocessed 2 insns (limit 1000000) max_states_per_insn 0 \
                        total_states 0 peak_states 0 mark_read 0\n";
        assert_eq!(annotations(accepted), "");
        let limit = "BPF program is too large. Processed 1000001 insn\nprocessed 1000001 insns (limit 1000000) \
                     max_states_per_insn 4 total_states 9 peak_states 9 mark_read 0\n";
        assert!(annotations(limit).starts_with("::warning title="), "{}", annotations(limit));
        let unknown = "0: (b7) r0 = 2\nthe moon is full\nprocessed 1 insns (limit 1000000) max_states_per_insn 0 \
                       total_states 0 peak_states 0 mark_read 0\n";
        assert!(annotations(unknown).starts_with("::notice title=unknown"), "{}", annotations(unknown));
    }
}
