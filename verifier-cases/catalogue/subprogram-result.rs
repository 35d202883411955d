//! What a global function may return.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "subprogram-result",
    place: 1110,
    title: "a function gives something that is no number",
    cases: &[POINTER_FROM_A_FUNCTION],
};

/// The program, which calls `give`, and the start of `give`.
#[track_caller]
fn given(a: &mut Asm) {
    let give = a.function("give", Linkage::Global, &[]);
    a.call_function(give);
    a.mov(R0, 2);
    a.exit();
    a.begin(give);
}

const POINTER_FROM_A_FUNCTION: Case = Case::new("pointer-from-a-function", Xdp)
    .unmodelled()
    .with_btf()
    .teaches(
        "A global function is verified by itself, and its callers know of its result \
        only that it is a number. So it can't be a pointer.",
    )
    .program(|a| {
        given(a);
        let map = a.map(MapDef::new::<u32, [u8; 24]>("m", MapType::Array, 1));
        a.load_map_value(R0, map, 0);
        a.exit();
    })
    .expect(reject(EINVAL, 5, "At subprogram exit the register R0 is not a scalar value (map_value)", 5))
    .except(&[(until(6, 1), Processed(2))])
    .twin(
        Twin::new("what it leads to", |a| {
            given(a);
            let map = a.map(MapDef::new::<u32, [u8; 24]>("m", MapType::Array, 1));
            a.load_map_value(R1, map, 0);
            a.load(U64, R0, R1 + 0);
            a.exit();
        })
        .expect(accept(6)),
    );
