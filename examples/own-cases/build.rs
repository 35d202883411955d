//! Writes a test for each object of `objects/`: `tests/objects.rs` has what they do.

fn main() -> std::io::Result<()> {
    knockwright_verifier_cases::build_script::tests_of_objects("objects")
}
