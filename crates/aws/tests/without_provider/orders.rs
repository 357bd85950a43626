//! A program of another team, on the crate `aws` without the feature `provider`. It runs against the mock monitor, and prints
//! what it registered, then the schema of every type. `types.rs` lists the types; the test writes it.

mod types;

use std::{collections::BTreeMap, error::Error, io::Write, sync::Arc};

use aws::{functions, instance::Provider, s3, sqs::Queue};
use pulumi::{
    monitor::MockMonitor,
    prelude::{Input, Options, Scope},
    program::{self, Ended, Run},
    provider::{
        resource::{Declared, Described},
        schema::{ResourceSchema, Shaped},
    },
    value::{Map, ToValue},
};

fn orders(scope: &Scope) -> Vec<(String, Input)> {
    let tags = BTreeMap::from([("module_id".to_owned(), "orders".to_owned())]);
    let provider = Provider::new(scope, "aws", "111122223333", "eu-central-1").default_tags(&tags).register();
    let zone = functions::get_parameters_by_path(scope, &provider, "/acme/dev", None);
    let root = functions::get_organization(scope, &provider).apply(|organization| organization.id);
    let key = zone.apply(|found| found.value("/acme/dev/kms/pii").unwrap_or_default().to_owned());
    let queue = Queue::new(scope, "orders").fifo_queue(true).kms_master_key_id(key).provider(&provider).register();
    let to_queue = s3::bucket_notification::Queue::args().queue_arn(queue.arn()).events(["s3:ObjectCreated:*"]);
    s3::BucketNotification::new(scope, "orders").bucket("orders").queues([to_queue]).provider(&provider).register();
    vec![("arn".to_owned(), queue.arn().into()), ("root".to_owned(), root.into())]
}

/// The schema of a type, as the provider has it.
fn schema<T: Declared>() -> ResourceSchema {
    ResourceSchema {
        token: T::Inputs::TOKEN,
        noun: T::Inputs::NOUN,
        description: T::Inputs::SHAPE.description,
        inputs: T::Inputs::SHAPE.properties.to_vec(),
        outputs: T::Outputs::SHAPE.properties.to_vec(),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let outputs = |_: &str, name: &str, _: &Map| ["arn", "url"].map(|p| (p.to_owned(), name.to_value())).into();
    let key = |_: &str, _: &Map| {
        let list = |item: &str| vec![item.to_owned()].to_value();
        [("names", list("/acme/dev/kms/pii")), ("values", list("arn:key"))]
            .into_iter()
            .chain(["arns", "types"].map(|name| (name, Vec::<String>::new().to_value())))
            .chain(TEXTS.map(|name| (name, "x".to_value())))
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    };
    let monitor = Arc::new(MockMonitor::new(outputs, key));
    let about = Run { project: "orders".into(), stack: "dev".into(), ..Run::default() };
    let ended = program::run(about, monitor.clone(), &|scope: Scope| Ok::<_, String>(orders(&scope))).await;
    let mut out = std::io::stdout().lock();
    match ended {
        Ended::Well => {}
        ended => return Err(format!("the program ended with {ended:?}").into()),
    }
    for registered in monitor.registrations() {
        writeln!(out, "registered {} {} {}", registered.r#type, registered.name, registered.version)?;
    }
    for schema in types::all() {
        writeln!(out, "schema {schema:?}")?;
    }
    Ok(())
}

/// What both functions answer, beside their lists.
const TEXTS: [&str; 7] =
    ["id", "path", "arn", "featureSet", "masterAccountArn", "masterAccountEmail", "masterAccountId"];
