//! The article's two logs as published, with their wrapped lines, between prose and quoted lines: both derivations, both
//! guards.

use knockwright_explain::{Class, Explainer};
use knockwright_verifier_cases::article::LINES;

const NULL: &str = LINES[0];
const BOUNDS: &str = LINES[1];

/// An article: code, a log, the log's key lines once more, and prose.
fn article() -> String {
    let head = "libbpf: prog 'knock': BPF program load failed: -EACCES\nlibbpf: prog 'knock': -- BEGIN PROG LOAD LOG --\n";
    let (first, rest) = NULL.split_once("69: ").unwrap();
    format!(
        "Problem 1: a pointer\n\nstatic int f(u32 source_ip)\n{{\n    return XDP_PASS;\n}}\n\n{head}{first}...\n69: {rest}...\n\n\
         The key line is:\n\n72: (71) r1 = *(u8 *)(r0 +0)\nR0 invalid mem access 'map_value_or_null'\n\nwhich says it all.\n\n\
         Problem 2: an index\n\n{head}{BOUNDS}...\n\nThe key lines are:\n\n121: (69) r1 = *(u16 *)(r7 +0)\n\
         invalid access to map value, value_size=48 off=516 size=2\nR7 max value is outside of the allowed memory range\n\n\
         R7_w=map_value(map=config_map,ks=4,vs=48,\n               off=8)\n"
    )
}

#[test]
fn the_published_text_gives_both_derivations_and_both_guards() {
    let explained = Explainer::new().explain(article().as_bytes()).unwrap();
    let [null, bounds] = explained.logs.as_slice() else {
        panic!("quoted lines are no logs of their own: {}", explained.logs.len());
    };
    let null = &null.diagnosis;
    assert_eq!(
        (null.class, null.insn, null.register.as_deref()),
        (Class::MapValueOrNull, Some(72), Some("r0"))
    );
    assert_eq!((null.program.as_deref(), null.errno), (Some("knock"), Some(13)));
    let origin = null.cause.first().unwrap();
    assert_eq!((origin.insn, origin.text.as_str()), (71, "call bpf_map_lookup_elem#1"));
    assert_eq!(null.source.as_ref().unwrap().text, "if (state->sequence_step >= seq->length) {");
    let derivation = null.derivation.as_ref().unwrap();
    assert_eq!(derivation.result, "r0 may be NULL from 71 to 72: nothing on the way compares it with NULL");
    let steps: Vec<_> = derivation.steps.iter().map(|step| (step.insn, step.value.as_str())).collect();
    assert_eq!(steps, [(Some(71), "NULL or an address"), (Some(72), "an address is needed")]);
    let guard = null.guard.as_ref().unwrap();
    assert_eq!((guard.insn, guard.condition.as_str(), guard.checked), (72, "r0 != 0", false));
    assert_eq!(guard.asm, "if r0 == 0x0 goto out");
    assert_eq!(guard.c.as_deref(), Some("if (!state) return …;"));

    let bounds = &bounds.diagnosis;
    assert_eq!(
        (bounds.class, bounds.insn, bounds.register.as_deref()),
        (Class::MapValueMax, Some(121), Some("r7"))
    );
    let derivation = bounds.derivation.as_ref().unwrap();
    assert_eq!(derivation.result, "516 = 8 + 254*2, + size 2 = 518 > value_size 48");
    let steps: Vec<_> = derivation.steps.iter().map(|step| (step.insn, step.value.as_str())).collect();
    assert_eq!(
        steps,
        [
            (Some(118), "8"),
            (Some(112), "0 to 254"),
            (Some(119), "0 to 508"),
            (Some(120), "8 to 516"),
            (Some(121), "518")
        ]
    );
    let story: Vec<usize> = bounds.cause.iter().map(|cause| cause.insn).collect();
    assert_eq!(story, [110, 112, 118, 119, 120, 121]);
    let guard = bounds.guard.as_ref().unwrap();
    assert_eq!((guard.insn, guard.condition.as_str(), guard.limit), (119, "r1 <= 19", Some(19)));
    assert_eq!(guard.c.as_deref(), Some("if (state->sequence_step > 19) return …;"));
    assert!(explained.outside.count >= 10, "prose is counted: {}", explained.outside.count);
}
