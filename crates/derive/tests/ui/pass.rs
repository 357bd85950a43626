//! Literals, strings, outputs, lists, maps and nested objects stand where arguments are wanted, in any order;
//! what is optional may be left out.

use std::collections::BTreeMap;

use derive::{Outputs, Resource, Shape};
use pulumi::{
    prelude::{Options, Output, Scope},
    provider::{
        resource::Described,
        schema::{Shaped, Type},
    },
    value::{FromValue, ToValue},
};

const VERSION: &str = "1.0.0";

/// A queue.
#[derive(Clone, Debug, Resource)]
#[resource(token = "test:index/queue:Queue", noun = "queue", handle = Queue)]
pub struct Inputs {
    /// Name.
    #[resource(replace, autoname)]
    pub name: String,
    /// Policy.
    #[resource(json)]
    pub policy: String,
    /// How large a message may be.
    pub max_size: i32,
    /// Where messages go that nobody takes.
    pub dead_letters: Option<DeadLetters>,
    /// Who listens.
    #[resource(set, default)]
    pub listeners: Vec<String>,
    /// Type; in Rust a word of its own.
    #[resource(default = "standard")]
    pub r#type: String,
    /// Whether it is fifo.
    #[resource(name = "fifoQueue", default = false)]
    pub fifo: bool,
    /// Tags.
    #[resource(default)]
    pub tags: BTreeMap<String, String>,
}

/// Where messages go that nobody takes.
#[derive(Clone, Debug, PartialEq, Shape)]
#[resource(name = "QueueDeadLetters")]
pub struct DeadLetters {
    /// ARN of the other queue.
    pub target: String,
    /// After how many tries.
    pub after: Option<i32>,
}

/// What is added.
#[derive(Clone, Debug, Outputs)]
#[resource(handle = Queue)]
pub struct Outputs {
    /// ARN.
    pub arn: String,
}

/// A topic, of a provider whose version stands elsewhere.
#[derive(Clone, Debug, Resource)]
#[resource(token = "test:index/topic:Topic", noun = "topic", handle = Topic, version = elsewhere::VERSION)]
pub struct TopicInputs {
    /// Name.
    pub name: String,
    /// Messages it keeps.
    pub keeps: Option<i64>,
}

mod elsewhere {
    pub(crate) const VERSION: &str = "2.0.0";
}

/// Is compiled only: to register needs an engine.
pub fn program(scope: &Scope, tags: &BTreeMap<String, String>) -> Output<String> {
    let dead = Queue::new(scope, "dead").max_size(1).policy("{}").register();
    let last = Queue::new(scope, String::from("last"))
        .policy(dead.policy())
        .name(String::from("last"))
        .dead_letters(DeadLetters::args().after(3).maybe_after(None::<u32>).target(&dead.arn()))
        .maybe_type(Some("standard"))
        .depends_on([&dead])
        .deleted_with(&dead)
        .listeners([dead.arn()])
        .listeners(vec!["a", "b"])
        .fifo(true)
        .tags(tags)
        .protect(true)
        .max_size(dead.max_size())
        .register();
    Topic::new(scope, "topic").name("t").keeps(3_000_000_000_i64).maybe_keeps(Some(1)).register();
    // one that somebody else manages
    Queue::get(scope, "old", last.r#type()).additional_secret_outputs(["policy"]).read().arn()
}

fn main() {
    assert_eq!(Inputs::TOKEN, "test:index/queue:Queue");
    assert_eq!(Inputs::NOUN, "queue");
    let names = Inputs::SHAPE.properties.iter().map(|p| (p.name, p.required, p.description));
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            ("name", false, "Name."),
            ("policy", true, "Policy."),
            ("maxSize", true, "How large a message may be."),
            ("deadLetters", false, "Where messages go that nobody takes."),
            ("listeners", false, "Who listens."),
            ("type", false, "Type; in Rust a word of its own."),
            ("fifoQueue", false, "Whether it is fifo."),
            ("tags", false, "Tags."),
        ]
    );
    assert!(matches!(Inputs::SHAPE.properties[3].kind, Type::Object(shape) if shape.name == "QueueDeadLetters"));
    let dead = DeadLetters { target: "there".to_owned(), after: None };
    assert_eq!(DeadLetters::from_value(&dead.to_value()), Ok(dead));
}
