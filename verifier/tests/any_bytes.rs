//! Any bytes give a verdict: no panic, no end without one.

use knockwright_asm::ProgType;
use knockwright_verifier::{Options, Profile, Subject, Verifier};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_give_a_verdict(code in proptest::collection::vec(any::<u8>(), 0..160)) {
        let subject = Subject::from_bytes(ProgType::Xdp, &code, Vec::new());
        let _ = Verifier::new(Profile::V6_18, Options::default()).verify(&subject);
    }

    #[test]
    fn opcodes_give_a_verdict(slots in proptest::collection::vec((any::<proptest::sample::Index>(), 0_u8..12, 0_u8..12, -4_i16..6, -3_i32..70), 1..24)) {
        let table = knockwright_asm::isa::TABLE;
        let mut code = Vec::new();
        for (row, dst, src, off, imm) in slots {
            code.push(table[row.index(table.len())].opcode);
            code.push(src << 4 | dst);
            code.extend(off.to_le_bytes());
            code.extend(imm.to_le_bytes());
        }
        code.extend([0x95, 0, 0, 0, 0, 0, 0, 0]);
        for prog_type in [ProgType::Xdp, ProgType::SocketFilter, ProgType::SchedCls, ProgType::CgroupSkb] {
            let subject = Subject::from_bytes(prog_type, &code, Vec::new());
            let options = Options { log_limit: 1 << 20, ..Options::default() };
            let _ = Verifier::new(Profile::V6_18, options).verify(&subject);
        }
    }
}
