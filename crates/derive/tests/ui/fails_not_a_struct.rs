//! Only structs with named fields have properties.

use derive::Shape;

/// One of two.
#[derive(Shape)]
pub enum Either {
    /// This.
    This,
    /// That.
    That,
}

/// Both.
#[derive(Shape)]
pub struct Pair(String, String);

fn main() {}
