//! Instructions that came later than a kernel: its verifier doesn't know them.

use knockwright_asm::isa::TABLE;
use knockwright_asm::{Endian, KernelVersion, ProgType, opcode};
use knockwright_verifier::{Attempt, Outcome, Profile, Verifier};

/// The first kernel that knows an opcode in any form: what it says of another form isn't asked here.
fn since(opcode: u8) -> KernelVersion {
    let rows = TABLE.iter().filter(|row| row.opcode == opcode);
    rows.map(|row| row.since).min().expect("the opcode of a row")
}

#[test]
fn later_instructions_are_unknown_opcodes() {
    let mut unknown = 0;
    for &profile in Profile::ALL {
        let verifier = Verifier::new(profile);
        let version = profile.rules().version;
        for row in TABLE.iter().filter(|row| since(row.opcode) > version) {
            let mut code = [0; 16];
            code[0] = row.opcode;
            code[8] = opcode::EXIT;
            let verdict =
                verifier.run(&Attempt::of_code("t", ProgType::Xdp, &code, Endian::Little, Vec::new()));
            assert_eq!(verdict.outcome, Outcome::Reject, "{} on {}", row.name, profile.name());
            assert_eq!(
                verdict.message,
                format!("unknown opcode {:02x}", row.opcode),
                "{} on {}",
                row.name,
                profile.name()
            );
            unknown += 1;
        }
    }
    assert!(unknown > 0, "each profile knows each instruction");
}
