//! One run at a time on an environment; and what the last run left behind.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    error::{Exit, Failure, Result},
    home::{self, Home},
};

/// Who runs, or ran.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Run {
    /// What it was asked.
    pub command: String,
    /// Its process.
    pub pid: u32,
    /// The engine's process, once there is one.
    pub engine: Option<u32>,
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
    run: Run,
    /// The run before this one, when it did not end by itself.
    pub broken: Option<Run>,
    /// Whether a run was killed, and no deployment came after that to look for what it had made.
    pub unrecovered: bool,
}

impl Lock {
    /// Takes the environment, or says who has it.
    pub fn take(home: &Home, environment: &str, command: &str) -> Result<Self> {
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
                return Err(Failure::new(Exit::Busy, format!("{who} is at work on environment `{environment}`"))
                    .hint("wait for it to end, or stop it with Ctrl-C where it runs"));
            }
            Err(TryLockError::Error(e)) => return Err(Failure::file("locking", &path, e)),
        }
        let since = jiff::Timestamp::now().round(jiff::Unit::Second).map(|t| t.to_string()).unwrap_or_default();
        let unrecovered = last.as_ref().is_some_and(Run::may_have_lost);
        let run = Run {
            command: command.to_owned(),
            pid: std::process::id(),
            engine: None,
            since,
            ended: false,
            makes: false,
            unrecovered,
        };
        let mut lock = Self { file, path, run, broken: last.filter(|r| !r.ended), unrecovered };
        lock.write()?;
        Ok(lock)
    }

    /// Notes the engine's process, so that a run after a crash can wait for it.
    pub fn engine(&mut self, pid: u32) -> Result<()> {
        self.run.engine = Some(pid);
        self.write()
    }

    /// Notes that things are made from now on.
    pub fn makes(&mut self) -> Result<()> {
        self.run.makes = true;
        self.write()
    }

    /// Notes that a deployment of everything has looked for what killed runs had made.
    pub fn recovered(&mut self) -> Result<()> {
        self.unrecovered = false;
        self.run.unrecovered = false;
        self.write()
    }

    /// Notes that something may have been made of which the state knows nothing.
    pub fn lost(&mut self) -> Result<()> {
        self.unrecovered = true;
        self.run.unrecovered = true;
        self.write()
    }

    /// Notes that the run ended by itself.
    pub fn end(&mut self) -> Result<()> {
        self.run.ended = true;
        self.write()
    }

    fn write(&mut self) -> Result<()> {
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

/// Whether a process of that number lives. A number may have been given away again, so it proves only absence.
pub fn lives(pid: u32) -> bool {
    Path::new("/proc").is_dir() && Path::new(&format!("/proc/{pid}")).exists()
        || !Path::new("/proc").is_dir()
            && i32::try_from(pid)
                .ok()
                .and_then(rustix::process::Pid::from_raw)
                .is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}
