//! A register that nothing on the path has written.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "uninitialised-register",
    place: 10,
    title: "a register is read that nothing on this path has written",
    cases: &[REGISTER_NEVER_WRITTEN, REGISTER_LOST_IN_CALL, ARGUMENT_NEVER_WRITTEN],
};

const REGISTER_NEVER_WRITTEN: Case = Case::new("register-never-written", Xdp)
    .teaches(
        "A program starts with its context in r1 and the frame pointer in r10; the \
        other registers hold nothing that may be read. The verifier refuses the \
        first read of such a register, even if the value would not matter. Write it \
        first.",
    )
    .program(|a| {
        a.mov(R0, R3);
        a.exit();
    })
    .expect(reject(EACCES, 0, "R3 !read_ok", 1))
    .twin(
        Twin::new("r3 is written first", |a| {
            a.mov(R3, 2);
            a.mov(R0, R3);
            a.exit();
        })
        .expect(accept(3)),
    );

const REGISTER_LOST_IN_CALL: Case = Case::new("register-lost-in-call", Xdp)
    .teaches(
        "A helper call destroys r1 to r5, whatever they held before. The verifier \
        forgets them at the call, so reading one afterwards is reading a register \
        that was never written. What has to survive a call belongs into r6 to r9, or \
        on the stack.",
    )
    .program(|a| {
        a.mov(R1, 2);
        a.call(Helper::KtimeGetNs);
        a.mov(R0, R1);
        a.exit();
    })
    .expect(reject(EACCES, 2, "R1 !read_ok", 3))
    .twin(
        Twin::new("the value is kept in r6", |a| {
            a.mov(R6, 2);
            a.call(Helper::KtimeGetNs);
            a.mov(R0, R6);
            a.exit();
        })
        .expect(accept(4)),
    );

const ARGUMENT_NEVER_WRITTEN: Case = Case::new("argument-never-written", Xdp)
    .teaches(
        "Helpers read the registers of their arguments, here r2, the address of the \
        key. An argument that was never written is refused at the call, with the \
        number of the register. The helper's prototype says how many arguments there \
        are.",
    )
    .program(|a| {
        let map = hash_map(a, 8);
        a.load_map(R1, map);
        a.call(Helper::MapLookupElem);
        a.exit();
    })
    .expect(reject(EACCES, 2, "R2 !read_ok", 2))
    .twin(
        Twin::new("r2 is the key's address", |a| {
            let map = hash_map(a, 8);
            a.store(U32, R10 - 4, 0);
            a.mov(R2, R10);
            a.add(R2, -4);
            a.load_map(R1, map);
            a.call(Helper::MapLookupElem);
            a.mov(R0, 0);
            a.exit();
        })
        .expect(accept(7)),
    );
