//! The crate without the feature `provider`: what `build.rs` leaves of it is all that a program needs, and compiles nothing of
//! AWS's SDK.
//!
//! The program of `without_provider/` is built as another team would: a package of its own, outside this workspace, with the
//! versions of our `Cargo.lock`. What is built stays below the target directory, so that only the first run takes a minute.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use aws::{VERSION, clients::Ambient, provider::Aws};
use pulumi::provider::{resource::Provider, schema::ResourceSchema};
use regex::Regex;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

/// All types of the provider.
fn types() -> Vec<ResourceSchema> {
    let mut types: Vec<_> = Aws::new(Ambient::default()).kinds().iter().map(|kind| kind.schema()).collect();
    types.sort_by_key(|schema| schema.token);
    types
}

/// The handle of a type, by its token: `aws:sqs/queue:Queue` is `aws::sqs::Queue`.
fn handle(token: &str) -> String {
    let (module, name) = (token.split([':', '/']).nth(1), token.rsplit(':').next());
    format!("aws::{}::{}", module.expect("a module"), name.expect("a name"))
}

/// The manifest of the program's package.
fn manifest() -> String {
    let ours = |name: &str| {
        // a text of JSON is one of TOML
        let path = serde_json::json!(root().join("crates").join(name));
        format!("{name} = {{ path = {path} }}\n")
    };
    let mut manifest = r#"[package]
name = "orders"
edition = "2024"

[workspace]

[profile.dev]
debug = false

[dependencies]
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
"#
    .to_owned();
    manifest.extend(["aws", "pulumi"].map(ours));
    manifest
}

/// Its list of all types.
fn list() -> String {
    let mut list = "//! All types of the provider.\n\n".to_owned();
    list.push_str("use crate::schema;\nuse pulumi::provider::schema::ResourceSchema;\n\n");
    list.push_str("/// The schema of each.\npub(crate) fn all() -> Vec<ResourceSchema> {\n    vec![\n");
    for schema in types() {
        let _ = writeln!(list, "        schema::<{}>(),", handle(schema.token));
    }
    list.push_str("    ]\n}\n");
    list
}

/// The program's package, below the target directory.
static PACKAGE: LazyLock<PathBuf> = LazyLock::new(|| {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("program");
    fs::create_dir_all(package.join("src")).expect("the package's folder");
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
    let main = include_str!("without_provider/orders.rs").to_owned();
    let files = [("Cargo.toml", manifest()), ("Cargo.lock", lock), ("src/main.rs", main), ("src/types.rs", list())];
    for (name, text) in files {
        fs::write(package.join(name), text).unwrap_or_else(|e| panic!("writing {name} of the package: {e}"));
    }
    package
});

/// What cargo prints in this directory.
fn cargo(directory: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(directory).args(arguments).arg("--offline");
    // a warning in what is left of the crate is an error here
    command.env("RUSTFLAGS", "-D warnings").env("CARGO_TARGET_DIR", PACKAGE.join("target"));
    let ran = command.output().expect("cargo runs");
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "cargo {} in {}:\n{errors}", arguments.join(" "), directory.display());
    String::from_utf8(ran.stdout).expect("UTF-8")
}

/// The crates of AWS's SDK in what `cargo tree` prints.
fn sdk(tree: &str) -> BTreeSet<&str> {
    tree.lines().filter_map(|line| line.split(' ').next()).filter(|name| name.starts_with("aws-")).collect()
}

/// The modules in this repository; each is a package of its folder's name.
fn modules() -> Vec<String> {
    let folders = fs::read_dir(root().join("modules")).expect("modules/");
    let folders =
        folders.map(|entry| entry.expect("an entry of modules/")).filter(|e| e.path().join("Cargo.toml").exists());
    let modules: Vec<_> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert!(!modules.is_empty(), "there is a module below modules/");
    modules
}

#[test]
fn a_program_compiles_no_sdk_and_the_provider_does() {
    let tree = ["tree", "--edges", "normal,build", "--prefix", "none"];
    let program = cargo(&PACKAGE, &tree);
    assert!(program.lines().any(|line| line.starts_with("aws v")), "the crate itself is there:\n{program}");
    assert_eq!(sdk(&program), BTreeSet::new(), "a program compiles crates of AWS's SDK");
    for module in modules() {
        let module = cargo(&root(), &[&tree[..], &["--locked", "--package", &module]].concat());
        assert_eq!(sdk(&module), BTreeSet::new(), "a module compiles crates of AWS's SDK:\n{module}");
    }
    let provider = cargo(&root(), &[&tree[..], &["--locked", "--package", "aws", "--features", "provider"]].concat());
    assert!(sdk(&provider).contains("aws-sdk-sqs"), "the provider is on AWS's SDK:\n{provider}");
}

#[test]
fn a_program_has_every_type_as_the_provider_has_it() {
    let printed = cargo(&PACKAGE, &["run", "--quiet"]);
    let of = |what: &str| printed.lines().filter_map(|line| line.strip_prefix(what)).collect::<Vec<_>>();
    let mut told = of("registered ");
    told.sort_unstable();
    let registered = [
        format!("aws:s3/bucketNotification:BucketNotification orders {VERSION}"),
        format!("aws:sqs/queue:Queue orders {VERSION}"),
        format!("pulumi:providers:aws aws {VERSION}"),
        "pulumi:pulumi:Stack orders-dev ".to_owned(),
    ];
    assert_eq!(told, registered, "what the program registers");

    // only the provider compares two texts
    let comparing = Regex::new(r"equal: Some\(0x[0-9a-f]+\)").expect("a pattern");
    let (types, printed) = (types(), of("schema "));
    assert_eq!(printed.len(), types.len());
    let mut compared = 0;
    for (program, provider) in printed.iter().zip(&types) {
        let provider = format!("{provider:?}");
        compared += comparing.find_iter(&provider).count();
        assert_eq!(
            *program,
            comparing.replace_all(&provider, "equal: None"),
            "a type, in a program and in the provider"
        );
    }
    assert!(compared > 5, "{compared} properties are compared by a function: are they still found?");
}
