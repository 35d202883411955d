use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a relocation was not applied",
    why: "The instruction still holds what the compiler left for the loader to fill: a map, a function or a kernel type that wasn't found. libbpf marks those by calls of 195896080 (0xbad2310) and the like.",
    fix: "Load through a loader that relocates, with the BTF of the running kernel; guard by bpf_core_field_exists what a kernel may lack.",
    lesson: lesson("code", 160),
    docs: pages::RELOCATIONS,
    remedy: |_| {
        Some(Remedy {
            c: "bpf_object__open and __load instead of raw bpf(2); if (bpf_core_type_exists(struct s)) …",
            rust: "Ebpf::load with the kernel's BTF, and no `strip` of the object",
            asm: "map references by ld_imm64 with source register 1 and the map's descriptor",
        })
    },
    when: |e| {
        // What libbpf writes where it found no match: 0xbad2310, and numbers from 2001000000 for maps and kernel functions.
        let is_mark = |number: i64| number == 0x0bad_2310 || (2_001_000_000..2_003_000_000).contains(&number);
        let unfilled = || {
            let is_filled_in =
                |expected: &str| expected.starts_with("map_ptr") || expected.starts_with("percpu_ptr_");
            let wants_map = e.text("expected").is_some_and(is_filled_in);
            let number = e.text("held").is_some_and(|held| matches!(held, "scalar" | "inv" | "imm"));
            let state = e.fault.register.and_then(|reg| e.fault.state(reg));
            wants_map && number && state.is_some_and(|state| state.constant() == Some(0))
        };
        e.is(&[Kind::UnknownHelper]) && e.number("number").is_some_and(is_mark)
            || e.is(&[Kind::ArgumentType]) && unfilled()
    },
    ..PLAIN
};
