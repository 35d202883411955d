//! A user's own object before an engine.

use knockwright_asm::linux::AttachType;
use knockwright_codegen::read::Reading;
use knockwright_verifier::Attempt;

/// A program of an object as libbpf gives it to a kernel.
///
/// # Errors
/// What doesn't come with the program, and a verdict can depend on.
pub fn attempt(reading: &Reading) -> Result<Attempt, String> {
    let carried = &reading.carried;
    let mut attempt = Attempt::new(reading.whole()?.clone())
        .with_btf(carried.records.clone())
        .with_flags(carried.flags)
        .with_map_types(carried.map_types.clone())
        .for_target(carried.target);
    attempt.attach_type = carried.member.or(carried.attach_type.map(AttachType::number));
    Ok(attempt)
}
