//! Programs against the mock monitor: what is registered, and what a program that is wrong is told.

use std::sync::Arc;

use pulumi::{
    asset::{Archive, Asset},
    monitor::MockMonitor,
    options::ResourceOptions,
    output::{Input, IntoInput, Output},
    prelude::Scope,
    program::{self, Ended, Run},
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
