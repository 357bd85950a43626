//! A zone of its own for a test: a copy of a configuration in a temporary folder, the tools shared, and an emulator that
//! goes when the test does.

pub(crate) mod calls;
pub(crate) mod chance;
pub(crate) mod look;
pub(crate) mod message;
pub(crate) mod proxy;
pub(crate) mod watch;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// A zone in a temporary folder.
pub(crate) struct Zone {
    dir: tempfile::TempDir,
}

/// The configuration of the tests' own tenant.
pub(crate) fn fixture() -> PathBuf {
    repository().join("config/tests/fixture")
}

/// The repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository")
}

/// Where engine and emulator are installed, once for all tests.
pub(crate) fn tools() -> PathBuf {
    std::env::var_os("ZONE_TOOLS").map_or_else(|| repository().join(".zone/tools"), PathBuf::from)
}

/// The emulator's Python, which has boto3. Beside it there may be another tool's, or one that is being installed.
pub(crate) fn python() -> PathBuf {
    let is_whole = |name: &str| name.starts_with("emulator-") && !name.contains(".part");
    let tools = std::fs::read_dir(tools()).expect("the tools").flatten();
    let own = tools.filter(|entry| is_whole(&entry.file_name().to_string_lossy()));
    let pythons = own.map(|entry| entry.path().join("bin/python")).filter(|python| python.exists());
    pythons.last().expect("the emulator's Python")
}

/// What a command said.
pub(crate) struct Said {
    /// Exit code; absent when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Said {
    /// How many resources it did something to, by what it did.
    pub(crate) fn changes(&self) -> BTreeMap<String, u64> {
        serde_json::from_value(self.summary()["changes"].clone()).expect("counts")
    }

    /// How many resources it did this to.
    pub(crate) fn count(&self, op: &str) -> u64 {
        self.changes().get(op).copied().unwrap_or_default()
    }

    /// The objects on standard output, of a command with `--json`.
    pub(crate) fn objects(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("not an object: {line}: {e}")))
            .collect()
    }

    /// The last object.
    pub(crate) fn summary(&self) -> Value {
        let summary = self.objects().pop().unwrap_or_else(|| panic!("no summary\n{self}"));
        assert_eq!(summary["type"], "summary", "the last object is the summary\n{self}");
        summary
    }

    /// Asserts success.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit code {:?}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.out, self.err)
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Zone {
    /// A zone of the tests' own tenant, `config/tests/fixture`.
    pub(crate) fn new() -> Self {
        Self::of(&fixture())
    }

    /// The least that a zone can be: a key, a bucket, the contract.
    pub(crate) fn minimal() -> Self {
        Self::of(&repository().join("config/tests/tenants/minimal"))
    }

    /// The zone as it is shipped, with what only its tenant demands. Only tests in `whole::shipped` use it.
    pub(crate) fn shipped() -> Self {
        let config = repository().join("config");
        let zone = Self::of(&config);
        std::fs::create_dir(zone.path("config/features")).expect("config/features/");
        for feature in std::fs::read_dir(config.join("features")).expect("the tenant's features") {
            let feature = feature.expect("an entry");
            std::fs::copy(feature.path(), zone.path("config/features").join(feature.file_name())).expect("a feature");
        }
        zone
    }

    /// A folder for a zone, without anything in it.
    pub(crate) fn empty() -> Self {
        Self { dir: tempfile::Builder::new().prefix("zone-test-").tempdir().expect("a temporary folder") }
    }

    /// The zone that the files of a folder configure.
    pub(crate) fn of(config: &Path) -> Self {
        let zone = Self::empty();
        std::fs::copy(repository().join("Pulumi.yaml"), zone.path("Pulumi.yaml")).expect("Pulumi.yaml");
        std::fs::create_dir(zone.path("config")).expect("config/");
        for name in config::environments(config).into_iter().chain(["zone".to_owned()]) {
            let file = format!("{name}.toml");
            std::fs::copy(config.join(&file), zone.path("config").join(&file)).expect("a configuration file");
        }
        zone
    }

    /// What it configures for the environment `local`.
    pub(crate) fn shape(&self) -> config::Zone {
        config::load(&self.path("config"), "local").unwrap_or_else(|errors| panic!("{errors}"))
    }

    /// A path below it.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    /// Replaces text in a file of it, which has to be there.
    #[track_caller]
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path(file);
        let text = std::fs::read_to_string(&path).expect("the file");
        assert!(text.contains(from), "`{from}` is not in {file}");
        std::fs::write(&path, text.replace(from, to)).expect("the file is written");
    }

    /// Takes out of a file of it what stands from one text on, until another one.
    #[track_caller]
    pub(crate) fn cut(&self, file: &str, from: &str, until: &str) {
        let text = std::fs::read_to_string(self.path(file)).expect("the file");
        let (before, rest) = text.split_once(from).unwrap_or_else(|| panic!("`{from}` is not in {file}"));
        let at = rest.find(until).unwrap_or_else(|| panic!("`{until}` does not follow in {file}"));
        std::fs::write(self.path(file), format!("{before}{}", &rest[at..])).expect("the file is written");
    }

    /// Adds text to the end of a file of it.
    pub(crate) fn append(&self, file: &str, text: &str) {
        let path = self.path(file);
        let before = std::fs::read_to_string(&path).expect("the file");
        std::fs::write(&path, format!("{before}\n{text}")).expect("the file is written");
    }

    /// `zone` with these arguments, words separated by spaces.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zone"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.dir.path())
            .env("ZONE_TOOLS", tools())
            .env("NO_COLOR", "1")
            .env_remove("ZONE_ROOT")
            .env_remove("AWS_ENDPOINT_URL")
            .env_remove("AWS_PROFILE")
            // what is shown of a panic depends on it
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null());
        command
    }

    /// Runs `zone` to its end.
    pub(crate) fn run(&self, arguments: &str) -> Said {
        self.command(arguments).output().expect("zone starts").into()
    }

    /// A tenant's whole life: `up`, `up` again, `verify`, `contract check`, `doctor` and `destroy`. Returns how many resources
    /// it had.
    #[track_caller]
    pub(crate) fn lives(&self) -> u64 {
        let first = self.run("up --json").succeeded().summary();
        let made = first["changes"]["create"].as_u64().expect("a number");
        assert!(made > 0, "{first}");
        let again = self.run("up --json").succeeded().summary();
        let changes = again["changes"].as_object().expect("changes");
        assert!(changes.iter().all(|(op, n)| op == "same" || n == 0), "the second `up` changes something: {again}");

        let judged = self.run("verify --json").succeeded();
        let failed: Vec<Value> = judged.objects().into_iter().filter(|row| row["outcome"] == "failed").collect();
        assert_eq!(failed, Vec::<Value>::new());
        let summary = judged.summary();
        assert!(summary["passed"].as_u64() > Some(0), "{summary}");
        self.run("contract check").succeeded();
        self.run("doctor").succeeded();
        self.run("destroy --yes").succeeded();
        let noted =
            std::fs::read_to_string(self.path(".zone/emulator/authorizations.jsonl")).expect("the gate is there");
        // what probes try is denied, and has to be
        let probes =
            |line: &&str| line.contains(":assumed-role/zone-probe-") || line.contains(r#""principal": "anonymous""#);
        let noted: Vec<_> = noted.lines().filter(|line| !probes(line)).collect();
        assert_eq!(noted, [""; 0], "a call of a zone was denied, or is not in the gate's table of rights");
        made
    }

    /// The endpoint of its emulator, which is started if need be.
    pub(crate) fn started(&self) -> String {
        self.run("emulator start").succeeded();
        self.emulator()["endpoint"].as_str().expect("an endpoint").to_owned()
    }

    /// Where its emulator is; it has to run.
    pub(crate) fn emulator(&self) -> Value {
        let said = self.run("emulator status --json").succeeded();
        serde_json::from_str(&said.out).expect("an object")
    }

    /// Ids of the resources in its state, of the types that `of` takes.
    pub(crate) fn resources(&self, of: impl Fn(&str) -> bool) -> Vec<String> {
        let state = self.state();
        let all = state["checkpoint"]["latest"]["resources"].as_array().cloned().unwrap_or_default();
        let text = |resource: &Value, key: &str| resource[key].as_str().unwrap_or_default().to_owned();
        all.iter().filter(|r| of(&text(r, "type"))).map(|r| text(r, "id")).collect()
    }

    /// Its state, as Pulumi keeps it in a file; of a state in a bucket, what `zone state export` tells.
    pub(crate) fn state(&self) -> Value {
        match std::fs::read(self.path(".zone/state/local/.pulumi/stacks/zone/local.json")) {
            Ok(text) => serde_json::from_slice(&text).expect("the state is JSON"),
            Err(_) => {
                let said = self.run("state export").succeeded();
                let export: Value = serde_json::from_str(&said.out).expect("the state is JSON");
                serde_json::json!({ "checkpoint": { "latest": export["deployment"] } })
            }
        }
    }

    /// Another checkout of the same configuration, on the same emulator: what a colleague has.
    pub(crate) fn colleague(&self) -> Self {
        let zone = Self::of(&self.path("config"));
        let endpoint = self.emulator()["endpoint"].as_str().expect("an endpoint").to_owned();
        zone.append("config/local.toml", &format!("[emulator]\nendpoint = \"{endpoint}\"\n"));
        zone
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        // a test that fails leaves no process behind either
        self.run("emulator stop");
    }
}
