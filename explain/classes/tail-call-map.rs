use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a tail call without a program array",
    why: "bpf_tail_call takes a map of type prog_array.",
    fix: "Pass a prog_array map.",
    lesson: lesson("helpers", 30),
    docs: pages::HELPERS,
    remedy: |_| {
        Some(Remedy {
            c: "struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 8); __type(key, __u32); __type(value, __u32); } programs SEC(\".maps\");",
            rust: "static PROGRAMS: ProgramArray = ProgramArray::with_max_entries(8, 0); and unsafe { PROGRAMS.tail_call(&ctx, index) }",
            asm: "r1 = the context; r2 = map[PROGRAMS] of type prog_array; r3 = the index; call bpf_tail_call#12",
        })
    },
    ..PLAIN
};
