//! Installs the pinned packages into a Python environment under [`Places::tools`], once.
//!
//! The directory's name holds the hash of `requirements.txt`, so another version of this tool makes another
//! environment and never pulls files from under a running server. It gets its name when it is complete.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::Command,
};

use crate::{Error, Places, Progress, error::tail, lock::Lock, python::Search};

const REQUIREMENTS: &str = include_str!("../../../tools/emulator/requirements.txt");
const SERVE: &str = include_str!("../../../tools/emulator/serve.py");

/// The launcher and what it imports.
const FILES: [(&str, &str); 39] = [
    ("access_logs.py", include_str!("../../../tools/emulator/access_logs.py")),
    ("alarm_actions.py", include_str!("../../../tools/emulator/alarm_actions.py")),
    ("alarms.py", include_str!("../../../tools/emulator/alarms.py")),
    ("authorize.py", include_str!("../../../tools/emulator/authorize.py")),
    ("bootstrap.mjs", include_str!("../../../tools/emulator/bootstrap.mjs")),
    ("bootstrap.py", include_str!("../../../tools/emulator/bootstrap.py")),
    ("buckets.py", include_str!("../../../tools/emulator/buckets.py")),
    ("callers.py", include_str!("../../../tools/emulator/callers.py")),
    ("cbor.py", include_str!("../../../tools/emulator/cbor.py")),
    ("cognito.py", include_str!("../../../tools/emulator/cognito.py")),
    ("conditions.py", include_str!("../../../tools/emulator/conditions.py")),
    ("database.py", include_str!("../../../tools/emulator/database.py")),
    ("destinations.py", include_str!("../../../tools/emulator/destinations.py")),
    ("encryption.py", include_str!("../../../tools/emulator/encryption.py")),
    ("evaluation.py", include_str!("../../../tools/emulator/evaluation.py")),
    ("event_settings.py", include_str!("../../../tools/emulator/event_settings.py")),
    ("functions.py", include_str!("../../../tools/emulator/functions.py")),
    ("gate.py", include_str!("../../../tools/emulator/gate.py")),
    ("history.py", include_str!("../../../tools/emulator/history.py")),
    ("invocations.py", include_str!("../../../tools/emulator/invocations.py")),
    ("logbook.py", include_str!("../../../tools/emulator/logbook.py")),
    ("mappings.py", include_str!("../../../tools/emulator/mappings.py")),
    ("measures.py", include_str!("../../../tools/emulator/measures.py")),
    ("memory.py", include_str!("../../../tools/emulator/memory.py")),
    ("missing.py", include_str!("../../../tools/emulator/missing.py")),
    ("network.py", include_str!("../../../tools/emulator/network.py")),
    ("permissions.py", include_str!("../../../tools/emulator/permissions.py")),
    ("rights.py", include_str!("../../../tools/emulator/rights.py")),
    ("running.py", include_str!("../../../tools/emulator/running.py")),
    ("runtime_api.py", include_str!("../../../tools/emulator/runtime_api.py")),
    ("runtimes.py", include_str!("../../../tools/emulator/runtimes.py")),
    ("sandboxes.py", include_str!("../../../tools/emulator/sandboxes.py")),
    ("services.py", include_str!("../../../tools/emulator/services.py")),
    ("stored.py", include_str!("../../../tools/emulator/stored.py")),
    ("supervisor.py", include_str!("../../../tools/emulator/supervisor.py")),
    ("tables.py", include_str!("../../../tools/emulator/tables.py")),
    ("triggers.py", include_str!("../../../tools/emulator/triggers.py")),
    ("xray.py", include_str!("../../../tools/emulator/xray.py")),
    ("serve.py", SERVE),
];

/// Below a Python environment.
const PYTHON: &str = "bin/python";

static PARTS: AtomicU32 = AtomicU32::new(0);

/// Installs the emulator unless it is there, and returns the Python that can run it.
///
/// May be killed at any moment, and may run in several processes at once: the others wait. Takes about 20 s
/// and 100 MB; nothing but one look at the directory when it is installed.
pub async fn install(places: &Places, progress: Progress<'_>) -> Result<PathBuf, Error> {
    install_with(places, progress, &Search::from_process()).await
}

/// What a start would find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// An emulator that is installed.
    Installed,
    /// None, but this Python, to install one with.
    Installable(PathBuf),
}

/// Says what a start would find, and installs nothing.
pub async fn examine(places: &Places) -> Result<Ready, Error> {
    examine_with(places, &Search::from_process()).await
}

async fn examine_with(places: &Places, search: &Search) -> Result<Ready, Error> {
    if home(places)?.join(PYTHON).exists() {
        return Ok(Ready::Installed);
    }
    search.find().await.map(Ready::Installable)
}

/// The directory of the Python environment that these requirements make.
fn home(places: &Places) -> Result<PathBuf, Error> {
    let tools = std::path::absolute(&places.tools).map_err(Error::file("finding", &places.tools))?;
    Ok(tools.join(format!("emulator-{}", hash(REQUIREMENTS))))
}

async fn install_with(places: &Places, progress: Progress<'_>, search: &Search) -> Result<PathBuf, Error> {
    let tools = std::path::absolute(&places.tools).map_err(Error::file("finding", &places.tools))?;
    let home = home(places)?;
    let python = home.join(PYTHON);
    // a link into a Python that may have been removed since
    if python.exists() {
        return Ok(python);
    }
    fs::create_dir_all(&tools).map_err(Error::file("making", &tools))?;
    let waiting = "waiting for another zone to install the emulator";
    let _lock = Lock::take(&tools.join("emulator.lock"), waiting, progress).await?;
    if python.exists() {
        return Ok(python);
    }

    let base = search.find().await?;
    let started = Instant::now();
    progress("installing the emulator, which takes about 20 s");
    sweep(&tools, &home)?;
    // Not in place: the pip of a killed install may still be writing, but only into a directory of its own.
    let part = home.with_extension(format!("part-{}", std::process::id()));
    let made = environment(&base, &part, progress).await;
    if made.is_err() {
        // nobody would use it; the next install sweeps what cannot be removed now
        let _ = fs::remove_dir_all(&part);
    }
    made?;
    fs::rename(&part, &home).map_err(Error::file("renaming", &part))?;
    progress(&format!("installed the emulator in {} s", started.elapsed().as_secs()));
    Ok(python)
}

/// Tells apart what servers of several versions of this tool do.
pub(crate) fn version() -> String {
    hash(&FILES.map(|(_, text)| text).concat())
}

/// Writes the launcher, and what it imports, beside the environment; their directory's name, too, tells
/// versions apart.
pub(crate) fn launcher(places: &Places) -> Result<PathBuf, Error> {
    let tools = std::path::absolute(&places.tools).map_err(Error::file("finding", &places.tools))?;
    let home = tools.join(format!("serve-{}", version()));
    fs::create_dir_all(&home).map_err(Error::file("making", &home))?;
    for (name, text) in FILES {
        let file = home.join(name);
        if !file.exists() {
            // nobody else writes there, no thread of this process either
            let count = PARTS.fetch_add(1, Ordering::Relaxed);
            let part = file.with_extension(format!("part-{}-{count}", std::process::id()));
            fs::write(&part, text).map_err(Error::file("writing", &part))?;
            fs::rename(&part, &file).map_err(Error::file("renaming", &part))?;
        }
    }
    Ok(home.join("serve.py"))
}

async fn environment(base: &Path, place: &Path, progress: Progress<'_>) -> Result<(), Error> {
    let venv = run(Command::new(base).args(["-I", "-m", "venv"]).arg(place), &|_| ()).await;
    venv.map_err(|cause| Error::Environment { place: place.to_owned(), cause })?;
    let list = place.join("requirements.txt");
    fs::write(&list, REQUIREMENTS).map_err(Error::file("writing", &list))?;
    let mut pip = Command::new(place.join("bin/python"));
    // --only-binary: no build scripts run. --no-compile: of 5,000 modules the server imports a few hundred.
    pip.args(["-I", "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-compile"])
        .args(["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--retries", "2", "-r"])
        .arg(&list);
    let tell = |line: &str| {
        if let Some(package) = line.strip_prefix("Collecting ") {
            let name = package.split(['=', ' ']).next().unwrap_or(package);
            progress(&format!("installing the emulator: {name}"));
        }
    };
    run(&mut pip, &tell).await.map_err(|cause| Error::Packages { place: place.to_owned(), cause })
}

/// Runs a program to its end, passing on its lines; the error is its exit status and last lines.
async fn run(command: &mut Command, line: Progress<'_>) -> Result<(), String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, err, status) = tokio::join!(lines(out, line), lines(err, line), child.wait());
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{status}{}", tail(&format!("{out}\n{err}"), 6))),
        Err(error) => Err(error.to_string()),
    }
}

async fn lines(stream: Option<impl AsyncRead + Unpin>, each: Progress<'_>) -> String {
    let mut text = String::new();
    let Some(stream) = stream else { return text };
    let mut reader = BufReader::new(stream).lines();
    while let Ok(Some(line)) = reader.next_line().await {
        each(line.trim());
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Removes what killed installs left, and an environment whose Python has gone.
fn sweep(tools: &Path, home: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(tools).map_err(Error::file("reading", tools))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("emulator-") && name.contains(".part-") {
            // a pip that outlived its zone may still be writing there
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    if home.exists() {
        fs::remove_dir_all(home).map_err(Error::file("removing", home))?;
    }
    Ok(())
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(6).fold(String::new(), |name, byte| format!("{name}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path, sync::Mutex};

    use super::{FILES, REQUIREMENTS, Ready, SERVE, examine_with, install_with, launcher};
    use crate::{Error, Places, fake::program, python::Search};

    /// A Python that makes an environment with a copy of itself; `pip` is what its pip does.
    fn fake(folder: &Path, venv: &str, pip: &str) -> Search {
        let script = format!(
            "case \"$1 $3\" in '-c '*) echo 3.12;; '-I venv') {venv}; mkdir -p $4/bin; cp $0 $4/bin/python;; '-I pip') {pip};; esac"
        );
        let file = program(folder, "python3", &script);
        Search { named: Some(file.into()), path: "/usr/bin:/bin".into() }
    }

    fn places(folder: &Path) -> Places {
        Places { tools: folder.join("tools"), run: folder.join("run"), decider: None }
    }

    #[test]
    fn every_requirement_is_pinned_by_hash_and_names_no_host() {
        assert!(!REQUIREMENTS.contains("://"));
        let packages = REQUIREMENTS.lines().filter(|line| line.contains("=="));
        assert!(packages.clone().count() > 20);
        assert!(packages.into_iter().all(|line| line.ends_with('\\')));
    }

    #[test]
    fn the_launcher_has_what_it_imports_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let serve = launcher(&places(folder.path())).unwrap();
        assert_eq!(fs::read_to_string(&serve).unwrap(), SERVE);
        for (name, text) in FILES {
            fs::remove_file(serve.with_file_name(name)).unwrap();
            assert_eq!(launcher(&places(folder.path())).unwrap(), serve);
            assert_eq!(fs::read_to_string(serve.with_file_name(name)).unwrap(), text);
        }
        assert_eq!(fs::read_dir(serve.parent().unwrap()).unwrap().count(), FILES.len());
    }

    #[test]
    fn many_at_once_write_one_launcher() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(|| launcher(&places).unwrap())).collect();
            assert!(all.into_iter().all(|one| one.join().unwrap().exists()));
        });
    }

    #[tokio::test]
    async fn installs_once_and_anew_when_python_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (places, said) = (places(folder.path()), Mutex::new(Vec::new()));
        let progress = |line: &str| said.lock().unwrap().push(line.to_owned());
        let search = fake(folder.path(), "true", "echo 'Collecting flask==3.1'; echo x >> $(dirname $0)/runs");
        assert_eq!(
            examine_with(&places, &search).await.unwrap(),
            Ready::Installable(search.named.clone().unwrap().into())
        );
        assert!(examine_with(&places, &Search::default()).await.is_err());
        assert!(!places.tools.exists(), "a look makes nothing");
        let left = places.tools.join("emulator-xyz.part-1");
        fs::create_dir_all(&left).unwrap();

        let python = install_with(&places, &progress, &search).await.unwrap();
        assert_eq!(examine_with(&places, &Search::default()).await.unwrap(), Ready::Installed);
        assert_eq!(install_with(&places, &progress, &Search::default()).await.unwrap(), python);
        assert_eq!(fs::read_to_string(python.with_file_name("runs")).unwrap(), "x\n");
        assert!(said.lock().unwrap().contains(&"installing the emulator: flask".to_owned()));

        fs::remove_file(&python).unwrap();
        install_with(&places, &progress, &search).await.unwrap();
        assert!(python.exists() && !left.exists());
    }

    #[tokio::test]
    async fn two_at_once_install_once() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        let search = fake(folder.path(), "true", "sleep 0.3; echo x >> $(dirname $0)/runs");
        let (one, two) = tokio::join!(install_with(&places, &|_| (), &search), install_with(&places, &|_| (), &search));
        let python = one.unwrap();
        assert_eq!(python, two.unwrap());
        assert_eq!(fs::read_to_string(python.with_file_name("runs")).unwrap(), "x\n");
    }

    #[tokio::test]
    async fn failures_say_why_and_leave_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        let search = fake(folder.path(), "true", "echo 'no route to host' >&2; exit 1");
        let error = install_with(&places, &|_| (), &search).await.unwrap_err();
        assert!(matches!(error, Error::Packages { .. }));
        assert!(error.to_string().ends_with("exit status: 1\n  no route to host"), "{error}");

        let search = fake(folder.path(), "echo 'ensurepip is not available'; exit 1", "true");
        let error = install_with(&places, &|_| (), &search).await.unwrap_err();
        assert!(matches!(error, Error::Environment { .. }));
        assert!(error.hint().unwrap().contains("python3-venv"));

        let left: Vec<_> = fs::read_dir(&places.tools).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left, ["emulator.lock"]);
    }
}
