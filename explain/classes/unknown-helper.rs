use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a call of a helper that does not exist",
    why: "This kernel has no helper of this number.",
    fix: "Use a helper that the kernel has; 195896080 is a CO-RE relocation that failed.",
    blame: Blame::Kernel,
    lesson: lesson("helpers", 90),
    docs: pages::HELPERS,
    note: |fault| {
        let (message, _) = fault.message.as_ref()?;
        let number = i32::try_from(message.fields.number("number")?).ok()?;
        let helper = Helper::from_number(number)?;
        let since = helper.callers().iter().map(|callers| callers.since).min()?;
        Some(format!("helper {number} is {}, which Linux has since {since}", helper.name()))
    },
    remedy: |fault| {
        let number = fault.message.as_ref().and_then(|(message, _)| message.fields.number("number"));
        Some(if number.and_then(|number| Helper::from_number(i32::try_from(number).ok()?)).is_some() {
            Remedy {
                c: "if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_…)) around the call: where the kernel lacks it, the branch is cut out",
                rust: "a static switch that is set before loading: EbpfLoader::override_global(\"HAS_…\", &0u8, true), and core::ptr::read_volatile in the program",
                asm: "a comparison with a known constant before the call (r1 = 0; if r1 == 0 goto older): a call that isn't walked isn't refused",
            }
        } else {
            Remedy {
                c: "the declaration of bpf_helper_defs.h (bpf/bpf_helpers.h includes it): a function that is only declared is no helper",
                rust: "a function of aya_ebpf::helpers",
                asm: "the helper's number of enum bpf_func_id in linux/bpf.h",
            }
        })
    },
    ..PLAIN
};
