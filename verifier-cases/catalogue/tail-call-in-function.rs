//! A tail call ends the function that makes it.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "tail-call-in-function",
    place: 1130,
    title: "a tail call, or a classic packet load, stands in a function where it may not",
    cases: &[TAIL_CALL_WITHOUT_BTF],
};

/// A tail call to the first program of an array.
#[track_caller]
fn tail_call(a: &mut Asm) {
    let programs = a.map(MapDef::of_bytes("programs", MapType::ProgArray, 4, 4, 2));
    a.load_map(R2, programs);
    a.mov(R3, 0);
    a.call(Helper::TailCall);
}

const TAIL_CALL_WITHOUT_BTF: Case = Case::new("tail-call-in-function-without-btf", Xdp)
    .teaches(
        "A tail call in a function ends that function early, with the other program's \
        result. So the verifier wants BTF that says that the function gives an int. \
        In the main program it needs nothing.",
    )
    .program(|a| {
        let next = a.function("next", Linkage::Static, &["context"]);
        a.call_function(next);
        a.mov(R0, 2);
        a.exit();
        a.begin(next);
        tail_call(a);
        a.mov(R0, 0);
        a.exit();
    })
    .expect(refuse(EINVAL, "tail_call is not allowed in subprogs without BTF"))
    .twin(
        Twin::new("in the main program", |a| {
            tail_call(a);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(5)),
    );
