//! Where runs happen: a folder with a project, an engine's state and, where it takes one, an emulator.

use std::{
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use emulator::{Emulator, Places};
use engine::op::Op;

use super::{
    STACK,
    host::{Order, Ran, What},
    keeping::Keeping,
    proxy::{Kept, Proxy},
    replay, tools,
};

/// The account of the shipped environment `local`.
pub(crate) const MEMBER: &str = "111122223333";

/// A project with an empty state.
pub(crate) struct Ground {
    // before its folder, without which it could not be stopped
    emulator: Option<Running>,
    dir: tempfile::TempDir,
    engine: PathBuf,
    keeping: Keeping,
    what: What,
}

/// An emulator that stops when dropped.
pub(crate) struct Running {
    places: Places,
    /// Where it is.
    pub(crate) endpoint: String,
}

impl Running {
    /// A fresh one.
    pub(crate) fn start(run: &Path) -> Self {
        let places = Places { tools: tools(), run: run.to_owned(), decider: Some(env!("CARGO_BIN_EXE_zone").into()) };
        let started = block_on(emulator::start_for_tests(&places, MEMBER, Duration::from_mins(5), &|_| ()));
        let Emulator { endpoint, .. } = started.expect("the emulator starts");
        // it goes on loading its services after its first answer
        std::thread::sleep(Duration::from_secs(3));
        Self { places, endpoint }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        block_on(emulator::stop(&self.places)).ok();
    }
}

/// Waits for something of the emulator's.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

/// A folder for the length of a run.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("zone-bench-").tempdir().expect("a temporary folder")
}

/// How long the bare calls of that deployment take on a fresh emulator, and how many they are.
pub(crate) fn bare(calls: Vec<Kept>) -> (Duration, usize) {
    let dir = folder();
    let emulator = Running::start(dir.path());
    replay::time(calls, &emulator.endpoint)
}

impl Ground {
    /// For runs of `what`, with the state kept so.
    pub(crate) fn new(engine: &Path, what: What, keeping: Keeping) -> Self {
        let dir = folder();
        let at = |name: &str| dir.path().join(name);
        for name in ["plugins", "state"] {
            std::fs::create_dir(at(name)).expect("a folder");
        }
        engine::home::prepare(&at("home")).expect("the engine's folder");
        // one shim for all: it asks the process that drives the engine, whatever provider that has
        symlink(env!("CARGO_BIN_EXE_zone"), at("plugins/pulumi-resource-aws")).expect("a link");
        let project = "name: bench\nruntime: client\nplugins:\n  providers:\n    - name: aws\n      path: plugins\n";
        std::fs::write(at("Pulumi.yaml"), project).expect("the project");
        std::fs::write(at("passphrase"), "bench").expect("the passphrase");
        let emulator = matches!(what, What::Zone { .. }).then(|| Running::start(&at("emulator")));
        let ground = Self { emulator, dir, engine: engine.to_owned(), keeping, what };
        let init = ["--non-interactive", "stack", "init", STACK, "--secrets-provider=passphrase"];
        let mut command = Command::new(engine);
        command.args(init).current_dir(ground.dir.path()).envs(ground.environment());
        let said = command.output().expect("the engine starts");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        ground
    }

    /// As `zone` sets the engine up.
    fn environment(&self) -> Vec<(String, String)> {
        let path = |name: &str| self.dir.path().join(name).display().to_string();
        let mut environment = vec![
            ("PULUMI_HOME", path("home")),
            ("PULUMI_BACKEND_URL", format!("file://{}?metadata=skip", path("state"))),
            ("PULUMI_CONFIG_PASSPHRASE_FILE", path("passphrase")),
        ];
        let flags = [
            "PULUMI_SKIP_UPDATE_CHECK",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
            "PULUMI_AUTOMATION_API",
            "PULUMI_PARALLEL_DIFF",
            "PULUMI_DEBUG_COMMANDS",
        ];
        environment.extend(flags.map(|flag| (flag, "true".to_owned())));
        environment.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
    }

    fn run(&self, preview: bool) -> Ran {
        self.run_at(preview, self.emulator.as_ref().map(|e| e.endpoint.clone()))
    }

    fn run_at(&self, preview: bool, endpoint: Option<String>) -> Ran {
        let order = Order {
            what: self.what,
            preview,
            engine: self.engine.clone(),
            project: self.dir.path().to_owned(),
            environment: self.environment(),
            endpoint,
            keeping: self.keeping.clone(),
        };
        order.run()
    }

    /// The first deployment: everything is created.
    pub(crate) fn first_up(&self) -> Ran {
        let ran = self.run(false);
        if let What::Nothing { resources, accounts, .. } = self.what {
            assert_eq!(ran.custom(accounts), resources, "{:?}", ran.changes);
        }
        ran
    }

    /// How large the engine's state is, in bytes.
    pub(crate) fn state_bytes(&self) -> usize {
        let file = self.dir.path().join(format!("state/.pulumi/stacks/bench/{STACK}.json"));
        let size = std::fs::metadata(file).expect("a state").len();
        usize::try_from(size).expect("a size")
    }

    /// The calls of a first deployment, with their answers.
    pub(crate) fn calls_of_first_up(&self) -> Vec<Kept> {
        let emulator = self.emulator.as_ref().expect("a zone has an emulator");
        let proxy = Proxy::new(&emulator.endpoint, 0);
        self.run_at(false, Some(proxy.endpoint()));
        proxy.kept()
    }

    /// A preview or a deployment of what is there already.
    pub(crate) fn unchanged(&self, preview: bool) -> Ran {
        let ran = self.run(preview);
        let nothing = ran.changes.iter().all(|(op, n)| *op == Op::Same || *n == 0);
        assert!(nothing, "{:?}: {:?}", self.what, ran.changes);
        ran
    }
}
