//! Deployments as a library: four at once in one process, in four accounts; one is cancelled, and the others finish.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::support::{Zone, tools};
use deploy::{
    Cancel, Ended, Plan, Progress, Watch, Work,
    up::{Order, up},
};
use state::{
    Message,
    error::{Exit, Failure, Result},
    home::Home,
};

const ACCOUNTS: [&str; 4] = ["111122223333", "222233334444", "333344445555", "444455556666"];

/// Counts what is done, and cancels at a step.
#[derive(Default)]
struct Counting {
    done: AtomicUsize,
    changed: AtomicUsize,
    cancels: Option<(usize, Cancel)>,
}

impl Watch for Counting {
    fn tell(&self, _: Message<'_>) {}

    fn progress(&self, progress: &Progress<'_>) {
        let Progress::Done { step, .. } = progress else { return };
        let done = 1 + self.done.fetch_add(1, Ordering::Relaxed);
        if step.op.changes() {
            self.changed.fetch_add(1, Ordering::Relaxed);
        }
        if let Some((at, cancel)) = &self.cancels
            && done == *at
        {
            cancel.cancel();
        }
    }

    fn plan(&self, _: &Plan<'_>) {}

    fn consent(&self, _: &str) -> Result<bool> {
        Ok(true)
    }

    fn ended(&self, _: &Ended<'_>) {}
}

fn work(folder: &Path, cancel: Cancel) -> Work {
    let home = Home::find(Some(folder.to_owned())).expect("a zone's folder");
    let zone = config::load(&home.config(), "local").unwrap_or_else(|errors| panic!("{errors}"));
    let executable = Path::new(env!("CARGO_BIN_EXE_zone")).to_owned();
    Work {
        module: None,
        zone: Arc::new(zone),
        home,
        executable,
        verb: "up".to_owned(),
        access: deploy::session::Access::Writes,
        parallel: 8,
        cancel,
    }
}

/// What a worker does with a deployment: hands it to another thread.
async fn deployed(folder: &Path, watch: Arc<Counting>, cancel: Cancel) -> Result<()> {
    let work = work(folder, cancel);
    let task = tokio::spawn(async move { up(work, &Order::default(), &*watch).await });
    task.await.unwrap_or_else(|error| Err(Failure::new(Exit::Failed, error)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_accounts_at_once_and_one_of_them_cancelled() {
    let zones: Vec<Zone> = ACCOUNTS.iter().map(|_| Zone::empty()).collect();
    for (n, (zone, account)) in zones.iter().zip(ACCOUNTS).enumerate() {
        zone.run(&format!("init --prefix side{n} --domain one --bucket files --class plain")).succeeded();
        std::fs::create_dir_all(zone.path(".zone")).expect("a folder");
        std::os::unix::fs::symlink(tools(), zone.path(".zone/tools")).expect("the tools");
        if n == 0 {
            zone.run("emulator start").succeeded();
        }
        let endpoint = zones[0].emulator()["endpoint"].as_str().expect("an endpoint").to_owned();
        let text = std::fs::read_to_string(zone.path("config/local.toml")).expect("local.toml");
        let (member, _) = text.split_once("# `attach_to`").expect("the management account");
        let text = member.replace("111122223333", account) + &format!("[emulator]\nendpoint = \"{endpoint}\"\n");
        std::fs::write(zone.path("config/local.toml"), text).expect("local.toml is written");
    }
    let cancel = Cancel::default();
    let watches: Vec<Arc<Counting>> = (0..ACCOUNTS.len())
        .map(|n| Arc::new(Counting { cancels: (n == 2).then(|| (5, cancel.clone())), ..Counting::default() }))
        .collect();
    let runs = zones.iter().zip(&watches).enumerate().map(|(n, (zone, watch))| {
        let cancel = if n == 2 { cancel.clone() } else { Cancel::default() };
        let (folder, watch) = (zone.path(""), watch.clone());
        async move { deployed(&folder, watch, cancel).await }
    });
    let ended = futures::future::join_all(runs).await;
    for (n, ended) in ended.iter().enumerate() {
        match ended {
            Ok(()) => assert_ne!(n, 2, "it was cancelled"),
            Err(failure) => assert_eq!((n, failure.exit), (2, Exit::Cancelled), "{failure}"),
        }
    }
    let whole = watches[0].changed.load(Ordering::Relaxed);
    assert!(whole > 40, "{whole} resources");
    assert!(watches[2].changed.load(Ordering::Relaxed) < whole, "it ended before its time");

    // the cancelled one goes on where it stopped, and then nothing is left to do in any
    deployed(&zones[2].path(""), Arc::default(), Cancel::default()).await.expect("it goes on");
    for zone in &zones {
        let again = Arc::<Counting>::default();
        deployed(&zone.path(""), again.clone(), Cancel::default()).await.expect("nothing is in the way");
        assert_eq!(again.changed.load(Ordering::Relaxed), 0);
    }
}
