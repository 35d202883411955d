//! Any bytes give a verdict, on every profile and with any privilege: no panic, no end without one, no log beyond its limit.

use knockwright_asm::{Endian, MapDef, MapType, ProgType, opcode};
use knockwright_btf::KernelRecords;
use knockwright_verifier::{Attempt, Outcome, Privilege, Profile, Verifier};
use proptest::prelude::*;

const LIMIT: usize = 1 << 20;

const TYPES: [ProgType; 5] =
    [ProgType::Xdp, ProgType::SocketFilter, ProgType::SchedCls, ProgType::CgroupSkb, ProgType::Kprobe];

/// Maps that kernels make: with one that none makes no program would be looked at.
fn maps() -> Vec<MapDef> {
    let map = |map_type, key, value| MapDef::of_bytes("m", map_type, key, value, 4);
    let mut of_maps = map(MapType::HashOfMaps, 4, 4);
    of_maps.inner = Some(Box::new(map(MapType::Array, 4, 48)));
    vec![
        map(MapType::Hash, 4, 24),
        map(MapType::Array, 4, 48),
        MapDef::ring_buffer("m", 4096),
        map(MapType::ProgArray, 4, 4),
        of_maps,
        map(MapType::Hash, 1 << 20, 1 << 20),
    ]
}

fn attempt(prog_type: ProgType, code: &[u8], maps: Vec<MapDef>) -> Attempt {
    Attempt::of_code("any", prog_type, code, Endian::Little, maps)
}

/// Every profile, level and privilege.
fn verify(attempt: &Attempt) {
    use Privilege::{Full, WithoutPerfmon};
    for &profile in Profile::ALL {
        for (level, privilege) in [(0, Full), (1, WithoutPerfmon), (2, Full), (2, WithoutPerfmon)] {
            let attempt = attempt.clone().at_level(level).by(privilege);
            let verdict = Verifier::new(profile).with_log_limit(LIMIT).run(&attempt);
            // One line may go over the limit; what comes after it is left out.
            assert!(verdict.log.len() < LIMIT + (1 << 16), "{}", verdict.log.len());
            assert_eq!(verdict.errno != 0, verdict.outcome == Outcome::Reject, "{}", verdict.message);
            assert!(verdict.processed.is_none_or(|processed| processed <= 1_000_001));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_give_a_verdict(code in proptest::collection::vec(any::<u8>(), 0..160), prog_type in 0..TYPES.len()) {
        verify(&attempt(TYPES[prog_type], &code, maps()));
    }

    #[test]
    fn opcodes_give_a_verdict(
        slots in proptest::collection::vec(
            (any::<proptest::sample::Index>(), 0_u8..12, 0_u8..12, -4_i16..6, -3_i32..185), 1..24),
        prog_type in 0..TYPES.len(),
    ) {
        let table = knockwright_asm::isa::TABLE;
        let mut code = Vec::new();
        for (row, dst, src, off, imm) in slots {
            code.push(table[row.index(table.len())].opcode);
            code.push(src << 4 | dst);
            code.extend(off.to_le_bytes());
            code.extend(imm.to_le_bytes());
        }
        code.extend([opcode::EXIT, 0, 0, 0, 0, 0, 0, 0]);
        verify(&attempt(TYPES[prog_type], &code, maps()));
    }

    #[test]
    fn btf_of_any_bytes_is_read_or_refused(
        btf in proptest::collection::vec(any::<u8>(), 0..200),
        lengths in (0_u32..200, 0_u32..200, 0_u32..200, 0_u32..200),
        functions in proptest::collection::vec(0_u8..12, 0..24),
        lines in proptest::collection::vec(0_u8..12, 0..40),
    ) {
        let mut whole = vec![0x9f, 0xeb, 1, 0, 24, 0, 0, 0];
        for length in [lengths.0, lengths.1, lengths.2, lengths.3] {
            whole.extend(length.to_le_bytes());
        }
        whole.extend(&btf);
        for btf in [&btf, &whole] {
            let code = [opcode::MOV64_K, 0, 0, 0, 2, 0, 0, 0, opcode::EXIT, 0, 0, 0, 0, 0, 0, 0];
            let records =
                KernelRecords { btf: btf.clone(), func_info: functions.clone(), line_info: lines.clone() };
            verify(&attempt(ProgType::Xdp, &code, Vec::new()).with_btf(records));
        }
    }
}
