//! Attributes that there are not, of a field and of a struct.

use derive::{Resource, Shape};

/// A queue.
#[derive(Resource)]
#[resource(token = "test:index/queue:Queue", noun = "queue", handle = Queue, no_outputs)]
pub struct Inputs {
    /// Name.
    #[resource(forcenew)]
    pub name: String,
}

/// A nested object.
#[derive(Shape)]
#[resource(title = "Nested")]
pub struct Nested {
    /// Name.
    pub name: String,
}

fn main() {}
