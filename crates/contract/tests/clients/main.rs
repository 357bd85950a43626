//! The clients in TypeScript and Python: what is generated of them, their own tests, and that they read what Rust reads.

mod generated;
mod own;
mod readers;
#[path = "../reading/sample.rs"]
#[expect(dead_code, reason = "the tests of the Rust reader use the rest")]
mod sample;
mod shipped;
mod ssm;
mod tools;
