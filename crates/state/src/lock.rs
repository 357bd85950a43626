//! One run at a time on an environment; and what the last run left behind.
//!
//! On one machine the system's own file lock decides. Where the state is shared, a lease beside the state decides as well (see
//! [`crate::lease`]), and the note of the last run is in it.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use crate::{
    Message, Tell,
    claim::hostname,
    error::{Exit, Failure, Result},
    home::{self, Home},
    lease::{Holder, Lease, Lost, Taken, Times},
    store::Store,
    subject::Subject,
};

/// Who runs, or ran.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Run {
    /// What it was asked.
    pub command: String,
    /// Its process.
    pub pid: u32,
    /// Which run this is of the environment; it grows by one with each.
    #[serde(default)]
    pub fence: u64,
    /// The same number on all machines that share the state, of the last run of this machine that held it; 0 before there was one.
    #[serde(default)]
    pub shared: u64,
    /// When it began.
    pub since: String,
    /// Whether it ended by itself; a run that was killed never says so.
    pub ended: bool,
    /// Whether it began to make things; before that there is nothing to lose track of.
    #[serde(default = "yes")]
    pub makes: bool,
    /// Whether a run before it was killed, and no deployment came after that to look for what it had made.
    #[serde(default)]
    pub unrecovered: bool,
}

/// Of a run whose note does not say.
fn yes() -> bool {
    true
}

impl Run {
    /// Whether things may be there that no state knows.
    fn may_have_lost(&self) -> bool {
        (!self.ended && self.makes) || self.unrecovered
    }
}

/// The right to work on an environment, until dropped; the system gives it back when the process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
    subject: Subject,
    run: Run,
    /// Where the state is shared.
    lease: Option<Lease>,
    /// Whether a run was killed, and no deployment came after that to look for what it had made.
    pub unrecovered: bool,
}

impl Lock {
    /// Takes it for a verb, or says who has it.
    pub fn take(home: &Home, environment: &str, verb: &str) -> Result<Self> {
        let subject = home.subject(environment);
        let dir = home.run(environment);
        home::make(&dir)?;
        let path = dir.join("run.json");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| Failure::file("opening", &path, e))?;
        let locked = file.try_lock();
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|e| Failure::file("reading", &path, e))?;
        let last: Option<Run> = serde_json::from_str(&text).ok();
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let who = last.map_or_else(
                    || "another run".to_owned(),
                    |r| format!("`{}` (process {}, since {})", r.command, r.pid, r.since),
                );
                return Err(Failure::new(Exit::Busy, format!("{who} is at work on {subject}"))
                    .hint("wait for it to end, or stop it with Ctrl-C where it runs"));
            }
            Err(TryLockError::Error(e)) => return Err(Failure::file("locking", &path, e)),
        }
        let since = jiff::Timestamp::now().round(jiff::Unit::Second).map(|t| t.to_string()).unwrap_or_default();
        let unrecovered = last.as_ref().is_some_and(Run::may_have_lost);
        let run = Run {
            command: subject.command(verb),
            pid: std::process::id(),
            fence: last.as_ref().map_or(0, |last| last.fence) + 1,
            shared: last.as_ref().map_or(0, |last| last.shared),
            since,
            ended: false,
            makes: false,
            unrecovered,
        };
        let mut lock = Self { file, path, subject, run, lease: None, unrecovered };
        lock.note()?;
        Ok(lock)
    }

    /// Takes the environment on all machines that share this store, or says who has it.
    pub async fn share(&mut self, store: Arc<dyn Store>, tell: Tell<'_>) -> Result<()> {
        let about = self.file.metadata().map_err(|e| Failure::file("reading", &self.path, e))?;
        let holder = Holder {
            user: user(),
            host: hostname(),
            process: self.run.pid,
            // whoever has the lock of this file is the only one of this place
            place: format!("{}:{}:{}:{}", hostname(), self.path.display(), about.dev(), about.ino()),
            command: self.run.command.clone(),
            since: self.run.since.clone(),
            run: self.id(),
        };
        let Taken { lease, former, last } = Lease::take(store, &self.subject, holder, Times::default()).await?;
        if let Some(former) = former {
            tell(Message::Note(&format!("took over {} from {former}, which did not end by itself", self.subject)));
        }
        // what the last run on any machine left; one that came after the last of this machine knows what became of that
        let last: Option<Run> = serde_json::from_value(last).ok();
        let own = self.run.shared;
        let is_later = own > 0 && last.as_ref().is_some_and(|last| last.fence > own);
        self.unrecovered = (self.unrecovered && !is_later) || last.as_ref().is_some_and(Run::may_have_lost);
        self.run.unrecovered = self.unrecovered;
        (self.run.fence, self.run.shared) = (lease.fence(), lease.fence());
        self.lease = Some(lease);
        self.write().await
    }

    /// Gives the environment back to other machines, and holds it on this one.
    pub async fn unshare(&mut self) -> Result<()> {
        match self.lease.take() {
            Some(lease) => lease.release(self.last()).await,
            None => Ok(()),
        }
    }

    /// Says when another run has taken the environment over; none where it is not shared.
    pub fn lost_to(&self) -> Option<tokio::sync::watch::Receiver<Option<Lost>>> {
        self.lease.as_ref().map(Lease::watch)
    }

    /// Which run this is: higher than all before it.
    pub fn fence(&self) -> u64 {
        self.run.fence
    }

    /// What names this run, unlike any other.
    pub fn id(&self) -> String {
        format!("{:08}-{}", self.run.fence, self.run.pid)
    }

    /// Notes that things are made from now on.
    pub async fn makes(&mut self) -> Result<()> {
        self.run.makes = true;
        self.write().await
    }

    /// Notes that a deployment of everything has looked for what killed runs had made.
    pub async fn recovered(&mut self) -> Result<()> {
        self.unrecovered = false;
        self.run.unrecovered = false;
        self.write().await
    }

    /// Notes that something may have been made of which the state knows nothing.
    pub async fn lost(&mut self) -> Result<()> {
        self.unrecovered = true;
        self.run.unrecovered = true;
        self.write().await
    }

    /// Notes that the run ended by itself.
    pub async fn end(mut self) -> Result<()> {
        self.run.ended = true;
        self.note()?;
        self.unshare().await
    }

    fn last(&self) -> serde_json::Value {
        serde_json::to_value(&self.run).unwrap_or_default()
    }

    async fn write(&mut self) -> Result<()> {
        self.note()?;
        match &self.lease {
            Some(lease) => lease.update(self.last()).await,
            None => Ok(()),
        }
    }

    /// The note on this machine.
    fn note(&mut self) -> Result<()> {
        let text = serde_json::to_vec(&self.run).unwrap_or_default();
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(&text)
        };
        write(&mut self.file).map_err(|e| Failure::file("writing", &self.path, e))
    }
}

/// What is seen of an environment's runs, without taking it.
#[derive(Clone, Debug)]
pub enum Seen {
    /// Nothing is at work, and nothing was interrupted.
    Free,
    /// A run is at work.
    Busy(Run),
    /// The last run, or one before it, did not end by itself when it was making things, and no deployment came after it.
    Interrupted(Run),
}

/// Looks at an environment's runs.
pub fn look(home: &Home, environment: &str) -> Result<Seen> {
    let path = home.run(environment).join("run.json");
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Seen::Free),
        Err(e) => return Err(Failure::file("opening", &path, e)),
    };
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|e| Failure::file("reading", &path, e))?;
    // a run writes it anew: for an instant there is nothing in it
    let run: Option<Run> = serde_json::from_str(&text).ok();
    // only then is the lock asked for: a run that begins while it is held for this would be refused
    let may_run = run.as_ref().is_none_or(|run| !run.ended);
    let busy = may_run && matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    Ok(match run {
        run if busy => Seen::Busy(run.unwrap_or_default()),
        Some(run) if run.may_have_lost() => Seen::Interrupted(run),
        _ => Seen::Free,
    })
}

/// Who runs this, as far as the environment says; else by number.
fn user() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|user| !user.is_empty());
    let number = || format!("uid-{}", rustix::process::getuid().as_raw());
    named("USER").or_else(|| named("LOGNAME")).unwrap_or_else(number)
}

/// Whether a process of that number lives. A number may have been given away again, so it proves only absence.
pub fn lives(pid: u32) -> bool {
    Path::new("/proc").is_dir() && Path::new(&format!("/proc/{pid}")).exists()
        || !Path::new("/proc").is_dir()
            && i32::try_from(pid)
                .ok()
                .and_then(rustix::process::Pid::from_raw)
                .is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::folder::Folder;

    /// A zone's folder, such as each machine has.
    fn machine() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(dir.path().join("config")).expect("a folder");
        for file in ["Pulumi.yaml", "config/zone.toml"] {
            std::fs::write(dir.path().join(file), "").expect("written");
        }
        let home = Home::find(Some(dir.path().to_owned())).expect("a zone's folder");
        (dir, home)
    }

    #[tokio::test]
    async fn what_a_killed_run_left_is_settled_by_a_later_run_on_any_machine() {
        let shared = tempfile::tempdir().expect("a folder");
        let store: Arc<dyn Store> = Arc::new(Folder::new(shared.path()));
        let ((_ann, ann), (_bob, bob)) = (machine(), machine());
        let take = async |home: &Home| {
            let mut lock = Lock::take(home, "dev", "up").expect("nobody has it");
            let here = lock.unrecovered;
            lock.share(Arc::clone(&store), &|_| ()).await.expect("nobody has it");
            (lock, here)
        };
        let (mut lock, here) = take(&ann).await;
        assert!(!here && !lock.unrecovered);
        lock.lost().await.expect("noted");
        lock.end().await.expect("ended");

        // runs that only read are of this machine alone
        for _ in 0..9 {
            Lock::take(&ann, "dev", "preview").expect("nobody has it").end().await.expect("ended");
        }
        // and settle nothing, nor does somebody who deploys nothing
        let (lock, here) = take(&bob).await;
        assert!(!here && lock.unrecovered, "it is known on the other machine");
        lock.end().await.expect("ended");
        let (lock, here) = take(&ann).await;
        assert!(here && lock.unrecovered);
        lock.end().await.expect("ended");

        Lock::take(&ann, "dev", "preview").expect("nobody has it").end().await.expect("ended");
        let (mut lock, _) = take(&bob).await;
        lock.recovered().await.expect("noted");
        lock.end().await.expect("ended");
        let (lock, here) = take(&ann).await;
        assert!(here && !lock.unrecovered, "the later run has looked for it");
        lock.end().await.expect("ended");
    }
}
