//! What the compiler says of a resource type, or of a call, that is wrong: the messages are part of the house.
//!
//! A case is a file in `ui/`, what the compiler says stands beside it in `.stderr`; where a change is meant,
//! `TRYBUILD=overwrite cargo test -p derive` writes it anew.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass.rs");
    cases.compile_fail("tests/ui/fails_*.rs");
}
