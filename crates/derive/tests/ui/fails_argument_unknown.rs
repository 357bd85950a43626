//! An argument that there is not.

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
    Queue::new(scope, "events").policy("{}").max_syze(1).register();
}

fn main() {}
