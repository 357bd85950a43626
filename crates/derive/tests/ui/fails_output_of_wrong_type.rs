//! The output of another type, one instead of a list, and a resource instead of one of its outputs.

use derive::{Resource, Shape};
use pulumi::prelude::Scope;

const VERSION: &str = "1.0.0";

/// A queue.
#[derive(Clone, Debug, Resource)]
#[resource(token = "test:index/queue:Queue", noun = "queue", handle = Queue, no_outputs)]
pub struct Inputs {
    /// Policy.
    pub policy: String,
    /// How large a message may be.
    pub max_size: i32,
    /// Where messages go that nobody takes.
    pub dead_letters: Option<DeadLetters>,
    /// Who listens.
    pub listeners: Option<Vec<String>>,
}

/// Where messages go that nobody takes.
#[derive(Clone, Debug, Shape)]
pub struct DeadLetters {
    /// ARN of the other queue.
    pub target: String,
}

fn program(scope: &Scope) {
    let other = Queue::new(scope, "other").policy("{}").max_size(1).register();
    Queue::new(scope, "events").policy(other.max_size()).max_size(1).register();
    Queue::new(scope, "more").policy("{}").max_size(1).listeners(other.policy()).register();
    Queue::new(scope, "last").policy(&other).max_size(1).register();
}

fn main() {}
