//! A field without a doc comment: it would be without a description.

use derive::Shape;

/// A nested object.
#[derive(Shape)]
pub struct Nested {
    pub name: String,
    /// How many.
    pub count: i32,
}

fn main() {}
