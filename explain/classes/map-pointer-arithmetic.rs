use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "arithmetic on the address of a map",
    why: "The address of a map is only good for helpers; it isn't the address of its values.",
    fix: "Look up a value, or use a direct value reference to an array.",
    lesson: lesson("pointers", 80),
    docs: pages::VERIFIER,
    when: |e| e.is(&[Kind::TypeArithmetic]) && e.text("held") == Some("map_ptr"),
    remedy: |_| {
        Some(Remedy {
            c: "bpf_map_lookup_elem(&map, &i) for element i; or a global array, static __u32 table[16];, which is indexed directly",
            rust: "ARRAY.get(i), ARRAY.get_ptr_mut(i)",
            asm: "r1 = map_value[NAME] (source register 2) for the value of an array with one entry; else call bpf_map_lookup_elem#1",
        })
    },
    ..PLAIN
};
