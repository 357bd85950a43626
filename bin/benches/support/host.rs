//! One run of the engine in a process of its own, so that its time and memory are one deployment's and no more.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use aws::{clients::Ambient, provider::Aws};
use engine::{
    drive::{self, Drive, Operation, Selection},
    events::Event,
    op::Op,
};
use pulumi::{
    language::Runtime,
    output::Input,
    prelude::Scope,
    provider::{broker, resource::Provider, server::Catalog},
};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{keeping::Keeping, load::Load, nothing};

/// The first argument of such a process.
pub(crate) const HOST: &str = "--host";

/// What is to be deployed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum What {
    /// A zone of a size, through our provider, in so many accounts.
    Zone { resources: usize, accounts: usize },
    /// As many resources of a provider that does nothing, each with so many more bytes.
    Nothing { resources: usize, accounts: usize, bytes: usize },
}

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) what: What,
    pub(crate) preview: bool,
    pub(crate) engine: PathBuf,
    pub(crate) project: PathBuf,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) endpoint: Option<String>,
    pub(crate) keeping: Keeping,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ran {
    /// From before the provider is set up until the engine has ended.
    pub(crate) seconds: f64,
    /// The most memory this process had resident.
    pub(crate) peak_mb: f64,
    /// The most memory that all our processes had at once: this one, and the starts of the provider that the engine makes,
    /// each page counted once.
    #[serde(default)]
    pub(crate) all_mb: f64,
    /// Resources by what was done to them.
    pub(crate) changes: BTreeMap<Op, u64>,
}

impl Ran {
    /// Resources that were created, without stack, components and provider instances.
    pub(crate) fn custom(&self, accounts: usize) -> usize {
        let created = self.changes.get(&Op::Create).copied().unwrap_or_default();
        usize::try_from(created).unwrap_or_default().saturating_sub(1 + nothing::COMPONENTS + accounts)
    }
}

impl Order {
    /// Runs it in a process of its own.
    pub(crate) fn run(&self) -> Ran {
        let this = std::env::current_exe().expect("this executable");
        let order = serde_json::to_string(self).expect("plain data");
        let mut command = Command::new(this);
        command.arg(HOST).arg(order).stdin(Stdio::null()).stderr(Stdio::inherit()).stdout(Stdio::piped());
        let child = command.spawn().expect("this executable starts");
        let (pid, ended) = (child.id(), Arc::new(AtomicBool::new(false)));
        let watch = {
            let ended = ended.clone();
            std::thread::spawn(move || {
                let mut most = 0.0_f64;
                while !ended.load(Ordering::Relaxed) {
                    most = most.max(ours_mb(pid));
                    std::thread::sleep(Duration::from_millis(100));
                }
                most
            })
        };
        let output = child.wait_with_output().expect("it ends");
        ended.store(true, Ordering::Relaxed);
        assert!(output.status.success(), "a run failed: {:?}", self.what);
        let ran: Ran = serde_json::from_slice(&output.stdout).expect("an answer");
        Ran { all_mb: watch.join().expect("a figure"), ..ran }
    }
}

/// Memory of a process and of all starts of the provider, pages that they share counted once.
fn ours_mb(host: u32) -> f64 {
    let zone = std::fs::canonicalize(env!("CARGO_BIN_EXE_zone")).expect("the executable");
    // a start that has its port goes on as a smaller program, told by the variable that only the engine has beside it
    let asks = |pid: u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|pair| pair.starts_with(broker::SOCKET.as_bytes()))
    };
    let is_ours = |pid: u32| {
        let exe = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        pid == host || exe == zone || exe.file_name().is_some_and(|name| name != "pulumi") && asks(pid)
    };
    let pids = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(|pid| is_ours(*pid));
    let pss = |pid: u32| {
        let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let line = text.lines().find_map(|l| l.strip_prefix("Pss:").map(str::to_owned)).unwrap_or_default();
        line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap_or_default() / 1024.0
    };
    pids.map(pss).sum()
}

/// What such a process does; the answer goes to its standard output.
pub(crate) fn main(order: &str) -> String {
    let order: Order = serde_json::from_str(order).expect("an order");
    // as `zone` itself has it
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let began = Instant::now();
    let changes = match order.what {
        What::Zone { resources, accounts } => {
            let credentials = Some(("test".to_owned(), "test".to_owned()));
            let ambient = Ambient { endpoint: order.endpoint.clone(), credentials };
            let program = Load::new(resources, accounts).program();
            runtime.block_on(deploy(&order, Arc::new(program), Aws::new(ambient)))
        }
        What::Nothing { resources, accounts, bytes } => {
            let program = Arc::new(nothing::program(resources, accounts, bytes));
            runtime.block_on(deploy(&order, program, nothing::Nothing::new()))
        }
    };
    let ran = Ran { seconds: began.elapsed().as_secs_f64(), peak_mb: peak_mb(), all_mb: 0.0, changes };
    serde_json::to_string(&ran).expect("plain data")
}

type Program = dyn Fn(Scope) -> Result<Vec<(String, Input)>, String> + Send + Sync;

async fn deploy<P: Provider>(order: &Order, program: Arc<Program>, provider: P) -> BTreeMap<Op, u64> {
    let service = order.keeping.service(&order.project).await;
    let mut environment = order.environment.clone();
    if let Some(service) = &service {
        let own = service.environment(&order.project).expect("the engine's credentials");
        environment.retain(|(name, _)| !own.iter().any(|(other, _)| other == name));
        environment.extend(own);
    }
    let drive = Drive {
        engine: order.engine.clone(),
        project: order.project.clone(),
        stack: format!("organization/bench/{}", super::STACK),
        operation: if order.preview { Operation::Preview } else { Operation::Up },
        selection: Selection::default(),
        parallel: 32,
        environment,
        scratch: order.project.clone(),
    };
    let runtime = Runtime { program, packages: vec![("aws", aws::VERSION)], moved: std::collections::HashMap::new() };
    let catalog = Arc::new(Catalog::new(provider));
    let (_never, interrupt) = mpsc::unbounded_channel();
    let (mut changes, mut errors) = (BTreeMap::new(), Vec::new());
    let on = |event| match event {
        Event::Summary(summary) => changes = summary.resource_changes,
        Event::Diagnostic(d) if d.severity == "error" => errors.push(d.message),
        _ => {}
    };
    let ended = drive::run(&drive, Some(runtime), catalog, interrupt, on).await;
    let ended = ended.expect("the engine runs");
    assert_eq!(ended.code, Some(0), "{}\n{}", errors.join("\n"), ended.words);
    if let Some(service) = service {
        service.ended(true, BTreeMap::new()).await.expect("the state is written");
    }
    changes
}

/// The most memory this process has had resident.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().unwrap_or(f64::NAN);
    kib / 1024.0
}
