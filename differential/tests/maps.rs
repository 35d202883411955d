//! Every kind of map in every use, definitions that kernels make and don't make, members of contexts, program flags: what
//! the kernel says of each.

mod support;

use knockwright_asm::opcode::{self, size};
use knockwright_asm::{Endian, KernelVersion, MapType, ProgType, Slot};
use knockwright_differential::compare::{Agreement, Comparison, compare};
use knockwright_differential::sweep::modelled;
use knockwright_verifier::{Attempt, Verdict};
use support::{Pair, host, in_qemu, program};

/// Kinds of maps with definitions that kernels make.
const KINDS: &[&str] = &[
    "hash key 4 value 8 entries 4",
    "array key 4 value 8 entries 4",
    "array key 4 value 8 entries 1",
    "prog_array key 4 value 4 entries 4",
    "perf_event_array key 4 value 4 entries 4",
    "percpu_hash key 4 value 8 entries 4",
    "percpu_array key 4 value 8 entries 4",
    "stack_trace key 4 value 80 entries 4",
    "cgroup_array key 4 value 4 entries 4",
    "lru_hash key 4 value 8 entries 4",
    "lru_percpu_hash key 4 value 8 entries 4",
    "lpm_trie key 8 value 8 entries 4 flags 0x1",
    "devmap key 4 value 4 entries 4",
    "devmap_hash key 4 value 8 entries 4",
    "sockmap key 4 value 4 entries 4",
    "sockhash key 4 value 4 entries 4",
    "cpumap key 4 value 4 entries 4",
    "xskmap key 4 value 4 entries 4",
    "reuseport_sockarray key 4 value 8 entries 4",
    "queue key 0 value 8 entries 4",
    "stack key 0 value 8 entries 4",
    "ringbuf key 0 value 0 entries 4096",
    "user_ringbuf key 0 value 0 entries 4096",
    "bloom_filter key 0 value 8 entries 4",
    "cgroup_storage key 8 value 8 entries 0",
    "percpu_cgroup_storage key 8 value 8 entries 0",
    "arena key 0 value 0 entries 4 flags 0x400",
];

/// Uses of the map `m`: `r6` is the context, and the stack is written down to -24.
const USES: &[&str] = &[
    "r1 = map[m]\nr2 = r10\nr2 += -8\ncall bpf_map_lookup_elem#1\nif r0 == 0x0 goto out\nr1 = *(u32 *)(r0 +0)\n",
    "r1 = map[m]\nr2 = r10\nr2 += -8\ncall bpf_map_lookup_elem#1\nif r0 == 0x0 goto out\n*(u32 *)(r0 +0) = 1\n",
    "r1 = map[m]\nr2 = r10\nr2 += -8\ncall bpf_map_lookup_elem#1\nr1 = *(u8 *)(r0 +0)\n",
    "r1 = map[m]\nr2 = r10\nr2 += -8\nr3 = r10\nr3 += -16\nr4 = 0\ncall bpf_map_update_elem#2\n",
    "r1 = map[m]\nr2 = r10\nr2 += -8\ncall bpf_map_delete_elem#3\n",
    "r1 = map[m]\nr2 = r10\nr2 += -8\nr3 = 0\ncall bpf_map_push_elem#87\n",
    "r1 = map[m]\nr2 = r10\nr2 += -8\ncall bpf_map_pop_elem#88\n",
    "r1 = map[m]\nr2 = r10\nr2 += -8\ncall bpf_map_peek_elem#89\n",
    "r1 = map[m]\nr2 = r10\nr2 += -8\nr3 = 0\ncall bpf_map_lookup_percpu_elem#195\nif r0 == 0x0 goto out\nr1 = *(u32 *)(r0 +0)\n",
    "r1 = map[m]\nr2 = 0\nr3 = 0\ncall bpf_redirect_map#51\n",
    "r1 = r6\nr2 = map[m]\nr3 = 0\ncall bpf_tail_call#12\n",
    "r1 = r6\nr2 = map[m]\nr3 = 0\nr4 = r10\nr4 += -8\nr5 = 8\ncall bpf_perf_event_output#25\n",
    "r1 = map[m]\nr2 = r10\nr2 += -8\nr3 = 8\nr4 = 0\ncall bpf_ringbuf_output#130\n",
    "r1 = map[m]\nr2 = 8\nr3 = 0\ncall bpf_ringbuf_reserve#131\nif r0 == 0x0 goto out\nr1 = r0\nr2 = 0\ncall bpf_ringbuf_submit#132\n",
    "r1 = map[m]\nr2 = 0\ncall bpf_ringbuf_query#134\n",
    "r1 = map[m]\n*(u32 *)(r1 +0) = 0\n",
    "r1 = map[m]\nr1 += 8\n",
    "r1 = map[m]\nr1 += 0\nr2 = r10\nr2 += -8\ncall bpf_map_lookup_elem#1\n",
    "r1 = map[m]\nr1 += 4\nr2 = r10\nr2 += -8\ncall bpf_map_lookup_elem#1\n",
    "r1 = map[m]\nr1 -= 0\n",
    "r1 = map[m][0]+4\nr0 = *(u32 *)(r1 +0)\n",
    "r1 = map[m][0]+4\nr0 = *(u32 *)(r1 +4)\n",
];

fn uses(prog_type: ProgType) -> Vec<(String, Attempt)> {
    let begin = "r6 = r1\n*(u64 *)(r10 -8) = 0\n*(u64 *)(r10 -16) = 0\n*(u64 *)(r10 -24) = 0\n";
    let mut all = Vec::new();
    for kind in KINDS {
        for used in USES {
            let text = format!(".program t {prog_type}\n.map m {kind}\n{begin}{used}out:\nr0 = 0\nexit\n");
            let asked = program(&text);
            all.push((text, asked));
        }
    }
    all
}

fn ask(pair: &mut Pair, attempts: &[(String, Attempt)]) -> Vec<Comparison> {
    let attempts: Vec<Attempt> = attempts.iter().map(|(_, attempt)| attempt.clone()).collect();
    compare(pair.kernel.as_mut(), &pair.own, &attempts, None).unwrap_or_else(|error| panic!("{error}"))
}

/// Asks a kernel; every log must be the kernel's, and most must be there.
fn agree(pair: &mut Pair, attempts: &[(String, Attempt)]) {
    let mut compared = 0;
    for ((what, _), found) in attempts.iter().zip(ask(pair, attempts)) {
        match found.agreement {
            Agreement::Whole => compared += 1,
            Agreement::Unsupported | Agreement::NoOracle => {}
            _ => panic!("{} says something else of\n{what}\n{found:#?}", pair.release),
        }
    }
    assert!(compared * 2 > attempts.len(), "{compared} of {} compared on {}", attempts.len(), pair.release);
}

/// Asks the running kernel about all program types, and emulated ones, where each load takes milliseconds, about one.
fn ask_kernels(test: &str, emulated: ProgType, attempts: impl Fn(ProgType) -> Vec<(String, Attempt)>) {
    if let Some(mut pair) = host(test) {
        for prog_type in modelled() {
            agree(&mut pair, &attempts(prog_type));
        }
    }
    for series in [KernelVersion::new(6, 12), KernelVersion::new(6, 18)] {
        if let Some(mut pair) = in_qemu(test, series) {
            agree(&mut pair, &attempts(emulated));
        }
    }
}

#[test]
fn every_kind_of_map_in_every_use() {
    ask_kernels("every_kind_of_map_in_every_use", ProgType::Xdp, uses);
}

/// Definitions on both sides of what kernels make.
fn definitions() -> Vec<String> {
    let kinds = [
        MapType::Hash,
        MapType::Array,
        MapType::ProgArray,
        MapType::PerfEventArray,
        MapType::PercpuHash,
        MapType::PercpuArray,
        MapType::CgroupArray,
        MapType::LruHash,
        MapType::LruPercpuHash,
        MapType::LpmTrie,
        MapType::Devmap,
        MapType::DevmapHash,
        MapType::Cpumap,
        MapType::Xskmap,
        MapType::Queue,
        MapType::Stack,
        MapType::Ringbuf,
        MapType::UserRingbuf,
        MapType::StackTrace,
        MapType::ArrayOfMaps,
        MapType::HashOfMaps,
        MapType::Sockmap,
        MapType::Sockhash,
        MapType::ReuseportSockarray,
        MapType::BloomFilter,
        MapType::CgroupStorage,
        MapType::PercpuCgroupStorage,
        MapType::SkStorage,
        MapType::InodeStorage,
        MapType::TaskStorage,
        MapType::CgrpStorage,
        MapType::StructOps,
        MapType::Arena,
    ];
    let mut all = Vec::new();
    for kind in kinds {
        let mut add = |key, value, entries, flags| {
            all.push(format!(".map m {kind} key {key} value {value} entries {entries} flags {flags:#x}"));
        };
        let usual = |flags| match kind {
            MapType::Queue | MapType::Stack | MapType::BloomFilter => (0, 8, 4, flags),
            MapType::Ringbuf | MapType::UserRingbuf => (0, 0, 4096, flags),
            MapType::StackTrace => (4, 64, 4, flags),
            MapType::CgroupStorage | MapType::PercpuCgroupStorage => (8, 8, 0, flags),
            MapType::SkStorage | MapType::InodeStorage | MapType::TaskStorage | MapType::CgrpStorage => {
                (4, 8, 0, flags | 1)
            }
            MapType::Arena => (0, 0, 4, flags | 0x400),
            MapType::LpmTrie => (8, 8, 4, flags | 1),
            _ => (4, 4, 4, flags),
        };
        for bit in (0..13).filter(|bit| *bit != 9) {
            let (key, value, entries, flags) = usual(1 << bit);
            add(key, value, entries, flags);
        }
        let (key, value, entries, flags) = usual(0);
        add(key, value, entries, flags | 0x180);
        for size in [0, 1, 3, 4, 5, 8, 9, 16, 260, 261, 512, 513, 127 * 8, 128 * 8, 127 * 32, 128 * 32] {
            add(size, value, entries, flags);
            add(key, size, entries, flags);
        }
        for value in [32 << 10, (32 << 10) + 1, (4 << 20) + 1] {
            add(key, value, entries, flags);
        }
        // What loaders put right isn't among them (perf event arrays without entries), nor what depends on the machine (the
        // number of processors).
        for entries in [0, 1, 1000, 4096, 3 * 4096] {
            let put_right = matches!((kind, entries), (MapType::PerfEventArray, 0));
            if !put_right && (kind != MapType::Cpumap || entries < 2) {
                add(key, value, entries, flags);
            }
        }
    }
    all
}

/// No verdict on a program whose map the kernel doesn't make, and one where it does.
fn made_alike(pair: &mut Pair) {
    let attempts: Vec<(String, Attempt)> = definitions()
        .into_iter()
        .map(|map| {
            let asked = program(&format!(".program t socket_filter\n{map}\nr0 = 0\nexit\n"));
            (map, asked)
        })
        .collect();
    let (mut made, mut wrong) = (0, Vec::new());
    for ((what, _), found) in attempts.iter().zip(ask(pair, &attempts)) {
        let decided = |verdict: &Verdict| verdict.outcome.accepts().is_some();
        assert_eq!(decided(&found.theirs), decided(&found.own), "{} of {what}: {found:?}", pair.release);
        let refused = !decided(&found.own);
        if refused && found.theirs.errno != found.own.errno {
            wrong.push(format!("{what}: {} and not {}", found.theirs.errno, found.own.errno));
        }
        made += usize::from(!refused);
    }
    assert!(wrong.is_empty(), "{}:\n{}", pair.release, wrong.join("\n"));
    assert!(made > 250 && attempts.len() - made > 500, "{made} of {} are made", attempts.len());
}

#[test]
fn maps_that_no_kernel_makes() {
    const TEST: &str = "maps_that_no_kernel_makes";
    if let Some(mut pair) = host(TEST) {
        made_alike(&mut pair);
    }
    for series in [KernelVersion::new(6, 12), KernelVersion::new(6, 18)] {
        if let Some(mut pair) = in_qemu(TEST, series) {
            made_alike(&mut pair);
        }
    }
}

/// Loads, sign-extending loads, stores and atomics at every offset of the context.
fn accesses(prog_type: ProgType) -> Vec<(String, Attempt)> {
    const SIZES: [(u8, i16); 4] = [(size::B, 1), (size::H, 2), (size::W, 4), (size::DW, 8)];
    let slot = |opcode, dst, src, off, imm| Slot { opcode, dst, src, off, imm };
    let mut all = Vec::new();
    for off in 0..200_i16 {
        for (size, bytes) in SIZES.into_iter().filter(|(_, bytes)| off % (*bytes).min(2) == 0) {
            for (access, what) in [
                (opcode::LDX_MEM, "load"),
                (opcode::LDX_MEMSX, "signed load"),
                (opcode::STX_MEM, "store"),
                (opcode::ST_MEM, "constant"),
            ] {
                if access == opcode::LDX_MEMSX && bytes == 8 || access != opcode::LDX_MEM && off % 4 != 0 {
                    continue;
                }
                let access = match access {
                    opcode::LDX_MEM | opcode::LDX_MEMSX => slot(access | size, 2, 1, off, 0),
                    opcode::STX_MEM => slot(access | size, 1, 0, off, 0),
                    _ => slot(access | size, 1, 0, off, 5),
                };
                let result = |number| slot(opcode::MOV64_K, 0, 0, 0, number);
                let code = [result(0), access, result(1), slot(opcode::EXIT, 0, 0, 0, 0)];
                let mut asked = program(&format!(".program t {prog_type}\nr0 = 0\nexit\n"));
                let code: Vec<u8> = code.iter().flat_map(|slot| slot.to_bytes(Endian::NATIVE)).collect();
                asked.set_code(&code, Endian::NATIVE);
                all.push((format!("{prog_type}: {what} of {bytes} bytes at {off}"), asked));
            }
        }
    }
    all
}

#[test]
fn every_member_of_the_contexts() {
    ask_kernels("every_member_of_the_contexts", ProgType::CgroupSkb, accesses);
}

/// Programs whose log a flag changes.
const FLAGGED: &[&str] = &[
    "*(u64 *)(r10 -8) = 0\nr0 = *(u32 *)(r10 -7)\nr0 = 1\nexit\n",
    ".map m array key 4 value 64 entries 4\n*(u32 *)(r10 -8) = 0\nr2 = r10\nr2 += -8\nr1 = map[m]\n\
     call bpf_map_lookup_elem#1\nif r0 == 0x0 goto out\nr1 = *(u32 *)(r0 +3)\nr2 = *(u64 *)(r0 +4)\nout:\nr0 = 1\nexit\n",
    "r7 = 0\nagain:\nr7 += 1\ncall bpf_get_prandom_u32#7\nif r7 < 0x1e goto again\nr0 = 1\nexit\n",
    "call bpf_get_prandom_u32#7\nif r0 == 0x1 goto a\nr6 = 1\ngoto b\na:\nr6 = 1\nb:\ncall bpf_get_prandom_u32#7\n\
     if r0 > 0x5 goto c\nr7 = 0\nc:\nr0 = r6\nexit\n",
    "r0 = *(u16 *)(r1 +1)\nr0 = 1\nexit\n",
];

/// Programs with each flag that the kernel knows, alone and with another.
fn flagged(prog_type: ProgType) -> Vec<(String, Attempt)> {
    let mut all = Vec::new();
    for text in FLAGGED {
        for flags in [0, 1, 2, 3, 4, 8, 9, 16, 32, 64, 128, 256, 1 << 31] {
            let mut asked = program(&format!(".program t {prog_type}\n{text}"));
            asked.flags = flags;
            all.push((format!("flags {flags:#x}: {text}"), asked));
        }
    }
    all
}

/// What isn't modelled has no verdict.
#[test]
fn program_flags() {
    ask_kernels("program_flags", ProgType::SchedCls, flagged);
}

/// Loads of every size, signed or not, from every place of a map whose content is known and can't change any more: what
/// they give is known too.
#[test]
fn frozen_constants_are_known() {
    const TEST: &str = "frozen_constants_are_known";
    let data: Vec<u8> = (1..=16_u8).map(|byte| byte.wrapping_mul(0x9d)).collect();
    let loads = ["u8", "u16", "u32", "u64", "s8", "s16", "s32"];
    let attempts = |prog_type: ProgType| {
        let places = loads.into_iter().flat_map(|load| (0..18).map(move |at| (load, at)));
        let attempt = |(load, at): (&str, i32)| {
            let text = format!(
                ".program t {prog_type}\n.map m array key 4 value 16 entries 1 flags 0x80\n\
                 r2 = map[m][0]+{}\nr3 = {}\nr2 += r3\nr0 = *({load} *)(r2 {:+})\nr0 &= 1\nexit\n",
                at / 3,
                at / 4,
                at - at / 3 - at / 4
            );
            let mut attempt = program(&text);
            attempt.program.maps[0].data = Some(data.clone());
            (text, attempt)
        };
        places.map(attempt).collect()
    };
    ask_kernels(TEST, ProgType::SocketFilter, attempts);
}
