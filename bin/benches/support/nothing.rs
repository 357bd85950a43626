//! A provider that does nothing: what is left of a deployment's time is the engine's own, and that of the
//! protocols. It stands in for `aws`, so that it is found, started and asked the same way as ours.

use std::{future::Future, pin::Pin};

use aws::instance::Provider;
use pulumi::{
    options::Options,
    output::Input,
    prelude::Scope,
    program::Arguments,
    provider::{
        check::Failure,
        resource::{self, Created, Error, Kind, Live, Operation},
        schema::{Property, ResourceSchema, Type},
    },
    value::Map,
};

/// As many as a zone has stacks.
pub(crate) const COMPONENTS: usize = 12;

/// The one type.
const TOKEN: &str = "aws:nothing/nothing:Nothing";

/// The provider.
pub(crate) struct Nothing(Vec<Box<dyn Kind<()>>>);

impl Nothing {
    /// With its one type.
    pub(crate) fn new() -> Self {
        Self(vec![Box::new(Thing)])
    }
}

struct Thing;

type Soon<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

fn at_once<'a, T: Send + 'a>(value: T) -> Soon<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}

impl Kind<()> for Thing {
    fn schema(&self) -> ResourceSchema {
        let text = Property::new("text", "Any text.", Type::String);
        ResourceSchema {
            token: TOKEN,
            noun: "nothing",
            description: "Nothing.",
            inputs: vec![text],
            outputs: Vec::new(),
        }
    }
    fn updates(&self) -> bool {
        true
    }
    fn check(&self, _: &Map) -> Vec<Failure> {
        Vec::new()
    }
    fn deletes_first(&self) -> bool {
        false
    }
    fn check_change(&self, _: &Map, _: &Map) -> Vec<Failure> {
        Vec::new()
    }
    fn replacing(&self, _: &Map, _: &Map) -> Vec<&'static str> {
        Vec::new()
    }
    fn own_id<'a>(&self, given: &'a str) -> &'a str {
        given
    }
    fn identify<'a>(&'a self, (): &'a (), id: &'a str, _: Option<&'a Map>) -> Soon<'a, Option<String>> {
        at_once(Some(id.to_owned()))
    }
    fn fit_name(&self, _: &Map, name: String) -> String {
        name
    }
    fn reduce(&self, _: Option<&Map>, _: &mut Map) {}
    fn create<'a>(&'a self, (): &'a (), _: &'a Map) -> Soon<'a, Created<Map>> {
        at_once(Created::new("nothing", Map::new()))
    }
    fn read<'a>(&'a self, (): &'a (), _: &'a str) -> Soon<'a, Option<Live<Map, Map>>> {
        at_once(Some(Live { inputs: Map::new(), outputs: Map::new() }))
    }
    fn update<'a>(&'a self, (): &'a (), _: &'a str, _: &'a Map, _: &'a Map, _: &'a Map) -> Soon<'a, Map> {
        at_once(Map::new())
    }
    fn delete<'a>(&'a self, (): &'a (), _: &'a str, _: &'a Map) -> Soon<'a, ()> {
        at_once(())
    }
}

impl resource::Provider for Nothing {
    type Config = ();
    type Context = ();

    fn name(&self) -> &'static str {
        "aws"
    }
    fn version(&self) -> &'static str {
        aws::VERSION
    }
    fn kinds(&self) -> &[Box<dyn Kind<()>>] {
        &self.0
    }
    fn configure(&self, _: &Map) -> Result<(), Error> {
        Ok(())
    }
    fn context<'a>(&'a self, (): &'a (), _: Operation) -> Soon<'a, ()> {
        at_once(())
    }
    fn place(&self, (): &()) -> String {
        "nowhere".to_owned()
    }
    fn invoke<'a>(&'a self, (): &'a (), _: &'a str, _: &'a Map) -> Soon<'a, Map> {
        at_once(Map::new())
    }
}

/// As many resources as a zone of that size has, all independent of each other, below as many components and
/// from as many provider instances; each has so many bytes more than it needs.
pub(crate) fn program(
    resources: usize,
    accounts: usize,
    bytes: usize,
) -> impl Fn(Scope) -> Result<Vec<(String, Input)>, String> + Send + Sync {
    move |scope| {
        let instance = |i: usize| Provider::new(&scope, &format!("instance-{i}"), "1", "nowhere").register();
        let instances: Vec<_> = (0..accounts).map(instance).collect();
        let component = |i: usize| {
            let name = format!("component-{i}");
            scope.component("zone:stack:Nothing", &name).provider(&instances[i % accounts]).register()
        };
        let components: Vec<_> = (0..COMPONENTS).map(component).collect();
        for i in 0..resources {
            let component = &components[i % components.len()];
            let mut arguments = Arguments::new(component, format!("nothing-{i}"));
            arguments.set::<String>("text", format!("text of nothing {i}{}", ".".repeat(bytes)));
            arguments.register(TOKEN, aws::VERSION);
        }
        Ok(Vec::new())
    }
}
