//! Three readers of the same SSM: Rust's, and programs with the official SDKs for TypeScript and Python. Values, errors and
//! the number of calls are the same.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use contract::{Error, Finding, Newer, Problem, Snapshot, ZONE, clients, live::Live, meta};
use regex::Regex;
use serde_json::{Map, Value, json};

use crate::{sample, shipped, ssm::Ssm, tools};

/// A program that answers each line of its standard input, a case, with one of its output.
struct Program {
    name: &'static str,
    child: Child,
    cases: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Program {
    fn start(name: &'static str, command: &mut Command, ssm: &Ssm) -> Self {
        let command = command
            .env("AWS_ENDPOINT_URL_SSM", &ssm.endpoint)
            .env("AWS_REGION", "ap-southeast-2")
            .env("AWS_DEFAULT_REGION", "ap-southeast-2")
            .env("AWS_ACCESS_KEY_ID", "id")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            // calls are counted
            .env("AWS_MAX_ATTEMPTS", "1")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("NO_PROXY", "127.0.0.1")
            // of Node.js 20, which a test may run on
            .env("AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED", "true")
            .env("ZONE_ENVIRONMENT", "dev")
            .env("ZONE_CONTRACT_ROOT", sample::ROOT)
            .env("BUCKET", "attic")
            .env("DATA_CLASS", "secret")
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect(name);
        let cases = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { name, child, cases, answers }
    }

    fn ask(&mut self, case: &Value) -> Value {
        let cases = self.cases.as_mut().expect("it is piped");
        writeln!(cases, "{case}").expect(self.name);
        let mut line = String::new();
        self.answers.read_line(&mut line).expect(self.name);
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{}: {error}: {line}", self.name))
    }

    fn end(mut self) {
        drop(self.cases.take());
        assert!(self.child.wait().expect(self.name).success(), "{}", self.name);
    }
}

/// Name of the accessor, template and names: what the programs call, by the name that Rust has for it.
fn calls() -> Vec<(clients::Accessor, Vec<String>)> {
    let entries = shipped::scope();
    let entries = ZONE.entries(&entries);
    let accessor = |name: &str| {
        let mut accessors = clients::accessors(&ZONE).into_iter().rev();
        let (accessor, subjects) =
            accessors.find_map(|accessor| Some((accessor.clone(), subjects(&accessor, name)?)))?;
        Some((accessor, subjects))
    };
    entries
        .iter()
        .map(|entry| accessor(&entry.name).unwrap_or_else(|| panic!("{} has no accessor", entry.name)))
        .collect()
}

/// What stands in the placeholders' places of a name.
fn subjects(accessor: &clients::Accessor, name: &str) -> Option<Vec<String>> {
    let (path, found): (Vec<_>, Vec<_>) = (accessor.template.path.split('/').collect(), name.split('/').collect());
    let fits = |(segment, actual): (&&str, &&str)| segment.starts_with('{') || segment == actual;
    let of_it = path.len() == found.len() && path.iter().zip(&found).all(fits);
    let subjects = path.iter().zip(&found).filter(|(segment, _)| segment.starts_with('{'));
    let subjects: Vec<_> = subjects.map(|(_, actual)| (*actual).to_owned()).collect();
    (of_it && !accessor.template.except.contains(&subjects.join("/").as_str())).then_some(subjects)
}

/// What Rust says of the same values, in the form of the programs.
fn rust(live: &Live, newer: Newer, asked: &[&str]) -> Value {
    let zone = match Snapshot::new(ZONE, "dev", sample::ROOT, live, newer) {
        Ok(zone) => zone,
        Err(error) => return said(&error),
    };
    let accessors: Vec<Value> = calls()
        .into_iter()
        .map(|(accessor, subjects)| {
            let template = accessor.template;
            let name = template.each.placeholders.iter().zip(&subjects);
            let name =
                name.fold(template.path.to_owned(), |path, (placeholder, subject)| path.replace(placeholder, subject));
            match (zone.get(&name), template.kind) {
                (Ok(_), contract::Kind::StringList) => json!(zone.list(&name).expect("a list")),
                (Ok(value), contract::Kind::String) => value.into(),
                (Err(error), _) => said(&error),
            }
        })
        .collect();
    let entries: Map<_, _> = zone.iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let asked: Vec<_> = asked.iter().map(|path| zone.get(path).map_or_else(|e| said(&e), Value::from)).collect();
    json!({
        "version": zone.version(),
        "verified": zone.is_verified(),
        "digest": zone.digest().expect("it is there"),
        "publishedAt": zone.published_at().expect("it is there"),
        "network": zone.has("network"),
        "entries": entries,
        "accessors": accessors,
        "asked": asked,
    })
}

/// Class and text of an error, as the programs have them: without the readers of an entry, who are words for people.
fn said(error: &Error) -> Value {
    let class = match error {
        Error::NotPublished { .. } => "NotPublished",
        Error::Broken(findings) => {
            let all = |is: fn(&Finding) -> bool| findings.iter().all(is);
            if all(|finding| matches!(finding.problem, Problem::StaleDigest { .. })) {
                "StaleDigest"
            } else if all(|finding| matches!(finding.problem, Problem::UnknownVersion { .. })) {
                "NewerContract"
            } else {
                "Broken"
            }
        }
        Error::Missing(_) => "Missing",
        Error::NotDeployed { .. } => "StackNotDeployed",
        Error::NotPromised { .. } => "NotPromised",
        #[cfg(feature = "ssm")]
        Error::Call { .. } => "CallFailed",
    };
    let readers = Regex::new(r"\(stack ([a-z-]+), for [^)]*\)").expect("a pattern");
    let text = format!("{error}\nhint: {}", error.hint());
    json!({ "error": class, "message": readers.replace_all(&text, "(stack $1)") })
}

/// What stands in SSM, and what the three readers have to agree on.
fn cases() -> Vec<(&'static str, Newer, Live)> {
    let changed = |change: &dyn Fn(&mut Live)| {
        let mut live = shipped::live();
        change(&mut live);
        live
    };
    let path = |name: &str| format!("{}/{name}", sample::ROOT);
    let older = |live: &mut Live| {
        // what version 2 brought stays, and counts in no digest of version 1
        live.insert(meta::version_path(sample::ROOT), sample::string("1"));
        let covered = live.iter().filter(|(path, _)| ZONE.covers(1, &path[sample::ROOT.len() + 1..]) == Some(true));
        let digest = ZONE.digest(1, covered.map(|(path, found)| (path.as_str(), found.value.as_str())));
        live.insert(meta::digest_path(sample::ROOT), sample::string(&digest));
    };
    let newer = |live: &mut Live| drop(live.insert(meta::version_path(sample::ROOT), sample::string("7")));
    let kind = |live: &mut Live| {
        live.entry(path("kms/secret/arn")).and_modify(|found| "SecureString".clone_into(&mut found.kind));
    };
    vec![
        ("whole", Newer::Refuse, shipped::live()),
        (
            "with what other teams publish",
            Newer::Refuse,
            changed(&|live| {
                live.insert(path("other-team/host"), sample::string("db.example, \u{e9}\u{1f600}"));
                live.insert("/acme/device/kms/secret/arn".to_owned(), sample::string("another environment"));
            }),
        ),
        ("nothing", Newer::Refuse, Live::new()),
        ("half published", Newer::Refuse, changed(&|live| drop(live.remove(&path("kms/secret/arn"))))),
        ("without its digest", Newer::Refuse, changed(&|live| drop(live.remove(&meta::digest_path(sample::ROOT))))),
        ("of a newer version", Newer::Refuse, changed(&newer)),
        ("of a newer version that may be", Newer::Accept, changed(&newer)),
        ("of an older version", Newer::Refuse, changed(&older)),
        ("without two stacks", Newer::Refuse, sample::of(&shipped::without(&["network", "identity"]))),
        ("of another type", Newer::Refuse, changed(&kind)),
        (
            "of another form",
            Newer::Refuse,
            changed(&|live| {
                live.insert(path("network/vpc-id"), sample::string("vpc-\"0\"\n"));
                live.insert(path("s3/attic/name"), sample::string("acme-attic-dev\n"));
                sample::sign(live);
            }),
        ),
        (
            "with a version that is no number",
            Newer::Accept,
            changed(&|live| drop(live.insert(meta::version_path(sample::ROOT), sample::string("two")))),
        ),
    ]
}

const ASKED: [&str; 4] = ["kms/secret/arn", "kms/sceret/arn", "other-team/host", "firehose/dlq/arn"];

fn programs(ssm: &Ssm, typescript: &Path, python: &Path) -> [Program; 2] {
    let mut node = Command::new("node");
    node.arg("build/test/program.js").current_dir(typescript);
    let mut interpreter = Command::new(tools::interpreter());
    interpreter.args(["-B", "-W", "error::UserWarning", "-m", "tests.program"]).current_dir(python);
    [Program::start("TypeScript", &mut node, ssm), Program::start("Python", &mut interpreter, ssm)]
}

#[test]
fn all_read_the_same() {
    let Some(typescript) = tools::typescript() else { return };
    let (python, ssm) = (tools::python(), Ssm::start());
    let [mut node, mut interpreter] = programs(&ssm, &typescript, &python.path().join("python"));
    let calls = calls();
    let called = |name: &dyn Fn(&clients::Accessor) -> String| -> Vec<Value> {
        calls.iter().map(|(accessor, subjects)| json!([name(accessor), subjects])).collect()
    };
    let (camel, snake) = (called(&clients::Accessor::camel), called(&|accessor| accessor.name.clone()));
    for (what, newer, live) in cases() {
        let wanted = rust(&live, newer, &ASKED);
        let pages = live.keys().filter(|path| path.starts_with("/acme/dev/")).count().div_ceil(10).max(1);
        ssm.store().live = live;
        let word = if newer == Newer::Accept { "accept" } else { "refuse" };
        for (program, accessors) in [(&mut node, &camel), (&mut interpreter, &snake)] {
            ssm.store().requests.clear();
            let case = json!({ "root": sample::ROOT, "newer": word, "accessors": accessors, "asked": ASKED });
            let found = program.ask(&case);
            assert_eq!(found, wanted, "{} reads a contract {what}", program.name);
            let requests = &ssm.store().requests;
            assert_eq!(requests.len(), pages, "{} reads a contract {what}", program.name);
            assert!(pages <= 9, "{what}");
            for (target, request) in requests {
                assert_eq!(target, "AmazonSSM.GetParametersByPath");
                assert_eq!((&request["Path"], &request["MaxResults"]), (&sample::ROOT.into(), &10.into()));
                assert_eq!(request["Recursive"], true);
                assert_ne!(request["WithDecryption"], true, "no secret is asked for");
            }
        }
    }
    let classes: Vec<_> = cases().iter().map(|(_, newer, live)| rust(live, *newer, &[])["error"].clone()).collect();
    assert_eq!(classes.iter().filter(|class| class.is_null()).count(), 5, "{classes:?}");
    throttled(&ssm, &mut [&mut node, &mut interpreter]);
    handlers(&ssm, &mut [&mut node, &mut interpreter]);
    node.end();
    interpreter.end();
}

/// SSM's own error arrives with its code.
fn throttled(ssm: &Ssm, programs: &mut [&mut Program]) {
    ssm.store().refuses = Some("ThrottlingException");
    for program in programs {
        ssm.store().requests.clear();
        let case = json!({ "root": sample::ROOT, "newer": "refuse", "accessors": [], "asked": [] });
        let found = program.ask(&case);
        let message = found["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!(found["error"], "CallFailed", "{}: {found}", program.name);
        let wanted = "reading the contract of environment `dev` below `/acme/dev`: ThrottlingException: ";
        assert!(message.starts_with(wanted) && message.contains("told to"), "{}: {message}", program.name);
        assert!(message.contains("hint: share one client in the process"), "{}: {message}", program.name);
        assert_eq!(ssm.store().requests.len(), 1, "{}", program.name);
    }
    ssm.store().refuses = None;
}

/// The example of each package: one reading for all calls of a process.
fn handlers(ssm: &Ssm, programs: &mut [&mut Program]) {
    ssm.store().live = shipped::live();
    let zone = Snapshot::new(ZONE, "dev", sample::ROOT, &shipped::live(), Newer::Refuse).expect("it is whole");
    let wanted = json!({
        "bucket": zone.bucket_name("attic").expect("a bucket"),
        "key": zone.key_arn("secret").expect("a key").as_str(),
    });
    for program in programs {
        ssm.store().requests.clear();
        let found = program.ask(&json!({ "handler": 3 }));
        assert_eq!(found, json!([wanted, wanted, wanted]), "{}", program.name);
        assert_eq!(ssm.store().requests.len(), shipped::live().len().div_ceil(10), "{}", program.name);
    }
}
