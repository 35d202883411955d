//! A crate with a program of its own: it drops packets that are shorter than a limit.
//!
//! Its tests say what the verifiers of several kernels think of it; see `tests/verdicts.rs`.

use knockwright_asm::{Asm, ProgType, Program, Reg::*, Size::*};

/// The shortest packet that passes.
pub const SHORTEST: i32 = 60;

/// Writes the program's instructions.
pub fn drop_short(a: &mut Asm) {
    let pass = a.label("pass");
    a.load(U32, R2, R1 + 0); // data
    a.load(U32, R3, R1 + 4); // data_end
    a.add(R2, SHORTEST);
    a.mov(R0, 2);
    a.goto_if(R2.le(R3), pass);
    a.mov(R0, 1);
    a.bind(pass);
    a.exit();
}

/// The program.
pub fn program() -> Program {
    let mut a = Asm::new("drop_short", ProgType::Xdp);
    drop_short(&mut a);
    a.finish().expect("the program has no mistakes: a test builds it")
}
