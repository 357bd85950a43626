//! zone
fn main() {}
