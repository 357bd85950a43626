//! An environment's state at rest: where it is, what is in it, and what it takes to open it.

use std::{
    fmt,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};

use tokio::{io::AsyncWriteExt, process::Command};

use crate::{
    claim,
    contents::{self, Contents, Outputs},
    error::{Exit, Failure, Result},
    home::{self, Home},
    secrets::Provider,
    stack::{Checkpoint, Stack},
    store::{Store, folder::Folder},
    version::hex,
};

/// A passphrase that was read somewhere; nothing prints it.
#[derive(Clone)]
pub struct Passphrase(String);

impl Passphrase {
    /// A passphrase as it was read; the end of a line is no part of it.
    pub fn new(text: &str) -> Self {
        Self(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// An environment's state.
#[derive(Clone, Debug)]
pub struct State {
    /// The Pulumi stack, and the store that it is in.
    pub stack: Stack,
    /// The folder, of a state that is in one.
    dir: Option<PathBuf>,
    passphrase: PathBuf,
    /// What the configuration says where the passphrase is, read; none where it is on this machine.
    kept: Option<Result<Passphrase>>,
    /// The engine's settings of the stack: what its secrets are encrypted with.
    settings: PathBuf,
}

impl State {
    /// The state of an environment in a folder of this machine, made or not.
    pub fn in_folder(home: &Home, environment: &str) -> Self {
        let dir = home.state(environment);
        let store = Arc::new(Folder::new(&dir));
        Self { dir: Some(dir), ..Self::of(home, environment, store) }
    }

    /// The state of an environment in a store.
    pub fn of(home: &Home, environment: &str, store: Arc<dyn Store>) -> Self {
        Self {
            stack: Stack {
                store,
                project: home.subject(environment).project().to_owned(),
                name: environment.to_owned(),
            },
            dir: None,
            passphrase: home.passphrase(environment),
            kept: None,
            settings: home.stacks().join(format!("Pulumi.{environment}.yaml")),
        }
    }

    /// The same, with a passphrase that is kept elsewhere, or why it could not be read: that is told when it is needed.
    #[must_use]
    pub fn with_passphrase(self, kept: Option<Result<Passphrase>>) -> Self {
        Self { kept, ..self }
    }

    /// The passphrase that is kept elsewhere.
    pub fn passphrase(&self) -> Option<Result<Passphrase>> {
        self.kept.clone()
    }

    /// Whether a passphrase that is kept elsewhere is not needed: this machine has one, or its environment.
    pub fn has_own_passphrase(&self) -> bool {
        self.passphrase.exists() || given().is_some()
    }

    /// The passphrase of this process's environment, or the one that is kept elsewhere.
    fn told(&self) -> Option<String> {
        given().or_else(|| match &self.kept {
            Some(Ok(Passphrase(passphrase))) => Some(passphrase.clone()),
            _ => None,
        })
    }

    fn environment(&self) -> &str {
        &self.stack.name
    }

    /// What plain `pulumi` has to be told to find it.
    pub fn for_plain_pulumi(&self) -> Vec<(String, String)> {
        // what the environment gives is there already, and is not for printing
        let mut environment: Vec<_> = self.secrets().into_iter().filter(|(name, _)| name != PASSPHRASE).collect();
        environment.push(("PULUMI_BACKEND_URL".into(), self.stack.store.url()));
        environment
    }

    /// The passphrase of [`told`](Self::told) that counts; none where this machine has a file of its own.
    fn told_alone(&self) -> Option<String> {
        if self.passphrase.exists() { None } else { self.told() }
    }

    /// What any engine has to be told to read its secrets.
    pub(crate) fn secrets(&self) -> Vec<(String, String)> {
        match self.told_alone() {
            Some(passphrase) => vec![(PASSPHRASE.into(), passphrase)],
            None => vec![("PULUMI_CONFIG_PASSPHRASE_FILE".into(), self.passphrase.display().to_string())],
        }
    }

    /// The passphrase itself, for an engine that asks for a new one.
    pub(crate) fn new_passphrase(&self) -> Result<String> {
        match self.told_alone() {
            Some(passphrase) => Ok(passphrase),
            None => {
                let read = std::fs::read_to_string(&self.passphrase);
                read.map(|text| text.trim().to_owned()).map_err(|e| Failure::file("reading", &self.passphrase, e))
            }
        }
    }

    /// Whether it is in a bucket, where other machines find it.
    pub fn is_in_bucket(&self) -> bool {
        self.dir.is_none()
    }

    /// Whether there is a passphrase.
    pub fn has_passphrase(&self) -> bool {
        self.passphrase.exists() || self.told().is_some()
    }

    /// Whether it belongs to this start of an emulator.
    pub fn is_of(&self, instance: &str) -> bool {
        self.dir.as_ref().is_none_or(|dir| std::fs::read_to_string(dir.join("emulator")).is_ok_and(|of| of == instance))
    }

    /// An engine that is at work on it, started by plain `pulumi` on this machine.
    pub async fn at_work(&self) -> Result<Option<u32>> {
        claim::at_work(&*self.stack.store, &self.stack.project, self.environment()).await
    }

    /// Sets aside what belongs to an emulator that is gone. Returns where it went.
    pub fn follow(&self, instance: &str) -> Result<Option<PathBuf>> {
        let Some(dir) = &self.dir else { return Ok(None) };
        let marker = dir.join("emulator");
        let of = std::fs::read_to_string(&marker).unwrap_or_default();
        let mut aside = None;
        if of != instance && dir.join(self.stack.key()).exists() {
            let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
            let to = dir.with_file_name(format!("{}.{stamp}", self.environment()));
            std::fs::rename(dir, &to).map_err(|e| Failure::file("setting aside", dir, e))?;
            aside = Some(to);
        }
        if of != instance {
            home::make(dir)?;
            std::fs::write(&marker, instance).map_err(|e| Failure::file("writing", &marker, e))?;
        }
        Ok(aside)
    }

    /// Renames the folder of a state that was moved elsewhere. Returns where it is kept.
    pub fn retire(&self) -> Result<PathBuf> {
        let Some(dir) = &self.dir else { return Ok(PathBuf::new()) };
        let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        let to = dir.with_file_name(format!("{}.moved-{stamp}", self.environment()));
        std::fs::rename(dir, &to).map_err(|e| Failure::file("setting aside", dir, e))?;
        Ok(to)
    }

    /// What is in it; none when it was never made. A journal that was not folded yet is not looked into.
    pub async fn contents(&self) -> Result<Option<Contents>> {
        let checkpoint = self.stack.read().await?;
        checkpoint.map(|checkpoint| self.look(&checkpoint)).transpose()
    }

    /// Ids and outputs of its resources by URN; none where it cannot be read.
    pub async fn outputs(&self) -> Outputs {
        let checkpoint = self.stack.read().await.ok().flatten();
        checkpoint.and_then(|checkpoint| contents::outputs(&checkpoint.body).ok()).unwrap_or_default()
    }

    /// What is in a checkpoint of it.
    pub fn look(&self, checkpoint: &Checkpoint) -> Result<Contents> {
        // refuses what is truncated, newer, or of another stack, with the way out
        let read = Contents::read(&checkpoint.body);
        read.map_err(|fault| match self.stack.parse(checkpoint) {
            Err(failure) => failure,
            Ok(_) => Failure::new(Exit::Failed, format!("reading the state `{}`: {fault}", self.stack.place())),
        })
    }

    /// Makes sure of the passphrase; says what was set aside for a new one.
    pub(crate) fn prepare_passphrase(&self, exists: bool) -> Result<Option<String>> {
        if self.has_passphrase() {
            return Ok(None);
        }
        if let Some(Err(why)) = &self.kept {
            return Err(why.clone());
        }
        if exists {
            let message = format!(
                "the passphrase of the state of {} is missing: `{}`",
                self.stack.subject(),
                self.passphrase.display()
            );
            let subject = self.stack.subject();
            let rebuilds = match subject.module {
                None => format!("`{}` makes a new state from the live resources", subject.command("state rebuild")),
                Some(_) => format!("`{} --rebuild` takes the live resources into a new state", subject.command("up")),
            };
            let moved =
                self.dir.as_ref().map(|dir| format!(". If it is lost, move `{}` away: {rebuilds}", dir.display()));
            return Err(Failure::new(Exit::Setup, message).hint(format!(
                "put it back, or get it from who deployed before and set {PASSPHRASE} or `passphrase_secret`: without it the secrets \
                 in the state cannot be read{}",
                moved.unwrap_or_default()
            )));
        }
        let aside = self.set_settings_aside()?;
        self.make_passphrase()?;
        Ok(aside.map(|aside| {
            format!(
                "the passphrase that `{}` belongs to is missing, and so is the state: both are created again (the old \
                 settings are kept as `{}`)",
                self.settings.display(),
                aside.display()
            )
        }))
    }

    /// Whether the engine has settings of the stack on this machine.
    pub(crate) fn has_settings(&self) -> bool {
        self.settings.exists()
    }

    /// Makes the engine's settings of the stack say what encrypts its secrets: the state of a colleague comes without them.
    pub(crate) fn prepare_settings(&self, provider: Option<&Provider>) -> Result<()> {
        let Some(provider) = provider else { return Ok(()) };
        let settings = std::fs::read_to_string(&self.settings).unwrap_or_default();
        let lines = provider.settings();
        if lines.lines().all(|line| settings.lines().any(|there| there == line)) {
            return Ok(());
        }
        let says = |line: &&str| {
            ["encryptionsalt:", "secretsprovider:", "encryptedkey:"].iter().any(|name| line.starts_with(name))
        };
        let rest: String = settings.lines().filter(|line| !says(line)).map(|line| format!("{line}\n")).collect();
        if let Some(dir) = self.settings.parent() {
            home::make(dir)?;
        }
        std::fs::write(&self.settings, lines + &rest).map_err(|e| Failure::file("writing", &self.settings, e))
    }

    /// Makes a passphrase where there is none.
    pub fn make_passphrase_if_missing(&self) -> Result<()> {
        match &self.kept {
            _ if self.has_passphrase() => Ok(()),
            Some(Err(why)) => Err(why.clone()),
            _ => self.make_passphrase(),
        }
    }

    /// The way out when the engine cannot read the secrets; none when it complains of something else.
    pub fn way_out(&self, words: &str) -> Option<String> {
        if words.starts_with(KILLED) {
            return Some("something killed it, or the machine ran out of memory: run the command again".to_owned());
        }
        let is_kept_elsewhere = !self.has_own_passphrase() && self.kept.is_some();
        words.contains("incorrect passphrase").then(|| {
            if is_kept_elsewhere {
                return "the secret that `passphrase_secret` names does not hold the passphrase that the secrets were encrypted with: \
                        put the right one into it"
                    .to_owned();
            }
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
        let secret = hex(&rand::random::<[u8; 24]>());
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|e| Failure::file("making", path, e))?;
        file.write_all(secret.as_bytes()).map_err(|e| Failure::file("writing", path, e))
    }
}

/// Pulumi's own variable for it, which its file wins over.
const PASSPHRASE: &str = "PULUMI_CONFIG_PASSPHRASE";

/// The passphrase that the environment of this process gives.
fn given() -> Option<String> {
    std::env::var(PASSPHRASE).ok().filter(|passphrase| !passphrase.is_empty())
}

/// Runs a short command of the engine, with what it reads where it asks for something; the error is what it said.
///
/// An engine that encrypts with a passphrase instead of a passphrase asks for the new one there, whatever its environment says, and
/// takes what nobody answers for an empty one.
pub(crate) async fn pulumi(
    engine: &Path,
    project: &Path,
    environment: &[(String, String)],
    arguments: &[&str],
    answer: Option<&str>,
) -> std::result::Result<String, String> {
    let mut command = Command::new(engine);
    command
        .args(arguments)
        .current_dir(project)
        // what is said of it is in `environment`
        .env_remove(PASSPHRASE)
        .envs(environment.iter().map(|(k, v)| (k, v)))
        .stdin(if answer.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| format!("starting `{}`: {e}", engine.display()))?;
    if let (Some(answer), Some(mut input)) = (answer, child.stdin.take()) {
        // who ends without asking does not read it
        input.write_all(format!("{answer}\n").as_bytes()).await.ok();
    }
    let output = child.wait_with_output().await.map_err(|e| format!("waiting for `{}`: {e}", engine.display()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    // who is killed says nothing
    Err(if words.is_empty() { format!("{KILLED} ({})", output.status) } else { words })
}

/// What is said of an engine that ended without a word.
const KILLED: &str = "the engine ended without a message";

#[cfg(test)]
mod tests;
