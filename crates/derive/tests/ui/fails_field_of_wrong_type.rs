//! A field whose type Pulumi does not know.

use derive::Shape;

/// A nested object.
#[derive(Shape)]
pub struct Nested {
    /// How long.
    pub wait: std::time::Duration,
}

fn main() {}
