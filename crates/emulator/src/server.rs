//! Starts the server, finds the running one and stops it.
//!
//! The server locks `emulator.lock` for life and writes its pid into it, so a held lock means a living server
//! and a pid that cannot have been reused. It writes `emulator.json` itself when it answers: a command killed
//! while starting it leaves a server that the next command finds. The file has the version of the program that
//! the server runs, too: one of another version is used all the same, because to replace it would lose what was
//! made in it, but not without a word.

use std::{
    ffi::OsStr,
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tokio::{
    process::{Child, Command},
    time::sleep,
};

use crate::{
    Emulator, Error, Places, Progress,
    error::tail,
    health,
    install::{install, launcher, version},
    lock::{Lock, is_held},
};

/// The first start compiles what it imports; a loaded machine takes a few times the usual 2 s.
const START: Duration = Duration::from_mins(1);
/// It has nothing to save on the way out.
const STOP: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);
/// Exit code of a server that found another in its place.
const BUSY: i32 = 75;

/// What is there.
enum Seen {
    Nothing,
    /// A server that does not answer yet.
    Starting,
    Silent(Emulator, String),
    Running(Written),
}

/// What is in `emulator.json`.
#[derive(Deserialize)]
struct Written {
    #[serde(flatten)]
    emulator: Emulator,
    #[serde(default)]
    version: String,
}

struct Files {
    run: PathBuf,
    lock: PathBuf,
    json: PathBuf,
    log: PathBuf,
}

impl Files {
    fn of(places: &Places) -> Result<Self, Error> {
        let run = std::path::absolute(&places.run).map_err(Error::file("finding", &places.run))?;
        let [lock, json, log] = ["emulator.lock", "emulator.json", "emulator.log"].map(|name| run.join(name));
        Ok(Self { run, lock, json, log })
    }

    /// The pid of the server that holds the lock, if one does.
    fn pid(&self) -> Result<Option<u32>, Error> {
        if !is_held(&self.lock)? {
            return Ok(None);
        }
        let text = fs::read_to_string(&self.lock).map_err(Error::file("reading", &self.lock))?;
        Ok(text.trim().parse().ok())
    }

    async fn look(&self) -> Result<Seen, Error> {
        if !is_held(&self.lock)? {
            return Ok(Seen::Nothing);
        }
        let written = fs::read(&self.json).ok().and_then(|text| serde_json::from_slice::<Written>(&text).ok());
        let pid = self.pid()?;
        // a file of an earlier server, or none: this one has not come so far
        let Some(written) = written.filter(|written| Some(written.emulator.pid) == pid) else {
            return Ok(Seen::Starting);
        };
        let emulator = &written.emulator;
        let cause = match health::instance(&emulator.endpoint).await {
            Ok(instance) if instance == emulator.instance => return Ok(Seen::Running(written)),
            Ok(_) => "another server answers there".to_owned(),
            Err(cause) => cause,
        };
        // it may have been ending just then
        sleep(PAUSE).await;
        let held = is_held(&self.lock)?;
        Ok(if held { Seen::Silent(written.emulator, cause) } else { Seen::Nothing })
    }

    fn log_tail(&self) -> String {
        tail(&String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()), 8)
    }
}

/// Returns the running emulator, or installs and starts one whose organization has the account `member`, and the account
/// `management` where one is named; the flag says whether it was started now.
///
/// One that lives but does not answer is replaced. Fails with [`Error::OtherMember`] when one with another
/// account is running, because to replace that would lose what was made in it. For the same reason, one of
/// another version of this crate is only told of.
pub async fn start(
    places: &Places,
    member: &str,
    management: Option<&str>,
    progress: Progress<'_>,
) -> Result<(Emulator, bool), Error> {
    start_with(places, member, management, None, progress).await
}

/// As [`start`], of an emulator that ends by itself when no request came for the time `idle`.
///
/// One of this version that is running already is returned as it is, whatever it was started with; one of another version
/// is replaced.
pub async fn start_for_tests(
    places: &Places,
    member: &str,
    idle: Duration,
    progress: Progress<'_>,
) -> Result<Emulator, Error> {
    start_with(places, member, None, Some(idle), progress).await.map(|(emulator, _)| emulator)
}

async fn start_with(
    places: &Places,
    member: &str,
    management: Option<&str>,
    idle: Option<Duration>,
    progress: Progress<'_>,
) -> Result<(Emulator, bool), Error> {
    if member.len() != 12 || !member.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::Member { member: member.to_owned() });
    }
    let files = Files::of(places)?;
    fs::create_dir_all(&files.run).map_err(Error::file("making", &files.run))?;
    // what tests make in one is worth nothing to the next, so theirs is always of this version
    let is_kept = |written: &Written| idle.is_none() || written.version == version();
    if let Seen::Running(written) = files.look().await?
        && is_kept(&written)
    {
        return reuse(written, member, management, progress).map(|emulator| (emulator, false));
    }
    // before the lock: it may take a while, and `stop` need not wait for it
    let python = install(places, progress).await?;
    let launcher = launcher(places)?;

    let waiting = "waiting for another command that starts or stops the emulator";
    let _lock = Lock::take(&files.run.join("start.lock"), waiting, progress).await?;
    match files.look().await? {
        Seen::Running(written) if is_kept(&written) => {
            return reuse(written, member, management, progress).map(|emulator| (emulator, false));
        }
        Seen::Running(Written { emulator, .. }) => {
            progress(&format!("replacing the emulator with pid {}: it is another version's", emulator.pid));
            end(&files, emulator.pid).await?;
        }
        Seen::Silent(emulator, cause) => {
            progress(&format!("replacing the emulator with pid {}: {cause}", emulator.pid));
            end(&files, emulator.pid).await?;
        }
        Seen::Nothing | Seen::Starting => {}
    }
    progress("starting the emulator");
    let decider = places.decider.as_deref();
    let child = spawn(&files, &python, &launcher, decider, (member, management), idle)?;
    let pid = child.id();
    let written = wait(&files, child, member).await?;
    let started = pid == Some(written.emulator.pid);
    reuse(written, member, management, progress).map(|emulator| (emulator, started))
}

/// The running emulator, if there is one that answers.
///
/// Fails with [`Error::Silent`] when its process lives but does not answer.
pub async fn status(places: &Places) -> Result<Option<Emulator>, Error> {
    match Files::of(places)?.look().await? {
        Seen::Running(written) => Ok(Some(written.emulator)),
        Seen::Nothing | Seen::Starting => Ok(None),
        Seen::Silent(Emulator { endpoint, pid, .. }, cause) => Err(Error::Silent { endpoint, pid, cause }),
    }
}

/// Stops the emulator, whether it answers or not, and returns it; none when none was running.
pub async fn stop(places: &Places) -> Result<Option<Emulator>, Error> {
    let files = Files::of(places)?;
    if !files.run.exists() {
        return Ok(None);
    }
    let _lock = Lock::take(&files.run.join("start.lock"), "", &|_| ()).await?;
    let stopped = match files.look().await? {
        Seen::Nothing => None,
        Seen::Running(Written { emulator, .. }) | Seen::Silent(emulator, _) => {
            end(&files, emulator.pid).await?;
            Some(emulator)
        }
        Seen::Starting => {
            // it takes the lock a moment before it writes its pid: until then the pid is somebody else's
            let first = files.pid()?;
            sleep(10 * PAUSE).await;
            if let Some(pid) = files.pid()?.filter(|pid| first == Some(*pid)) {
                end(&files, pid).await?;
            }
            None
        }
    };
    match fs::remove_file(&files.json) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file("removing", files.json)(error)),
        _ => Ok(stopped),
    }
}

fn reuse(written: Written, member: &str, management: Option<&str>, progress: Progress<'_>) -> Result<Emulator, Error> {
    let emulator = written.emulator;
    if let Some(management) = management.filter(|management| *management != emulator.accounts.management) {
        return Err(Error::OtherMember {
            asked: management.to_owned(),
            running: emulator.accounts.management,
            pid: emulator.pid,
        });
    }
    if emulator.accounts.member != member {
        return Err(Error::OtherMember {
            asked: member.to_owned(),
            running: emulator.accounts.member,
            pid: emulator.pid,
        });
    }
    if written.version != version() {
        progress(&format!(
            "the emulator with pid {} is another version's: stopping it gets this one's, and loses what was made in it",
            emulator.pid
        ));
    }
    Ok(emulator)
}

fn spawn(
    files: &Files,
    python: &Path,
    launcher: &Path,
    decider: Option<&Path>,
    (member, management): (&str, Option<&str>),
    idle: Option<Duration>,
) -> Result<Child, Error> {
    // appending, because a server that a killed command left may be writing there, too
    let log = OpenOptions::new().create(true).append(true).open(&files.log);
    let log = log.and_then(|log| log.set_len(0).map(|()| log)).map_err(Error::file("writing", &files.log))?;
    let errors = log.try_clone().map_err(Error::file("writing", &files.log))?;
    Command::new(python)
        .arg("-I")
        .arg(launcher)
        .arg("--run")
        .arg(&files.run)
        .args(["--member", member, "--version", &version()])
        .args(management.map(|management| format!("--management={management}")))
        .args(idle.map(|idle| format!("--idle={}", idle.as_secs_f64())))
        .args(decider.into_iter().flat_map(|path| [OsStr::new("--decider"), path.as_os_str()]))
        .current_dir(&files.run)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        // Ctrl-C on the terminal goes to the command's group, not to this one
        .process_group(0)
        .spawn()
        .map_err(Error::file("running", python))
}

async fn wait(files: &Files, mut child: Child, member: &str) -> Result<Written, Error> {
    let failed = |cause: String| Error::Start { member: member.to_owned(), cause, log: files.log.clone() };
    let started = Instant::now();
    let mut busy = false;
    loop {
        if let Seen::Running(written) = files.look().await? {
            return Ok(written);
        }
        // after BUSY the other one is waited for: a command killed while starting left it
        if !busy && let Ok(Some(status)) = child.try_wait() {
            busy = status.code() == Some(BUSY);
            if !busy {
                return Err(failed(format!("{}{}", ended(status), files.log_tail())));
            }
        }
        if started.elapsed() > START {
            // already gone, or of no use
            let _ = child.start_kill();
            return Err(failed(format!("no answer within {} s{}", START.as_secs(), files.log_tail())));
        }
        sleep(PAUSE).await;
    }
}

fn ended(status: ExitStatus) -> String {
    format!("the server ended with {status}")
}

/// SIGTERM, then SIGKILL, until the lock is free.
async fn end(files: &Files, pid: u32) -> Result<(), Error> {
    let failed = |cause: String| Error::Stop { pid, cause };
    let target = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let target = target.ok_or_else(|| failed("no such process id".to_owned()))?;
    for signal in [Signal::TERM, Signal::KILL] {
        match kill_process(target, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => {}
            Err(error) => return Err(failed(error.to_string())),
        }
        let sent = Instant::now();
        while sent.elapsed() < STOP {
            if !is_held(&files.lock)? {
                return Ok(());
            }
            sleep(PAUSE).await;
        }
    }
    Err(failed("it lives on after SIGKILL".to_owned()))
}
