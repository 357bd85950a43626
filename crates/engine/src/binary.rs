//! Finds the `pulumi` executable, or builds it from Go modules.
//!
//! In this order: the path in `ZONE_PULUMI`; a `pulumi` on the path that is new enough; the one built before
//! under the tools directory; else one built there now, of the version and modules that `tools/pulumi` pins.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::{interval_at, sleep},
};

const GO_MOD: &str = include_str!("../../../tools/pulumi/go.mod");
const GO_SUM: &str = include_str!("../../../tools/pulumi/go.sum");
const PACKAGE: &str = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const STAMPED: &str = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
/// The version that `tools/pulumi/go.mod` pins; a test compares.
const BUILT: Version = (3, 259, 0);
/// The first with the event log over gRPC.
const MINIMUM: Version = (3, 206, 0);
/// Before 1.21 Go neither understands the `go.mod` nor fetches a newer toolchain by itself.
const GO_MINIMUM: Version = (1, 21, 0);
/// A smaller file is a version manager's script, which stays the same when another version is chosen.
const REMEMBERED_SIZE: u64 = 1_000_000;

type Version = (u64, u64, u64);
type Progress<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// A `pulumi` executable that can be driven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// The executable, as an absolute path.
    pub path: PathBuf,
    /// Its version without `v`, such as `3.259.0`.
    pub version: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where an [`Engine`] comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Found on the path.
    Path,
    /// Built by us under the tools directory.
    Built,
    /// Named in `ZONE_PULUMI`.
    Env,
}

/// Why there is no engine. [`EngineError::hint`] is the way out.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// `ZONE_PULUMI` names something that cannot be used.
    #[error("using `{}`, which ZONE_PULUMI names: {cause}", path.display())]
    Named {
        /// What it names.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// Neither a usable pulumi nor a Go to build one with.
    #[error("finding pulumi: {cause}")]
    Missing {
        /// What was tried.
        cause: String,
    },
    /// `go build` failed.
    #[error("building pulumi {}: {cause}", dotted(BUILT))]
    Build {
        /// Its exit status and last lines.
        cause: String,
    },
    /// A file or directory of ours.
    #[error("{doing} `{}`: {cause}", path.display())]
    File {
        /// A gerund: reading, writing ...
        doing: &'static str,
        /// Which.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
}

impl EngineError {
    /// The way out, for the line that begins with `hint:`.
    pub fn hint(&self) -> Option<String> {
        let install = format!("install pulumi {} or newer (pulumi.com/docs/install)", dotted(MINIMUM));
        let go = "Go 1.26 (go.dev/doc/install)";
        let is_go = |cause: &str| ["requires go", "toolchain"].iter().any(|it| cause.contains(it));
        Some(match self {
            Self::Named { .. } => {
                format!("unset ZONE_PULUMI to have one found or built; or {install}")
            }
            Self::Missing { .. } => format!("{install}; or {go}, to have it built once"),
            Self::Build { cause } if is_go(cause) => format!("install {go}; or {install}"),
            Self::Build { .. } => format!("check network, GOPROXY and disk space; or {install}"),
            Self::File { .. } => return None,
        })
    }

    fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::File { doing, path, cause }
    }
}

/// Finds an engine without building one; none when it would have to be built.
pub async fn find(tools: &Path) -> Result<Option<Engine>, EngineError> {
    Environment::from_process().find(tools, &|_| ()).await
}

/// What a deployment would find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// An engine.
    Found(Engine),
    /// None, but a Go that builds one of this version.
    Buildable {
        /// The Go.
        go: PathBuf,
        /// The version that it builds.
        version: String,
    },
}

/// Says what a deployment would find, and builds nothing; `progress` is told what is passed over, and why.
pub async fn examine(tools: &Path, progress: Progress<'_>) -> Result<Ready, EngineError> {
    Environment::from_process().examine(tools, progress).await
}

/// Finds an engine, or builds one under `tools`, which takes minutes and happens once.
///
/// May be killed at any moment, and may run in several processes at once: the others wait. `progress` is told
/// what goes on about every 10 s.
pub async fn find_or_build(tools: &Path, progress: Progress<'_>) -> Result<Engine, EngineError> {
    Environment::from_process().find_or_build(tools, progress).await
}

/// What the search depends on; read from the process in one place, so that tests can say otherwise.
struct Environment {
    /// `ZONE_PULUMI`.
    named: Option<PathBuf>,
    /// `PATH`.
    path: OsString,
}

impl Environment {
    fn from_process() -> Self {
        Self {
            named: std::env::var_os("ZONE_PULUMI").filter(|path| !path.is_empty()).map(PathBuf::from),
            path: std::env::var_os("PATH").unwrap_or_default(),
        }
    }

    async fn find(&self, tools: &Path, progress: Progress<'_>) -> Result<Option<Engine>, EngineError> {
        let tools = std::path::absolute(tools).map_err(EngineError::file("finding", tools))?;
        if let Some(path) = &self.named {
            let named = |cause| EngineError::Named { path: path.clone(), cause };
            let path = std::path::absolute(path).map_err(|error| named(error.to_string()))?;
            let version = usable(&path, &tools).await.map_err(named)?;
            return Ok(Some(Engine { path, version, origin: Origin::Env }));
        }
        if let Some(path) = self.on_path("pulumi") {
            match usable(&path, &tools).await {
                Ok(version) => return Ok(Some(Engine { path, version, origin: Origin::Path })),
                Err(cause) => progress(&format!("passing over `{}`: {cause}", path.display())),
            }
        }
        Ok(Some(built(&tools)).filter(|engine| is_program(&engine.path)))
    }

    async fn examine(&self, tools: &Path, progress: Progress<'_>) -> Result<Ready, EngineError> {
        match self.find(tools, progress).await? {
            Some(engine) => Ok(Ready::Found(engine)),
            None => Ok(Ready::Buildable { go: self.go().await?, version: dotted(BUILT) }),
        }
    }

    async fn find_or_build(&self, tools: &Path, progress: Progress<'_>) -> Result<Engine, EngineError> {
        if let Some(engine) = self.find(tools, progress).await? {
            return Ok(engine);
        }
        let tools = std::path::absolute(tools).map_err(EngineError::file("finding", tools))?;
        fs::create_dir_all(&tools).map_err(EngineError::file("making", &tools))?;
        let _lock = lock(&tools.join("pulumi.lock"), progress).await?;
        let engine = built(&tools);
        if is_program(&engine.path) {
            return Ok(engine);
        }
        let go = self.go().await?;
        sweep(&tools)?;
        // Not in place: the compiler of a killed build may still be writing, but only into a directory of its own.
        let part = tools.join(format!("pulumi-part-{}", std::process::id()));
        let built = self.build(&go, &part, progress).await;
        if built.is_err() {
            // nobody would use it; the next build sweeps what cannot be removed now
            let _ = fs::remove_dir_all(&part);
        }
        built?;
        fs::rename(&part, home(&tools)).map_err(EngineError::file("renaming", &part))?;
        Ok(engine)
    }

    /// A Go that can build the engine, by itself or with a toolchain that it fetches.
    async fn go(&self) -> Result<PathBuf, EngineError> {
        let missing = |cause: &str| EngineError::Missing { cause: format!("none on the path is usable, and {cause}") };
        let go = self.on_path("go").ok_or_else(|| missing("there is no Go to build one"))?;
        let said = output(Command::new(&go).args(["env", "GOVERSION"]).env("GOTOOLCHAIN", "local")).await;
        let said = said.map_err(|cause| missing(&format!("`{}` does not run: {cause}", go.display())))?;
        match said.split_once("go").and_then(|(_, version)| parse(version)) {
            Some(version) if version >= GO_MINIMUM => Ok(go),
            _ => Err(missing(&format!("`{}` is too old to build one: {said}", go.display()))),
        }
    }

    async fn build(&self, go: &Path, part: &Path, progress: Progress<'_>) -> Result<(), EngineError> {
        fs::create_dir_all(part).map_err(EngineError::file("making", part))?;
        for (name, text) in [("go.mod", GO_MOD), ("go.sum", GO_SUM)] {
            let file = part.join(name);
            fs::write(&file, text).map_err(EngineError::file("writing", &file))?;
        }
        let version = dotted(BUILT);
        let stamp = format!("-s -w -X {STAMPED}=v{version}");
        let mut command = Command::new(go);
        command
            .args(["build", "-v", "-trimpath", "-buildvcs=false", "-tags", "osusergo,grpcnotrace"])
            .args(["-ldflags", &stamp, "-o", "pulumi", PACKAGE])
            .current_dir(part)
            .env("PATH", &self.path)
            .env("CGO_ENABLED", "0")
            // the caller's own settings for building their own code
            .env("GOFLAGS", "-mod=readonly")
            .env("GOWORK", "off")
            .env("GO111MODULE", "on")
            .env_remove("GOOS")
            .env_remove("GOARCH");
        progress(&format!("building pulumi {version}, once; this takes a few minutes"));
        let started = Instant::now();
        let failed = |cause| EngineError::Build { cause };
        watch(&mut command, progress).await.map_err(failed)?;
        let built = version_of(&part.join("pulumi")).await.map_err(failed)?;
        if built != version {
            return Err(failed(format!("it came out as {built}")));
        }
        progress(&format!("built pulumi {version} in {} s", started.elapsed().as_secs()));
        Ok(())
    }

    fn on_path(&self, name: &str) -> Option<PathBuf> {
        let files = std::env::split_paths(&self.path).map(|folder| folder.join(name));
        files.filter_map(|file| std::path::absolute(file).ok()).find(|file| is_program(file))
    }
}

/// Runs `go build -v`, telling about every 10 s how far it is; the error is its status and last words.
async fn watch(command: &mut Command, progress: Progress<'_>) -> Result<(), String> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let mut lines = child.stderr.take().map(|stream| BufReader::new(stream).lines());
    let period = Duration::from_secs(10);
    let started = tokio::time::Instant::now();
    let mut tick = interval_at(started + period, period);
    let (mut doing, mut compiled, mut words) = ("starting".to_owned(), 0_u32, Vec::new());
    while let Some(stream) = &mut lines {
        tokio::select! {
            line = stream.next_line() => match line {
                Ok(Some(line)) => {
                    if let Some(module) = line.strip_prefix("go: downloading ") {
                        doing = format!("downloading {module}");
                    } else if line.contains(' ') || line.contains(':') {
                        words.push(line);
                    } else {
                        compiled += 1;
                        doing = format!("compiling, {compiled} packages done");
                    }
                }
                _ => break,
            },
            _ = tick.tick() => progress(&format!("building pulumi: {} s, {doing}", started.elapsed().as_secs())),
        }
    }
    let status = child.wait().await.map_err(|error| error.to_string())?;
    let last = words[words.len().saturating_sub(8)..].iter().fold(String::new(), |text, line| text + "\n  " + line);
    if status.success() { Ok(()) } else { Err(format!("{status}{last}")) }
}

/// What was learned about an executable, valid while its size and time stay the same.
#[derive(Serialize, Deserialize, PartialEq)]
struct Known {
    size: u64,
    modified: (i64, i64),
    version: String,
}

/// The version of an executable if it is one that we can drive, else what is wrong with it.
async fn usable(path: &Path, tools: &Path) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !is_program(path) {
        return Err("it is not an executable file".to_owned());
    }
    // A memory only: whatever is wrong with the file, `pulumi version` is asked again, at 0.13 s.
    let memory = tools.join("engine.json");
    let read = fs::read(&memory).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let mut all: BTreeMap<String, Known> = read.unwrap_or_default();
    let (key, modified) = (path.to_string_lossy().into_owned(), (metadata.mtime(), metadata.mtime_nsec()));
    let known = all.get(&key).filter(|known| known.size == metadata.size() && known.modified == modified);
    let version = match known {
        Some(known) => known.version.clone(),
        None => version_of(path).await?,
    };
    if known.is_none() && metadata.size() >= REMEMBERED_SIZE {
        all.insert(key, Known { size: metadata.size(), modified, version: version.clone() });
        let _ = remember(&memory, &all);
    }
    match parse(&version) {
        Some(found) if found < MINIMUM => Err(format!("{version} is older than {}", dotted(MINIMUM))),
        Some(found) if found.0 == MINIMUM.0 => Ok(version),
        Some(_) => Err(format!("{version} is of another major version")),
        None => Err(format!("`pulumi version` says `{version}`")),
    }
}

fn remember(memory: &Path, all: &BTreeMap<String, Known>) -> io::Result<()> {
    let part = memory.with_extension(format!("part-{}", std::process::id()));
    fs::create_dir_all(memory.parent().unwrap_or(memory))?;
    fs::write(&part, serde_json::to_vec_pretty(all)?)?;
    fs::rename(&part, memory)
}

async fn version_of(path: &Path) -> Result<String, String> {
    let said = output(Command::new(path).arg("version").env("PULUMI_SKIP_UPDATE_CHECK", "true")).await?;
    Ok(said.trim_start_matches('v').to_owned())
}

async fn output(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(format!("{}: {}", output.status, said.lines().last().unwrap_or("it says nothing")))
}

async fn lock(path: &Path, progress: Progress<'_>) -> Result<File, EngineError> {
    let file = File::options().create(true).append(true).open(path).map_err(EngineError::file("opening", path))?;
    let mut said = false;
    while let Err(error) = file.try_lock() {
        if let TryLockError::Error(cause) = error {
            return Err(EngineError::file("locking", path)(cause));
        }
        if !std::mem::replace(&mut said, true) {
            progress("waiting for another zone to build pulumi");
        }
        // instead of blocking: a dropped future leaves no thread behind that waits
        sleep(Duration::from_millis(50)).await;
    }
    Ok(file)
}

/// Removes what killed builds left; the lock is held.
fn sweep(tools: &Path) -> Result<(), EngineError> {
    for entry in fs::read_dir(tools).map_err(EngineError::file("reading", tools))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("pulumi-part-") {
            // a compiler that outlived its zone may still be writing there
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    match fs::remove_dir_all(home(tools)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(EngineError::file("removing", &home(tools))(error))
        }
        _ => Ok(()),
    }
}

fn home(tools: &Path) -> PathBuf {
    tools.join(format!("pulumi-v{}", dotted(BUILT)))
}

fn built(tools: &Path) -> Engine {
    let path = home(tools).join("pulumi");
    Engine { path, version: dotted(BUILT), origin: Origin::Built }
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.mode() & 0o111 != 0)
}

fn dotted((major, minor, patch): Version) -> String {
    format!("{major}.{minor}.{patch}")
}

/// The three numbers of `3.259.0`, `3.259.0-alpha.1`, `1.26` or `1.27rc1`.
fn parse(version: &str) -> Option<Version> {
    let numbers = version.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    let mut parts = numbers.split('.').map(str::parse);
    let (major, minor) = (parts.next()?.ok()?, parts.next()?.ok()?);
    Some((major, minor, parts.next().unwrap_or(Ok(0)).ok()?))
}

#[cfg(test)]
mod tests {
    use std::{io::Write, sync::Mutex};

    use super::*;

    /// A folder with fake programs on its path, and a tools directory.
    struct Scene {
        folder: tempfile::TempDir,
        said: Mutex<Vec<String>>,
    }

    impl Scene {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap(), said: Mutex::default() }
        }

        /// Written by another process: a file that this one has open for writing cannot be executed, and while
        /// a test in another thread starts a program, that one has it open for an instant.
        fn program(&self, name: &str, script: &str) -> PathBuf {
            let file = self.folder.path().join(name);
            let mut shell = std::process::Command::new("sh");
            shell.args(["-c", "cat > $0.new && chmod +x $0.new && mv $0.new $0"]).arg(&file).stdin(Stdio::piped());
            let mut shell = shell.spawn().unwrap();
            write!(shell.stdin.take().unwrap(), "#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n").unwrap();
            assert!(shell.wait().unwrap().success());
            file
        }

        /// A Go that builds a fake pulumi, if `build` says nothing else.
        fn go(&self, build: &str) {
            let pulumi = "printf '#!/bin/sh\\necho v3.259.0\\n' > pulumi; chmod +x pulumi; echo >> ../builds";
            let build = if build.is_empty() { pulumi } else { build };
            self.program("go", &format!("case $1 in env) echo go1.26.8;; build) {build};; esac"));
        }

        fn environment(&self, named: Option<&str>) -> Environment {
            let own = self.folder.path().to_owned();
            Environment { named: named.map(|name| own.join(name)), path: own.into() }
        }

        fn tools(&self) -> PathBuf {
            self.folder.path().join("tools")
        }

        fn progress(&self) -> impl Fn(&str) + Send + Sync {
            |line| self.said.lock().unwrap().push(line.to_owned())
        }

        async fn find_or_build(&self) -> Result<Engine, EngineError> {
            self.environment(None).find_or_build(&self.tools(), &self.progress()).await
        }
    }

    #[test]
    fn versions() {
        assert_eq!(parse("3.259.0-alpha.1+dirty"), Some((3, 259, 0)));
        assert_eq!(parse("1.27rc1"), Some((1, 27, 0)));
        assert_eq!(parse(""), None);
        assert!(GO_MOD.contains(&format!("github.com/pulumi/pulumi/pkg/v3 v{} ", dotted(BUILT))));
    }

    #[tokio::test]
    async fn a_named_one_must_be_usable() {
        let scene = Scene::new();
        scene.program("good", "echo v3.206.1");
        scene.program("old", "echo v3.205.0");
        scene.program("broken", "echo no such library >&2; exit 127");
        let find = async |name| scene.environment(Some(name)).find(&scene.tools(), &|_| ()).await;

        let engine = find("good").await.unwrap().unwrap();
        assert_eq!((engine.version.as_str(), engine.origin), ("3.206.1", Origin::Env));
        for (name, cause) in [
            ("old", "3.205.0 is older than 3.206.0"),
            ("broken", "exit status: 127: no such library"),
            ("absent", "No such file or directory (os error 2)"),
        ] {
            let error = find(name).await.unwrap_err();
            assert!(error.to_string().ends_with(&format!("which ZONE_PULUMI names: {cause}")), "{error}");
            assert!(error.hint().unwrap().contains("unset ZONE_PULUMI"));
        }
    }

    #[tokio::test]
    async fn the_path_comes_before_the_built_one_unless_too_old() {
        let scene = Scene::new();
        scene.program("pulumi", "echo v3.300.0");
        assert_eq!(scene.find_or_build().await.unwrap().origin, Origin::Path);

        scene.program("pulumi", "echo v3.100.0");
        scene.go("");
        let engine = scene.find_or_build().await.unwrap();
        assert_eq!((engine.version.as_str(), engine.origin), ("3.259.0", Origin::Built));
        let said = scene.said.lock().unwrap().join("\n");
        assert!(said.contains("pulumi`: 3.100.0 is older than 3.206.0\n"), "{said}");
    }

    #[tokio::test]
    async fn a_look_builds_nothing() {
        let scene = Scene::new();
        let look = async || scene.environment(None).examine(&scene.tools(), &scene.progress()).await;
        assert!(look().await.unwrap_err().to_string().ends_with("and there is no Go to build one"));

        scene.go("");
        let go = scene.folder.path().join("go");
        assert_eq!(look().await.unwrap(), Ready::Buildable { go, version: "3.259.0".to_owned() });
        assert!(!scene.tools().exists());

        scene.program("pulumi", "echo v3.100.0");
        assert!(matches!(look().await.unwrap(), Ready::Buildable { .. }));
        assert!(scene.said.lock().unwrap().join("\n").contains("3.100.0 is older than 3.206.0"));
    }

    #[tokio::test]
    async fn the_version_of_a_binary_is_asked_once() {
        let scene = Scene::new();
        let script = |version: &str| format!("echo v{version}; echo >> $0.asked; exit\n{}", "#".repeat(1_000_000));
        let pulumi = scene.program("pulumi", &script("3.300.0"));
        for _ in 0..2 {
            assert_eq!(scene.find_or_build().await.unwrap().version, "3.300.0");
        }
        assert_eq!(fs::read_to_string(pulumi.with_extension("asked")).unwrap(), "\n");

        scene.program("pulumi", &script("3.301.10"));
        assert_eq!(scene.find_or_build().await.unwrap().version, "3.301.10");
        fs::write(scene.tools().join("engine.json"), "{half").unwrap();
        assert_eq!(scene.find_or_build().await.unwrap().version, "3.301.10");
    }

    #[tokio::test]
    async fn builds_once_even_when_two_ask_or_one_was_killed() {
        let scene = Scene::new();
        scene.go("");
        assert_eq!(scene.environment(None).find(&scene.tools(), &|_| ()).await.unwrap(), None);
        let left = [scene.tools().join("pulumi-part-1/x"), home(&scene.tools()).join("half")];
        for folder in &left {
            fs::create_dir_all(folder).unwrap();
        }

        let (one, two) = tokio::join!(scene.find_or_build(), scene.find_or_build());
        assert_eq!(one.unwrap(), two.unwrap());
        assert_eq!(fs::read_to_string(scene.tools().join("builds")).unwrap(), "\n");
        assert!(!left.iter().any(|folder| folder.exists()));
        assert!(scene.environment(None).find(&scene.tools(), &|_| ()).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn what_cannot_be_built_says_why_and_leaves_nothing() {
        let scene = Scene::new();
        let error = scene.find_or_build().await.unwrap_err();
        assert!(error.to_string().ends_with("and there is no Go to build one"), "{error}");
        assert!(error.hint().unwrap().contains("pulumi.com/docs/install"));

        scene.program("go", "echo go1.19.3");
        let error = scene.find_or_build().await.unwrap_err().to_string();
        assert!(error.ends_with("is too old to build one: go1.19.3"), "{error}");

        scene.go(
            "echo github.com/a/b >&2; echo 'go: downloading x v1' >&2; echo 'go.mod requires go >= 1.25' >&2; exit 1",
        );
        let error = scene.find_or_build().await.unwrap_err();
        assert!(error.to_string().ends_with("pulumi 3.259.0: exit status: 1\n  go.mod requires go >= 1.25"), "{error}");
        assert!(error.hint().unwrap().starts_with("install Go"));

        scene.go("echo 'dial tcp: no such host' >&2; exit 1");
        assert!(scene.find_or_build().await.unwrap_err().hint().unwrap().starts_with("check network"));
        let left: Vec<_> = fs::read_dir(scene.tools()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left, ["pulumi.lock"]);
    }
}
