//! The example `site`: its program against the mock monitor, and the whole of it under the real engine, where one is found.
//!
//! An engine is what `ZONE_PULUMI` names, one that `zone` has built below `.zone/tools`, or a `pulumi` on the path.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use pulumi::{
    asset::Asset,
    config::Config,
    monitor::MockMonitor,
    options::ResourceOptions,
    output::{Input, IntoInput},
    prelude::Scope,
    program::{Ended, Run, run},
    provider::{preview::Preview, server::Catalog},
    value::{Map, ToValue, Value, map_from_wire},
};
use serde_json::{Value as Json, json};

#[path = "../examples/site/program.rs"]
mod program;
#[path = "../examples/site/provider.rs"]
mod provider;

/// Runs the program with this configuration, of which `token` is secret.
async fn mocked(values: &[(&str, &str)]) -> (Ended, Arc<MockMonitor>) {
    let outputs = |kind: &str, _: &str, inputs: &Map| -> Map {
        let text = |text: Value| [("size".to_owned(), Value::Number(1.0)), ("text".to_owned(), text)].into();
        match (kind, inputs.get("content")) {
            ("disk:index/folder:Folder", _) => [("files".to_owned(), Value::Number(2.0))].into(),
            (_, Some(content)) if content.has_secret() => text("hush".to_value().secret()),
            _ => text("hello".to_value()),
        }
    };
    let read = |kind: &str, id: &str, _: &Map| -> Result<Map, _> {
        let outputs = Value::Object(
            [("index".to_owned(), "/theirs/index.html".to_value()), ("secret".to_owned(), "s".to_value())].into(),
        );
        Ok(match kind {
            "pulumi:pulumi:StackReference" => [
                ("outputs".to_owned(), outputs),
                ("secretOutputNames".to_owned(), vec!["secret".to_owned()].to_value()),
            ]
            .into(),
            _ => [("text".to_owned(), format!("text of {id}").to_value())].into(),
        })
    };
    let monitor = Arc::new(MockMonitor::new(outputs, |_, _| Map::new()).reading(read));
    let values = values.iter().map(|(key, value)| (format!("site:{key}"), (*value).to_owned()));
    let config = Config::new("site", values, ["site:token"]);
    let about = Run { project: "site".into(), stack: "dev".into(), config, ..Run::default() };
    (run(about, monitor.clone(), &|scope: Scope| program::site(&scope)).await, monitor)
}

#[tokio::test]
async fn the_program_registers_what_it_says() {
    let all = [
        ("root", "/srv"),
        ("title", "Hello"),
        ("token", "t0k3n"),
        ("mode", "384"),
        ("readme", "/doc"),
        ("beside", "organization/site/prod"),
    ];
    let (ended, monitor) = mocked(&all).await;
    assert_eq!(ended, Ended::Well);
    let registered = monitor.registrations();
    let inputs = |name: &str| {
        let request = registered.iter().find(|r| r.name == name && r.custom).expect("it is registered");
        map_from_wire(request.object.clone())
    };
    assert_eq!(inputs("index")["mode"], Value::Number(384.0));
    assert!(inputs("secret")["content"].has_secret(), "made of a secret");
    let index = registered.iter().find(|r| r.name == "index").expect("it is registered");
    assert!(index.dependencies.iter().any(|urn| urn.ends_with("::pictures")), "{:?}", index.dependencies);
    let outputs = monitor.exported().into_values().find(|map| map.contains_key("index")).expect("outputs of the stack");
    let expected = json!({
        "beside": "/theirs/index.html", "files": 2, "index": "/srv/index.html", "readme": "text of /doc",
        "secret": "[secret]", "size": 1, "theirs": "[secret]",
    });
    assert_eq!(Value::Object(outputs).to_json(), expected);

    let (ended, _) = mocked(&[("root", "/srv"), ("title", "Hello")]).await;
    let said = "reading configuration `site:token`: it is not set\nhint: set it in the stack's configuration";
    assert_eq!(ended, Ended::Unreported(said.to_owned()));
}

#[tokio::test]
async fn a_preview_without_an_engine_makes_nothing_and_goes_on_after_a_refusal() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_owned();
    let (wrong, right) = (at("wrong"), at("right"));
    let catalog = Arc::new(Catalog::new(provider::Disk::new()));
    let monitor = Arc::new(Preview::new("site", "dev", catalog));
    let seen = monitor.clone();
    let about = Run { project: "site".into(), stack: "dev".into(), dry_run: true, ..Run::default() };
    let known = Arc::new(std::sync::Mutex::new(Vec::new()));
    let program = {
        let known = known.clone();
        move |scope: Scope| {
            let file = |name: &'static str, path: &str, content: Input| {
                let inputs = [("path".to_owned(), path.to_owned().into_input()), ("content".to_owned(), content)];
                let file =
                    scope.register("disk:index/file:File", name, true, inputs.into(), ResourceOptions::default());
                let known = known.clone();
                let note = file.property::<String>("path").apply(move |_| {
                    known.lock().expect("nobody panicked").push(name);
                    name.to_owned()
                });
                (file, (name.to_owned(), note.into_input()))
            };
            // no file is made of a number: the provider refuses it
            let (wrong, one) = file("wrong", &wrong, Input::Known(Value::Number(1.0)));
            let text = wrong.property::<String>("text");
            let (_, two) = file("after", &right, text.apply(Asset::string).into_input());
            let (_, three) = file("right", &right, Asset::string("right").into_input());
            Ok::<_, String>(vec![one, two, three])
        }
    };
    assert_eq!(run(about, monitor, &program).await, Ended::Well);
    let mut known = known.lock().expect("nobody panicked").clone();
    known.sort_unstable();
    assert_eq!(known, ["after", "right"], "of what is refused nothing is known");
    assert_eq!(fs::read_dir(dir.path()).expect("the folder").count(), 0, "nothing was made");
    let refused: Vec<_> = seen.refused().into_iter().map(|refused| refused.urn).collect();
    assert_eq!(refused, ["urn:pulumi:dev::site::disk:index/file:File::wrong"]);
}

#[test]
fn the_schema_of_the_provider_has_its_types() {
    let package = Catalog::new(provider::Disk::new()).package();
    assert_eq!((&package["name"], &package["version"]), (&json!(provider::PACKAGE), &json!(provider::VERSION)));
    let inputs = |token: &str| package["resources"][token]["inputProperties"].clone();
    assert_eq!(inputs("disk:index/file:File")["content"]["$ref"], "pulumi.json#/Asset");
    assert_eq!(inputs("disk:index/folder:Folder")["content"]["$ref"], "pulumi.json#/Archive");
}

/// The engine, where there is one.
fn engine() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("ZONE_PULUMI").filter(|named| !named.is_empty()) {
        return Some(named.into());
    }
    // of the pinned version, while any may stand on the path
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools = std::env::var_os("ZONE_TOOLS").map_or_else(|| here.join("../../.zone/tools"), PathBuf::from);
    let built = fs::read_dir(tools).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path().join("pulumi")));
    built.filter(|file| file.is_file()).max().or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join("pulumi")).find(|file| file.is_file())
    })
}

/// A project of the example, in a folder of its own.
struct Project {
    engine: PathBuf,
    dir: tempfile::TempDir,
}

impl Project {
    fn new(engine: PathBuf) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let built = std::env::current_exe().expect("this test").parent().expect("deps").join("../examples/site");
        assert!(built.is_file(), "build the example first: cargo build -p pulumi --example site");
        for folder in ["plugins", "state", "home"] {
            fs::create_dir(dir.path().join(folder)).expect("a folder");
        }
        for name in ["pulumi-language-site", "pulumi-resource-disk"] {
            symlink(&built, dir.path().join("plugins").join(name)).expect("a link");
        }
        let yaml = include_str!("../examples/site/Pulumi.yaml");
        fs::write(dir.path().join("Pulumi.yaml"), yaml).expect("a file");
        Self { engine, dir }
    }
    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().expect("UTF-8").to_owned()
    }
    fn ran(&self, arguments: &[&str]) -> Output {
        Command::new(&self.engine)
            .args(["--non-interactive", "--color", "never"])
            .args(arguments)
            .current_dir(self.dir.path())
            .env("PULUMI_BACKEND_URL", format!("file://{}", self.path("state")))
            .env("PULUMI_HOME", self.path("home"))
            .env("PULUMI_CONFIG_PASSPHRASE", "test")
            .env("PULUMI_SKIP_UPDATE_CHECK", "true")
            .env("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
            .output()
            .expect("the engine starts")
    }
    #[track_caller]
    fn pulumi(&self, arguments: &[&str]) -> String {
        let ran = self.ran(arguments);
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "pulumi {arguments:?}: {}\n{out}\n{err}", ran.status);
        out.into_owned()
    }
    #[track_caller]
    fn stack(&self, name: &str, extra: &[&str]) {
        self.pulumi(&["stack", "init", name]);
        let root = self.path(&format!("www-{name}"));
        for (key, value) in [("root", root.as_str()), ("title", "Hello")] {
            self.pulumi(&["config", "set", key, value]);
        }
        self.pulumi(&["config", "set", "--secret", "token", "t0k3n"]);
        for pair in extra.chunks(2) {
            self.pulumi(&["config", "set", pair[0], pair[1]]);
        }
    }
    fn outputs(&self) -> Json {
        serde_json::from_str(&self.pulumi(&["stack", "output", "--json"])).expect("JSON")
    }
}

/// The whole life of two stacks: made, unchanged, changed, read by each other, refreshed and destroyed.
#[test]
#[expect(clippy::print_stderr, reason = "what a test leaves out, it says")]
fn the_real_engine_deploys_it() {
    let Some(engine) = engine() else {
        eprintln!("no engine is found, so the example was run against the mock monitor alone");
        return;
    };
    let project = Project::new(engine);
    fs::create_dir(project.path("pictures")).expect("a folder");
    fs::write(project.path("pictures/a.svg"), "<svg/>").expect("a file");
    fs::write(project.path("README"), "read me").expect("a file");

    project.stack("prod", &[]);
    let planned = project.pulumi(&["preview"]);
    assert!(planned.contains("disk:index:File") && planned.contains("+ 6 to create"), "{planned}");
    project.pulumi(&["up", "--yes", "--skip-preview"]);
    let www = |file: &str| fs::read_to_string(project.path(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
    assert_eq!(www("www-prod/index.html"), "<h1>Hello</h1>");
    assert_eq!(www("www-prod/secret.txt"), "Hello: t0k3n");
    assert_eq!(www("www-prod/pictures/none.txt"), "no pictures yet");
    assert_eq!(www("www-prod/captions/de/grüße.txt"), "Hello");
    assert_eq!(project.outputs()["secret"], "[secret]");
    assert!(!project.pulumi(&["stack", "export"]).contains("t0k3n"), "the state keeps the secret encrypted");

    let readme = project.path("README");
    project.stack("dev", &["pictures", "pictures", "readme", &readme, "beside", "organization/site/prod"]);
    project.pulumi(&["preview"]);
    project.pulumi(&["up", "--yes", "--skip-preview"]);
    let expected = json!({
        "beside": project.path("www-prod/index.html"), "files": 1, "index": project.path("www-dev/index.html"),
        "readme": "read me", "secret": "[secret]", "size": 14, "theirs": "[secret]",
    });
    assert_eq!(project.outputs(), expected);
    assert_eq!(www("www-dev/pictures/a.svg"), "<svg/>");
    assert_eq!(www("www-dev/captions/copied/a.svg"), "<svg/>");

    // the same files are no change, however old they are; another one is
    fs::write(project.path("pictures/a.svg"), "<svg/>").expect("a file");
    project.pulumi(&["up", "--yes", "--skip-preview", "--expect-no-changes"]);
    fs::write(project.path("pictures/b.svg"), "<svg>b</svg>").expect("a file");
    let changed = project.pulumi(&["preview", "--diff"]);
    assert!(changed.contains("~ 2 to update"), "{changed}");
    project.pulumi(&["up", "--yes", "--skip-preview"]);
    assert_eq!(www("www-dev/pictures/b.svg"), "<svg>b</svg>");
    assert_eq!(project.outputs()["files"], 2);
    // what somebody changed on disk is drift, and the next deployment repairs it
    fs::write(project.path("www-dev/index.html"), "defaced").expect("a file");
    project.pulumi(&["refresh", "--yes", "--skip-preview"]);
    project.pulumi(&["up", "--yes", "--skip-preview"]);
    assert_eq!(www("www-dev/index.html"), "<h1>Hello</h1>");

    // what is missing is named
    project.pulumi(&["config", "set", "pictures", "no-such-folder"]);
    let failed = project.ran(&["preview"]);
    let said = String::from_utf8_lossy(&failed.stdout).into_owned() + &String::from_utf8_lossy(&failed.stderr);
    assert!(!failed.status.success());
    let named =
        "registering disk:index/folder:Folder `pictures`: input `content`: reading `no-such-folder`: No such file";
    assert!(said.contains(named) && said.contains("hint: a relative path starts at the working directory"), "{said}");

    project.pulumi(&["destroy", "--yes", "--skip-preview"]);
    assert!(!Path::new(&project.path("www-dev/index.html")).exists());
    assert_eq!(www("README"), "read me", "what is only read is left alone");
    project.pulumi(&["stack", "select", "prod"]);
    project.pulumi(&["destroy", "--yes", "--skip-preview"]);
    assert!(!Path::new(&project.path("www-prod/index.html")).exists());
}
