//! An environment's Pulumi state, kept in files: made, looked into, and set aside, never overwritten.

use std::{
    collections::HashMap,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::Deserialize;
use tokio::process::Command;

use crate::{
    Message, Tell,
    error::{Exit, Failure, Result},
    home::{self, Home},
    lock::{self, Run},
    process::{is_engine, is_engine_of, processes},
};

/// The project's name in Pulumi.yaml.
const PROJECT: &str = "zone";

/// An environment's state.
#[derive(Clone, Debug)]
pub struct State {
    dir: PathBuf,
    environment: String,
    passphrase: PathBuf,
    /// The engine's settings of the stack: what its secrets are encrypted with.
    settings: PathBuf,
}

/// What a look into it showed.
#[derive(Debug, Default)]
pub struct Contents {
    /// Its resources, components and providers left out.
    pub resources: Vec<Record>,
    /// URNs of everything, in the order of the state.
    pub urns: Vec<String>,
    /// Operations that a run began and never finished.
    pub pending: usize,
}

/// A resource of the state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Its URN.
    pub urn: String,
    /// Its type.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// It waits for its replacement, and was deleted already.
    pub is_deleted: bool,
    /// Its inputs.
    pub inputs: serde_json::Map<String, serde_json::Value>,
    /// When it was changed last by a run, as the engine writes it; empty where it does not say.
    pub modified: String,
    /// The inputs of its provider.
    pub provider: serde_json::Map<String, serde_json::Value>,
}

impl Record {
    /// An input that is a text.
    pub fn text(&self, input: &str) -> Option<&str> {
        self.inputs.get(input).and_then(serde_json::Value::as_str)
    }
}

#[derive(Deserialize)]
struct File {
    checkpoint: Checkpoint,
}
#[derive(Deserialize)]
struct Checkpoint {
    latest: Option<Deployment>,
}
#[derive(Deserialize)]
struct Deployment {
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    pending_operations: Vec<serde::de::IgnoredAny>,
}
#[derive(Deserialize)]
struct Resource {
    urn: String,
    #[serde(default)]
    custom: bool,
    #[serde(default)]
    id: String,
    #[serde(default, rename = "pendingReplacement")]
    pending_replacement: bool,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    modified: String,
    #[serde(default)]
    inputs: serde_json::Map<String, serde_json::Value>,
}

impl State {
    /// The state of an environment, made or not.
    pub fn new(home: &Home, environment: &str) -> Self {
        Self {
            dir: home.state(environment),
            environment: environment.to_owned(),
            passphrase: home.passphrase(environment),
            settings: home.stacks().join(format!("Pulumi.{environment}.yaml")),
        }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.dir.join(format!(".pulumi/stacks/{PROJECT}/{}.json", self.environment))
    }

    /// What the engine has to be told to find it.
    pub fn environment(&self) -> Vec<(String, String)> {
        vec![
            // no attributes beside each file: a kill leaves them half written, and the engine then cannot read the state
            ("PULUMI_BACKEND_URL".into(), format!("file://{}?metadata=skip", self.dir.display())),
            ("PULUMI_CONFIG_PASSPHRASE_FILE".into(), self.passphrase.display().to_string()),
        ]
    }

    /// Whether there is a state.
    pub fn exists(&self) -> bool {
        self.file().exists()
    }

    /// Whether there is a passphrase.
    pub fn has_passphrase(&self) -> bool {
        self.passphrase.exists()
    }

    /// Whether it belongs to this start of an emulator.
    pub fn is_of(&self, instance: &str) -> bool {
        std::fs::read_to_string(self.dir.join("emulator")).is_ok_and(|of| of == instance)
    }

    /// An engine that is at work on it, started by `zone` or not.
    pub fn at_work(&self) -> Option<u32> {
        let holder = |path: PathBuf| serde_json::from_slice::<Holder>(&std::fs::read(path).ok()?).ok();
        let pids = self.locks().into_iter().filter_map(holder).map(|holder| holder.pid);
        pids.into_iter().find(|pid| lock::lives(*pid) && is_engine(*pid))
    }

    /// The engine's own locks, and what a kill left of some.
    fn locks(&self) -> Vec<PathBuf> {
        let dir = self.dir.join(format!(".pulumi/locks/organization/{PROJECT}/{}", self.environment));
        std::fs::read_dir(&dir).into_iter().flatten().flatten().map(|e| e.path()).collect()
    }

    /// The engine that a killed run has left, as long as it is at work.
    fn survivor(&self, run: &Run, project: &Path) -> Option<u32> {
        let noted = run.engine.filter(|pid| is_engine(*pid));
        noted.or_else(|| processes().find(|pid| is_engine_of(*pid, project, &self.environment)))
    }

    /// Sets aside what belongs to an emulator that is gone. Returns where it went.
    pub fn follow(&self, instance: &str) -> Result<Option<PathBuf>> {
        let marker = self.dir.join("emulator");
        let of = std::fs::read_to_string(&marker).unwrap_or_default();
        let mut aside = None;
        if of != instance && self.file().exists() {
            let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
            let to = self.dir.with_file_name(format!("{}.{stamp}", self.environment));
            std::fs::rename(&self.dir, &to).map_err(|e| Failure::file("setting aside", &self.dir, e))?;
            aside = Some(to);
        }
        if of != instance {
            home::make(&self.dir)?;
            std::fs::write(&marker, instance).map_err(|e| Failure::file("writing", &marker, e))?;
        }
        Ok(aside)
    }

    /// Makes passphrase and stack where there are none.
    pub async fn prepare(
        &self,
        engine: &Path,
        project: &Path,
        environment: &[(String, String)],
        tell: Tell<'_>,
    ) -> Result<()> {
        home::make(&self.dir)?;
        if self.passphrase.exists() && self.file().exists() {
            return Ok(());
        }
        if self.file().exists() {
            let message = format!(
                "the passphrase of environment `{}`'s state is missing: `{}`",
                self.environment,
                self.passphrase.display()
            );
            return Err(Failure::new(Exit::Setup, message)
                .hint("put it back: without it the secrets in the state cannot be read"));
        }
        if !self.passphrase.exists() {
            if let Some(aside) = self.set_settings_aside()? {
                tell(Message::Note(&format!(
                    "the passphrase that `{}` belongs to is missing, and so is the state: both are created again (the old settings are kept as `{}`)",
                    self.settings.display(),
                    aside.display()
                )));
            }
            self.make_passphrase()?;
        }
        let init =
            ["--non-interactive", "stack", "init", &self.environment, "--no-select", "--secrets-provider=passphrase"];
        match pulumi(engine, project, environment, &init).await {
            // the engine of a run that was killed may have made it while we were about to
            Err(words) if !self.file().exists() => {
                let failure =
                    Failure::new(Exit::Setup, format!("making the Pulumi stack `{}`: {words}", self.environment));
                Err(match self.way_out(&words) {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                })
            }
            _ => Ok(()),
        }
    }

    /// The way out when the engine cannot read the secrets; none when it complains of something else.
    pub fn way_out(&self, words: &str) -> Option<String> {
        words.contains("incorrect passphrase").then(|| {
            format!(
                "`{}` is not the passphrase that the secrets were encrypted with: put the right one back; if there is no \
                 deployment to lose, move `{}` and `{}` away, and both are created again",
                self.passphrase.display(),
                self.passphrase.display(),
                self.settings.display(),
            )
        })
    }

    /// Settings of a stack that is gone, encrypted with a passphrase that is gone: the engine would make no new stack
    /// beside them. Returns where they went.
    fn set_settings_aside(&self) -> Result<Option<PathBuf>> {
        if !self.settings.exists() {
            return Ok(None);
        }
        let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        let aside = self.settings.with_extension(format!("yaml.{stamp}"));
        std::fs::rename(&self.settings, &aside).map_err(|e| Failure::file("setting aside", &self.settings, e))?;
        Ok(Some(aside))
    }

    fn make_passphrase(&self) -> Result<()> {
        let path = &self.passphrase;
        if let Some(dir) = path.parent() {
            home::make(dir)?;
        }
        let secret: String = rand::random::<[u8; 24]>().iter().map(|b| format!("{b:02x}")).collect();
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|e| Failure::file("making", path, e))?;
        file.write_all(secret.as_bytes()).map_err(|e| Failure::file("writing", path, e))
    }

    /// Looks into it; nothing there is empty.
    pub fn contents(&self) -> Result<Contents> {
        let path = self.file();
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Contents::default()),
            Err(e) => return Err(Failure::file("reading", &path, e)),
        };
        let file: File = serde_json::from_slice(&text).map_err(|e| {
            Failure::file("reading the state", &path, e)
                .hint(format!("the state before it is beside it, as `{}.json.bak`", self.environment))
        })?;
        let Some(latest) = file.checkpoint.latest else { return Ok(Contents::default()) };
        let mut contents = Contents { pending: latest.pending_operations.len(), ..Contents::default() };
        let is_provider = |resource: &&Resource| resource.kind.starts_with("pulumi:providers:");
        let providers = latest.resources.iter().filter(is_provider);
        let providers: HashMap<_, _> = providers.map(|p| (format!("{}::{}", p.urn, p.id), p.inputs.clone())).collect();
        for resource in latest.resources {
            contents.urns.push(resource.urn.clone());
            if resource.custom && !resource.kind.starts_with("pulumi:") {
                contents.resources.push(Record {
                    provider: providers.get(&resource.provider).cloned().unwrap_or_default(),
                    urn: resource.urn,
                    kind: resource.kind,
                    id: resource.id,
                    is_deleted: resource.pending_replacement,
                    modified: resource.modified,
                    inputs: resource.inputs,
                });
            }
        }
        Ok(contents)
    }

    /// Takes the unfinished operations out of the state: what they may have made is looked for by its identity.
    pub async fn settle(&self, engine: &Path, project: &Path, environment: &[(String, String)]) -> Result<()> {
        let failed = |words| Failure::new(Exit::Failed, format!("clearing unfinished operations: {words}"));
        let stack = ["--stack", self.environment.as_str()];
        let text =
            pulumi(engine, project, environment, &[&["--non-interactive", "stack", "export"], &stack[..]].concat())
                .await
                .map_err(failed)?;
        let mut json: serde_json::Value = serde_json::from_str(&text).map_err(|e| failed(e.to_string()))?;
        if let Some(deployment) = json.get_mut("deployment").and_then(|d| d.as_object_mut()) {
            deployment.remove("pending_operations");
        }
        let mut file = tempfile::NamedTempFile::new_in(&self.dir).map_err(|e| failed(e.to_string()))?;
        file.write_all(json.to_string().as_bytes()).map_err(|e| failed(e.to_string()))?;
        let path = file.path().display().to_string();
        let import = [&["--non-interactive", "stack", "import", "--file", &path], &stack[..]].concat();
        pulumi(engine, project, environment, &import).await.map_err(failed)?;
        Ok(())
    }

    /// After a run that was killed: waits for the engine it left, then takes away the engine's own lock.
    pub async fn clear_locks(&self, broken: Option<&Run>, project: &Path, tell: Tell<'_>) -> Result<()> {
        if let Some(run) = broken {
            let began = Instant::now();
            while let Some(engine) = self.survivor(run, project)
                && began.elapsed() < PATIENCE
            {
                tell(Message::Now(&format!("waiting for the engine of the interrupted run (process {engine}) to end")));
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        // looked at only now: an engine that was still at work may have made its lock meanwhile
        let locks = self.locks();
        // what a kill left half written counts as a lock for the engine, too
        let (locks, rests): (Vec<_>, Vec<_>) =
            locks.into_iter().filter(|p| p.exists()).partition(|p| p.extension().is_some_and(|e| e == "json"));
        let remove = |path: &Path| std::fs::remove_file(path).map_err(|e| Failure::file("removing the lock", path, e));
        for path in locks {
            let text = std::fs::read(&path).unwrap_or_default();
            let holder: Holder = serde_json::from_slice(&text).unwrap_or_default();
            if lock::lives(holder.pid) && is_engine(holder.pid) {
                let message = format!(
                    "the engine (process {}, {}@{}) is at work on environment `{}`",
                    holder.pid, holder.username, holder.hostname, self.environment
                );
                return Err(Failure::new(Exit::Busy, message)
                    .hint("wait for it to end, or end that process; then run this again"));
            }
            remove(&path)?;
            tell(Message::Note(&format!("removed the lock of a run that is gone (process {})", holder.pid)));
        }
        rests.iter().try_for_each(|path| remove(path))?;
        Ok(())
    }
}

/// How long the engine of a killed run gets to end by itself: it ends the calls that are under way.
const PATIENCE: Duration = Duration::from_secs(60);

/// The engine's own lock.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Holder {
    pid: u32,
    username: String,
    hostname: String,
}

/// Runs a short command of the engine; the error is what it said.
pub async fn pulumi(
    engine: &Path,
    project: &Path,
    environment: &[(String, String)],
    arguments: &[&str],
) -> std::result::Result<String, String> {
    let mut command = Command::new(engine);
    command
        .args(arguments)
        .current_dir(project)
        .envs(environment.iter().map(|(k, v)| (k, v)))
        .env_remove("PULUMI_CONFIG_PASSPHRASE")
        .stdin(std::process::Stdio::null());
    let output = command.output().await.map_err(|e| format!("starting `{}`: {e}", engine.display()))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

#[cfg(test)]
mod tests;
