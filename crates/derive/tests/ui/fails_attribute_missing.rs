//! What a resource type has to say of itself, and does not.

use derive::{Outputs, Resource};

/// A queue.
#[derive(Resource)]
#[resource(noun = "queue", handle = Queue)]
pub struct NoToken {
    /// Name.
    pub name: String,
}

/// A topic.
#[derive(Resource)]
#[resource(token = "test:index/topic:Topic", noun = "topic")]
pub struct NoHandle {
    /// Name.
    pub name: String,
}

/// What is added.
#[derive(Outputs)]
pub struct NoHandleEither {
    /// ARN.
    pub arn: String,
}

fn main() {}
