//! Programs against the mock monitor: what is registered, and what a program that is wrong is told.

use std::sync::Arc;

use pulumi::{
    asset::{Archive, Asset},
    lookup::Lookup,
    monitor::MockMonitor,
    options::{Options, ResourceOptions},
    output::{Input, IntoInput, Output},
    prelude::{ProviderRef, Scope, StackReference},
    program::{self, Ended, Run},
    urn,
    value::{Map, ToValue, Value, map_from_wire},
};

/// Runs a program, and answers how it ended, and the monitor that it talked to.
async fn run(program: impl Fn(&Scope) -> Vec<(String, Input)> + Send + Sync + 'static) -> (Ended, Arc<MockMonitor>) {
    let outputs = |_: &str, name: &str, _: &Map| [("arn".to_owned(), format!("arn:{name}").to_value())].into();
    let monitor = Arc::new(MockMonitor::new(outputs, |_, _| Map::new()));
    let about = Run { project: "p".into(), stack: "s".into(), ..Run::default() };
    let program = move |scope: Scope| Ok::<_, String>(program(&scope));
    (program::run(about, monitor.clone(), &program).await, monitor)
}

fn queue(scope: &Scope, name: &str, target: impl IntoInput<String>) -> program::Resource {
    let inputs = [("target".to_owned(), target.into_input())].into();
    scope.register("test:index/queue:Queue", name, true, inputs, ResourceOptions::default())
}

#[tokio::test]
async fn a_computation_that_fails_names_who_needed_it_and_nothing_is_sent() {
    let (ended, monitor) = run(|scope| {
        let first = queue(scope, "first", "x");
        let wrong = first
            .property::<String>("arn")
            .try_apply(|arn: String| -> Result<String, _> { Err(format!("`{arn}` is no target\nhint: name another")) });
        let second = queue(scope, "second", wrong);
        queue(scope, "third", second.property::<String>("arn"));
        Vec::new()
    })
    .await;
    let message =
        "registering test:index/queue:Queue `second`: input `target`: `arn:first` is no target\nhint: name another";
    assert_eq!(ended, Ended::Unreported(message.to_owned()));
    let names: Vec<_> = monitor.registrations().into_iter().map(|r| r.name).collect();
    assert_eq!(names, ["p-s", "first"], "neither the second nor what depends on it");
}

#[tokio::test]
async fn a_stack_output_that_fails_is_named() {
    let (ended, _) = run(|_| {
        let wrong: Output<i32> = Output::known("x".to_owned()).try_apply(|text: String| text.parse::<i32>());
        vec![("port".to_owned(), wrong.into_input())]
    })
    .await;
    let message = "setting the outputs of `p-s`: output `port`: invalid digit found in string";
    assert_eq!(ended, Ended::Unreported(message.to_owned()));
}

#[tokio::test]
async fn a_number_out_of_range_is_refused_by_name() {
    let sized = |size: u32| {
        move |scope: &Scope| {
            let inputs = [("maxSize".to_owned(), IntoInput::<i32>::into_input(size))].into();
            scope.register("test:index/queue:Queue", "q", true, inputs, ResourceOptions::default());
            Vec::new()
        }
    };
    assert_eq!(run(sized(7)).await.0, Ended::Well);
    let message = "registering test:index/queue:Queue `q`: input `maxSize`: \
                   expected a whole number from -2147483648 to 2147483647, found 4294967295";
    assert_eq!(run(sized(u32::MAX)).await.0, Ended::Unreported(message.to_owned()));
}

#[tokio::test]
async fn files_are_sent_with_their_hash_and_a_missing_one_is_named() {
    fn function(scope: &Scope, code: impl IntoInput<Archive>) {
        let inputs = [("code".to_owned(), code.into_input())].into();
        scope.register("test:index/function:Function", "f", true, inputs, ResourceOptions::default());
    }
    let code = Archive::assets([("index.js", Asset::string("exports.handler = () => 1;\n"))]);
    let (ended, monitor) = run(move |scope| {
        function(scope, &code);
        Vec::new()
    })
    .await;
    assert_eq!(ended, Ended::Well);
    let sent = map_from_wire(monitor.registrations().remove(1).object);
    let Value::Archive(sent) = &sent["code"] else { panic!("{sent:?}") };
    assert_eq!(sent.hash(), Some("28a3cf5b7557c248957e9db2508df1a5c9cc323144a4424fa77ddaf9ce20e847"));

    let (ended, _) = run(|scope| {
        function(scope, Archive::directory("no/such/folder"));
        Vec::new()
    })
    .await;
    let Ended::Unreported(message) = ended else { panic!("{ended:?}") };
    let start = "registering test:index/function:Function `f`: input `code`: reading `no/such/folder`: No such file";
    assert!(message.starts_with(start) && message.contains("\nhint: "), "{message}");
}

/// What exists: a queue, and two outputs of another stack.
fn existing(kind: &str, id: &str, said: &Map) -> Result<Map, tonic::Status> {
    let map = |fields: &[(&str, Value)]| fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect::<Map>();
    match (kind, id) {
        ("test:index/queue:Queue", "q-1") => Ok(map(&[("arn", "arn:q-1".to_value())])),
        ("pulumi:pulumi:StackReference", "organization/net/dev") => {
            assert_eq!(said, &map(&[("name", id.to_value())]));
            let outputs = map(&[
                ("vpcId", "vpc-1".to_value()),
                ("password", "hush".to_value()),
                ("ports", vec![80.0, 443.0].to_value()),
            ]);
            let secret = vec!["password".to_owned()].to_value();
            Ok(map(&[("name", id.to_value()), ("outputs", Value::Object(outputs)), ("secretOutputNames", secret)]))
        }
        _ => Err(tonic::Status::not_found(format!("resource `{id}` does not exist"))),
    }
}

/// Runs a program where those exist.
async fn run_beside(
    dry_run: bool,
    program: impl Fn(&Scope) -> Vec<(String, Input)> + Send + Sync + 'static,
) -> (Ended, Arc<MockMonitor>) {
    let monitor = Arc::new(MockMonitor::new(|_, _, _| Map::new(), |_, _| Map::new()).reading(existing));
    let about = Run { project: "p".into(), stack: "s".into(), dry_run, ..Run::default() };
    let program = move |scope: Scope| Ok::<_, String>(program(&scope));
    (program::run(about, monitor.clone(), &program).await, monitor)
}

fn exported(monitor: &MockMonitor) -> Map {
    monitor.exported().into_values().next().unwrap_or_default()
}

#[tokio::test]
async fn an_existing_resource_is_read_by_its_id() {
    let (ended, monitor) = run_beside(false, |scope| {
        let member = scope.register("pulumi:providers:test", "member", true, [].into(), ResourceOptions::default());
        let member = ProviderRef::new(&member, "test", "1.0.0");
        let inside = scope.component("p:index:Group", "group").provider(&member).register();
        let found = Lookup::<program::Resource>::new(&inside, "test:index/queue:Queue", "found", "q-1").read();
        vec![
            ("arn".to_owned(), IntoInput::<String>::into_input(found.property::<String>("arn"))),
            ("id".to_owned(), IntoInput::<String>::into_input(found.id())),
        ]
    })
    .await;
    assert_eq!(ended, Ended::Well);
    let expected = [("arn".to_owned(), "arn:q-1".to_value()), ("id".to_owned(), "q-1".to_value())];
    assert_eq!(exported(&monitor), expected.into());
    let reads = monitor.reads();
    assert_eq!((reads.len(), urn::name(&reads[0].parent)), (1, "group"));
    assert!(reads[0].provider.ends_with("::member::member-id"), "its component's provider: {}", reads[0].provider);
    assert!(monitor.registrations().iter().all(|r| r.name != "found"), "it is not managed");
}

#[tokio::test]
async fn what_does_not_exist_fails_by_name_and_what_is_not_made_yet_is_unknown() {
    let get = |id: Output<String>| {
        move |scope: &Scope| {
            let found = Lookup::<program::Resource>::new(scope, "test:index/queue:Queue", "found", &id).read();
            vec![("arn".to_owned(), IntoInput::<String>::into_input(found.property::<String>("arn")))]
        }
    };
    let (ended, _) = run_beside(false, get(Output::known("q-2".to_owned()))).await;
    let message = "reading test:index/queue:Queue `found`: resource `q-2` does not exist";
    assert_eq!(ended, Ended::Unreported(message.to_owned()));
    let (ended, _) = run_beside(false, get(Output::known(String::new()))).await;
    assert_eq!(ended, Ended::Unreported("reading test:index/queue:Queue `found`: its id is empty".to_owned()));
    let (ended, monitor) = run_beside(true, get(Output::known(Value::Unknown))).await;
    assert_eq!(ended, Ended::Well);
    assert_eq!(exported(&monitor)["arn"], Value::Unknown);
    assert_eq!(monitor.reads().len(), 0);
}

#[tokio::test]
async fn outputs_of_another_stack_keep_their_types_and_marks() {
    let program = |scope: &Scope| {
        let net = StackReference::new(scope, "organization/net/dev");
        let ports = net.output::<Vec<i32>>("ports").apply(|ports: Vec<i32>| ports.len().to_string());
        vec![
            ("vpc".to_owned(), IntoInput::<String>::into_input(net.output::<String>("vpcId"))),
            (
                "password".to_owned(),
                IntoInput::<String>::into_input(net.output::<String>("password").apply(|p: String| p + "!")),
            ),
            ("ports".to_owned(), IntoInput::<String>::into_input(ports)),
            ("nothing".to_owned(), IntoInput::<Option<String>>::into_input(net.output_if_any::<String>("nothing"))),
        ]
    };
    let (ended, monitor) = run_beside(false, program).await;
    assert_eq!(ended, Ended::Well);
    let expected = [("vpc", "vpc-1".to_value()), ("password", "hush!".to_value().secret()), ("ports", "2".to_value())];
    assert_eq!(exported(&monitor), expected.map(|(k, v)| (k.to_owned(), v)).into());

    let absent = |scope: &Scope| {
        let net = StackReference::new(scope, "organization/net/dev");
        vec![("vpc".to_owned(), IntoInput::<String>::into_input(net.output::<String>("vpcID")))]
    };
    let (ended, _) = run_beside(false, absent).await;
    let message = "setting the outputs of `p-s`: output `vpc`: stack `organization/net/dev` has no output `vpcID`\n\
                   hint: it has `password`, `ports`, `vpcId`";
    assert_eq!(ended, Ended::Unreported(message.to_owned()));
    let (ended, monitor) = run_beside(true, absent).await;
    assert_eq!((ended, &exported(&monitor)["vpc"]), (Ended::Well, &Value::Unknown));
}
