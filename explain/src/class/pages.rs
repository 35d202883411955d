//! Pages of the kernel's documentation.

/// A page by its path under docs.kernel.org.
macro_rules! page {
    ($path:literal) => {
        Some(concat!("https://docs.kernel.org/", $path))
    };
}

pub(super) type Page = Option<&'static str>;

pub(super) const VERIFIER: Page = page!("bpf/verifier.html");
pub(super) const VALUES: Page = page!("bpf/verifier.html#register-value-tracking");
pub(super) const PACKETS: Page = page!("bpf/verifier.html#direct-packet-access");
pub(super) const PRUNING: Page = page!("bpf/verifier.html#pruning");
pub(super) const MESSAGES: Page = page!("bpf/verifier.html#understanding-ebpf-verifier-messages");
pub(super) const INSTRUCTIONS: Page = page!("bpf/standardization/instruction-set.html");
pub(super) const ARITHMETIC: Page = page!("bpf/standardization/instruction-set.html#arithmetic-instructions");
pub(super) const JUMPS: Page = page!("bpf/standardization/instruction-set.html#jump-instructions");
pub(super) const ATOMICS: Page = page!("bpf/standardization/instruction-set.html#atomic-operations");
pub(super) const LEGACY_LOADS: Page =
    page!("bpf/standardization/instruction-set.html#legacy-bpf-packet-access-instructions");
pub(super) const HELPERS: Page = page!("bpf/helpers.html");
pub(super) const KERNEL_FUNCTIONS: Page = page!("bpf/kfuncs.html");
pub(super) const MAPS: Page = page!("bpf/maps.html");
pub(super) const ARRAYS: Page = page!("bpf/map_array.html");
pub(super) const RING_BUFFERS: Page = page!("bpf/ringbuf.html");
pub(super) const GRAPHS: Page = page!("bpf/graph_ds_impl.html");
pub(super) const LICENCES: Page = page!("bpf/bpf_licensing.html");
pub(super) const PROGRAM_TYPES: Page = page!("bpf/libbpf/program_types.html");
pub(super) const DESIGN: Page = page!("bpf/bpf_design_QA.html");
pub(super) const TYPES: Page = page!("bpf/btf.html");
pub(super) const CO_RE: Page = page!("bpf/libbpf/libbpf_overview.html");
pub(super) const RELOCATIONS: Page = page!("bpf/llvm_reloc.html");
pub(super) const CLANG: Page = page!("bpf/clang-notes.html");
pub(super) const SIGNING: Page = page!("bpf/signing.html");
pub(super) const SYSTEM_CALL: Page = page!("userspace-api/ebpf/syscall.html");
pub(super) const ALIGNMENT: Page = page!("core-api/unaligned-memory-access.html");
pub(super) const SPECULATION: Page = page!("admin-guide/hw-vuln/spectre.html");
pub(super) const PRIVILEGE: Page = page!("admin-guide/sysctl/kernel.html#unprivileged-bpf-disabled");
pub(super) const COMPILER: Page = page!("admin-guide/sysctl/net.html#bpf-jit-enable");
